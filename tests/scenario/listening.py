"""Strict listening: a story must expect each message of the bot in order, and recognises a card by its parts."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Protocol, TypedDict, TypeVar, Unpack, cast

PATIENCE = 60.0
"""The seconds after which a story gives up waiting. No story asserts how long things take."""
A_MOMENT = 0.02
LONGEST_MOMENT = 0.25
"""The longest pause between two looks: where many people wait, more looks would keep the machine busy."""

Seen = TypeVar("Seen")
Message = dict[str, Any]
Words = str | tuple[str, ...]
"""One word, or several that must all be present."""


class Facts(TypedDict, total=False):
    """The parts by which a card is recognised, without its buttons."""

    source: Words
    """Words in the small line above the title."""
    title: Words
    line: Words
    """Words that are each within a line: the description, a line of text, or a key with its value (`客户 C1`)."""
    option: Words
    """Words that are each within one option of a drop-down or a check list."""
    chosen: Words
    """Words that are each within one option that is selected or ticked already."""


class Parts(Facts, total=False):
    """The parts by which a card is recognised."""

    button: Words
    """The whole texts of buttons that can be tapped."""
    grey: Words
    """Words in the grey text that has replaced the buttons, so that none can be tapped."""


@dataclass(frozen=True, slots=True)
class Look:
    """The parts of one card, as a person sees them."""

    source: str
    title: str
    lines: tuple[str, ...]
    buttons: tuple[str, ...]
    options: tuple[str, ...]
    chosen: tuple[str, ...]
    grey: str

    def missing(self, parts: Parts) -> list[str]:
        """Returns the wanted parts that the card lacks."""
        wanted = cast(dict[str, Words], parts)
        return [
            f"{part} {word!r}"
            for part, words in wanted.items()
            for word in ((words,) if isinstance(words, str) else words)
            if not self._has(part, word)
        ]

    def _has(self, part: str, word: str) -> bool:
        if part == "button":
            return word in self.buttons
        within = {
            "source": (self.source,),
            "title": (self.title,),
            "line": self.lines,
            "option": self.options,
            "chosen": self.chosen,
            "grey": (self.grey,),
        }
        return any(word in text for text in within[part])

    def __str__(self) -> str:
        rows = [f"card {self.title!r}"]
        rows += [f"    source   {self.source}"] if self.source else []
        rows += [f"    line     {text}" for text in self.lines]
        rows += [f"    option   {text}{' (chosen)' if text in self.chosen else ''}" for text in self.options]
        rows += [f"    button   {text}" for text in self.buttons]
        rows += [f"    grey     {self.grey}"] if self.grey else []
        return "\n".join(rows)


def look(message: Message) -> Look:
    """Returns the parts of the card in a message."""
    card = message["card"]
    title, grey = card["main_title"], card.get("replace_text", "")
    pairs = (f"{pair['keyname']} {pair.get('value', '')}" for pair in card.get("horizontal_content_list", ()))
    texts = (title.get("desc", ""), *card.get("sub_title_text", "").split("\n"), *pairs)
    controls = [*card.get("button_list", ()), *filter(None, [card.get("submit_button")])]
    questions = [card["button_selection"]] if card.get("button_selection") else []
    questions += [*card.get("select_list", ()), *filter(None, [card.get("checkbox")])]
    options = [(question, option) for question in questions for option in question["option_list"]]
    return Look(
        source=card.get("source", {}).get("desc", ""),
        title=title["title"],
        lines=tuple(text for text in texts if text),
        buttons=() if grey else tuple(control["text"] for control in controls),
        options=tuple(option["text"] for _, option in options),
        chosen=tuple(option["text"] for question, option in options if _is_chosen(question, option)),
        grey=grey,
    )


def _is_chosen(question: Message, option: Message) -> bool:
    return bool(option.get("is_checked")) or question.get("selected_id") == option["id"]


class Expected(Protocol):
    def misfit(self, message: Message) -> str:
        """Returns why a message is not the expected one, or "" when it is."""
        ...


@dataclass(frozen=True, slots=True)
class _Text:
    words: tuple[str, ...]

    def misfit(self, message: Message) -> str:
        if "text" not in message:
            return "it is no text"
        return ", ".join(f"without {word!r}" for word in self.words if word not in message["text"])

    def __str__(self) -> str:
        return f"a text with {self.words}"


@dataclass(frozen=True, slots=True)
class _Card:
    parts: Parts

    def misfit(self, message: Message) -> str:
        if "card" not in message:
            return "it is no card"
        return ", ".join(f"without {part}" for part in look(message).missing(self.parts))

    def __str__(self) -> str:
        return "a card with " + ", ".join(f"{part} {wanted!r}" for part, wanted in self.parts.items())


def text(*words: str) -> Expected:
    """Expects a text with all these words."""
    return _Text(words)


def card(**parts: Unpack[Parts]) -> Expected:
    """Expects a card with all these parts."""
    assert parts, "a card is recognised by something on it"
    return _Card(parts)


@dataclass
class Listening:
    """Remembers for each person up to which message the story has expected them."""

    chat: Callable[[str, int], Awaitable[list[Message]]]
    """Returns the messages from the bot to a person after the message of that number, the oldest first."""
    _heard: dict[str, int] = field(default_factory=dict)

    async def unheard(self, who: str) -> list[Message]:
        """Returns the messages to this person that the story has not expected so far."""
        return await self.chat(who, self._heard.get(who.lower(), 0))

    async def next(self, who: str, expected: Expected) -> Message:
        """Waits for this person's next message, which must be the expected one."""
        (message,) = await self.next_all(who, expected)
        return message

    async def next_all(self, who: str, *expected: Expected) -> list[Message]:
        """Waits for this person's next messages in any order, and returns them in the order of `expected`."""

        async def all_there() -> list[Message] | None:
            came = (await self.unheard(who))[: len(expected)]
            # Matched before all have come: a message that nobody expects fails at once, not after PATIENCE.
            found = _matched(who, expected, came)
            if len(came) < len(expected):
                return None
            self._heard[who.lower()] = came[-1]["id"]
            return [found[place] for place in range(len(expected))]

        return await until(all_there, lambda: self._nothing(who, expected))

    async def becomes(self, who: str, shown: Message, **parts: Unpack[Parts]) -> Message:
        """Waits until this very card has been redrawn to have all these parts."""
        expected = card(**parts)

        async def now() -> Message:
            return (await self.chat(who, shown["id"] - 1))[0]  # the message itself, as it looks now

        async def redrawn() -> Message | None:
            return None if expected.misfit(message := await now()) else message

        async def failure() -> str:
            last = await now()
            return f"{who}'s card never became {expected}: {expected.misfit(last)}\n{_told(last)}"

        return await until(redrawn, failure)

    async def _nothing(self, who: str, expected: tuple[Expected, ...]) -> str:
        wanted = "\n".join(f"  {one}" for one in expected)
        seen = "\n".join(_told(message) for message in (await self.chat(who, 0))[-3:])
        return f"{who} was to get\n{wanted}\nand nothing more came; the last messages were\n{seen}"


