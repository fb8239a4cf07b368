"""What a company decides: approval paths, limits, retention, quiet hours, reminder days.

Built from the `POLICY_FILE`; `config/policy.toml` documents every key and holds the defaults.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import time, timedelta
from enum import StrEnum

from core.domain.actions import Action
from core.domain.errors import ConfigError

_UNITS = {"m": "minutes", "h": "hours", "d": "days"}


class AskWhom(StrEnum):
    LEADER = "leader"
    """The requester's leader if that person may approve, else every approver."""
    APPROVERS = "approvers"
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class ApprovalRule:
    ask: AskWhom
    votes: int
    expires: timedelta
    final_confirm: bool
    """After approval the requester must still say 执行."""


@dataclass(frozen=True, slots=True)
class Limits:
    changes_per_day: int
    """Confirmed operations of one person in one calendar day."""
    nudge_every: timedelta
    """How often 催一下 may be used on one operation."""


@dataclass(frozen=True, slots=True)
class Lives:
    """How long cards and questions wait for an answer."""

    confirm_card: timedelta
    reason_line: timedelta


@dataclass(frozen=True, slots=True)
class Retention:
    void: timedelta
    archive: timedelta
    delete: timedelta
    given_up: timedelta
    """How long what nobody could handle or deliver keeps its words, for a human to look at."""

    def of(self, action: Action) -> timedelta | None:
        """How long the action can be undone; None for those that need no term."""
        return {Action.VOID: self.void, Action.ARCHIVE: self.archive, Action.DELETE: self.delete}.get(action)


@dataclass(frozen=True, slots=True)
class WorkingHours:
    """Reminders are sent only then, and never on a Chinese public holiday."""

    start: time
    end: time


@dataclass(frozen=True, slots=True)
class Reminders:
    inactive_days: int
    most_in_digest: int
    every: timedelta
    """At most one digest per rep in this time."""
    snooze: timedelta


@dataclass(frozen=True, slots=True)
class Policy:
    approval: Mapping[Action, ApprovalRule]
    limits: Limits
    lives: Lives
    retention: Retention
    working_hours: WorkingHours
    reminders: Reminders

    def rule(self, action: Action) -> ApprovalRule:
        return self.approval[action]


def parse_duration(text: object) -> timedelta:
    """`90d`, `24h`, `1d12h`, `30m`. Raises ValueError."""
    parts = re.findall(r"(\d+)([mhd])", text) if isinstance(text, str) else []
    if not parts or "".join(n + u for n, u in parts) != text:
        raise ValueError("write a time like 30m, 24h or 90d · 写时长，如 30m、24h、90d")
    return sum((timedelta(**{_UNITS[unit]: int(number)}) for number, unit in parts), timedelta())


def _whole(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ValueError("write a whole number, 0 or more · 写 0 或更大的整数")
    return value


def _clock(value: object) -> time:
    if isinstance(value, str) and re.fullmatch(r"\d\d:\d\d", value):
        return time.fromisoformat(value)
    raise ValueError("write a time of day like 09:00 · 写钟点，如 09:00")


def _yes_no(value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError("write true or false · 写 true 或 false")  # noqa: TRY004  # one error type for every wrong value
    return value


def _ask(value: object) -> AskWhom:
    try:
        return AskWhom(str(value))
    except ValueError:
        raise ValueError("write leader, approvers or nobody · 写 leader、approvers 或 nobody") from None


_READERS = {
    "ask": _ask,
    "votes": _whole,
    "expires": parse_duration,
    "final_confirm": _yes_no,
    "changes_per_day": _whole,
    "nudge_every": parse_duration,
    "confirm_card": parse_duration,
    "reason_line": parse_duration,
    "void": parse_duration,
    "archive": parse_duration,
    "delete": parse_duration,
    "given_up": parse_duration,
    "start": _clock,
    "end": _clock,
    "inactive_days": _whole,
    "most_in_digest": _whole,
    "every": parse_duration,
    "snooze": parse_duration,
}
_SECTIONS: Mapping[str, type] = {
    "limits": Limits,
    "lives": Lives,
    "retention": Retention,
    "working_hours": WorkingHours,
    "reminders": Reminders,
}


def policy_from(text: Mapping[str, object], defaults: Mapping[str, object]) -> Policy:
    """Read a policy; what it leaves out comes from `defaults`. Raises ConfigError naming every fault."""
    faults: list[str] = []
    known = {"approval", *_SECTIONS}
    faults += [f"[{name}]: unknown section · 没有这一节" for name in text if name not in known]
    sections = {
        name: _read(kind, name, text.get(name, {}), defaults[name], faults) for name, kind in _SECTIONS.items()
    }
    approval = _read_approval(text.get("approval", {}), defaults["approval"], faults)
    if faults:
        raise ConfigError("policy", faults)
    return Policy(approval=approval, **sections)  # type: ignore[arg-type]  # one value per section, read above


def _read_approval(given: object, defaults: object, faults: list[str]) -> Mapping[Action, ApprovalRule]:
    if not isinstance(given, Mapping) or not isinstance(defaults, Mapping):
        faults.append("[approval]: must hold one table per action · 里面每个动作要有一张表")
        return {}
    names = {action.value for action in Action}
    faults += [f"[approval.{name}]: unknown section · 没有这一节" for name in given if name not in names]
    rules = {
        action: _read(ApprovalRule, f"approval.{action}", given.get(action, {}), defaults[action], faults)
        for action in Action
    }
    for action, rule in rules.items():
        if isinstance(rule, ApprovalRule) and (rule.votes == 0) != (rule.ask is AskWhom.NOBODY):
            both = 'votes = 0 goes with ask = "nobody", and only with it · 两者只能一起用'
            faults.append(f"[approval.{action}]: {both}")
    purge = rules[Action.PURGE]
    if isinstance(purge, ApprovalRule) and purge.votes < 1:
        faults.append("[approval.purge]: votes must be 1 or more, it needs a second person · 至少为 1，须有第二人")
    return rules  # type: ignore[return-value]  # a None is only there when faults stop the reading


def _read(kind: type, where: str, given: object, defaults: object, faults: list[str]) -> object:
    if not isinstance(given, Mapping) or not isinstance(defaults, Mapping):
        faults.append(f"[{where}]: must be a table · 应是一张表")
        return None
    names = [field.name for field in fields(kind)]
    faults += [f"[{where}] {key}: unknown key · 没有这个键" for key in given if key not in names]
    values: dict[str, object] = {}
    for name in names:
        value = given.get(name, defaults[name])
        try:
            values[name] = _READERS[name](value)
        except ValueError as error:
            faults.append(f"[{where}] {name} = {value!r}: {error}")
    return kind(**values) if len(values) == len(names) else None
