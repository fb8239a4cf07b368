"""APScheduler wakes jobs; a database row decides what runs, so that several processes never do it twice."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot.directory import Directory
from core.domain.errors import StoreUnavailable
from core.ports.store import UnitOfWork
from core.services.anchor import take_day
from core.services.expiry import expire_due, nudge_due
from core.services.reminders import Digest, due_digests, send_once, take_scan
from core.services.working_time import is_working_time, last_call
from handlers.context import Desk
from handlers.reminders import send_digest
from notify.anchor import tell_head

log = structlog.get_logger(__name__)

TICK_SECONDS = 2
KEEP_INBOX = timedelta(days=1)
"""Far longer than a callback stays fresh (five minutes)."""
KEEP_SENT = timedelta(days=30)
KEEP_SLOTS = timedelta(days=30)
HOUSEKEEPING_SECONDS = 600


@dataclass(frozen=True, slots=True)
class Jobs:
    desk: Desk
    wake: Callable[[], None]
    directory: Directory

    async def expire(self) -> None:
        if await self.desk.db.run(self._expire):
            self.wake()

    def _expire(self, uow: UnitOfWork) -> int:
        ended = expire_due(uow)
        for operation in ended:
            self.desk.announcer.ended(uow, operation)
        return len(ended)

    async def nudge(self) -> None:
        if await self.desk.db.run(self._nudge):
            self.wake()

    def _nudge(self, uow: UnitOfWork) -> int:
        if not self._working(uow):
            return 0
        nudged = nudge_due(uow, last_call(uow.now(), self.desk.zone, self.desk.policy.working_hours))
        for operation in nudged:
            self.desk.announcer.nudged(uow, operation, by_hand=False)
        return len(nudged)

    async def digests(self) -> None:
        """Reminders of customers nobody has spoken to: in working hours, once an hour over all processes."""
        if not await self.desk.db.run(lambda uow: self._working(uow) and take_scan(uow)):
            return
        for digest in await due_digests(self.desk.db, self.desk.crm, self.desk.policy):
            await self.desk.db.run(partial(self._send_digest, digest))
            self.wake()

    def _send_digest(self, digest: Digest, uow: UnitOfWork) -> None:
        if send_once(uow, digest, self.desk.policy.reminders):
            send_digest(uow, self.desk, digest)

    async def anchor(self) -> None:
        """The log's head into the approvers' chats, at the end of each working day: a cut tail shows."""
        if await self.desk.db.run(lambda uow: self._working(uow) and self._anchor(uow)):
            self.wake()

    def _anchor(self, uow: UnitOfWork) -> bool:
        if not take_day(uow, self.desk.zone, self.desk.policy.working_hours):
            return False
        tell_head(uow)
        return True

    async def members(self) -> None:
        """Who WeCom's directory no longer knows has left, once a day over all processes."""
        if await self.directory.compare():
            self.wake()

    async def housekeeping(self) -> None:
        """Rows that have served their time go; names and words go from those that stay."""
        kept = self.desk.policy.retention.given_up

        def work(uow: UnitOfWork) -> None:
            uow.inbox.forget(uow.now() - KEEP_INBOX)
            uow.prompts.forget(uow.now() - KEEP_INBOX)
            uow.outbox.forget(uow.now() - KEEP_SENT)
            uow.reminders.forget_slots(uow.now() - KEEP_SLOTS)
            uow.inbox.empty_given_up(uow.now() - kept)
            uow.outbox.empty_undelivered(uow.now() - kept)

        await self.desk.db.run(work)

    def _working(self, uow: UnitOfWork) -> bool:
        return is_working_time(uow.now(), self.desk.zone, self.desk.policy.working_hours)


class Schedule:
    def __init__(self, jobs: Jobs) -> None:
        # A memory store: job stores must never be shared between schedulers, and nothing here must survive.
        self._scheduler = AsyncIOScheduler(timezone=jobs.desk.zone)
        for job, seconds in (
            (jobs.expire, TICK_SECONDS),
            (jobs.nudge, TICK_SECONDS),
            (jobs.digests, TICK_SECONDS),
            (jobs.anchor, TICK_SECONDS),
            (jobs.members, TICK_SECONDS),
            (jobs.housekeeping, HOUSEKEEPING_SECONDS),
        ):
            self._scheduler.add_job(
                _guarded(job),
                "interval",
                seconds=seconds,
                id=job.__name__,
                coalesce=True,
                max_instances=1,
                misfire_grace_time=None,  # late is better than never: rows decide what is still due
            )

    def start(self) -> None:
        self._scheduler.start()

    def stop(self) -> None:
        self._scheduler.shutdown(wait=False)


def _guarded(job: Callable[[], Awaitable[None]]) -> Callable[[], Awaitable[None]]:
    async def run() -> None:
        try:
            await job()
        except StoreUnavailable as away:
            log.warning("job_waits_for_database", job=job.__name__, why=str(away))
        except Exception:  # the outermost edge of a job: the next tick tries again
            log.exception("job_failed", job=job.__name__)

    return run
