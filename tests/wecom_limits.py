"""Checks cards against WeCom's documented limits (path/90236), written down independently of `cards/model.py`."""

import re
from collections.abc import Mapping

HIDDEN = re.compile("[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]")
_ADVICE = {
    ("source", "desc"): 20,
    ("main_title", "title"): 36,
    ("main_title", "desc"): 44,
    ("sub_title_text",): 160,
    ("horizontal_content_list", "keyname"): 5,
    ("horizontal_content_list", "value"): 30,
    ("button_selection", "option_list", "text"): 16,
    ("button_list", "text"): 10,
    ("checkbox", "option_list", "text"): 17,
    ("select_list", "option_list", "text"): 16,
    ("submit_button", "text"): 10,
}
_ALLOWED = {
    "button_interaction": {
        "card_type",
        "source",
        "task_id",
        "main_title",
        "sub_title_text",
        "horizontal_content_list",
        "button_selection",
        "button_list",
        "replace_text",
    },
    "vote_interaction": {
        "card_type",
        "source",
        "task_id",
        "main_title",
        "checkbox",
        "submit_button",
        "replace_text",
    },
}


def faults(card: Mapping[str, object], *, update: bool = False) -> list[str]:
    """Returns all that WeCom would refuse or show badly. `update` checks a redraw, which has no task id."""
    kind = str(card["card_type"])
    found = [f"{name} does not belong on a {kind}" for name in card if name not in _ALLOWED[kind]]
    found += [] if update else _task(card)
    found += _texts((), card)
    found += _questions(card)
    if kind == "button_interaction":
        buttons = _dicts(card["button_list"])
        found += [f"{len(buttons)} buttons"] if not 1 <= len(buttons) <= 6 else []
        found += _keys([button["key"] for button in buttons])
        found += ["style"] if any(button["style"] not in {1, 2, 3, 4} for button in buttons) else []
        lines = _dicts(card.get("horizontal_content_list", []))
        found += ["more than 6 lines"] if len(lines) > 6 else []
        found += ["line without key"] if any(not line["keyname"] for line in lines) else []
    else:
        found += _keys([_dict(card["submit_button"])["key"]])
    return found


def _task(card: Mapping[str, object]) -> list[str]:
    task = str(card.get("task_id", ""))
    return [] if re.fullmatch(r"[0-9A-Za-z_@-]{1,128}", task) else [f"task id {task!r}"]


def _texts(path: tuple[str, ...], value: object) -> list[str]:
    """Returns the faults of texts at any depth: too long, or with hidden characters."""
    if isinstance(value, Mapping):
        return [fault for key, inner in value.items() for fault in _texts((*path, str(key)), inner)]
    if isinstance(value, list):
        return [fault for inner in value for fault in _texts(path, inner)]
    if not isinstance(value, str):
        return []
    found = [f"{'.'.join(path)} hides something: {value!r}"] if HIDDEN.search(value) else []
    if len(value) > _ADVICE.get(path, 1024):
        found.append(f"{'.'.join(path)} is long: {value!r}")
    return found


def _questions(card: Mapping[str, object]) -> list[str]:
    found = []
    for name, most in (("button_selection", 10), ("checkbox", 20)):
        if name in card:
            options = _dicts(_dict(card[name])["option_list"])
            ids = [str(option["id"]) for option in options]
            found += [f"{len(ids)} options in {name}"] if not 1 <= len(ids) <= most else []
            found += ["option ids repeat"] if len(set(ids)) != len(ids) else []
            found += ["option id size"] if any(not 1 <= len(i.encode()) <= 128 for i in ids) else []
            texts = [str(option["text"]) for option in options]
            found += ["options look alike"] if len(set(texts)) != len(texts) else []
    return found


def _keys(keys: list[object]) -> list[str]:
    sizes = all(1 <= len(str(key).encode()) <= 1024 for key in keys)
    return [] if sizes and len(set(keys)) == len(keys) else ["button keys"]


def _dict(value: object) -> Mapping[str, object]:
    assert isinstance(value, Mapping)
    return value


def _dicts(value: object) -> list[Mapping[str, object]]:
    assert isinstance(value, list)
    return value
