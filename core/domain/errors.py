"""All errors of the bot, as one tree.

VoidbotError
├── Refusal              the bot says no in the person's language, and nothing changes
│   ├── BadInput         the message was understood, but a part of it cannot be used
│   ├── NotAllowed       a right is missing
│   ├── NotFound         there is no such thing, or this person may not see it: the same answer for both
│   ├── NotYours         the object exists, but this person may not decide about it
│   ├── AlreadyClosed    the card or operation ended before this tap
│   ├── LimitReached     a daily or an hourly limit is reached
│   └── NoApprover       the policy finds nobody who may decide
├── IllegalTransition    code asked a life cycle for a move it does not have: a defect, never ignored
├── EffectStopped        an approved operation stops before it changes anything
│   ├── BackupNotProven  the backup could not be proven, and without a proven backup nothing is done
│   ├── AuditBroken      the log does not hold or cannot be written, and without the log nothing is done
│   ├── LeaseLost        another worker has taken the operation over
│   └── QuorumLost       votes or roles no longer satisfy the policy
├── StoreUnavailable     the database is away, locked or full; try again later
├── ConfigError          a setting, policy or roles file is wrong; names every fault at once
└── PlatformError        a platform at the other end of a channel refused or did not answer
    ├── PlatformUnreachable    no usable answer; `sent` says whether the request may have arrived
    └── PlatformRefused        it answered no, and there is nothing cleverer to do about it
        ├── NotDelivered       these people did not get it, and will not
        ├── CardRefused        a card breaks the platform's limits: a defect of ours
        ├── RateLimited        too much at once: wait as long as `wait` says
        ├── Busy               the platform's own trouble: try again after a pause
        ├── TaskIdUsed         a card with this task id is already there: on our own resend, delivered
        ├── CodeSpent          the code that redraws a card was used or is too old
        └── PlatformMisconfigured   an administrator must act; `remedy` says how

Which answer of a platform is which of these is its channel's to say (`bot/channels/wecom_app/errors.py`).
"""

from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import NamedTuple


class VoidbotError(Exception):
    """The root of all errors the bot raises itself."""


class Refusal(VoidbotError):
    """An answer that says no. `text` names an entry of `cards/texts`, and `values` fill its placeholders."""

    text = "refused"

    def __init__(self, text: str | None = None, /, **values: object) -> None:
        self.text = text or type(self).text  # the text of the class is the one for every case
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
    """The operation stopped and changed nothing; it keeps the reason."""


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
    """A configuration file or setting is wrong. `faults` lists every fault found, each with its key."""

    def __init__(self, where: str, faults: list[str]) -> None:
        self.where = where
        self.faults = faults
        super().__init__(f"{where}: " + "; ".join(faults))


class PlatformError(VoidbotError):
    """A platform at the other end of a channel refused or did not answer."""


class PlatformUnreachable(PlatformError):
    """Timeout, broken connection, or an answer that is not the platform's (HTML, empty, too large)."""

    def __init__(self, call: str, why: str, *, sent: bool) -> None:
        self.call = call
        self.why = why
        self.sent = sent
        """True when the platform may have received and done it."""
        super().__init__(f"{call}: {why}")


class PlatformRefused(PlatformError):
    def __init__(self, call: str, code: int, detail: str = "") -> None:
        self.call = call
        """What was asked, as the platform names it."""
        self.code = code
        """The platform's own number for its no; 0 where it gave none."""
        self.detail = detail
        """The platform's own words, without secrets: for the log, never matched on."""
        super().__init__(f"{call}: errcode {code}")


class NotDelivered(PlatformRefused):
    """`people` are the user ids the platform named, in its spelling; for a send to one person that person."""

    def __init__(self, call: str, code: int, detail: str = "", people: Collection[str] = ()) -> None:
        self.people = tuple(people)
        super().__init__(call, code, detail)


class CardRefused(PlatformRefused):
    pass


class RateLimited(PlatformRefused):
    """The whole channel is blocked: whatever else is sent through it meets the same answer."""

    wait = timedelta(seconds=60)
    """How long to wait where the platform does not say."""


class Busy(PlatformRefused):
    pass


class TaskIdUsed(PlatformRefused):
    after_retry = False
    """True when this very call had been tried before: the earlier try arrived."""


class CodeSpent(PlatformRefused):
    pass


class Remedy(NamedTuple):
    """What an administrator must do, in both languages."""

    zh: str
    en: str


class PlatformMisconfigured(PlatformRefused):
    def __init__(self, call: str, code: int, detail: str, remedy: Remedy) -> None:
        super().__init__(call, code, detail)
        self.remedy = remedy
        self.args = (f"{call}: errcode {code}: {remedy.zh} / {remedy.en}",)
