"""A restart with another roles file takes roles away: what waited for those people goes on with others."""

from core.domain.audit import Tag
from tests.pretend import ROLES
from tests.scenario.town import Message, Town, open_bot
from tests.scenario.weather import key_of, log_holds, log_tags


async def requested(town: Town) -> Message:
    """王敏 has asked to void 宏远科技; 李强's card."""
    await town.submits("wangmin", "作废客户 宏远科技", reason="duplicate")
    return await town.gets_card("liqiang", "王敏", "宏远科技", "同意")


async def restarted(town: Town, roles: str) -> None:
    """Another process of the bot has started with this roles file, and ended."""
    town.settings.roles_file.write_text(roles, encoding="utf-8")
    async with open_bot(town.settings):
        pass


def without(who: str) -> str:
    """The roles file with nothing about this person, nor as anybody's leader."""
    sections = ROLES.split("[people.")
    kept = [section for section in sections if not section.startswith(f"{who}]")]
    return "[people.".join(kept).replace(f'leader = "{who}"\n', "")


async def test_what_waits_for_an_approver_without_the_role_goes_to_others(town: Town) -> None:
    """李强 is no approver any more: 陈洁 is asked, 王敏 is told, his old card does nothing, the log says so."""
    decide = await requested(town)
    await restarted(town, ROLES.replace('["lead", "approver"]', '["lead"]'))
    other = await town.gets_card("chenjie", "王敏", "宏远科技", "同意")
    told = await town.hears("wangmin", "#0001", "陈洁")
    assert "离开" not in told["text"]
    await town.tap("liqiang", decide, key_of(decide, "同意"), force=True)
    await town.settled()
    assert await town.status("C1024") == "active"
    assert await log_tags(town, Tag.OPERATION_REASSIGNED) == 1
    await town.tap("chenjie", other, "同意")
    await town.gets_card("wangmin", "已作废")
    await log_holds(town)


async def test_when_nobody_is_left_who_may_decide_the_requester_knows(town: Town) -> None:
    """Both approvers lose the role at once: no card goes to either, and 王敏 is told to see an administrator."""
    await requested(town)
    await restarted(
        town, ROLES.replace('"lead", "approver"', '"lead"').replace('"admin", "approver"', '"auditor"')
    )
    await town.hears("wangmin", "#0001", "管理员")
    await town.settled()
    assert not [message for message in await town.chat("chenjie") if "同意" in str(message.get("card"))]
    assert (await town.operation(1)).state == "pending"


async def test_who_may_no_longer_ask_has_no_open_request(town: Town) -> None:
    """王敏 is taken out of the file: her request ends now, not at the moment of its execution; she is told."""
    decide = await requested(town)
    await restarted(town, without("wangmin"))
    await town.hears("wangmin", "#0001", "撤回")
    await town.becomes("liqiang", decide, "已撤回")
    assert await log_tags(town, Tag.OPERATION_WITHDRAWN) == 1
    assert await town.status("C1024") == "active"


async def test_the_same_file_again_leaves_open_requests_alone(town: Town) -> None:
    """A plain restart asks nobody a second time."""
    decide = await requested(town)
    await restarted(town, ROLES)
    await town.hears_nothing("chenjie")
    await town.tap("liqiang", decide, "同意")
    await town.gets_card("wangmin", "已作废")
