"""The chat page in a real Chromium: every card, typing and tapping by keyboard, live, a phone, two languages."""

import asyncio
import base64
from collections.abc import Callable
from typing import Any

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import OpenPage
from tests.sandbox.cards import KINDS, card
from tests.sandbox.conftest import House, house
from tests.sandbox.fake_bot import leaf

__all__ = ["house"]

PICTURE = "data:image/gif;base64,R0lGODlhAQABAAAAACwAAAAAAQABAAA="


@pytest.fixture
async def page(house: House, open_page: OpenPage) -> Page:
    """The page on a wide screen: a rep on the left, the lead on the right."""
    return await open_page(str(house.client.make_url("/")))


def pane(page: Page, person: str) -> Any:
    return page.locator(f'.pane[data-person="{person}"]')


def drawn(page: Page, made: dict[str, Any]) -> Any:
    return page.locator(f'[data-task-id="{made["task_id"]}"]')


async def wait_until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not holds():
            await asyncio.sleep(0.01)


async def test_typing_sends_and_answers_come_live(house: House, page: Page) -> None:
    """Enter sends what was typed, Shift+Enter breaks the line, and the bot's answer appears without a reload."""
    box = pane(page, "wangmin").get_by_test_id("composer")
    await box.focus()
    await page.keyboard.type("作废")
    await page.keyboard.press("Shift+Enter")
    await page.keyboard.type("宏远科技")
    await page.keyboard.press("Enter")
    await expect(pane(page, "wangmin").locator('[data-from="user"]')).to_have_text("敏作废\n宏远科技")
    await house.send("text", {"content": '看<a href="https://example.com/">详情</a><b>'})

    theirs = pane(page, "wangmin").locator('[data-from="bot"]')
    await expect(theirs).to_have_text("看详情<b>")
    await expect(theirs.get_by_role("link")).to_have_attribute("href", "https://example.com/")
    assert house.bot.words() == ["作废\n宏远科技"]
    await expect(box).to_have_value("")


async def test_hints_stay_until_something_was_said(house: House, page: Page) -> None:
    """A bot that speaks first does not take the hints away; saying one does."""
    hint = pane(page, "wangmin").locator(".hints").get_by_role("button", name="帮助")
    await expect(hint).to_be_visible()
    await house.send("text", {"content": "早上好"})
    await expect(pane(page, "wangmin").locator('[data-from="bot"]')).to_have_text("早上好")
    await page.reload()
    await hint.click()

    await expect(hint).to_have_count(0)
    await wait_until(lambda: house.bot.words() == ["帮助"])


async def test_a_bot_that_fails_shows(house: House, page: Page) -> None:
    """A message the bot did not take says so beside the words."""
    house.bot.plan = [500] * 4
    await pane(page, "wangmin").get_by_test_id("composer").fill("x")
    await pane(page, "wangmin").get_by_test_id("send").click()

    await expect(pane(page, "wangmin").locator(".state.bad")).to_contain_text("HTTP 500")


NAMES: dict[str, dict[Any, list[str]]] = {
    "text_notice": {"link": ["已失效"]},
    "news_notice": {"link": ["月报"], "img": ["月报"]},
    "button_interaction": {"button": ["确认作废", "取消"], "link": ["看详情"], "combobox": ["原因"]},
    "vote_interaction": {"radio": ["选项 a", "选项 b", "选项 c"], "button": ["就是它"]},
    "multiple_interaction": {"combobox": ["时间", "谁"], "button": ["提交"]},
}


async def test_each_kind_is_drawn(house: House, page: Page) -> None:
    """Every kind of card shows its title, and all its buttons, choices and links by their accessible names."""
    for kind in KINDS:
        made = card(kind, **({"card_image": {"url": PICTURE}} if kind == "news_notice" else {}))
        await house.send("template_card", made)
        shown = page.locator(f'[data-card-type="{kind}"]')

        await expect(shown.get_by_role("heading")).to_have_text(made["main_title"]["title"])
        for role, names in NAMES[kind].items():
            for name in names:
                await expect(shown.get_by_role(role, name=name, exact=True)).to_be_visible()


