"""Executes approved operations one after another, and brings each to an end that people are told of."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta

import structlog

from core.domain.approval.approved import Approved
from core.domain.errors import AuditBroken, BackupNotProven, LeaseLost, StoreUnavailable
from core.domain.events.execution import MOST_WORDS, BackupFailed
from core.domain.operation.labels import operation_label
from core.domain.operation.operation import Operation
from core.domain.records import RecordState
from core.ports.store import UnitOfWork
from core.services.audit import report_broken
from core.services.executing.execute import execute
from core.services.executing.finish import finish, give_up, proof_of_undo
from core.services.executing.shared import LEASE, Tools, still_ours
from core.services.executing.take import Taken, take

log = structlog.get_logger(__name__)

TRIES = 3
"""Attempts at an approved operation that may end in a fault; the last of them ends the operation as failed."""
PAUSE = timedelta(seconds=5)
"""The wait after the first failed attempt; it grows by as much with each further one."""
PASSED_OVER = timedelta(minutes=1)
"""The wait after an operation could not even be taken."""


@dataclass(frozen=True, slots=True)
class Executor:
    tools: Tools
    owner: str

    async def run_once(self) -> int:
        """Executes the next operation. Returns 0 when no other waits, else 1. Raises StoreUnavailable."""
        try:
            return await self._run_next()
        except LeaseLost as lost:
            log.warning("operation_taken_over", why=str(lost))
        except AuditBroken as broken:  # the operation waits: when its lease ends it is taken again
            log.error("log_broken", why=str(broken))  # noqa: TRY400  # no trace needed
            await self.tools.db.run(lambda uow: self.tools.publish(uow, *report_broken(uow)))
        return 0

    async def _run_next(self) -> int:
        try:
            taken = await self.tools.db.run(self._take)
        except (LeaseLost, AuditBroken, StoreUnavailable):  # no fault of this operation, so it is not passed over
            raise
        except Exception:  # the outermost edge: an operation that cannot be taken must not starve the others
            log.exception("operation_not_taken")
            await self.tools.db.run(self._pass_over)
            return 1
        if taken is None:
            return 0
        if taken.proof is not None:  # None: the votes no longer suffice, and taking it has dealt with that
            await self._carry_out(taken.operation, taken.proof)
        return int(taken.more)

    def _take(self, uow: UnitOfWork) -> Taken | None:
        taken = take(uow, self.owner, self.tools.policy)
        if taken is not None:
            self.tools.publish(uow, *taken.events)
        return taken

    def _pass_over(self, uow: UnitOfWork) -> None:
        operation = uow.operations.claim(self.owner, uow.now, LEASE)
        if operation is not None:
            uow.operations.put_off(operation.number, operation.fence, uow.now + PASSED_OVER, "not taken")

    async def _carry_out(self, operation: Operation, proof: Approved) -> None:
        try:
            async with self._lease_kept(proof):
                done = await execute(self.tools, operation, proof)
                changed = await proof_of_undo(self.tools, operation)
            # An operation that has done nothing may end as stale, and then people are told what has changed. Read
            # before the transaction opens: nothing in a transaction may wait for a CRM.
            refs = [] if done else [target.ref for target in operation.targets.first]
            now = await self.tools.crm.read(refs) if refs else []
            await self.tools.db.run(lambda uow: self._finish(uow, operation, proof, changed, now))
        except (BackupNotProven, OSError) as error:
            log.error("operation_stopped", operation=operation.label, why=str(error))  # noqa: TRY400  # as above
            why = str(error)
            await self.tools.db.run(lambda uow: self._stopped(uow, operation, proof, why))
        except (LeaseLost, AuditBroken):  # handled in `run_once`
            raise
        except StoreUnavailable as away:  # it keeps its state, and is taken again when the lease ends
            log.warning("operation_waits_for_database", operation=operation.label, why=str(away))
        except Exception as defect:  # the outermost edge: a defect ends one operation, which else would never end
            log.exception("operation_failed", operation=operation.label)
            why = type(defect).__name__
            await self.tools.db.run(lambda uow: self._put_aside(uow, operation, proof, why))

    @asynccontextmanager
    async def _lease_kept(self, proof: Approved) -> AsyncIterator[None]:
        """Extends the lease while the body runs, since sealing many records may take longer than one lease."""
        keeping = asyncio.create_task(self._keep_lease(proof), name=f"lease of {operation_label(proof.operation)}")
        try:
            yield
        finally:
            keeping.cancel()
            with suppress(asyncio.CancelledError):
                await keeping

    async def _keep_lease(self, proof: Approved) -> None:
        with suppress(LeaseLost):  # the next transaction that changes something asks for the lease itself
            while True:
                await asyncio.sleep(LEASE.total_seconds() / 3)
                with suppress(StoreUnavailable):  # the database may be back before the lease ends
                    await self.tools.db.run(lambda uow: still_ours(uow, proof))

    def _finish(
        self,
        uow: UnitOfWork,
        operation: Operation,
        proof: Approved,
        changed: tuple[str, ...] | None,
        now: list[RecordState],
    ) -> None:
        self.tools.publish(uow, *finish(uow, self.tools, operation, proof, changed, now))

    def _stopped(self, uow: UnitOfWork, operation: Operation, proof: Approved, why: str) -> None:
        self.tools.publish(uow, BackupFailed(operation.number, why, proof.fence))
        self._put_aside(uow, operation, proof, why)

    def _put_aside(self, uow: UnitOfWork, operation: Operation, proof: Approved, why: str) -> None:
        """Puts the operation off to be tried again; after the last try it ends, and all concerned are told."""
        tries = operation.tries + 1
        if tries < TRIES:
            uow.operations.put_off(
                operation.number, proof.fence, uow.now + PAUSE * tries, why[:MOST_WORDS], failed=True
            )
        else:
            self.tools.publish(uow, *give_up(uow, operation, proof, self.tools.policy, why[:MOST_WORDS]))
