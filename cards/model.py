"""The things that are sent to people: WeCom's five kinds of cards as frozen values, and plain messages.

Only this module knows WeCom's key names (documented at path/90236, updates at path/94888).
"""

import json
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from operator import attrgetter

from cards.parts import TASK_ID, Button, CheckList, DropDown, KeyValue, Source, Submit, line, need
from cards.wording import ELLIPSIS, cut_bytes

# WeCom advises these lengths, in characters; its clients cut or wrap what is longer (path/90236).
TITLE = 36
DESC = 44
SUB_TEXT = 160
# WeCom enforces these limits: it refuses a card with more lines or buttons, and cuts a longer message silently.
LINES = 6
BUTTONS = 6
MESSAGE_BYTES = 2048
URL_BYTES = 2048


@dataclass(frozen=True, slots=True)
class TextMessage:
    """A message in plain text or in WeCom's small Markdown.

    A text above 2048 bytes is cut at the end of a line, because WeCom would cut it anywhere without a word.
    """

    text: str
    markdown: bool = False

    def __post_init__(self) -> None:
        need(bool(self.text.strip()), "a message is not empty")
        # A frozen dataclass can set its own fields only in this way, here and in the other cards.
        object.__setattr__(self, "text", cut_bytes(self.text, MESSAGE_BYTES))


def list_message(head: str, rows: Sequence[str], tail: str = "") -> TextMessage:
    """Returns a list that fits into one message: the last rows give way to …, while head and tail always stay."""
    kept = list(rows)
    while kept:
        more = [ELLIPSIS] if len(kept) < len(rows) else []
        text = "\n".join(part for part in (head, *kept, *more, tail) if part)
        if len(text.encode()) <= MESSAGE_BYTES:
            return TextMessage(text)
        kept.pop()
    return TextMessage("\n".join(part for part in (head, tail) if part))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Headed:
    """What all kinds of cards share: source, title and description."""

    title: str
    desc: str = ""
    source: Source | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "title", line(self.title, TITLE, "title"))
        object.__setattr__(self, "desc", line(self.desc, DESC, "description", required=False))

    def _head(self, kind: str) -> dict[str, object]:
        title = {"title": self.title, "desc": self.desc} if self.desc else {"title": self.title}
        head: dict[str, object] = {"card_type": kind, "main_title": title}
        if self.source:
            head["source"] = {"desc": self.source.text, "desc_color": int(self.source.colour)}
        return head


@dataclass(frozen=True, slots=True, kw_only=True)
class _Tappable(_Headed, ABC):
    """A card with buttons or choices that call back. Its task id must never have been used in this app before."""

    task_id: str

    def __post_init__(self) -> None:
        # By name, because `super()` without arguments fails in a dataclass with slots, which is a new class.
        _Headed.__post_init__(self)
        need(TASK_ID.fullmatch(self.task_id) is not None, "a task id is 1 to 128 of 0-9A-Za-z_@-")

    @abstractmethod
    def _body(self, *, disabled: bool) -> dict[str, object]: ...

    def to_wecom(self) -> dict[str, object]:
        """Returns the `template_card` of message/send."""
        return {**self._body(disabled=False), "task_id": self.task_id}

    def to_update(self, *, replace_text: str = "", disabled: bool | None = None) -> dict[str, object]:
        """Returns the `template_card` of message/update_template_card, without the task id, which the card keeps.

        `replace_text` puts one grey button in place of all buttons. Choices are then disabled too, unless
        `disabled` says otherwise.
        """
        body = self._body(disabled=bool(replace_text) if disabled is None else disabled)
        if replace_text:
            body["replace_text"] = line(replace_text, DESC, "replacing text")
        return body


@dataclass(frozen=True, slots=True, kw_only=True)
class ButtonCard(_Tappable):
    """A card with up to six buttons, and optionally a drop-down (button_interaction)."""

    buttons: tuple[Button, ...]
    text: str = ""
    lines: tuple[KeyValue, ...] = ()
    choice: DropDown | None = None

    def __post_init__(self) -> None:
        _Tappable.__post_init__(self)
        object.__setattr__(self, "text", line(self.text, SUB_TEXT, "text", required=False))
        need(1 <= len(self.buttons) <= BUTTONS, "a card has 1 to 6 buttons")
        need(len(set(map(attrgetter("key"), self.buttons))) == len(self.buttons), "button keys are unique")
        need(len(self.lines) <= LINES, "a card has at most 6 lines")

    def _body(self, *, disabled: bool) -> dict[str, object]:
        body = self._head("button_interaction")
        if self.text:
            body["sub_title_text"] = self.text
        if self.lines:
            body["horizontal_content_list"] = _lines(self.lines)
        if self.choice:
            body["button_selection"] = _drop_down(self.choice, disabled=disabled)
        body["button_list"] = [
            {"text": button.text, "style": int(button.style), "key": button.key} for button in self.buttons
        ]
        return body


