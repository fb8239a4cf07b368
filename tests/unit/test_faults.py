"""Any policy or roles file is either read, or every fault in it is named in both languages."""

import datetime as dt
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from config.faults import SENTENCES, _spelt
from config.files import DEFAULT_POLICY, DEFAULT_ROLES, read_toml
from config.policy_file import policy_from
from config.roles_file import roster_from
from core.domain.errors import ConfigError
from core.domain.policy import Policy
from core.domain.roster import Roster

File = Mapping[str, Any]
POLICY: File = read_toml(DEFAULT_POLICY)
ROLES: File = read_toml(DEFAULT_ROLES)
PERSON = {"name": "王伟", "roles": ["rep"], "leader": "lisi", "language": "zh", "generation": 1}
PEOPLE = {"lisi": {"roles": ["lead"]}, "wangwei": PERSON}
ODD: list[object] = [
    "",
    "x",
    "１d",
    "24:00",
    -1,
    0,
    10**30,
    1.0,
    float("nan"),
    True,
    [],
    ["x"],
    [1],
    {},
    {"x": {}},
]
ODD += [dt.date(2026, 1, 1), dt.time(9), dt.datetime(2026, 1, 1, tzinfo=dt.UTC)]
ENGLISH = re.compile(r"Input should|Field required|not permitted|Value error|pydantic|'? or '")


def _policy(file: File) -> Policy:
    return policy_from(file, POLICY)


def _roster(file: File) -> Roster:
    return roster_from(file, ROLES)


def _kinds_of_faults(read: Callable[[File], object], file: File) -> set[str]:
    """Returns the kinds of faults that pydantic found, after a check that each is worded with its place."""
    try:
        read(file)
    except ConfigError as error:
        for fault in error.faults:
            assert fault.startswith(tuple(f"[{_spelt(name)}" for name in file)), fault
            assert re.search(r"\].*: .+ · .*[\u4e00-\u9fff]", fault), fault
            assert not ENGLISH.search(fault), fault
        found = error.__cause__
        return {fault["type"] for fault in found.errors()} if isinstance(found, ValidationError) else set()
    return set()


def _with_one_oddity(file: File) -> Iterator[File]:
    """Yields the file with each odd value in place of each of its values, and under an unknown key."""
    for key, value in [*file.items(), ("怪 键", None), ("[key]", None)]:
        yield from ({**file, key: odd} for odd in ODD)
        if isinstance(value, dict):
            yield from ({**file, key: changed} for changed in _with_one_oddity(value))


def test_every_kind_of_fault_has_its_sentence() -> None:
    """Every kind of odd value in every place is told in our words, and none of our sentences is unused."""
    kinds: set[str] = set()
    for read, file in ((_policy, POLICY), (_roster, {**ROLES, "people": PEOPLE})):
        assert _kinds_of_faults(read, file) == set()
        kinds = kinds.union(*(_kinds_of_faults(read, odd) for odd in _with_one_oddity(file)))
    assert kinds == set(SENTENCES)


KNOWN = [*POLICY, *POLICY["approval"], *POLICY["approval"]["void"], *POLICY["limits"], "people", "roles", *PERSON]
STRANGE = ["rep", "rights", "lisi", "LiSi", "[key]", "{x}", "model_config"]
NAMES = st.sampled_from([*KNOWN, *STRANGE]) | st.text(max_size=5)
VALUES = st.sampled_from([*ODD, "lisi", "90d", "09:00", "nobody"]) | st.integers() | st.floats() | st.text()
TABLES = st.recursive(VALUES, lambda inner: st.dictionaries(NAMES, inner, max_size=4), max_leaves=8)


@given(file=st.dictionaries(NAMES, TABLES, max_size=4))
def test_any_file_is_read_or_refused(file: File) -> None:
    """No file makes the start fail with anything but faults that name their place."""
    _kinds_of_faults(_policy, file)
    _kinds_of_faults(_roster, file)


@pytest.mark.parametrize(
    "text", ["a = 1" + "0" * 5000, "a = 0x" + "f" * 5000, "a = " + "[" * 10_000, "a" + ".a" * 1500 + " = 1"]
)
def test_what_python_cannot_read_or_print_is_a_fault_too(tmp_path: Path, text: str) -> None:
    """A number of 5,000 digits and a list in 10,000 lists are refused like any other slip, with the file named."""
    path = tmp_path / "policy.toml"
    path.write_text(text)
    with pytest.raises(ConfigError, match=r"policy\.toml: .* · "):
        read_toml(path)
