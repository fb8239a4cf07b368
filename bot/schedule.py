"""Runs the jobs that time brings about. APScheduler wakes them in every process; rows decide who does the work.

So several processes never do the same thing twice.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot.directory import Directory
from core.domain.errors import StoreUnavailable
from core.domain.events.domain_event import DomainEvent
from core.domain.reminders import Digest
from core.ports.store import UnitOfWork
from core.services.audit import post_head
from core.services.expiry import expire_due, nudge_due
from core.services.reminders import claim_scan, due_digests, send_digest
from core.services.working_time import is_working_time, last_call
from handlers.context import Desk
from notify.publisher import Publisher

log = structlog.get_logger(__name__)

TICK_SECONDS = 2
KEEP_INBOX = timedelta(days=3)
"""How long handled messages are kept to recognise repeats: longer than one may come late (`LATE`, 2 days)."""
KEEP_PROMPTS = timedelta(days=1)
KEEP_SENT = timedelta(days=30)
KEEP_SLOTS = timedelta(days=30)
HOUSEKEEPING_SECONDS = 600


@dataclass(frozen=True, slots=True)
class Jobs:
    desk: Desk
    publish: Publisher
    directory: Directory

    async def _run(self, due: Callable[[UnitOfWork], Sequence[DomainEvent]]) -> None:
        """Does what is due, logs it and tells people about it, in one transaction."""
        await self.desk.db.run(lambda uow: self.publish(uow, *due(uow)))

    async def expire(self) -> None:
        await self._run(expire_due)

    async def nudge(self) -> None:
        zone, hours = self.desk.zone, self.desk.policy.working_hours
        await self._run(lambda uow: nudge_due(uow, last_call(uow.now, zone, hours)) if self._working(uow) else ())

    async def digests(self) -> None:
        """Lists to reps the customers nobody has spoken to: in working hours, once an hour over all processes."""
        if not await self.desk.db.run(lambda uow: self._working(uow) and claim_scan(uow)):
            return
        for digest in await due_digests(self.desk.db, self.desk.crm, self.desk.policy):
            await self._run(partial(self._digest, digest))

    def _digest(self, digest: Digest, uow: UnitOfWork) -> Sequence[DomainEvent]:
        return send_digest(uow, digest, self.desk.policy.reminders)

    async def anchor(self) -> None:
        """Sends the head of the log to the approvers once a working day, so that a cut tail of the log shows."""
        zone, hours = self.desk.zone, self.desk.policy.working_hours
        await self._run(lambda uow: post_head(uow, zone, hours) if self._working(uow) else ())

    async def members(self) -> None:
        """Asks WeCom's directory once a day, over all processes, who is no longer a member."""
        await self.directory.compare()

    async def housekeeping(self) -> None:
        """Deletes rows that are no longer needed, and empties the words of those that stay for the record."""
        kept = self.desk.policy.retention.given_up

        def work(uow: UnitOfWork) -> None:
            uow.inbox.forget(uow.now - KEEP_INBOX)
            uow.prompts.forget(uow.now - KEEP_PROMPTS)
            uow.outbox.forget(uow.now - KEEP_SENT)
            uow.reminders.forget_slots(uow.now - KEEP_SLOTS)
            uow.inbox.empty_given_up(uow.now - kept)
            uow.outbox.empty_undelivered(uow.now - kept)

        await self.desk.db.run(work)

    def _working(self, uow: UnitOfWork) -> bool:
        return is_working_time(uow.now, self.desk.zone, self.desk.policy.working_hours)


class Schedule:
    def __init__(self, jobs: Jobs) -> None:
        # Jobs are kept in memory: schedulers must never share a job store, and no job needs to survive a stop.
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

    def look_now(self) -> None:
        """Lets every job look now for what has become due, after the followed clock has jumped."""
        for job in self._scheduler.get_jobs():
            job.modify(next_run_time=datetime.now(UTC))

    def stop(self) -> None:
        self._scheduler.shutdown(wait=False)


def _guarded(job: Callable[[], Awaitable[None]]) -> Callable[[], Awaitable[None]]:
    async def run() -> None:
        try:
            await job()
        except asyncio.CancelledError:  # the process stops, which is no failure
            log.info("job_stopped", job=job.__name__)
        except StoreUnavailable as away:
            log.warning("job_waits_for_database", job=job.__name__, why=str(away))
        except Exception:  # the outermost edge of a job: the next tick tries again
            log.exception("job_failed", job=job.__name__)

    return run
