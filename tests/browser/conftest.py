"""A real Chromium for tests: one process per test run, a fresh context per page, no console error allowed."""

import shutil
import subprocess
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
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
STARTS_WITHIN = 60.0
OpenPage = Callable[..., Awaitable[Page]]


def chromium_path() -> str:
    """The machine's Chromium; the tests must say loudly that it is missing rather than skip."""
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        pytest.fail("no Chromium on this machine; on Debian: apt-get install chromium")
    return path


@pytest.fixture(scope="session")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The debugging address of a browser that all tests of this process share."""
    profile = tmp_path_factory.mktemp("chromium")
    command = [
        chromium_path(),
        *ARGUMENTS,
        "--remote-debugging-port=0",
        f"--user-data-dir={profile}",
        "about:blank",
    ]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield _address(process, profile / "DevToolsActivePort")
    finally:
        process.terminate()
        process.wait()


def _address(process: subprocess.Popen[bytes], file: Path) -> str:
    """Chromium writes its port and path into that file once it listens."""
    deadline = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < deadline and process.poll() is None:
        lines = file.read_text(encoding="ascii").split() if file.exists() else []
        if len(lines) == 2:
            return f"ws://127.0.0.1:{lines[0]}{lines[1]}"
        time.sleep(0.02)
    pytest.fail(f"Chromium did not start (exit code {process.poll()})")


@pytest.fixture
async def browser(chromium: str) -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.connect_over_cdp(chromium)
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
