"""What may be done to a record in which state, where it leads, and what a person needs for it."""

import pytest

from core.domain.actions import Action, LifeStatus, after, allowed_from
from core.domain.errors import IllegalTransition
from core.domain.people import Right

LEADS: dict[Action, tuple[str, str]] = {
    # action: where it may begin, where it ends
    Action.VOID: ("active", "voided"),
    Action.ARCHIVE: ("active", "archived"),
    Action.DELETE: ("active voided archived", "deleted"),
    Action.RESTORE: ("voided archived deleted", "active"),
    Action.PURGE: ("voided deleted", "purged"),
    Action.EDIT_SEGMENT: ("active", "active"),
}
NEEDS = {
    Action.VOID: Right.VOID,
    Action.ARCHIVE: Right.ARCHIVE,
    Action.DELETE: Right.DELETE,
    Action.RESTORE: Right.RESTORE,
    Action.PURGE: Right.PURGE,
    Action.EDIT_SEGMENT: Right.GROUPS,
}


@pytest.mark.parametrize("action", list(Action))
@pytest.mark.parametrize("status", list(LifeStatus))
def test_an_action_leads_where_it_says_or_nowhere(action: Action, status: LifeStatus) -> None:
    """From every state each action has one end, or it is refused by name."""
    begins, end = LEADS[action]
    assert allowed_from(action) == {LifeStatus(name) for name in begins.split()}
    if status in begins.split():
        assert after(action, status) is LifeStatus(end)
        return
    with pytest.raises(IllegalTransition, match=f"^record: no '{action}' from '{status}'$") as refused:
        after(action, status)
    assert (refused.value.state, refused.value.move) == (status, action)


@pytest.mark.parametrize("before", [LifeStatus.ACTIVE, LifeStatus.VOIDED, LifeStatus.ARCHIVED])
def test_what_was_deleted_comes_back_as_it_was(before: LifeStatus) -> None:
    """The recycle bin gives back the state from before, and only the recycle bin does."""
    assert after(Action.RESTORE, LifeStatus.DELETED, before) is before
    assert after(Action.RESTORE, LifeStatus.VOIDED, before) is LifeStatus.ACTIVE
    assert after(Action.RESTORE, LifeStatus.ARCHIVED, before) is LifeStatus.ACTIVE


@pytest.mark.parametrize("before", list(LifeStatus))
def test_only_restoring_looks_at_where_it_was(before: LifeStatus) -> None:
    """A state from before changes nothing about any other action."""
    assert after(Action.DELETE, LifeStatus.ACTIVE, before) is LifeStatus.DELETED
    assert after(Action.PURGE, LifeStatus.DELETED, before) is LifeStatus.PURGED


@pytest.mark.parametrize("action", list(Action))
def test_each_action_has_its_own_right(action: Action) -> None:
    """The right to one action is not the right to another; only a purge cannot be taken back."""
    assert action.right is NEEDS[action]
    assert action.reversible is (action is not Action.PURGE)
