"""The world's clock: real time plus a lead, which only grows. `POST /sandbox/clock` moves it."""

import re
import time
from email.utils import formatdate
from pathlib import Path

_SPAN = re.compile(r"(\d+(?:\.\d+)?)\s*([dhms])")
_SECONDS = {"d": 86400, "h": 3600, "m": 60, "s": 1}


def seconds_of(span: str) -> float:
    """Returns the seconds of a span such as "30d", "1d12h", "90m" or "45s". Raises ValueError otherwise."""
    text = span.strip().lower()
    # What is left after removing all parts that fit is what does not.
    if not text or _SPAN.sub("", text).strip():
        raise ValueError(f"{span!r} is no span; write 30d, 12h, 15m, 45s or 1d12h")
    return sum(float(number) * _SECONDS[unit] for number, unit in _SPAN.findall(text))


class WorldClock:
    """The time of the pretend WeCom, in Unix seconds. It runs at real speed and is only moved forward.

    `keep_in` is a file that keeps the lead over restarts; empty means that it is not kept.
    """

    def __init__(self, keep_in: str = "") -> None:
        self._file = Path(keep_in) if keep_in else None
        self._lead = 0.0
        if self._file is not None and self._file.exists():
            self._lead = float(self._file.read_text(encoding="ascii") or 0)

    def now(self) -> float:
        return time.time() + self._lead

    def unix(self) -> int:
        return int(self.now())

    def advance(self, seconds: float) -> None:
        if seconds < 0:
            raise ValueError("the clock does not go back")
        self._lead += seconds
        if self._file is not None:
            self._file.write_text(str(self._lead), encoding="ascii")

    def http_date(self) -> str:
        """Returns the time for the `Date` header, by which the bot follows this clock."""
        return formatdate(self.now(), usegmt=True)
