"""The actions on a record and the life cycle of a record, which is enforced here and nowhere else.

active ⇄ voided, active ⇄ archived, any of these → deleted ⇄ (back to where it was), voided|deleted → purged (end)
"""

from enum import StrEnum

from core.domain.errors import IllegalTransition
from core.domain.people import Right


class LifeStatus(StrEnum):
    ACTIVE = "active"
    VOIDED = "voided"
    ARCHIVED = "archived"
    DELETED = "deleted"
    """The record lies in the recycle bin and can be restored."""
    PURGED = "purged"
    """The record is gone for good; only the certificate of its purge is left."""


class Action(StrEnum):
    VOID = "void"
    ARCHIVE = "archive"
    DELETE = "delete"
    RESTORE = "restore"
    PURGE = "purge"
    EDIT_SEGMENT = "edit_segment"

    @property
    def right(self) -> Right:
        """The right that a person needs in order to ask for the action."""
        return _RIGHTS[self]

    @property
    def reversible(self) -> bool:
        return self is not Action.PURGE


_RIGHTS = {
    Action.VOID: Right.VOID,
    Action.ARCHIVE: Right.ARCHIVE,
    Action.DELETE: Right.DELETE,
    Action.RESTORE: Right.RESTORE,
    Action.PURGE: Right.PURGE,
    Action.EDIT_SEGMENT: Right.GROUPS,
}

_FROM: dict[Action, frozenset[LifeStatus]] = {
    Action.VOID: frozenset({LifeStatus.ACTIVE}),
    Action.ARCHIVE: frozenset({LifeStatus.ACTIVE}),
    Action.DELETE: frozenset({LifeStatus.ACTIVE, LifeStatus.VOIDED, LifeStatus.ARCHIVED}),
    Action.RESTORE: frozenset({LifeStatus.VOIDED, LifeStatus.ARCHIVED, LifeStatus.DELETED}),
    Action.PURGE: frozenset({LifeStatus.VOIDED, LifeStatus.DELETED}),
    Action.EDIT_SEGMENT: frozenset({LifeStatus.ACTIVE}),
}

# RESTORE is not in the table: where it leads depends on the record, see `after`.
_TO = {
    Action.VOID: LifeStatus.VOIDED,
    Action.ARCHIVE: LifeStatus.ARCHIVED,
    Action.DELETE: LifeStatus.DELETED,
    Action.PURGE: LifeStatus.PURGED,
    Action.EDIT_SEGMENT: LifeStatus.ACTIVE,  # an edit leaves the status as it is
}


def allowed_from(action: Action) -> frozenset[LifeStatus]:
    return _FROM[action]


def after(action: Action, status: LifeStatus, before: LifeStatus | None = None) -> LifeStatus:
    """Returns the status that `action` leads to; `before` is the status that a deleted record had.

    Raises IllegalTransition when the action is not allowed from `status`.
    """
    if status not in _FROM[action]:
        raise IllegalTransition("record", status, action)
    if action is not Action.RESTORE:
        return _TO[action]
    if status is LifeStatus.DELETED and before is not None:
        return before
    # Only active records can be voided or archived, so a restore leads back to active.
    return LifeStatus.ACTIVE
