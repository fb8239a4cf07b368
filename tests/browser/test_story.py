"""The whole story as a new user lives it: typing and clicking in a real browser, the whole bot behind it."""

from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from playwright.async_api import Page, expect

from bot.command_line.menu import create
from core.domain.people import Language
from tests.browser.conftest import OpenPage
from tests.browser.seats import Seat
from tests.scenario.town import Town
from tests.scenario.weather import open_town


@pytest.fixture
def database_url(request: pytest.FixtureRequest) -> str:
    """SQLite is enough for what a page shows; one story also runs on PostgreSQL."""
    url: str = request.getfixturevalue(f"{getattr(request, 'param', 'sqlite')}_url")
    return url


@pytest.fixture
async def town(database_url: str, tmp_path: Path) -> AsyncIterator[Town]:
    """Its people read on the page, so that nobody listens here."""
    async with open_town(database_url, tmp_path) as place:
        yield place


@pytest.fixture
async def page(town: Town, open_page: OpenPage) -> Page:
    return await open_page(f"{town.wecom}/")


@pytest.fixture
def min_(page: Page) -> Seat:
    """王敏, a rep."""
    return Seat(page, "wangmin")


@pytest.fixture
def qiang(page: Page) -> Seat:
    """李强, her lead, who approves."""
    return Seat(page, "liqiang")


@pytest.mark.parametrize("database_url", ["sqlite", "postgres"], indirect=True)
async def test_voided_and_taken_back(min_: Seat, qiang: Seat) -> None:
    """Words, reason, approval, done, gone from the list, 撤销, back in the list: all seen on the page."""
    await min_.says("我的客户")
    await min_.hears("共 3 个", "宏远科技", "宏源科技", "宏远物流")
    await min_.says("作废客户 宏远科技")
    confirm = await min_.gets_card("确认作废「宏远科技」？", "C1024", "¥48,000", "需 李强 同意")
    await confirm.get_by_label("原因").select_option("重复")
    await min_.clicks(confirm, "确认作废")
    submitted = await min_.gets_card("已提交", "宏远科技")

    decide = await qiang.gets_card("宏远科技", "王敏", "重复")
    await qiang.clicks(decide, "同意")
    done = await min_.gets_card("已作废「宏远科技」", "已备份并核对")
    await qiang.sees_closed(decide, "已执行")
    for card in (confirm, submitted):
        await min_.sees_closed(card, "已执行")
    await min_.says("我的客户")
    listed = await min_.hears("共 2 个")
    await expect(listed).not_to_contain_text("宏远科技")
    await min_.says("查 宏远科技")
    await min_.hears("C1024", "已作废")

    await min_.clicks(done, "撤销")
    await min_.hears("已撤销", "恢复原样")
    await min_.sees_closed(done, "已撤销")
    await min_.says("我的客户")
    await min_.hears("共 3 个", "宏远科技")


async def test_rejected_with_a_reason(min_: Seat, qiang: Seat) -> None:
    """驳回 with 还有商机没结 in the drop-down: the rep reads why, and nothing has changed."""
    await _ask(min_, "作废客户 宏远科技")
    decide = await qiang.gets_card("宏远科技")
    await decide.get_by_label("意见").select_option("还有商机没结")
    await qiang.clicks(decide, "驳回")
    await min_.hears("被驳回", "还有商机没结", "没有变动")
    await qiang.sees_closed(decide, "已驳回")

    await min_.says("查 宏远科技")
    await min_.hears("C1024", "在用")


async def test_rejected_in_own_words(min_: Seat, qiang: Seat) -> None:
    """其他(下条写) asks the approver for a line, and the rep reads that very line."""
    await _ask(min_, "作废客户 宏远科技")
    decide = await qiang.gets_card("宏远科技")
    await decide.get_by_label("意见").select_option("其他(下条写)")
    await qiang.clicks(decide, "驳回")
    await qiang.hears("请用一句话写驳回")
    await qiang.says("下周我陪你去一趟")

    await min_.hears("被驳回", "下周我陪你去一趟")
    await qiang.sees_closed(decide, "已驳回")


async def test_group_deleted_and_brought_back(min_: Seat, qiang: Seat) -> None:
    """删除群体 takes only the group; its members stay; 恢复 brings it back."""
    await _ask(min_, "删除群体 展会线索2024", "确认删除")
    decide = await qiang.gets_card("展会线索2024", "3 个客户")
    await qiang.clicks(decide, "同意")
    done = await min_.gets_card("已删除「展会线索2024」")
    await min_.says("我的客户")
    await min_.hears("共 3 个")

    await min_.clicks(done, "撤销")
    await min_.hears("已撤销", "恢复原样")
    await min_.says("查 展会线索2024")
    await min_.hears("展会线索2024", "在用")


