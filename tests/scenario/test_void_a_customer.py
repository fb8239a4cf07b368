"""The main job: a customer is voided with an approval, and comes back."""

from tests.scenario.town import Town


async def test_a_rep_voids_a_customer_and_takes_it_back(town: Town):
    """Words → confirm card → approver's card → backup → void → 撤销 → as before, proven."""
    await town.say("wangmin", "作废客户 宏远科技")
    confirm = await town.gets_card("wangmin", "确认作废", "宏远科技", "C1024", "48,000", "李强")
    assert await town.status("C1024") == "active"
    await town.tap("wangmin", confirm, "确认作废", reason="duplicate")
    submitted = await town.gets_card("wangmin", "已提交", "#0001", "李强")
    asked = await town.becomes("wangmin", confirm, "已提交 #0001")
    assert "待审" not in str(asked["card"])
    decide = await town.gets_card("liqiang", "王敏", "宏远科技", "重复", "同意", "驳回")
    assert await town.status("C1024") == "active"

    await town.tap("liqiang", decide, "同意")
    done = await town.gets_card("wangmin", "已作废", "B-0001", "撤销")
    assert await town.status("C1024") == "voided"
    await town.becomes("liqiang", decide, "李强 已同意", "已执行")
    await town.becomes("wangmin", submitted, "已执行")
    await town.becomes("wangmin", confirm, "已执行")

    await town.say("wangmin", "查 宏远科技")
    await town.hears("wangmin", "C1024", "已作废")
    await town.tap("wangmin", done, "撤销")
    await town.hears("wangmin", "#0001 已撤销", "恢复原样 ✓")
    await town.hears("liqiang", "#0001 已撤销")
    assert await town.status("C1024") == "active"
    await town.becomes("wangmin", done, "已撤销")
