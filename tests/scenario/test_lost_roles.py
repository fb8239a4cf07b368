"""A restart with another roles file takes roles away: what waited for those people goes on with others."""

from core.domain.audit import Tag
from tests.pretend import ROLES
from tests.scenario.settling import open_bot
from tests.scenario.town import Town, button_of
from tests.scenario.weather import log_holds, log_tags


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
    _, decide = await town.submits("wangmin", "作废客户 宏远科技")
    await restarted(town, ROLES.replace('["lead", "approver"]', '["lead"]'))
    other = await town.gets_card("chenjie", title="宏远科技", line="王敏 提出", button=("同意", "驳回"))
    told = await town.hears("wangmin", "#0001", "陈洁")
    assert "离开" not in told["text"]
    await town.tap("liqiang", decide, button_of(decide, "同意"), force=True)
    await town.hears("liqiang", "你不是 #0001 的审批人，这次不算数")
    assert await town.status("C1024") == "active"
    assert await log_tags(town, Tag.OPERATION_REASSIGNED) == 1
    await town.tap("chenjie", other, "同意")
    await town.gets_card("wangmin", title="已作废", button="撤销")
    await log_holds(town)


async def test_when_nobody_is_left_who_may_decide_the_requester_knows(town: Town) -> None:
    """Both approvers lose the role at once: no card goes to either, and 王敏 is told to see an administrator."""
    await town.submits("wangmin", "作废客户 宏远科技")
    await restarted(
        town, ROLES.replace('"lead", "approver"', '"lead"').replace('"admin", "approver"', '"auditor"')
    )
    await town.hears("wangmin", "#0001", "管理员")
    await town.hears_nothing("chenjie")
    assert (await town.operation(1)).state == "pending"


async def test_who_may_no_longer_ask_has_no_open_request(town: Town) -> None:
    """王敏 is taken out of the file: her request ends now, not at the moment of its execution; she is told."""
    _, decide = await town.submits("wangmin", "作废客户 宏远科技")
    await restarted(town, without("wangmin"))
    await town.hears("wangmin", "#0001", "撤回")
    await town.becomes("liqiang", decide, grey="已撤回")
    assert await log_tags(town, Tag.OPERATION_WITHDRAWN) == 1
    assert await town.status("C1024") == "active"


async def test_the_same_file_again_leaves_open_requests_alone(town: Town) -> None:
    """A plain restart asks nobody a second time."""
    _, decide = await town.submits("wangmin", "作废客户 宏远科技")
    await restarted(town, ROLES)
    await town.hears_nothing("chenjie")
    await town.tap("liqiang", decide, "同意")
    await town.gets_card("wangmin", title="已作废", button="撤销")