async def test_a_group_is_no_customer(min_: Seat) -> None:
    """删除 with the name of a group: the answer says what it is and which words do it."""
    await min_.says("删除 展会线索2024")
    await min_.hears("是分组", "删除分组 展会线索2024")


async def test_which_one_by_radio(min_: Seat) -> None:
    """Two customers sound alike: pick one by its radio, 就是它, and only that one is asked about."""
    await min_.says("作废客户 宏远")
    which = await min_.gets_card("「宏远」", "宏远科技", "宏远物流", "都不是")
    await which.get_by_role("radio", name="宏远物流").check()
    await min_.clicks(which, "就是它")

    confirm = await min_.gets_card("确认作废「宏远物流」？", "C1026")
    await min_.sees_closed(which, "已选 C1026 北京宏远物流有限公司")
    await min_.clicks(confirm, "取消")
    await min_.sees_closed(confirm, "已取消")


async def test_nothing_of_that_name(min_: Seat) -> None:
    """A typing error is never taken for a name: the card says so and asks."""
    await min_.says("作废客户 宏远科枝")
    which = await min_.gets_card("没有叫「宏远科枝」的，是不是这些？", "宏远科技", "都不是")
    await which.get_by_role("radio", name="都不是").check()
    await min_.clicks(which, "就是它")
    await min_.sees_closed(which, "都不是，已取消")


async def test_silent_customers(town: Town, page: Page, min_: Seat) -> None:
    """The clock's buttons bring the weekly list; one is snoozed, one goes into the void flow."""
    await _until_working_hours(town, page)
    digest = await min_.gets_card("该联系了", "宏远科技", "宏远物流")
    await digest.get_by_role("checkbox", name="宏远物流").check()
    await min_.clicks(digest, "处理勾选的")
    follow = await min_.gets_card("「宏远物流」怎么处理？")
    await min_.clicks(follow, "下周再提醒")
    await min_.sees_closed(follow, "再提醒")

    await digest.get_by_role("checkbox", name="宏远物流").uncheck()
    await digest.get_by_role("checkbox", name="宏远科技").check()
    await min_.clicks(digest, "处理勾选的")
    second = await min_.gets_card("「宏远科技」怎么处理？")
    await min_.clicks(second, "作废")
    await min_.gets_card("确认作废「宏远科技」？")
    await min_.sees_closed(second, "已转作废确认")


async def test_words_do_what_buttons_do(min_: Seat, qiang: Seat) -> None:
    """确认, 同意 #1 and 撤销 typed by hand lead to the same end, and every card follows."""
    await min_.says("作废客户 宏远科技 原因：重复")
    confirm = await min_.gets_card("确认作废")
    await min_.says("确认")
    await min_.gets_card("已提交")
    decide = await qiang.gets_card("宏远科技")
    await qiang.says("同意 #0001")
    await qiang.hears("#0001 你已同意")
    await qiang.sees_closed(decide, "已执行")
    done = await min_.gets_card("已作废")
    await min_.sees_closed(confirm, "已提交 #0001")
    await min_.says("撤销")

    await min_.hears("#0001 已撤销")
    await min_.sees_closed(done, "已撤销")


async def test_menu(min_: Seat, qiang: Seat, town: Town) -> None:
    """The menu under the chat answers like the words it stands for."""
    await create(town.settings, Language.ZH)
    await min_.pane.get_by_role("button", name="帮助", exact=True).click()
    await min_.hears("这样说就行")
    await min_.pane.get_by_role("button", name="我的客户", exact=True).click()
    await min_.hears("共 3 个")
    await qiang.pane.get_by_role("button", name="申请审批").click()
    await qiang.pane.get_by_role("menuitem", name="待我审批").click()
    await qiang.hears("没有等你审批的申请")


async def test_keyboard_only(page: Page, min_: Seat, qiang: Seat) -> None:
    """Tab, arrows and Enter are enough to ask, to choose a reason, to approve."""
    await min_.composer.focus()
    await page.keyboard.insert_text("作废客户 宏远科技")
    await page.keyboard.press("Enter")
    await min_.gets_card("确认作废")
    await _tab_to(page, "select", back=True)
    await page.keyboard.press("ArrowDown")
    await _tab_to(page, "button.s1")
    await page.keyboard.press("Enter")

    await qiang.gets_card("宏远科技")
    await _tab_to(page, '.pane[data-person="liqiang"] .card button.s1')
    await page.keyboard.press("Enter")
    await min_.gets_card("已作废")


