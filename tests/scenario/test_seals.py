"""Somebody writes to the database and lacks the key: the bot neither acts nor speaks for them, and says so."""

import json
from typing import Any

import pytest
from sqlalchemy import Connection, Table, insert, select, update

from bot.channels.wecom_app.address import chat_of
from core.domain.address import home_of
from core.domain.approval.vote import Decision, Vote
from core.domain.audit import NewEntry, Tag
from core.domain.incoming import Incoming, Text
from core.domain.outbox import DeliveryKind, Envelope
from core.domain.people import PersonId
from core.storage.tables import deliveries, grants, inbox, operations, people, targets, votes
from tests.scenario.settling import now
from tests.scenario.town import Town
from tests.scenario.weather import log_holds, log_tags


async def written(town: Town, table: Table, **row: Any) -> None:
    await town.change(lambda connection: connection.execute(insert(table).values(**row)))


async def the_alarm(town: Town, *tables: str) -> None:
    """Admin and auditor hear of each row once, and the log tells it."""
    for table in tables:
        for who in ("chenjie", "sunyu"):
            await town.hears(who, "警报", f"表 {table}")
    assert await log_tags(town, Tag.ROW_UNSOUND) == len(tables)
    await log_holds(town)


def forged(words: str, sender: str, key: str = "m:999") -> dict[str, Any]:
    """Returns an inbox row as the bot would write it, apart from its seal."""
    body = {
        "key": key,
        "sender": sender,
        "sender_userid": sender,
        "sent_at": now().isoformat(),
        "raw_hash": "0" * 64,
        "kind": "Text",
        "content": {"content": words},
    }
    return {
        "key": key,
        "signature": key.ljust(40, "0"),
        "channel": "wecom_app",
        "conversation": "",
        "sender": sender,
        "received_at": now(),
        "body": json.dumps(body),
        "state": "new",
    }


@pytest.mark.parametrize("seal", ["", "0" * 64, "copied"], ids=["none", "zeros", "of another row"])
async def test_a_vote_in_the_approvers_name_is_not_heard(town: Town, seal: str) -> None:
    """An inbox row saying 同意 #0001 in 李强's name voids nothing and accuses nobody; his own tap still counts."""
    _, decide = await town.submits("wangmin", "作废客户 宏远科技")
    await town.settled()
    if seal == "copied":
        real = select(inbox.c.seal).order_by(inbox.c.id).limit(1)
        seal = await town.db.read(lambda uow: uow.connection.execute(real).scalar_one())
    await written(town, inbox, **forged("同意 #0001", "liqiang"), seal=seal)
    await the_alarm(town, "inbox")
    assert await town.status("C1024") == "active"
    assert await log_tags(town, Tag.OPERATION_VOTED) == 0
    await town.tap("liqiang", decide, "同意")
    await town.gets_card("wangmin", title="已作废", button="撤销")


CHANGES: dict[str, Any] = {
    "key": "m:1000",
    "signature": "f" * 40,
    "channel": "fax",
    "conversation": "elsewhere",
    "sender": "liqiang",
    "received_at": now().replace(year=2030),
    "body": forged("同意 #0001", "liqiang")["body"],
}


@pytest.mark.parametrize("column", CHANGES)
async def test_a_message_that_was_changed_is_not_heard(town: Town, column: str) -> None:
    """Whatever is changed in a message of 王敏's that waits, it is not handled, and her next one is."""
    _, decide = await town.submits("wangmin", "作废客户 宏远科技")
    await town.settled()
    said = Incoming("m:999", chat_of("wangmin"), "wangmin", now(), Text("撤回申请 #0001"), "0" * 64)

    def store_and_change(uow: Any) -> None:
        # In one transaction, so that the bot sees the message only as it was changed.
        uow.inbox.add([(said, "0" * 40)])
        row = update(inbox).where(inbox.c.key == said.key)
        uow.connection.execute(row.values({column: CHANGES[column]}))

    await town.db.run(store_and_change)
    await the_alarm(town, "inbox")
    assert (await town.operation(1)).state == "pending"
    await town.say("wangmin", "帮助")
    await town.hears("wangmin", "这样说就行")
    await town.tap("liqiang", decide, "同意")
    await town.gets_card("wangmin", title="已作废", button="撤销")


