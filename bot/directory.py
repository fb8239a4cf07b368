"""Asks WeCom's directory about everybody with roles, one after another, and treats former members as having left.

Only a plain "no such person" or "has left" counts. That the app may not see somebody, that its secret is wrong or
that the line is down says something about the bot and not about the person, and takes no right from anybody.
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
"""The pause between two questions: it allows a few hundred a minute, and WeCom takes 10,000 (path/90312)."""
_NO_MEMBER = {MemberStatus.DISABLED: "disabled", MemberStatus.LEFT: "left"}
_OURS = (Busy, PlatformMisconfigured, PlatformUnreachable, RateLimited)
"""Failures that have nothing to do with the person, so the next question would fail as well."""

AskMember = Callable[[str], Awaitable[Member | None]]
"""Finds a member by user id; None when WeCom knows nobody with that id. Raises PlatformError."""


@dataclass(slots=True)
class Answers:
    """What the directory has answered so far."""

    present: int = 0
    out_of_sight: int = 0
    """People about whom the app may not ask; they keep their rights."""
    gone: list[tuple[Person, str]] = field(default_factory=list)
    """Former members, each with what was found: unknown, disabled or left."""
    complete: bool = False
    """Whether everybody was asked about."""


@dataclass(frozen=True, slots=True)
class Directory:
    desk: Desk
    publish: Publisher
    ask: AskMember
    pause: float = PAUSE_SECONDS

    async def compare(self) -> int:
        """Compares all people with the directory, when that is due, and returns how many have left.

        Raises StoreUnavailable.
        """
        db, zone = self.desk.db, self.desk.zone
        # The job comes every few seconds: a read does not keep the writer from its work.
        if not await db.read(lambda uow: is_due(uow, zone)):
            return 0
        people = await db.run(lambda uow: claim_comparison(uow, zone))
        if not people:
            return 0
        answers = await self._ask_about(people)
        if answers.gone and not answers.present:
            # More likely the settings lead to another company's directory than everybody has left at once.
            log.error("directory_knows_nobody", asked=len(people))
            return 0
        for person, found in answers.gone:
            await db.run(partial(self._leave, person, found))
        if answers.complete:  # otherwise the comparison is tried again an hour later
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
            except PlatformRefused as error:  # outside the app's visible range, or an undocumented answer
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
