"""The world's clock: real time plus a lead that only grows, moved by `POST /sandbox/clock`."""

import re
import time
from email.utils import formatdate
from pathlib import Path

_SPAN = re.compile(r"(\d+(?:\.\d+)?)\s*([dhms])")
_SECONDS = {"d": 86400, "h": 3600, "m": 60, "s": 1}


def seconds_of(span: str) -> float:
    """`"30d"`, `"1d12h"`, `"90m"`, `"45s"` in seconds; anything else raises ValueError."""
    text = span.strip().lower()
    if not text or _SPAN.sub("", text).strip():
        raise ValueError(f"{span!r} is no span; write 30d, 12h, 15m, 45s or 1d12h")
    return sum(float(number) * _SECONDS[unit] for number, unit in _SPAN.findall(text))


class WorldClock:
    """Time of the pretend WeCom, in Unix seconds. Goes on at real speed between moves and never back."""

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
        """For the `Date` header, by which a client can follow this clock."""
        return formatdate(self.now(), usegmt=True)
