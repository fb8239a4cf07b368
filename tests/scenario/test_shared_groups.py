"""Groups that belong to nobody in particular."""

from sqlalchemy import insert

from core.crm.embedded.tables import segments
from tests.scenario.town import Town


async def test_a_rep_deletes_a_group_that_belongs_to_nobody(town: Town):
    """A shared group is found by every rep; its members stay and it can come back."""
    await town.change(lambda connection: connection.execute(insert(segments).values(number="G9", name="春季活动")))

    confirm = await town.proposes("zhaojun", "删除群体 春季活动", "确认删除", title="春季活动", line="保留")
    await town.tap("zhaojun", confirm, "确认删除")
    _, decide = await town.is_submitted("zhaojun")
    await town.tap("liqiang", decide, "同意")

    done = await town.gets_card("zhaojun", title="已删除「春季活动」", button="撤销")
    assert await town.segment_status("G9") == "deleted"
    await town.undoes("zhaojun", done)
    assert await town.segment_status("G9") == "active"
