"""One valid card of each kind, as message/send takes them (field names as on path/90236)."""

import itertools
from copy import deepcopy
from typing import Any

_ids = itertools.count(1)


def _options(*names: str) -> list[dict[str, Any]]:
    return [{"id": name, "text": f"选项 {name}"} for name in names]


_CARDS: dict[str, dict[str, Any]] = {
    "text_notice": {
        "card_type": "text_notice",
        "main_title": {"title": "已失效", "desc": "已由他人处理"},
        "card_action": {"type": 1, "url": "https://work.weixin.qq.com/"},
    },
    "news_notice": {
        "card_type": "news_notice",
        "main_title": {"title": "月报"},
        "card_image": {"url": "https://example.com/chart.png", "aspect_ratio": 1.6},
        "card_action": {"type": 1, "url": "https://work.weixin.qq.com/"},
    },
    "button_interaction": {
        "card_type": "button_interaction",
        "main_title": {"title": "确认作废「宏远科技」？"},
        "button_selection": {"question_key": "reason", "title": "原因", "option_list": _options("a", "b")},
        "button_list": [
            {"text": "确认作废", "style": 1, "key": "yes"},
            {"text": "取消", "style": 2, "key": "no"},
            {"text": "看详情", "type": 1, "url": "https://work.weixin.qq.com/"},
        ],
    },
    "vote_interaction": {
        "card_type": "vote_interaction",
        "main_title": {"title": "选哪个？"},
        "checkbox": {"question_key": "which", "mode": 0, "option_list": _options("a", "b", "c")},
        "submit_button": {"text": "就是它", "key": "pick"},
    },
    "multiple_interaction": {
        "card_type": "multiple_interaction",
        "main_title": {"title": "回收站"},
        "select_list": [
            {"question_key": "when", "title": "时间", "option_list": _options("week", "month")},
            {"question_key": "who", "title": "谁", "selected_id": "me", "option_list": _options("all", "me")},
        ],
        "submit_button": {"key": "look"},
    },
}
KINDS = tuple(_CARDS)


def card(kind: str, **changes: Any) -> dict[str, Any]:
    """A fresh card with a task_id of its own where the kind wants one; `changes` replace top-level fields."""
    made = deepcopy(_CARDS[kind])
    if kind.endswith("interaction"):
        made["task_id"] = f"task-{next(_ids)}"
    made.update(changes)
    return {name: value for name, value in made.items() if value is not None}