async def test_a_text_nobody_of_the_bot_wrote_is_not_sent(town: Town) -> None:
    """A row in deliveries is not sent, and what the bot itself has to say to the same person is."""
    row = {
        "channel": "wecom_app",
        "person": "liqiang",
        "conversation": "",
        "kind": "text",
        "body": "请同意 #0001，老板说的",
        "leaves_open": False,
        "state": "waiting",
        "due_at": now(),
        "created_at": now(),
    }
    await written(town, deliveries, **row)
    await written(town, deliveries, **{**row, "kind": "hologram"})
    await town.say("liqiang", "帮助")
    await town.hears("liqiang", "这样说就行")
    await the_alarm(town, "deliveries", "deliveries")


@pytest.mark.parametrize(
    "change",
    [
        {"person": "zhaojun"},
        {"channel": "fax"},
        {"conversation": "elsewhere"},
        {"kind": "markdown"},
        {"body": "请同意 #0001，老板说的"},
        {"operation": 7},
        {"card": "decide"},
        {"task_id": "another"},
        {"leaves_open": False},
        {"created_at": now().replace(year=2030)},
    ],
    ids=lambda change: next(iter(change)),
)
async def test_a_delivery_that_was_changed_reaches_nobody(town: Town, change: dict[str, Any]) -> None:
    """Whatever is changed in what waits to be sent to 李强, neither he nor anybody else gets it."""

    def send_and_change(uow: Any) -> None:
        # In one transaction, so that the bot sees the delivery only as it was changed.
        uow.outbox.send(Envelope(home_of(PersonId("liqiang")), DeliveryKind.TEXT, "好"))
        uow.connection.execute(update(deliveries).values(**change))

    await town.db.run(send_and_change)
    await the_alarm(town, "deliveries")


async def test_a_role_that_nobody_gave_grants_nothing(town: Town) -> None:
    """赵军 writes himself approver: he is a stranger from then on, also after a restart, and the request waits."""
    _, decide = await town.submits("wangmin", "作废客户 宏远科技")
    await town.settled()
    await town.change(
        lambda connection: connection.execute(
            update(people).where(people.c.id == "zhaojun").values(roles="admin,approver,lead,rep")
        )
    )
    await town.say("ZhaoJun", "同意 #0001")
    await town.hears("ZhaoJun", "管理员")
    await the_alarm(town, "people")
    assert await town.status("C1024") == "active"
    await town.tap("liqiang", decide, "同意")
    await town.gets_card("wangmin", title="已作废", button="撤销")


async def test_a_leader_that_nobody_named_is_not_asked(town: Town) -> None:
    """王敏's leader is changed to her friend: her request goes nowhere, and the administrators hear why."""
    await town.change(
        lambda connection: connection.execute(
            update(people).where(people.c.id == "wangmin").values(leader="zhaojun")
        )
    )
    await town.say("wangmin", "作废客户 宏远科技")
    await town.hears("wangmin", "管理员")
    await the_alarm(town, "people")
    assert await town.operations() == []


async def test_a_right_that_nobody_granted_is_none(town: Town) -> None:
    """A row in grants gives reps the right to approve: 王敏 still may not."""
    await written(town, grants, role="rep", right="approve")
    _, _decide = await town.submits("ZhaoJun", "作废客户 蓝天贸易")
    await town.say("wangmin", "同意 #0001")
    await town.hears("wangmin", "你不是 #0001 的审批人")
    await the_alarm(town, "grants")
    assert await town.status("C2001") == "active"


# requests, what they are about, and votes


async def cleaned(town: Town) -> None:
    """Sets request 1 back to what the bot wrote, so that the end of the story does not wait for it."""
    await town.change(
        lambda connection: connection.execute(
            update(operations).where(operations.c.number == 1).values(state="pending", votes_needed=1)
        )
    )


def a_vote(**more: Any) -> dict[str, Any]:
    """Returns a vote of 李强 for request 1, as the bot would write it, apart from its seal."""
    row = {"operation": 1, "round": 1, "person": "liqiang", "decision": "approve", "at": now(), "generation": 1}
    return {**row, "words": "", **more}


async def fingerprint_of(town: Town) -> str:
    return str((await town.operation(1)).fingerprint)


async def test_a_vote_and_a_state_that_nobody_gave_run_nothing(town: Town) -> None:
    """A row in votes and state 'approved': the request is not executed, and the log accuses nobody."""
    await town.submits("wangmin", "作废客户 宏远科技")
    await town.settled()
    vote = a_vote(fingerprint=await fingerprint_of(town))

    def approve(connection: Connection) -> None:
        connection.execute(insert(votes).values(**vote))
        connection.execute(update(operations).values(state="approved"))

    await town.change(approve)
    await town.say("wangmin", "我的申请")  # wakes the bot as well
    await town.hears("wangmin", "没有")
    await the_alarm(town, "operations", "votes")
    assert await town.status("C1024") == "active"
    await cleaned(town)
    assert await log_tags(town, Tag.OPERATION_INTENT) == 0
    await cleaned(town)


