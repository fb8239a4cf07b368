"""The main job: a customer is voided with an approval, and comes back."""

from tests.scenario.listening import look
from tests.scenario.town import Town


async def test_a_rep_voids_a_customer_and_takes_it_back(town: Town):
    """Words → confirm card → approver's card → backup → void → 撤销 → as before, proven."""
    facts = ("客户 C1024 ", "¥48,000", "需 李强 同意")
    confirm = await town.proposes("wangmin", "作废客户 宏远科技", title="宏远科技", line=facts)
    assert await town.status("C1024") == "active"
    await town.tap("wangmin", confirm, "确认作废", reason="duplicate")
    submitted, decide = await town.is_submitted("wangmin", why="重复")
    assert {"申请 #0001 作废", "审批人 需 李强 同意"} <= set(look(submitted).lines)
    assert "宏远科技" in look(decide).title
    assert "王敏 提出，请你决定" in look(decide).lines
    asked = await town.becomes("wangmin", confirm, grey="已提交 #0001")
    assert "待审" not in str(look(asked))
    assert await town.status("C1024") == "active"

    await town.tap("liqiang", decide, "同意")
    done = await town.gets_card("wangmin", title="已作废", line="B-0001", button="撤销")
    assert await town.status("C1024") == "voided"
    await town.becomes("liqiang", decide, grey=("李强 已同意", "已执行"))
    await town.becomes("wangmin", submitted, grey="已执行")
    await town.becomes("wangmin", confirm, grey="已执行")

    await town.say("wangmin", "查 宏远科技")
    await town.hears("wangmin", "C1024", "已作废")
    await town.undoes("wangmin", done)
    assert await town.status("C1024") == "active"
    await town.becomes("wangmin", done, grey="已撤销")
