"""Checks a template_card against the tables in `card_tables.py` and returns what WeCom would draw of it."""

import re
from dataclasses import dataclass, field
from typing import Any

from sandbox.card_tables import INTERACTIVE, KINDS, PARAMETER, Field, Flag, Group, Number, Rows, Text
from sandbox.errors import ApiError

_TASK_ID = re.compile(r"[0-9A-Za-z_@-]{1,128}")
_SCHEME = re.compile(r"https?://\S+", re.IGNORECASE)


@dataclass(slots=True)
class Check:
    """The check of one card. `notes` collects what WeCom ignores without an error, for the call log."""

    updating: bool
    action_menu_max: int = 3
    notes: list[str] = field(default_factory=list)

    def card(self, card: Any) -> dict[str, Any]:
        """Returns the card with only the fields that its kind uses. Raises ApiError at the first hard fault."""
        if not isinstance(card, dict) or not card:
            raise ApiError(PARAMETER, "template_card is missing")
        kind = card.get("card_type")
        if kind not in KINDS:
            raise ApiError(PARAMETER, f"card_type {kind!r} is not one of the five")
        drawn = {"card_type": kind, **self._fields(card, KINDS[kind], kind, also={"card_type", "task_id"})}
        if not self.updating and drawn.pop("replace_text", None) is not None:
            self.notes.append("replace_text works in updates only")
        self._titles(kind, drawn)
        # One of two fields must be there, which the table of single fields cannot express.
        if kind == "news_notice" and not (drawn.get("card_image") or drawn.get("image_text_area")):
            raise ApiError(42044, "news_notice wants card_image or image_text_area")
        if not self.updating:  # an update keeps the task_id of the card it replaces (path/94888)
            self._task_id(kind, card, drawn)
        return drawn

    def _titles(self, kind: str, drawn: dict[str, Any]) -> None:
        has_title = bool((drawn.get("main_title") or {}).get("title"))
        # Only a text_notice may have a sub title in place of a title (path/90236).
        if not has_title and not (kind == "text_notice" and drawn.get("sub_title_text")):
            raise ApiError(42033, "main_title.title is missing")

    def _task_id(self, kind: str, card: dict[str, Any], drawn: dict[str, Any]) -> None:
        task_id = card.get("task_id")
        # Cards without buttons or a menu make no callback, so they need no task_id.
        if task_id is None and kind not in INTERACTIVE and "action_menu" not in drawn:
            return
        if not isinstance(task_id, str) or not _TASK_ID.fullmatch(task_id):
            raise ApiError(42014, "task_id is missing, longer than 128 bytes or outside 0-9A-Za-z_@-")
        drawn["task_id"] = task_id

    def _fields(
        self, value: dict[str, Any], fields: tuple[Field, ...], where: str, also: set[str] | None = None
    ) -> dict[str, Any]:
        known = {item.name for item in fields}
        self.notes += [f"{where}.{name} is not used here" for name in value if name not in known | (also or set())]
        drawn: dict[str, Any] = {}
        for item in fields:
            kept = self._one(item, value, f"{where}.{item.name}")
            if kept is not None:
                drawn[item.name] = kept
        return drawn

    def _one(self, item: Field, holder: dict[str, Any], where: str) -> Any:
        given = holder.get(item.name)
        match item:
            case Text():
                return self._text(item, given, holder, where)
            case Number():
                return self._number(item, given, where)
            case Flag():
                return self._flag(item, given, where)
            case Group():
                return self._group(item, given, where)
            case Rows():
                return self._rows(item, given, where)

    def _text(self, item: Text, given: Any, holder: dict[str, Any], where: str) -> str | None:
        # A missing type counts as type 0, the documented default.
        applies = item.when is None or (holder.get(item.when[0]) or 0) == item.when[1]
        if given is not None and not isinstance(given, str):
            raise ApiError(item.missing or PARAMETER, f"{where} must be a string")
        if not given:
            if item.missing and applies:
                raise ApiError(item.missing, f"{where} is missing")
            return given
        if item.max_bytes and len(given.encode()) > item.max_bytes:
            raise ApiError(item.missing or PARAMETER, f"{where} is longer than {item.max_bytes} bytes")
        if item.link and applies and not _SCHEME.fullmatch(given):
            raise ApiError(45034, f"{where} has no http or https scheme")
        if item.advice and len(given) > item.advice:
            self.notes.append(f"{where} is {len(given)} characters, {item.advice} are advised")
        return given

    def _number(self, item: Number, given: Any, where: str) -> int | float | None:
        if given is None:
            if item.missing:
                raise ApiError(item.missing, f"{where} is missing")
            return None
        # To Python true is an int; in JSON it is not a number.
        if isinstance(given, bool) or not isinstance(given, int | float):
            raise ApiError(item.missing or PARAMETER, f"{where} must be a number")
        if item.allowed and given not in item.allowed:
            if not item.lenient:
                raise ApiError(item.missing or PARAMETER, f"{where} must be one of {item.allowed}")
            self.notes.append(f"{where} {given} is unknown, the default is drawn")
            return None
        if item.between and not item.between[0] <= given <= item.between[1]:
            raise ApiError(PARAMETER, f"{where} must lie between {item.between[0]} and {item.between[1]}")
        return given

    def _flag(self, item: Flag, given: Any, where: str) -> bool | None:
        if given is None:
            return None
        if not isinstance(given, bool):
            raise ApiError(PARAMETER, f"{where} must be true or false")
        if item.only_in_updates and not self.updating:
            self.notes.append(f"{where} works in updates only")
            return None
        return given

    def _group(self, item: Group, given: Any, where: str) -> dict[str, Any] | None:
        # An empty object counts as a missing one.
        if given is None or given == {}:
            if item.missing:
                raise ApiError(item.missing, f"{where} is missing")
            return None
        if not isinstance(given, dict):
            raise ApiError(item.missing or PARAMETER, f"{where} must be an object")
        return self._fields(given, item.fields, where)

    def _rows(self, item: Rows, given: Any, where: str) -> list[dict[str, Any]] | None:
        if given is None:
            if item.missing:
                raise ApiError(item.missing, f"{where} is missing")
            return None
        most = min(item.most, self.action_menu_max) if item.name == "action_list" else item.most
        if not isinstance(given, list) or not all(isinstance(row, dict) for row in given):
            raise ApiError(item.count, f"{where} must be a list of objects")
        if not item.least <= len(given) <= most:
            raise ApiError(item.count, f"{where} holds {len(given)}, allowed are {item.least} to {most}")
        # As text, because a value of a wrong type might not be hashable; the check of the field reports it.
        if item.unique:
            seen = [row.get(item.unique[0]) for row in given if row.get(item.unique[0])]
            if len(set(map(str, seen))) < len(seen):
                raise ApiError(item.unique[1], f"{where}: the same {item.unique[0]} twice")
        return [self._fields(row, item.fields, f"{where}[{index}]") for index, row in enumerate(given)]
