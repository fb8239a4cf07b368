"""Words the faults that pydantic finds in a TOML file: what is wrong and where, in English and Chinese."""

import re
from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails

_OF_TABLES = {"approval", "people", "roles"}
"""The sections that hold one table per name; every other one holds keys."""
_NO_TABLE = "must be a table · 应是一张表"
_NO_LIST = 'write a list such as · 写成列表，如 {key} = ["…"]'
SENTENCES: Mapping[str, str] = {
    # Every kind of fault that our models can have, by its name in pydantic.
    "bool_type": "write true or false · 写 true 或 false",
    "dict_type": _NO_TABLE,
    "enum": "not known, write one of · 没有这个，可写: {expected}",
    "extra_forbidden": "unknown key · 没有这个键",
    "greater_than_equal": "write a whole number, {ge} or more · 写 {ge} 或更大的整数",
    "int_type": "write a whole number such as 1 · 写整数，如 1",
    "less_than_equal": "write a whole number, {le} or less · 写 {le} 或更小的整数",
    "list_type": _NO_LIST,
    "missing": _NO_LIST,  # every key but lists has a default
    "model_type": _NO_TABLE,
    "string_type": "write text in quotes · 写带引号的文字",
    "value_error": "{error}",  # raised by our own checks, which word it in both languages
}


class Table(BaseModel):
    """One table of a file. An unknown key is a fault, and neither `"3"` nor `true` counts as a number."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


def faults_of(error: ValidationError) -> list[str]:
    """Returns a line for each fault, such as `[approval.void] votes = -1: write a whole number, 0 or more · …`."""
    return [_fault(detail) for detail in error.errors(include_url=False)]


def heading(*names: str) -> str:
    """Returns a table's heading as the file spells it: `[people.lisi]`, `[people.'wang.wu']`."""
    return f"[{'.'.join(map(_spelt, names))}]"


def _fault(found: ErrorDetails) -> str:
    kind, path = found["type"], [str(part) for part in found["loc"]]
    depth = 2 if path[0] in _OF_TABLES else 1
    if path[depth:] == ["[key]"] and kind != "extra_forbidden":  # pydantic's mark for a wrong name of a table
        path.pop()
    table, key = heading(*path[:depth]), "".join(map(_spelt, path[depth : depth + 1]))
    if not key and kind == "extra_forbidden":
        return f"{table}: unknown section · 没有这一节"
    sentence = SENTENCES[kind].format(key=key, **found.get("ctx", {})).replace("' or '", "', '")
    if not key:
        return f"{table}: {sentence}"
    value = "" if kind in {"extra_forbidden", "missing"} else f" = {found['input']!r:.60}"
    return f"{table} {key}{value}: {sentence}"


def _spelt(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else repr(name)
