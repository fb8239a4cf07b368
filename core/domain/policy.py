"""What a company decides: approval paths, limits, retention, quiet hours, reminder days.

Made by `config/policy_file.py`; `config/policy.toml` documents every key and holds the defaults.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time, timedelta
from enum import StrEnum

from core.domain.actions import Action


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