async def test_every_part_of_a_card(house: House, page: Page) -> None:
    """Source, menu, quote, figure, rows, pictures, jumps and members all show what was sent."""
    parts = {
        "source": {"desc": "待审批 · #0312", "desc_color": 2},
        "action_menu": {"desc": "更多", "action_list": [{"text": "不再提醒", "key": "quiet"}]},
        "quote_area": {"type": 1, "url": "https://example.com/q", "title": "规则", "quote_text": "半年没联系"},
        "horizontal_content_list": [
            {"keyname": "金额", "value": "¥48,000"},
            {"keyname": "明细", "type": 1, "value": "打开", "url": "https://example.com/d"},
            {"keyname": "负责", "type": 3, "userid": "liqiang"},
        ],
    }
    notice = {
        "emphasis_content": {"title": "23", "desc": "个客户"},
        "sub_title_text": "其中 8 个是新的",
        "jump_list": [{"type": 1, "title": "打开报告", "url": "https://example.com/j"}],
    }
    await house.send("template_card", card("text_notice", task_id="part-1", **parts, **notice))
    area = {"type": 0, "title": "图文", "desc": "说明", "image_url": PICTURE}
    rows = {"vertical_content_list": [{"title": "第一", "desc": "最多"}], "image_text_area": area}
    await house.send("template_card", card("news_notice", task_id="part-2", card_image=None, **rows))

    first = page.locator('[data-task-id="part-1"]')
    for text in ("待审批 · #0312", "规则", "半年没联系", "¥48,000", "李强", "23", "个客户", "其中 8 个是新的"):
        await expect(first).to_contain_text(text)
    for name in ("打开", "打开报告"):
        await expect(first.get_by_role("link", name=name, exact=True)).to_be_visible()
    for text in ("第一", "最多", "图文", "说明"):
        await expect(page.locator('[data-task-id="part-2"]')).to_contain_text(text)


