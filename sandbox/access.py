"""Keeps tokens, one-use response codes and rate limits, all in the world's time."""

import secrets
from collections import defaultdict, deque
from collections.abc import Iterable
from dataclasses import dataclass

from sandbox.clock import WorldClock
from sandbox.errors import ApiError
from sandbox.settings import HOUR, MINUTE, Settings


@dataclass(slots=True)
class Code:
    """A response_code, which updates the cards of one task once, within `code_life` (path/94888)."""

    value: str
    task_id: str
    expires_at: float
    used: bool = False


class Access:
    """Decides who may call the API, and how often."""

    def __init__(self, settings: Settings, clock: WorldClock) -> None:
        self._settings = settings
        self._clock = clock
        self._tokens: dict[str, float] = {}
        self._newest = ""
        self._codes: dict[str, Code] = {}
        self._wrong_secrets: deque[float] = deque()
        self._windows: dict[str, deque[float]] = defaultdict(deque)
        self._blocked_until: dict[str, float] = {}

    # tokens (path/91039)
    def token(self, corp_id: str | None, secret: str | None) -> dict[str, object]:
        """Returns the answer of gettoken. Raises ApiError."""
        now = self._clock.now()
        if not secret:
            raise ApiError(41004, "corpsecret missing")
        if corp_id != self._settings.corp_id:
            raise ApiError(40013, "invalid corpid")
        while self._wrong_secrets and self._wrong_secrets[0] < now - HOUR:
            self._wrong_secrets.popleft()
        # Too many wrong secrets block the caller's address for an hour, whatever comes next (45009 in path/90313).
        if len(self._wrong_secrets) >= self._settings.doubts.secret_tries:
            raise ApiError(45009, "api freq out of limit: too many wrong secrets from this address")
        if secret != self._settings.secret:
            self._wrong_secrets.append(now)
            raise ApiError(40001, "invalid credential")
        newest = self._newest
        # Earlier tokens stay valid until they expire, also when a new one is given out.
        if not (newest and self._tokens.get(newest, 0) > now and self._settings.doubts.same_token_within_lifetime):
            newest = self._newest = secrets.token_urlsafe(150)
            self._tokens[newest] = now + self._settings.token_life
        return {"access_token": newest, "expires_in": int(self._tokens[newest] - now)}

    def check_token(self, token: str | None) -> None:
        if not token:
            raise ApiError(41001, "access_token missing")
        expires_at = self._tokens.get(token)
        if expires_at is None:
            raise ApiError(40014, "invalid access_token")
        if expires_at <= self._clock.now():
            raise ApiError(42001, "access_token expired")

    def kill_tokens(self) -> int:
        """Ends all tokens before their time, as WeCom may do, and returns how many there were."""
        count = len(self._tokens)
        self._tokens.clear()
        self._newest = ""
        return count

    def forget(self) -> None:
        """Forgets codes, counts and blocks, but keeps the tokens."""
        self._codes.clear()
        self._wrong_secrets.clear()
        self._windows.clear()
        self._blocked_until.clear()

    # response codes
    def new_code(self, task_id: str) -> str:
        code = Code(secrets.token_urlsafe(48), task_id, self._clock.now() + self._settings.code_life)
        self._codes[code.value] = code
        return code.value

    def live_codes(self) -> list[Code]:
        now = self._clock.now()
        return [code for code in self._codes.values() if not code.used and code.expires_at > now]

    def put_codes(self, codes: Iterable[Code]) -> None:
        self._codes |= {code.value: code for code in codes}

    def code(self, value: object) -> Code:
        """Returns a code that still works, without using it up. Raises ApiError 60140 for any other value."""
        code = self._codes.get(value) if isinstance(value, str) else None
        if code is None or code.used or code.expires_at <= self._clock.now():
            raise ApiError(60140, "response_code is used, expired or not of this app")
        return code

    # rates (path/90312)
    def count_call(self, path: str) -> None:
        """Counts one call of one API. Over the limit, raises ApiError 45009 for the next minute or hour."""
        now = self._clock.now()
        if self._blocked_until.get(path, 0) > now:
            raise ApiError(45009, "api freq out of limit")
        # Over a limit the API stays blocked for a whole unit: a minute or an hour (path/90312).
        for limit, span in ((self._settings.api_per_minute, MINUTE), (self._settings.api_per_hour, HOUR)):
            if not self._room(f"api {path} {span}", limit, span):
                self._blocked_until[path] = now + span
                raise ApiError(45009, "api freq out of limit")

    def member_room(self, userid: str) -> bool:
        """Tells whether this member may get one more message, and counts it if so (30 a minute, 1000 an hour)."""
        # Both limits are asked before either counts: a message that is dropped must not count towards the other.
        minute = (f"member {userid} 60", self._settings.member_per_minute, MINUTE)
        hour = (f"member {userid} 3600", self._settings.member_per_hour, HOUR)
        if not (self._has_room(*minute) and self._has_room(*hour)):
            return False
        return self._room(*minute) and self._room(*hour)

    def day_room(self, persons: int) -> None:
        """Counts messages, one per person, towards the day's quota of the app. Raises ApiError 45009 above it."""
        # The day begins at midnight in China, which is UTC+8 all year.
        today = f"day {int(self._clock.now() + 8 * HOUR) // 86400}"
        if len(self._windows[today]) + persons > self._settings.day_quota:
            raise ApiError(45009, "api freq out of limit: day quota of the app")
        self._windows[today].extend([self._clock.now()] * persons)

    def _has_room(self, name: str, limit: int, span: float) -> bool:
        # A sliding window; what WeCom counts by is not documented.
        window = self._windows[name]
        while window and window[0] <= self._clock.now() - span:
            window.popleft()
        return len(window) < limit

    def _room(self, name: str, limit: int, span: float) -> bool:
        if not self._has_room(name, limit, span):
            return False
        self._windows[name].append(self._clock.now())
        return True
