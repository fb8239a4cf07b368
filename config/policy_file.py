"""Reads the `POLICY_FILE`; `config/policy.toml` documents every key and holds the defaults.

Each key of the file is a field of a dataclass in `core/domain/policy.py`; the type of the field decides how its
value is read.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import fields
from datetime import time, timedelta
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    TypeAdapter,
    ValidationError,
    ValidationInfo,
    create_model,
)

from config.faults import Table, faults_of
from core.domain.actions import Action
from core.domain.errors import ConfigError
from core.domain.policy import ApprovalRule, AskWhom, Policy

_MINUTES = {"m": 1, "h": 60, "d": 24 * 60}
_LONGEST = 36_500 * _MINUTES["d"]
"""A hundred years, in minutes: a longer time is a typing error, and the calendar of Python ends somewhere."""


def parse_duration(text: object) -> timedelta:
    """Reads a time such as `90d`, `24h`, `1d12h` or `30m`, at most a hundred years. Raises ValueError."""
    if isinstance(text, str) and re.fullmatch(r"(\d{1,9}[mhd])+", text):
        minutes = sum(int(part[:-1]) * _MINUTES[part[-1]] for part in re.findall(r"\d+[mhd]", text))
        if minutes <= _LONGEST:
            return timedelta(minutes=minutes)
    raise ValueError("write a time like 30m, 24h or 90d, at most 36500d · 写时长，如 30m、24h、90d，至多 36500d")


def _clock(text: object) -> time:
    if isinstance(text, str) and re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", text, re.ASCII):
        return time.fromisoformat(text)
    raise ValueError("write a time of day like 09:00 · 写钟点，如 09:00")


def _somebody_decides(rule: ApprovalRule, info: ValidationInfo) -> ApprovalRule:
    nobody_asked, no_votes = rule.ask is AskWhom.NOBODY, rule.votes == 0
    if info.field_name == Action.PURGE and (nobody_asked or no_votes):
        raise ValueError(
            "votes must be 1 or more and ask not nobody, it needs a second person · "
            "votes 至少为 1，ask 不能是 nobody，须有第二人"
        )
    if nobody_asked != no_votes:
        raise ValueError('votes = 0 goes with ask = "nobody", and only with it · 两者只能一起用')
    return rule


_READ_AS: dict[object, Any] = {
    # The type of a field in the domain → how its value is read.
    bool: bool,
    int: Annotated[int, Field(ge=0, le=100_000)],  # some numbers are days, and so many days ago is still a date
    timedelta: Annotated[timedelta, BeforeValidator(parse_duration)],
    time: Annotated[time, BeforeValidator(_clock)],
    AskWhom: Annotated[AskWhom, Field(strict=False)],  # strict reading would take no text for a member of an enum
}


def _table(keys: Mapping[str, Any], into: Callable[..., object]) -> Any:
    """Returns a type that reads a table with exactly these keys (name → type) and passes them to `into`."""
    needed: dict[str, Any] = {name: (kind, ...) for name, kind in keys.items()}
    model = create_model("Table", __base__=Table, **needed)
    return Annotated[model, AfterValidator(lambda table: into(**dict(table)))]


def _table_of(kind: Any) -> Any:
    """Returns a type that reads a table with a key for each field of a dataclass."""
    return _table({field.name: _READ_AS.get(field.type) or _table_of(field.type) for field in fields(kind)}, kind)


def _table_of_rules() -> Any:
    """Returns a type that reads a table with a table for each action."""
    rule: Any = Annotated[_table_of(ApprovalRule), AfterValidator(_somebody_decides)]
    return _table(dict.fromkeys(Action, rule), lambda **rules: {Action(name): rules[name] for name in rules})


# Added later, since making it already needs the others.
_READ_AS[Mapping[Action, ApprovalRule]] = _table_of_rules()
_FILE: TypeAdapter[Policy] = TypeAdapter(_table_of(Policy))


def policy_from(text: Mapping[str, object], defaults: Mapping[str, object]) -> Policy:
    """Returns the policy of a file; what the file leaves out comes from `defaults`.

    Raises ConfigError naming every fault.
    """
    try:
        return _FILE.validate_python(_over(defaults, text))
    except ValidationError as error:
        raise ConfigError("policy", faults_of(error)) from error


def _over(under: object, given: object) -> object:
    """Returns `given`, completed from `under` where its tables leave something out."""
    if not isinstance(under, Mapping) or not isinstance(given, Mapping):
        return given
    return {**under, **{key: _over(under.get(key), value) for key, value in given.items()}}
