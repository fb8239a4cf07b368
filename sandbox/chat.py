"""Holds the messages in the chats. Every recipient has a copy of each message, as in the client."""

from collections.abc import Iterable, Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from sandbox.card_tables import INTERACTIVE


@dataclass(slots=True)
class Sent:
    """One accepted message/send, kept for recalls, updates of its card, and to refuse a task_id used before."""

    msgid: str
    at: int
    kind: str
    task_id: str = ""
    users: list[str] = field(default_factory=list)
    updatable: bool = False


@dataclass(slots=True)
class Message:
    """One message in one person's chat. `content` is the body of its kind, in the platform's own form."""

    id: int
    user: str
    sender: str
    at: int
    type: str
    content: dict[str, Any]
    msgid: str = ""
    task_id: str = ""
    updated: int = 0
    recalled: bool = False
    delivery: dict[str, Any] | None = None
    """The result of delivering a person's own message as a callback; None for messages of the bot."""

    @property
    def card(self) -> dict[str, Any] | None:
        return self.content if self.type == "template_card" else None

    def as_json(self) -> dict[str, Any]:
        """Returns the message as `GET /sandbox/users/{id}/messages` shows it."""
        shown: dict[str, Any] = {
            "id": self.id,
            "user": self.user,
            "from": self.sender,
            "at": self.at,
            "type": self.type,
            "msgid": self.msgid,
            "updated": self.updated,
            "recalled": self.recalled,
        }
        # Copies, because the content changes when a card is updated, and what was shown must not change with it.
        if self.type in {"text", "markdown"}:
            shown["text"] = self.content["content"]
        elif self.card is not None:
            shown["card"] = deepcopy(self.card)
            shown["task_id"] = self.task_id
        else:
            shown["content"] = deepcopy(self.content)
        if self.delivery is not None:
            shown["delivery"] = dict(self.delivery)
        return shown


class Chats:
    """All messages of all people. Ids are unique and grow over all chats."""

    def __init__(self, messages: Iterable[Message] = ()) -> None:
        self._by_user: dict[str, list[Message]] = {}
        self._cards: dict[tuple[str, str], Message] = {}
        self._last_id = 0
        for message in messages:
            self._put(message)

    def _put(self, message: Message) -> None:
        self._last_id = max(self._last_id, message.id)
        self._by_user.setdefault(message.user.lower(), []).append(message)  # userids ignore case
        if message.task_id:
            self._cards[message.user.lower(), message.task_id] = message

    def add(self, user: str, sender: str, at: int, kind: str, content: dict[str, Any], **more: Any) -> Message:
        message = Message(self._last_id + 1, user, sender, at, kind, deepcopy(content), **more)
        self._put(message)
        return message

    def of(self, user: str, after: int = 0) -> list[Message]:
        return [message for message in self._by_user.get(user.lower(), ()) if message.id > after]

    def card_of(self, user: str, task_id: str) -> Message | None:
        """Returns the person's copy of the card, or None when there is none or it was recalled."""
        message = self._cards.get((user.lower(), task_id))
        return None if message is None or message.recalled else message

    def holders(self, task_id: str) -> list[Message]:
        return [message for (_, task), message in self._cards.items() if task == task_id and not message.recalled]

    def by_msgid(self, msgid: str) -> list[Message]:
        return [message for message in self if message.msgid == msgid]

    def __iter__(self) -> Iterator[Message]:
        for messages in self._by_user.values():
            yield from messages


def replace_buttons(message: Message, text: str) -> None:
    """Replaces the buttons of this copy by one grey, dead button with that text."""
    message.content["replace_text"] = text
    message.updated += 1


def replace_card(message: Message, card: dict[str, Any]) -> None:
    """Replaces this copy by a whole new card; the task_id stays (path/94888)."""
    # Each holder gets a copy of the card of their own, because later updates may concern one of them only.
    message.content.clear()
    message.content.update(deepcopy(card))
    message.content["task_id"] = message.task_id
    message.updated += 1


def has_buttons(card: dict[str, Any]) -> bool:
    return card.get("card_type") in INTERACTIVE