async def test_a_vote_that_nobody_gave_does_not_count(town: Town) -> None:
    """With the vote of one of two approvers forged, the other's alone is not enough."""
    _, decide = await town.submits("wangmin", "作废客户 宏远科技")
    await town.settled()
    await written(town, votes, **a_vote(person="chenjie", fingerprint=await fingerprint_of(town)))
    await town.tap("liqiang", decide, "同意")
    await town.gets_card("wangmin", title="已作废", button="撤销")
    await the_alarm(town, "votes")
    assert [vote.person for vote in (await town.operation(1)).votes] == ["liqiang"]


@pytest.mark.parametrize(
    "change",
    [
        {"number": "C1026"},
        {"name": "无关紧要的客户"},
        {"version": 99},
        {"owner": "zhaojun"},
        {"facts": "{}"},
        {"status": "archived"},
    ],
    ids=lambda change: next(iter(change)),
)
async def test_another_target_than_the_one_shown_is_not_approved(town: Town, change: dict[str, Any]) -> None:
    """What the request is about is changed after the card was shown: neither tap nor words approve it."""
    _, decide = await town.submits("wangmin", "作废客户 宏远科技")
    await town.settled()
    await town.change(lambda connection: connection.execute(update(targets).values(**change)))
    await town.say("liqiang", "同意 #0001")
    await town.hears("liqiang", "#0001")
    await town.tap("liqiang", decide, "同意")
    await town.hears("liqiang", "#0001")
    await the_alarm(town, "targets")
    assert {await town.status(number) for number in ("C1024", "C1026")} == {"active"}
    assert await log_tags(town, Tag.OPERATION_VOTED) == 0


@pytest.mark.parametrize(
    "change",
    [
        {"state": "approved"},
        {"approvers": "wangmin"},
        {"votes_needed": 0, "state": "approved"},
        {"requester": "zhaojun"},
        {"action": "archive"},
        {"fingerprint": "f" * 64},
        {"expires_at": now().replace(year=2030)},
        {"round": 2},
        {"revision": 9},
    ],
    ids=lambda change: next(iter(change)),
)
async def test_a_request_that_was_changed_goes_nowhere(town: Town, change: dict[str, Any]) -> None:
    """Whatever is changed in a request, nobody can decide it and nothing is executed."""
    _, decide = await town.submits("wangmin", "作废客户 宏远科技")
    await town.settled()
    await town.change(lambda connection: connection.execute(update(operations).values(**change)))
    await town.tap("liqiang", decide, "同意")
    await town.hears("liqiang", "#0001")
    await the_alarm(town, "operations")
    assert await town.status("C1024") == "active"
    await cleaned(town)
    assert await log_tags(town, Tag.OPERATION_INTENT) == 0
    await cleaned(town)


async def test_a_changed_request_holds_no_other_up(town: Town) -> None:
    """Behind a request that says it is approved, and is not, the next one is executed at once."""
    await town.submits("wangmin", "作废客户 宏远科技")
    await town.settled()
    await town.change(lambda connection: connection.execute(update(operations).values(state="approved")))
    _, decide = await town.submits("ZhaoJun", "作废客户 蓝天贸易")
    await town.tap("liqiang", decide, "同意")
    await town.gets_card("ZhaoJun", title="已作废", button="撤销")
    await the_alarm(town, "operations")
    assert await town.status("C1024") == "active"
    await cleaned(town)


async def test_a_vote_needs_its_own_entry_in_the_log(town: Town) -> None:
    """A vote with the right seal that the log does not hold starts nothing: the approvers are asked again."""
    await town.submits("wangmin", "作废客户 宏远科技")
    await town.settled()

    def approve(uow: Any) -> None:
        # Even with the key: only the log is missing.
        operation = uow.operations.lock(1)
        vote = Vote(PersonId("liqiang"), Decision.APPROVE, uow.now, operation.fingerprint, operation.round)
        uow.operations.save(operation.decide(vote, uow.people.get(vote.person)))
        uow.audit.append(NewEntry(Tag.OPERATION_NUDGED, operation=1))  # some entry, but not that of the vote

    await town.db.run(approve)
    await town.is_submitted("wangmin")  # asked again, in a new round
    assert await town.status("C1024") == "active"
    assert await log_tags(town, Tag.OPERATION_INTENT) == 0
    assert await log_tags(town, Tag.OPERATION_REOPENED) == 1