@dataclass(frozen=True, slots=True, kw_only=True)
class VoteCard(_Tappable):
    """A card with a check list and one button to send it (vote_interaction)."""

    choices: CheckList
    submit: Submit

    def _body(self, *, disabled: bool) -> dict[str, object]:
        checkbox: dict[str, object] = {
            "question_key": self.choices.question,
            "mode": int(self.choices.multiple),  # 0: one option, 1: several
            "option_list": [
                {"id": option.id, "text": option.text, "is_checked": option.ticked}
                for option in self.choices.options
            ],
        }
        if disabled:
            checkbox["disable"] = True
        return {**self._head("vote_interaction"), "checkbox": checkbox, "submit_button": _submit(self.submit)}


@dataclass(frozen=True, slots=True, kw_only=True)
class MultipleCard(_Tappable):
    """A card with up to three drop-downs and one button to send them (multiple_interaction)."""

    drop_downs: tuple[DropDown, ...]
    submit: Submit

    def __post_init__(self) -> None:
        _Tappable.__post_init__(self)
        need(1 <= len(self.drop_downs) <= 3, "a card has 1 to 3 drop-downs")
        need(len({d.question for d in self.drop_downs}) == len(self.drop_downs), "question keys are unique")

    def _body(self, *, disabled: bool) -> dict[str, object]:
        return {
            **self._head("multiple_interaction"),
            "select_list": [_drop_down(drop_down, disabled=disabled) for drop_down in self.drop_downs],
            "submit_button": _submit(self.submit),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class TextNotice(_Headed):
    """A card to read (text_notice). WeCom demands a page that opens on a tap."""

    url: str
    text: str = ""
    lines: tuple[KeyValue, ...] = ()

    def __post_init__(self) -> None:
        _Headed.__post_init__(self)
        object.__setattr__(self, "text", line(self.text, SUB_TEXT, "text", required=False))
        _check_url(self.url)
        need(len(self.lines) <= LINES, "a card has at most 6 lines")

    def to_wecom(self) -> dict[str, object]:
        body = self._head("text_notice")
        if self.text:
            body["sub_title_text"] = self.text
        if self.lines:
            body["horizontal_content_list"] = _lines(self.lines)
        # Type 1 opens the URL; a notice without such an action is refused.
        return {**body, "card_action": {"type": 1, "url": self.url}}


@dataclass(frozen=True, slots=True, kw_only=True)
class NewsNotice(_Headed):
    """A card to read with a picture (news_notice)."""

    url: str
    image_url: str
    lines: tuple[KeyValue, ...] = ()

    def __post_init__(self) -> None:
        _Headed.__post_init__(self)
        _check_url(self.url)
        _check_url(self.image_url)
        need(len(self.lines) <= LINES, "a card has at most 6 lines")

    def to_wecom(self) -> dict[str, object]:
        body = self._head("news_notice")
        if self.lines:
            body["horizontal_content_list"] = _lines(self.lines)
        return {**body, "card_image": {"url": self.image_url}, "card_action": {"type": 1, "url": self.url}}


Tappable = ButtonCard | VoteCard | MultipleCard
Card = Tappable | TextNotice | NewsNotice


def card_json(card: Card) -> str:
    """Returns the body of a delivery that sends a card; equal cards give equal text."""
    return _canonical(card.to_wecom())


def update_json(card: Tappable, *, replace_text: str = "", disabled: bool | None = None) -> str:
    """Returns the body of a delivery that redraws a card."""
    return _canonical(card.to_update(replace_text=replace_text, disabled=disabled))


def grey_button_json(text: str) -> str:
    """Returns the body of a delivery that makes all buttons of a card one grey one, for any kind of card."""
    return json.dumps({"replace_name": text}, ensure_ascii=False)


def _canonical(body: dict[str, object]) -> str:
    # Sorted keys and no blanks, so that the hash in the log does not depend on how the body was built.
    return json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _check_url(url: str) -> None:
    need(url.startswith(("https://", "http://")) and len(url.encode()) <= URL_BYTES, "a card opens a full URL")


def _lines(lines: tuple[KeyValue, ...]) -> list[dict[str, str]]:
    return [{"keyname": pair.name, "value": pair.value} for pair in lines]


def _drop_down(choice: DropDown, *, disabled: bool) -> dict[str, object]:
    body: dict[str, object] = {
        "question_key": choice.question,
        "option_list": [{"id": option.id, "text": option.text} for option in choice.options],
    }
    if choice.title:
        body["title"] = choice.title
    if choice.selected:
        body["selected_id"] = choice.selected
    if disabled:  # WeCom heeds it in updates only
        body["disable"] = True
    return body


def _submit(submit: Submit) -> dict[str, str]:
    return {"text": submit.text, "key": submit.key}
