"""The story of one operation from words to undo, and what must hold after it, however often its bot has died."""

import json
from collections import Counter
from typing import Any

from sqlalchemy import select

from core.crm.embedded.store import EmbeddedCrm
from core.crm.embedded.tables import customers
from core.domain.audit import AuditEntry, Tag
from core.domain.operation.life import State
from core.domain.operation.targets import Outcome
from core.domain.records import Kind, RecordRef
from core.domain.snapshots import Snapshot
from tests.faults.town import Place
from tests.scenario.listening import Message
from tests.scenario.town import Town

CUSTOMER = "C1024"
REF = RecordRef(Kind.CUSTOMER, CUSTOMER)


async def play(place: Place) -> None:
    """Plays confirm → approve → done → undo, waiting for the bot each time, and checks all that must hold."""
    town = place.town
    before = await record_set(town)
    _, decide = await town.submits("wangmin", "作废客户 宏远科技", reason="duplicate", why="重复")
    await town.tap("liqiang", decide, "同意")
    done = await town.gets_card("wangmin", title="已作废", line="B-0001", button="撤销")
    await voided_once(place, before)
    await town.undoes("wangmin", done)
    await town.finish()
    await all_as_before(place, before)


async def record_set(town: Town) -> Snapshot:
    (snapshot,) = await EmbeddedCrm(town.db).snapshots([REF])
    return snapshot


async def version_and_status(town: Town) -> tuple[int, str]:
    query = select(customers.c.version, customers.c.status).where(customers.c.number == CUSTOMER)
    row = await town.db.read(lambda uow: uow.connection.execute(query).one())
    return int(row.version), str(row.status)


async def voided_once(place: Place, before: Snapshot) -> None:
    """Checks that the void is done exactly once, by one vote, and that the backup holds the state before it."""
    town = place.town
    assert await version_and_status(town) == (before.version + 1, "voided")
    (operation,) = await town.operations()
    assert operation.state is State.DONE
    assert [(vote.person, vote.decision) for vote in operation.votes] == [("liqiang", "approve")]
    targets = await town.db.read(lambda uow: uow.operations.targets(1))
    assert [(target.ref, target.outcome) for target in targets] == [(REF, Outcome.DONE)]
    receipt = await town.db.read(lambda uow: uow.backups.get(1))
    assert receipt is not None
    assert list(place.vault.open(receipt)) == [before]
    await logged_once(town, 1)


async def all_as_before(place: Place, before: Snapshot) -> None:
    """Checks that the undo took back exactly what was done, nothing was sent twice, and the log is complete."""
    town = place.town
    assert await version_and_status(town) == (before.version + 2, "active")
    assert [operation.state for operation in await town.operations()] == [State.UNDONE, State.DONE]
    for number in (1, 2):
        await logged_once(town, number)
    assert (await town.db.read(lambda uow: uow.audit.verify())).holds
    await nothing_twice(town)


async def logged_once(town: Town, number: int) -> None:
    """Checks that the log holds intent, proven backup, one outcome and one end, in this order."""
    entries: list[AuditEntry] = await town.db.read(lambda uow: uow.audit.of_operation(number, 500))
    first: dict[str, int] = {}
    for entry in entries:
        first.setdefault(entry.tag, entry.seq)
    outcomes = [json.loads(entry.detail)["outcome"] for entry in entries if entry.tag == Tag.TARGET_OUTCOME]
    assert outcomes == [Outcome.DONE]
    assert Counter(entry.tag for entry in entries)[Tag.OPERATION_FINISHED] == 1
    order = [Tag.OPERATION_INTENT, Tag.BACKUP_WRITTEN, Tag.TARGET_OUTCOME, Tag.OPERATION_FINISHED]
    assert [first[tag] for tag in order] == sorted(first[tag] for tag in order)
    assert Tag.BACKUP_FAILED not in first


async def nothing_twice(town: Town) -> None:
    """Checks that no card and no text was sent twice."""
    for who, cards, texts in (("wangmin", 3, 1), ("liqiang", 1, 1)):
        chat = await town.chat(who)
        assert len({message["task_id"] for message in chat if "card" in message}) == cards, _shown(chat)
        assert sum("card" in message for message in chat) == cards, _shown(chat)
        assert sum("card" not in message for message in chat) == texts, _shown(chat)


def _shown(chat: list[Message]) -> list[Any]:
    return [(message.get("task_id"), message.get("text")) for message in chat]