async def test_on_a_phone(town: Town, open_page: OpenPage) -> None:
    """390 px wide: ask as one person, switch, approve as the other; nothing sticks out."""
    page = await open_page(f"{town.wecom}/", width=390, height=844, has_touch=True, is_mobile=True)
    rep, lead = Seat(page, "wangmin"), Seat(page, "liqiang")
    await _ask(rep, "作废客户 宏远科技")
    await page.locator('#people [data-person="liqiang"]').tap()
    decide = await lead.gets_card("宏远科技")
    await decide.get_by_role("button", name="同意").tap()
    await lead.sees_closed(decide, "已执行")
    wide = await page.evaluate("document.documentElement.scrollWidth")
    assert wide <= 390
    await page.locator('#people [data-person="wangmin"]').tap()
    await rep.gets_card("已作废")


async def test_in_english(page: Page, min_: Seat, qiang: Seat) -> None:
    """Page and bot in English: a customer voided, a group deleted, the same two people."""
    await page.get_by_test_id("language").click()
    for seat in (min_, qiang):
        await seat.says("speak English")
        await seat.hears("English")
    await min_.says("void customer 宏远科技")
    confirm = await min_.gets_card("Confirm", "C1024")
    await min_.clicks(confirm, "Confirm")
    decide = await qiang.gets_card("C1024")
    await qiang.clicks(decide, "Approve")
    done = await min_.gets_card("Done: void", "宏远科技")
    await min_.clicks(done, "Undo")
    await min_.hears("undone")

    await min_.says("delete group 展会线索2024")
    group = await min_.gets_card("展会线索2024")
    await min_.clicks(group, "Confirm")
    decide = await qiang.gets_card("展会线索2024")
    await qiang.clicks(decide, "Approve")
    await min_.gets_card("Done: delete", "展会线索2024")


async def test_a_double_click_does_nothing_twice(min_: Seat, qiang: Seat, town: Town) -> None:
    """Impatient double clicks on every button: one request, one vote, one void, no complaint."""
    await min_.says("作废客户 宏远科技")
    confirm = await min_.gets_card("确认作废")
    await confirm.get_by_role("button", name="确认作废").dblclick()
    decide = await qiang.gets_card("宏远科技")
    await decide.get_by_role("button", name="同意").dblclick()
    done = await min_.gets_card("已作废")
    await town.settled()

    assert [operation.label for operation in await town.operations()] == ["#0001"]
    assert await town.status("C1024") == "voided"
    for seat, cards in ((min_, 3), (qiang, 1)):
        await expect(seat.pane.get_by_test_id("card")).to_have_count(cards)
    await done.get_by_role("button", name="撤销").dblclick()
    await min_.hears("已撤销")
    await town.settled()
    assert await town.status("C1024") == "active"


async def _ask(seat: Seat, words: str, button: str = "确认作废") -> None:
    """Says it and confirms."""
    await seat.says(words)
    await seat.clicks(await seat.gets_card(button), button)
    await seat.gets_card("已提交")


async def _tab_to(page: Page, selector: str, *, back: bool = False) -> None:
    """Presses Tab until the focus stands on such an element."""
    for _ in range(60):
        await page.keyboard.press("Shift+Tab" if back else "Tab")
        if await page.evaluate("(selector) => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"Tab never reached {selector}")


async def _until_working_hours(town: Town, page: Page) -> None:
    """Moves the page's clock to a Tuesday noon, by its buttons: digests come only while people work."""
    while (moment := await page_time(page))[0] != 2:
        await _step(page, "1d")
    while not 9 <= moment[1] < 17:
        await _step(page, "1h")
        moment = await page_time(page)


async def page_time(page: Page) -> tuple[int, int]:
    """Weekday (Monday is 1) and hour in Shanghai, as the page's clock shows it."""
    iso = await page.get_by_test_id("now").get_attribute("datetime")
    assert iso is not None
    local = datetime.fromisoformat(iso).astimezone(ZoneInfo("Asia/Shanghai"))
    return local.isoweekday(), local.hour


async def _step(page: Page, span: str) -> None:
    step = page.locator(f'[data-advance="{span}"]')
    await step.click()
    await expect(step).to_be_enabled()