def _matched(who: str, expected: tuple[Expected, ...], came: list[Message]) -> dict[int, Message]:
    """Returns the message for each expectation, by its place. Fails when a message fits none of them."""
    found: dict[int, Message] = {}
    for message in came:
        open_places = [place for place in range(len(expected)) if place not in found]
        fits = next((place for place in open_places if not expected[place].misfit(message)), None)
        if fits is None:
            wanted = "\n".join(f"  {expected[place]}: {expected[place].misfit(message)}" for place in open_places)
            raise AssertionError(f"{who} was to get next\n{wanted}\nbut got\n{_told(message)}")
        found[fits] = message
    return found


def told(unheard: dict[str, list[Message]]) -> str:
    """Returns a text with all unexpected messages, by person."""
    return "\n".join(
        f"{who} got what nobody expected:\n{_told(message)}"
        for who, messages in unheard.items()
        for message in messages
    )


def _told(message: Message) -> str:
    shown = str(look(message)) if "card" in message else f"text {message.get('text', message.get('content'))!r}"
    redrawn = f" (redrawn {message['updated']} times)" if message.get("updated") else ""
    return f"  {shown}{redrawn}"


async def until(
    look: Callable[[], Awaitable[Seen | None]],
    explain: Callable[[], Awaitable[str]],
    seconds: float = PATIENCE,
) -> Seen:
    """Looks until there is something, at first often, then less so. Fails with an explanation after `seconds`."""
    pause = A_MOMENT
    try:
        async with asyncio.timeout(seconds):
            while (seen := await look()) is None:
                await asyncio.sleep(pause)
                pause = min(pause * 1.3, LONGEST_MOMENT)
            return seen
    except TimeoutError:
        raise AssertionError(await explain()) from None
