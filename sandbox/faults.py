"""Defines how this WeCom can misbehave. `POST /sandbox/faults` switches faults on, DELETE switches all off."""

from dataclasses import dataclass, field, fields
from typing import Any


@dataclass(slots=True)
class Faults:
    """The faults that are on. A number is how many calls (or callbacks) it still hits."""

    slow: float = 0.0
    """Seconds every API call waits before its answer, until switched off."""
    busy: int = 0
    """The next n API calls answer -1 (system busy) and do nothing."""
    rate_limited: int = 0
    """The next n API calls answer 45009 and do nothing."""
    answers: list[int] = field(default_factory=list)
    """The next API calls answer with these errcodes, in this order, and do nothing."""
    html: int = 0
    """The next n API calls answer HTTP 502 with an HTML page."""
    empty: int = 0
    """The next n API calls answer 200 with an empty body."""
    drop: int = 0
    """The next n API calls lose their connection before anything is done."""
    drop_after: int = 0
    """The next n API calls are carried out, then lose their connection: the caller cannot know."""
    silent_drop: int = 0
    """The next n messages to a person are dropped with errcode 0, as WeCom does above the limit of a member."""
    invalid_users: list[str] = field(default_factory=list)
    """These people are returned in invaliduser until it is switched off."""
    duplicate_callbacks: int = 0
    """The next n callbacks are delivered twice."""
    lost_callbacks: int = 0
    """The next n callbacks are never delivered."""
    out_of_order: int = 0
    """The next n callbacks wait until another one has been delivered first (at most 10 s)."""
    only: list[str] = field(default_factory=list)
    """The official paths that API faults hit, without /cgi-bin/, such as message/send; empty means all."""

    def as_json(self) -> dict[str, Any]:
        return {item.name: getattr(self, item.name) for item in fields(self)}

    def change(self, values: dict[str, Any]) -> None:
        """Sets faults. Raises ValueError, and changes nothing, for an unknown name or a value of a wrong type."""
        lists = dict.fromkeys(("invalid_users", "only", "answers"), (list,))
        shapes: dict[str, tuple[type, ...]] = {"slow": (int, float), **lists}
        known = {item.name for item in fields(self)}
        # All values are checked before the first is set.
        for name, value in values.items():
            if name not in known:
                raise ValueError(f"no fault is called {name!r}; there are: token_dies, {', '.join(sorted(known))}")
            if isinstance(value, bool) or not isinstance(value, shapes.get(name, (int,))):
                raise ValueError(f"{name} has a value of the wrong kind")  # noqa: TRY004 - one error for the asker
        for name, value in values.items():
            setattr(self, name, value)

    def take(self, name: str, path: str = "") -> bool:
        """Tells whether this fault hits now, and counts it down if so."""
        if path and self.only and path not in self.only:
            return False
        left: int = getattr(self, name)
        if left <= 0:
            return False
        setattr(self, name, left - 1)
        return True

    def next_answer(self, path: str) -> int | None:
        """Takes the errcode for this call off the list and returns it, or None when there is none."""
        if not self.answers or (self.only and path not in self.only):
            return None
        return self.answers.pop(0)
