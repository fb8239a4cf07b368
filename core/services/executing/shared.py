"""The parts that taking, executing and ending an operation have in common."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta

from core.domain.approval.approved import Approved
from core.domain.events.execution import TargetsEnded
from core.domain.operation.targets import Outcome, Target
from core.domain.policy import Policy
from core.domain.records import RecordRef
from core.ports.crm import LocalConnector
from core.ports.events import Publish
from core.ports.store import Transactions, UnitOfWork
from core.ports.vault import Vault

LEASE = timedelta(seconds=30)
"""How long a worker may be silent before another one takes its operation over."""
CHUNK = 500
"""The number of targets that one transaction deals with."""


@dataclass(frozen=True, slots=True)
class Tools:
    db: Transactions
    crm: LocalConnector
    vault: Vault
    policy: Policy
    publish: Publish


def still_ours(uow: UnitOfWork, proof: Approved) -> None:
    """Extends the lease. Raises LeaseLost when another worker has taken the operation over."""
    uow.operations.extend_lease(proof.operation, proof.fence, uow.now + LEASE)


def page(number: int, after: RecordRef | None, uow: UnitOfWork) -> list[Target]:
    return uow.operations.targets(number, after=after, limit=CHUNK)


def all_targets(uow: UnitOfWork, number: int) -> Iterator[Target]:
    after: RecordRef | None = None
    while True:
        found = page(number, after, uow)
        yield from found
        if len(found) < CHUNK:  # a short page is the last one
            return
        after = found[-1].ref


def record(uow: UnitOfWork, number: int, fence: int, outcomes: Mapping[RecordRef, Outcome]) -> TargetsEnded:
    """Stores the outcomes of some targets. The caller holds the operation (`still_ours`)."""
    uow.operations.record_outcomes(number, outcomes)
    return TargetsEnded(number, fence, outcomes)
