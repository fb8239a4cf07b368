"""Asks WeCom's directory about everybody with roles, one after another; who is no member any more has left.

Careful: only a plain "no such person" or "has left" counts. An app that may not see somebody, a secret that is
wrong or a line that is down says something about us, not about them, and takes no right from anybody.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

import structlog

from bot.channels.wecom_app.members import Member, MemberStatus
from core.domain.errors import Busy, PlatformMisconfigured, PlatformRefused, PlatformUnreachable, RateLimited
from core.domain.people import Person
from core.ports.store import UnitOfWork
from core.services.directory import claim_comparison, compared, is_due
from core.services.people import missed
from handlers.context import Desk
from notify.publisher import Publisher

log = structlog.get_logger(__name__)

PAUSE_SECONDS = 0.2
"""Between two questions: a few hundred a minute, where WeCom allows 10,000 (path/90312)."""
_NO_MEMBER = {MemberStatus.DISABLED: "disabled", MemberStatus.LEFT: "left"}
_OURS = (Busy, PlatformMisconfigured, PlatformUnreachable, RateLimited)
"""Failures that would meet the next question too."""

AskMember = Callable[[str], Awaitable[Member | None]]
"""By user id; None: WeCom knows nobody of that id. Raises PlatformError."""


@dataclass(slots=True)
class Answers:
    """What the directory said so far."""

    present: int = 0
    out_of_sight: int = 0
    gone: list[tuple[Person, str]] = field(default_factory=list)
    complete: bool = False


@dataclass(frozen=True, slots=True)
class Directory:
    desk: Desk
    publish: Publisher
    ask: AskMember
    pause: float = PAUSE_SECONDS

    async def compare(self) -> int:
        """How many were found to have left. Raises StoreUnavailable."""
        db, zone = self.desk.db, self.desk.zone
        if not await db.read(lambda uow: is_due(uow, zone)):
            return 0
        people = await db.run(lambda uow: claim_comparison(uow, zone))
        if not people:
            return 0
        answers = await self._ask_about(people)
        if answers.gone and not answers.present:
            log.error("directory_knows_nobody", asked=len(people))  # another company's directory, more likely
            return 0
        for person, found in answers.gone:
            await db.run(partial(self._leave, person, found))
        if answers.complete:
            gone, hidden = len(answers.gone), answers.out_of_sight
            await db.run(lambda uow: self.publish(uow, *compared(uow, zone, len(people), gone, hidden)))
        return len(answers.gone)

    async def _ask_about(self, people: Sequence[Person]) -> Answers:
        answers = Answers()
        for person in people:
            try:
                member = await self.ask(person.userid)
            except _OURS as error:
                log.warning("directory_not_compared", why=str(error))
                return answers
            except PlatformRefused as error:  # outside the app's visible range, or an answer nobody has described
                log.warning("member_out_of_sight", person=person.userid, why=str(error))
                answers.out_of_sight += 1
            else:
                found = "unknown" if member is None else _NO_MEMBER.get(member.status)
                if found is None:
                    answers.present += 1
                else:
                    answers.gone.append((person, found))
            await asyncio.sleep(self.pause)
        answers.complete = True
        return answers

    def _leave(self, person: Person, found: str, uow: UnitOfWork) -> None:
        log.warning("member_has_left", person=person.userid, found=found)
        self.publish(uow, *missed(uow, person, found, self.desk.policy))
