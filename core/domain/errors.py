"""Everything that can go wrong, as one tree.

VoidbotError
├── Refusal              a friendly no, in the person's language; nothing changes
│   ├── BadInput         understood, but a part of it cannot be used
│   ├── NotAllowed       a right is missing
│   ├── NotFound         nothing there, or not theirs to see: one answer for both
│   ├── NotYours         the object exists, but this person may not decide about it
│   ├── AlreadyClosed    the card or operation has ended before this tap
│   ├── LimitReached     a day limit or an hourly limit
│   └── NoApprover       the policy finds nobody who may decide
├── IllegalTransition    a life cycle was asked for a move it does not have: a defect, never ignored
├── EffectStopped        an approved operation stops before it changes anything
│   ├── BackupNotProven  no proven backup, no action
│   ├── AuditBroken      no audit, no action
│   ├── LeaseLost        another worker has taken the work over
│   └── QuorumLost       votes or roles no longer satisfy the policy
├── StoreUnavailable     the database is away, locked or full; try again later
├── ConfigError          a setting, policy or roles file is wrong; names every fault at once
└── PlatformError        WeCom refused or did not answer (its tree is in `bot/channels/wecom_app/errors.py`)
"""

from collections.abc import Mapping


class VoidbotError(Exception):
    """The root."""


class Refusal(VoidbotError):
    """A friendly no. `text` names an entry of `cards/texts`, `values` fill it."""

    text = "refused"

    def __init__(self, text: str | None = None, /, **values: object) -> None:
        self.text = text or type(self).text
        self.values: Mapping[str, object] = values
        super().__init__(f"{self.text} {values}" if values else self.text)


class BadInput(Refusal):
    text = "bad_input"


class NotAllowed(Refusal):
    text = "not_allowed"


class NotFound(Refusal):
    text = "not_found"


class NotYours(Refusal):
    text = "not_yours"


class AlreadyClosed(Refusal):
    text = "already_closed"


class LimitReached(Refusal):
    text = "limit_reached"


class NoApprover(Refusal):
    text = "no_approver"


class IllegalTransition(VoidbotError):
    def __init__(self, thing: str, state: str, move: str) -> None:
        self.state = state
        self.move = move
        super().__init__(f"{thing}: no '{move}' from '{state}'")


class EffectStopped(VoidbotError):
    """Nothing was changed; the operation says why."""


class BackupNotProven(EffectStopped):
    pass


class AuditBroken(EffectStopped):
    pass


class LeaseLost(EffectStopped):
    pass


class QuorumLost(EffectStopped):
    pass


class StoreUnavailable(VoidbotError):
    pass


class ConfigError(VoidbotError):
    """`faults` lists every fault found, each naming its key."""

    def __init__(self, where: str, faults: list[str]) -> None:
        self.where = where
        self.faults = faults
        super().__init__(f"{where}: " + "; ".join(faults))


class PlatformError(VoidbotError):
    """WeCom refused or did not answer."""
