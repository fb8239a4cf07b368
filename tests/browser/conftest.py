"""A real Chromium for tests: a fresh browser per test, console errors collected and refused at the end."""

import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from playwright.async_api import Browser, Page, async_playwright

ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
]
OpenPage = Callable[..., Awaitable[Page]]


def chromium_path() -> str:
    """The machine's Chromium; the tests must say loudly that it is missing rather than skip."""
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        pytest.fail("no Chromium on this machine; on Debian: apt-get install chromium")
    return path


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium_path(), args=ARGUMENTS)
        yield browser
        await browser.close()


@pytest.fixture
async def open_page(browser: Browser) -> AsyncIterator[OpenPage]:
    """`await open_page(url, width=…, height=…)`; the test fails at its end if any page logged an error."""
    complaints: list[str] = []
    contexts: list[Any] = []

    async def open_one(url: str, width: int = 1280, height: int = 860, **more: Any) -> Page:
        context = await browser.new_context(viewport={"width": width, "height": height}, **more)
        contexts.append(context)
        page: Page = await context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda line: complaints.append(line.text) if line.type == "error" else None)
        await page.goto(url)
        return page

    yield open_one
    for context in contexts:
        await context.close()
    assert complaints == []
