"""WeCom's word of a leaving got lost: the bot asks the directory once a day, and believes only a plain no."""

import asyncio
from datetime import datetime
from typing import Any

import pytest

from core.domain.audit import Tag
from core.domain.people import Person, PersonId
from tests.scenario.town import Town
from tests.scenario.weather import at, log_holds, log_tags, quiet_monday

ASK = ["user/get"]
LEFT, DISABLED, NOT_ACTIVATED = 5, 2, 4
TROUBLES: tuple[dict[str, Any], ...] = (
    {"answers": [48002]},
    {"answers": [301002]},
    {"answers": [45009]},
    {"html": 1},
)


@pytest.fixture
def starts() -> datetime:
    return at(quiet_monday(), 22)


@pytest.fixture(autouse=True)
async def compared(town: Town) -> None:
    """It is ten in the evening, and today's comparison has been made."""
    await town.logs(1, Tag.DIRECTORY_COMPARED)


async def everybody(town: Town) -> tuple[Person, ...]:
    found: tuple[Person, ...] = await town.db.read(lambda uow: uow.people.everybody())
    return found


async def person(town: Town, who: str) -> Person:
    (found,) = [person for person in await everybody(town) if person.id == PersonId(who)]
    return found


async def has_status(town: Town, who: str, status: int) -> None:
    """In the company's directory, without a word to the bot."""
    await town.post("users", {"id": who, "status": status})


async def over(town: Town, *faults: str) -> None:
    """Waits until WeCom behaves again."""
    while any([(await town.get("faults"))[name] for name in faults]):
        await asyncio.sleep(0.02)
    await town.settled()


@pytest.mark.parametrize("status", [LEFT, DISABLED])
async def test_an_approver_whose_leaving_got_lost_is_replaced(town: Town, status: int) -> None:
    """Nobody told the bot that 李强 left: after midnight it has noticed, and 陈洁 decides in his place."""
    await town.submits("wangmin", "作废客户 宏远科技")
    await has_status(town, "liqiang", status)
    await has_status(town, "zhaojun", NOT_ACTIVATED)
    await town.advance("3h")
    await town.hears("chenjie", "李强（liqiang）已离开")
    other = await town.gets_card("chenjie", title="宏远科技", line="王敏 提出", button=("同意", "驳回"))
    await town.hears("wangmin", "#0001", "陈洁")
    gone = await person(town, "liqiang")
    assert (gone.active, gone.roles) == (False, frozenset())
    assert (await person(town, "zhaojun")).active
    await town.tap("chenjie", other, "同意")
    await town.gets_card("wangmin", title="已作废", button="撤销")
    assert await log_tags(town, Tag.PERSON_MISSED) == 1
    await log_holds(town)


async def test_a_rep_nobody_knows_any_more_is_handed_to_the_leader(town: Town) -> None:
    """No such person as 王敏: the open request ends, its card closes, the leader hears of it."""
    _, decide = await town.submits("wangmin", "作废客户 宏远科技")
    await town.fault(answers=[0, 0, 0, 60111], only=ASK)  # in the order of their ids; hers is the fourth
    await town.advance("3h")
    await town.hears("liqiang", "王敏 已离开", "1 张")
    await town.hears("chenjie", "王敏（wangmin）已离开")
    await town.becomes("liqiang", decide, grey="已撤回")
    assert not (await person(town, "wangmin")).active
    await log_holds(town)


async def test_who_cannot_be_seen_keeps_every_right(town: Town) -> None:
    """Outside the visible range, or an answer nobody has described: they may well be members still."""
    before = await everybody(town)
    await town.fault(answers=[60011, 60021, 40003, 99999, 60011], only=ASK)
    await town.advance("3h")
    await town.logs(2, Tag.DIRECTORY_COMPARED)
    assert await everybody(town) == before


async def test_what_stops_the_asking_takes_no_right(town: Town) -> None:
    """No permission, too many calls, no usable answer: nobody loses anything, and each hour it asks again."""
    before = await everybody(town)
    for span, trouble in zip(("3h", "1h", "1h", "1h"), TROUBLES, strict=True):
        await town.fault(**trouble, only=ASK)
        await town.advance(span)
        await over(town, *trouble)
        assert await everybody(town) == before
        assert await log_tags(town, Tag.DIRECTORY_COMPARED) == 1
    await town.advance("1h")
    await town.logs(2, Tag.DIRECTORY_COMPARED)
    assert await everybody(town) == before


async def test_a_directory_that_knows_nobody_is_not_believed(town: Town) -> None:
    """Everybody gone at once: it is somebody else's directory, more likely; nobody loses anything."""
    before = await everybody(town)
    await town.fault(answers=[60111] * 5, only=ASK)
    await town.advance("3h")
    await over(town, "answers")
    assert await everybody(town) == before
    assert await log_tags(town, Tag.PERSON_MISSED) == 0
