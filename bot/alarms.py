"""Raises the alarm about rows whose seal does not hold, wherever in the bot they were met."""

import asyncio
from collections.abc import Sequence

import structlog

from core.domain.errors import AuditBroken, StoreUnavailable
from core.domain.seals import Unsound
from core.ports.events import Publish
from core.ports.store import Transactions
from core.services.audit import report_unsound

log = structlog.get_logger(__name__)


class SealAlarm:
    """Logs such rows and tells people, in a transaction of its own: the one that met them may have failed."""

    def __init__(self, db: Transactions, publish: Publish) -> None:
        self._db = db
        self._publish = publish
        self._loop: asyncio.AbstractEventLoop | None = None
        self._reports: set[asyncio.Task[None]] = set()

    def start(self) -> None:
        self._loop = asyncio.get_running_loop()

    def met(self, rows: Sequence[Unsound]) -> None:
        """Takes the rows that a transaction has met; it may be called in any thread."""
        for row in rows:
            log.error("row_unsound", table=row.table, row=row.row)
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._report, tuple(rows))

    async def stop(self) -> None:
        """Waits for the reports that are under way."""
        await asyncio.gather(*self._reports)

    def _report(self, rows: Sequence[Unsound]) -> None:
        report = asyncio.create_task(self._write(rows), name="seal alarm")
        self._reports.add(report)
        report.add_done_callback(self._reports.discard)

    async def _write(self, rows: Sequence[Unsound]) -> None:
        try:
            await self._db.run(lambda uow: self._publish(uow, *report_unsound(uow, rows)))
        except (StoreUnavailable, AuditBroken) as error:  # whoever meets the row again tries again
            log.warning("alarm_not_raised", why=str(error))
