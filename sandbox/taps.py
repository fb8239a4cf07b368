"""Decides whether a tap on a card is possible, and which key and choices it carries."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sandbox.errors import Refused
from sandbox.world import World


@dataclass(frozen=True, slots=True)
class Tap:
    """A possible tap. `opens` is the address of a link button, which makes no callback."""

    key: str
    card_type: str
    event: str = "template_card_event"
    opens: str = ""
    selected: dict[str, list[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Wish:
    """A tap that somebody wants: a button by its key or text, with choices. `force` skips the client's checks."""

    task_id: str
    key: str
    selected: Mapping[str, list[str]] = field(default_factory=dict)
    force: bool = False


def plan_tap(world: World, userid: str, wish: Wish) -> Tap:
    """Returns the tap, or raises Refused (409).

    With `force` the tap is sent whatever the card looks like now, as a tap on an outdated card would be.
    """
    copy = world.chats.card_of(userid, wish.task_id)
    card = copy.card if copy is not None else None
    key, selected = wish.key, wish.selected
    if card is None:
        if wish.force:
            return Tap(key, "button_interaction", selected={k: list(v) for k, v in selected.items()})
        raise Refused(f"{userid} holds no card {wish.task_id}")
    control = _control(card, key)
    if wish.force:
        found = control or {"key": key}
        return Tap(str(found.get("key", key)), card["card_type"], selected=_chosen(card, selected, strict=False))
    if control is None:
        raise Refused(f"the card has no button {key}")
    # Before the check for replaced buttons: the ⋯ menu still works on a card whose buttons are gone.
    if control.get("menu"):
        return Tap(control["key"], card["card_type"], "template_card_menu_event")
    if card.get("replace_text"):
        raise Refused(f"the buttons were replaced by: {card['replace_text']}")
    if control.get("type") == 1:  # opens a page instead of calling back
        return Tap("", card["card_type"], opens=control["url"])
    return Tap(control["key"], card["card_type"], selected=_chosen(card, selected, strict=True))


def _control(card: dict[str, Any], wanted: str) -> dict[str, Any] | None:
    """Returns the button, submit button or menu entry with that key, or else with that text."""
    controls = list(card.get("button_list", ()))
    if "submit_button" in card:
        submit = card["submit_button"]
        controls.append({**submit, "text": submit.get("text") or "提交"})
    controls += [{**entry, "menu": True} for entry in card.get("action_menu", {}).get("action_list", ())]
    for name in ("key", "text"):
        for control in controls:
            if control.get(name) == wanted:
                return dict(control)
    return None


def selectors(card: dict[str, Any]) -> list[dict[str, Any]]:
    """Returns every drop-down and check list of a card; `several` marks those that take more than one choice."""
    found = [card["button_selection"]] if card.get("button_selection") else []
    found += card.get("select_list", ())
    if card.get("checkbox"):
        return [*found, {**card["checkbox"], "several": card["checkbox"].get("mode") == 1, "list": True}]
    return found


def _default(selector: dict[str, Any]) -> list[str]:
    """Returns the choice that a selector shows before anybody touches it."""
    options = selector["option_list"]
    if selector.get("list"):
        ticked = [option["id"] for option in options if option.get("is_checked")]
        return ticked if selector["several"] else ticked[:1]
    ids = [option["id"] for option in options]
    # A missing or wrong selected_id shows the first option (path/90236).
    return [selector["selected_id"]] if selector.get("selected_id") in ids else ids[:1]


def _chosen(card: dict[str, Any], given: Mapping[str, list[str]], *, strict: bool) -> dict[str, list[str]]:
    """Returns the choice of each selector at the tap: the one given, or else its default."""
    known = {selector["question_key"]: selector for selector in selectors(card)}
    if strict and (strange := set(given) - set(known)):
        raise Refused(f"the card asks no {', '.join(sorted(strange))}")
    chosen = {question: _default(selector) for question, selector in known.items()}
    for question, ids in given.items():
        if strict:
            _check_choice(known[question], ids, chosen[question])
        chosen[question] = list(ids)
    return chosen


def _check_choice(selector: dict[str, Any], ids: list[str], default: list[str]) -> None:
    options = {option["id"] for option in selector["option_list"]}
    if not set(ids) <= options:
        raise Refused(f"{selector['question_key']} has no choice {', '.join(sorted(set(ids) - options))}")
    if len(ids) > 1 and not selector.get("several"):
        raise Refused(f"{selector['question_key']} takes one choice")
    # A drop-down always shows one of its options; only a check list can be empty.
    if not ids and not selector.get("list"):
        raise Refused(f"{selector['question_key']} always holds a choice")
    if selector.get("disable") and ids != default:
        raise Refused(f"{selector['question_key']} is disabled")
