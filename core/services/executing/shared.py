"""What taking, executing and ending an operation share."""

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
"""A worker that is silent for so long has lost its work to another."""
CHUNK = 500


@dataclass(frozen=True, slots=True)
class Tools:
    db: Transactions
    crm: LocalConnector
    vault: Vault
    policy: Policy
    publish: Publish


def still_ours(uow: UnitOfWork, proof: Approved) -> None:
    """Raises LeaseLost when another worker has taken the operation since."""
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
    """What became of some records. Only for whoever holds the operation: see `still_ours`."""
    uow.operations.record_outcomes(number, outcomes)
    return TargetsEnded(number, fence, outcomes)
