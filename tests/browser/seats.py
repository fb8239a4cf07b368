"""One person's window on the chat page, with the hands and eyes that a story needs."""

import re
from dataclasses import dataclass

from playwright.async_api import Error, Locator, Page, expect

PATIENCE_MS = 20_000
"""Until a story gives up waiting; nothing here asserts how long things take."""
_FIND = """([who, type, seen, words]) => {
  const lines = document.querySelectorAll(`.pane[data-person="${who}"] [data-from="bot"]`);
  for (const line of lines) {
    const id = Number(line.dataset.messageId);
    const kind = line.dataset.type === "template_card" ? "card" : "text";
    if (id > seen && kind === type && words.every((word) => line.textContent.includes(word))) return id;
  }
  return null;
}"""


@dataclass
class Seat:
    """`who` sits at the page: says things, reads answers, clicks cards. Each answer is read once, in order."""

    page: Page
    who: str
    seen: int = 0

    @property
    def pane(self) -> Locator:
        return self.page.locator(f'.pane[data-person="{self.who}"]')

    @property
    def composer(self) -> Locator:
        return self.pane.get_by_test_id("composer")

    async def says(self, words: str) -> None:
        """Clicks the field, types and presses Enter."""
        await self.composer.click()
        await self.page.keyboard.insert_text(words)
        await self.page.keyboard.press("Enter")
        await expect(self.composer).to_have_value("")

    async def hears(self, *words: str) -> Locator:
        """Waits for the next text with all these words."""
        return await self._next("text", words)

    async def gets_card(self, *words: str) -> Locator:
        """Waits for the next card with all these words; the same card stays found when it is redrawn."""
        return await self._next("card", words)

    async def _next(self, kind: str, words: tuple[str, ...]) -> Locator:
        look = [self.who, kind, self.seen, list(words)]
        try:
            found = await self.page.wait_for_function(_FIND, arg=look, timeout=PATIENCE_MS)
        except Error:
            shown = await self.pane.get_by_test_id("log").inner_text()
            raise AssertionError(f"{self.who} never saw {words}; the window shows:\n{shown}") from None
        self.seen = int(await found.json_value())
        return self.pane.locator(f'.line[data-message-id="{self.seen}"]')

    async def clicks(self, card: Locator, words: str) -> None:
        await card.get_by_role("button", name=words, exact=True).click()

    async def sees_closed(self, card: Locator, words: str) -> None:
        """The card is grey and has one dead button that says so."""
        closed = card.get_by_test_id("replaced")
        await expect(closed).to_have_text(re.compile(re.escape(words)), timeout=PATIENCE_MS)
        await expect(closed).to_be_disabled()
