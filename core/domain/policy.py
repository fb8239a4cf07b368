"""The policy of a company: approval rules, limits, retention, working hours, reminders.

It is built by `config/policy_file.py`; `config/policy.toml` documents every key and holds the defaults.
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
    """True when the requester must still say 执行 after the approval."""


@dataclass(frozen=True, slots=True)
class Limits:
    changes_per_day: int
    """The number of operations that one person may confirm in one calendar day."""
    nudge_every: timedelta
    """The least time between two reminders by hand (催一下) for one operation."""


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
    """How long messages that failed for good keep their words, so that a person can look at them."""

    def of(self, action: Action) -> timedelta | None:
        """Returns how long the action can be undone, or None when it has no such term."""
        return {Action.VOID: self.void, Action.ARCHIVE: self.archive, Action.DELETE: self.delete}.get(action)


@dataclass(frozen=True, slots=True)
class WorkingHours:
    """The hours in which reminders are sent, on days that are no Chinese public holiday."""

    start: time
    end: time


@dataclass(frozen=True, slots=True)
class Reminders:
    inactive_days: int
    most_in_digest: int
    every: timedelta
    """The least time between two digests to one rep."""
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