async def test_choosing_and_tapping_by_keyboard(house: House, page: Page) -> None:
    """With Tab, arrows and Enter alone a person picks a reason and confirms; the bot gets exactly that."""
    made = card("button_interaction")
    await house.send("template_card", made)
    choice = drawn(page, made).get_by_role("combobox", name="原因")
    await choice.focus()
    await page.keyboard.press("ArrowDown")
    await expect(choice).to_have_value("b")
    await page.keyboard.press("Tab")
    await expect(drawn(page, made).get_by_role("button", name="确认作废")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(drawn(page, made).get_by_role("button", name="确认作废")).to_be_enabled()

    (root,) = house.bot.heard
    assert leaf(root, "EventKey") == "yes"
    assert leaf(root, "SelectedItems/SelectedItem/OptionIds/OptionId") == "b"


async def test_ticks_survive_other_news(house: House, page: Page) -> None:
    """What a person ticked stays ticked while other messages arrive, and goes out with the submit button."""
    made = card("vote_interaction")
    made["checkbox"]["mode"] = 1
    await house.send("template_card", made)
    for name in ("选项 a", "选项 c"):
        await drawn(page, made).get_by_role("checkbox", name=name).check()
    await house.send("text", {"content": "等一下"})
    await expect(pane(page, "wangmin")).to_contain_text("等一下")
    await drawn(page, made).get_by_role("button", name="就是它").click()
    await expect(drawn(page, made).get_by_role("button", name="就是它")).to_be_enabled()

    (root,) = house.bot.heard
    assert [node.text for node in root.findall("SelectedItems/SelectedItem/OptionIds/OptionId")] == ["a", "c"]
    await expect(drawn(page, made).get_by_role("checkbox", name="选项 b")).not_to_be_checked()


async def test_replaced_buttons_are_dead(house: House, page: Page) -> None:
    """After an update one grey, disabled button stands where the buttons were, and the selector is dead too."""
    made = card("button_interaction")
    sent = await house.send("template_card", made)
    await expect(drawn(page, made).get_by_role("button", name="取消")).to_be_visible()
    body = {"userids": ["wangmin"], "agentid": 1000002, "response_code": sent["response_code"]}
    await house.call("message/update_template_card", {**body, "button": {"replace_name": "李强 已同意"}})

    await expect(drawn(page, made).get_by_test_id("replaced")).to_have_text("李强 已同意")
    await expect(drawn(page, made).get_by_test_id("replaced")).to_be_disabled()
    await expect(drawn(page, made).get_by_role("button", name="取消")).to_have_count(0)
    await expect(drawn(page, made).get_by_role("combobox")).to_be_disabled()


async def test_menus_open_by_keyboard(house: House, page: Page) -> None:
    """The ⋯ of a card and the app's menu open with Enter, close with Escape, and fire their events."""
    made = card("button_interaction", action_menu={"action_list": [{"text": "不再提醒", "key": "quiet"}]})
    await house.send("template_card", made)
    children = [{"type": "click", "name": "回收站", "key": "bin"}]
    await house.call("menu/create", {"button": [{"name": "更多", "sub_button": children}]}, agentid=1000002)
    more = drawn(page, made).get_by_role("button", name="更多操作")
    await more.press("Enter")
    await expect(page.get_by_role("menuitem", name="不再提醒")).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(more).to_be_focused()
    await more.press("Enter")
    await page.keyboard.press("Enter")
    menu = pane(page, "liqiang").get_by_test_id("app-menu")
    await menu.get_by_role("button", name="更多").press("Enter")
    await menu.get_by_role("menuitem", name="回收站").press("Enter")
    await wait_until(lambda: len(house.bot.heard) == 2)

    assert [
        (leaf(root, "Event"), leaf(root, "EventKey"), leaf(root, "FromUserName")) for root in house.bot.heard
    ] == [
        ("template_card_menu_event", "quiet", "wangmin"),
        ("click", "bin", "liqiang"),
    ]


async def test_unread_marks(house: House, page: Page) -> None:
    """News for others raises a count on their face and a line above it; looking at the chat takes both away."""
    await pane(page, "wangmin").get_by_test_id("composer").focus()
    await house.send("text", {"content": "一"}, to="liqiang|sunyu")
    await house.send("text", {"content": "二"}, to="liqiang")

    face = page.locator('.someone[data-person="liqiang"] .badge')
    await expect(face).to_have_text("2")
    await expect(pane(page, "liqiang").get_by_test_id("fresh")).to_be_visible()
    await expect(page.locator('.someone[data-person="sunyu"] .badge')).to_have_text("1")
    await pane(page, "liqiang").get_by_test_id("log").click()
    await expect(face).to_have_count(0)
    await expect(pane(page, "liqiang").get_by_test_id("fresh")).to_have_count(0)


async def test_the_first_click_into_unread_news_counts(house: House, page: Page) -> None:
    """A button in a chat with unread news works at the first click, although the unread line goes away."""
    await pane(page, "wangmin").get_by_test_id("composer").focus()
    made = card("button_interaction")
    await house.send("template_card", made, to="liqiang")
    await expect(pane(page, "liqiang").get_by_test_id("fresh")).to_be_visible()
    await drawn(page, made).get_by_role("button", name="取消").click()

    await wait_until(lambda: len(house.bot.heard) == 1)
    assert leaf(house.bot.heard[0], "EventKey") == "no"
    await expect(pane(page, "liqiang").get_by_test_id("fresh")).to_have_count(0)


async def test_people_windows_and_language(house: House, page: Page) -> None:
    """Windows change person by selector or face, more can be opened, and the page speaks English too."""
    await pane(page, "wangmin").get_by_test_id("who").select_option("zhaojun")
    await expect(pane(page, "zhaojun")).to_be_visible()
    await page.locator('.someone[data-person="sunyu"]').click()
    await expect(pane(page, "sunyu").get_by_test_id("composer")).to_be_focused()
    await page.get_by_role("button", name="再开一个窗口").click()
    await expect(page.locator(".pane")).to_have_count(3)
    await pane(page, "sunyu").get_by_test_id("composer").fill("draft")
    await house.control("POST", "users", {"id": "newone", "name": "周莉"})
    await page.get_by_test_id("language").click()
    await expect(page.locator(".toast")).to_contain_text("speak English")

    await expect(page.locator('.someone[data-person="newone"]')).to_be_visible()
    await expect(pane(page, "sunyu").get_by_test_id("composer")).to_have_value("draft")
    await expect(page.get_by_role("heading", level=1)).to_have_text("WeCom sandbox")
    await expect(page.get_by_role("button", name="+30 days")).to_be_visible()
    await page.reload()
    await expect(page.get_by_role("heading", level=1)).to_have_text("WeCom sandbox")


async def test_the_clock_can_be_moved(house: House, page: Page) -> None:
    """A click on +30天 moves the world's clock and the time shown."""
    before = house.world.clock.unix()
    shown = await page.get_by_test_id("now").get_attribute("datetime")
    await page.get_by_role("button", name="+30天").click()
    await expect(page.get_by_test_id("now")).not_to_have_attribute("datetime", shown or "")

    assert house.world.clock.unix() - before == pytest.approx(30 * 86400, abs=30)
    await expect(page.locator(".toast")).to_contain_text("时间已拨到")


async def test_a_phone(house: House, open_page: OpenPage) -> None:
    """On a phone's width there is one chat, nothing scrolls sideways, and the composer stays in sight."""
    for kind in KINDS:
        await house.send(
            "template_card", card(kind, **({"card_image": {"url": PICTURE}} if "news" in kind else {}))
        )
    await house.send("markdown", {"content": "**长** " + "https://example.com/" + "x" * 200})
    page = await open_page(str(house.client.make_url("/")), width=360, height=740, has_touch=True)

    await expect(page.locator(".pane")).to_have_count(1)
    await expect(page.locator(".card")).to_have_count(5)
    assert await page.evaluate("document.documentElement.scrollWidth") <= 360
    wide = "[...document.querySelectorAll('.card, .bubble')].some(e => e.getBoundingClientRect().right > 360)"
    assert not await page.evaluate(wide)
    await expect(page.get_by_test_id("composer")).to_be_in_viewport(ratio=1)
    await page.locator('.someone[data-person="liqiang"]').click()
    await expect(pane(page, "liqiang")).to_be_visible()


async def test_markdown_and_media(house: House, page: Page) -> None:
    """Markdown's subset is drawn as elements, never as markup; a sent picture shows."""
    text = "### 影响\n**粗** [链](https://example.com/) `码`\n> 引\n"
    text += '<font color="warning">黄</font><img src=x onerror=alert(1)>'
    await house.send("markdown", {"content": text})
    await house.control("POST", "users/wangmin/media", {"type": "image"})
    shown = pane(page, "wangmin").locator(".markdown")

    await expect(shown.get_by_role("heading")).to_have_text("影响")
    for selector, inner in (
        ("strong", "粗"),
        ("a", "链"),
        ("code", "码"),
        ("blockquote", "引"),
        (".font-warning", "黄"),
    ):
        await expect(shown.locator(selector)).to_have_text(inner)
    await expect(shown.locator("img")).to_have_count(0)
    await expect(shown).to_contain_text("<img src=x onerror=alert(1)>")
    photo = pane(page, "wangmin").locator("img.photo")
    await expect(photo).to_be_visible()
    assert await photo.evaluate("image => image.decode().then(() => image.naturalWidth)") == 240


async def test_chinese_needs_no_font_of_the_machine(house: House, page: Page) -> None:
    """The page's own font draws Chinese and the signs cards use: no two of them look the same, as boxes would."""
    await page.evaluate("document.fonts.ready")
    script = """async () => {
      const signs = [...'作废宏远科技审批✓①→▾龘'];
      await Promise.all(signs.map(sign => document.fonts.load('32px "Sandbox SC", "Sandbox Signs"', sign)));
      const canvas = document.createElement('canvas');
      canvas.width = canvas.height = 48;
      const pen = canvas.getContext('2d', {willReadFrequently: true});
      return signs.map(sign => {
        pen.clearRect(0, 0, 48, 48);
        pen.font = '32px "Sandbox SC", "Sandbox Signs"';
        pen.fillText(sign, 4, 36);
        return canvas.toDataURL();
      });
    }"""
    pictures = await page.evaluate(script)

    assert len(set(pictures)) == len(pictures)
    assert all(len(base64.b64decode(picture.split(",")[1])) > 100 for picture in pictures)
    loaded = await page.evaluate("[...document.fonts].filter(f => f.status === 'loaded').map(f => f.family)")
    assert {name.strip('"') for name in loaded} == {"Sandbox SC", "Sandbox Signs"}


async def test_the_line_comes_back(house: House, page: Page) -> None:
    """When the stream breaks, the page says so, reconnects by itself and catches up."""
    await wait_until(lambda: bool(house.world.feed._listeners))
    house.world.feed.close()
    await expect(page.get_by_role("alert")).to_be_visible()
    await house.send("text", {"content": "在断线时发的"})

    await expect(pane(page, "wangmin")).to_contain_text("在断线时发的", timeout=15_000)
    await expect(page.get_by_role("alert")).to_be_hidden()
