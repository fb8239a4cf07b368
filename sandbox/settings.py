"""Defines the settings: the keys of the pretend corp, addresses, limits, and what the documents leave open.

The values of the corp come from the same `VOIDBOT_…` variables that the bot reads, so that one environment serves
both processes. All defaults belong to a corp that does not exist; none of them is a real secret.
"""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

MINUTE = 60
HOUR = 60 * MINUTE
DAY = 24 * HOUR


@dataclass(slots=True)
class Doubts:
    """Questions on which the official pages are silent or contradict each other; each can be set to either answer.

    They are set at start (`create_app(settings=Settings(doubts=…))`) or while running (`POST /sandbox/doubts`).
    """

    same_token_within_lifetime: bool = True
    """Another gettoken within the lifetime returns the same token (the sentence is gone from path/91039)."""
    duplicate_repeats_msgid: bool = True
    """A message dropped by the duplicate check gets the answer of the first one; otherwise a bare ok."""
    wrong_method_errcode: int = 40063
    """The answer to a GET on a path that wants POST (path/90313 lists it under 40063)."""
    bad_json_errcode: int = 40063
    """The answer to a body that is not a JSON object."""
    action_menu_max: int = 3
    """The most entries of action_menu.action_list: 3 by path/90236, 10 by path/90241."""
    retry_on_status: bool = True
    """A callback is retried on a status other than 200 (path/90238); otherwise only without an answer (90930)."""
    retry_repeats_bytes: bool = False
    """A retry repeats timestamp, nonce and ciphertext; otherwise the same message is encrypted and signed anew."""
    envelope_agent_id: bool = True
    """The outer envelope of a callback carries AgentID."""
    refuse_extended_file_name: bool = True
    """media/upload answers 41005 to a name given as filename*= (RFC 2231), as seen live with Chinese names."""
    secret_tries: int = 10
    """The number of wrong secrets within an hour after which gettoken answers 45009."""

    def as_json(self) -> dict[str, Any]:
        return {item.name: getattr(self, item.name) for item in fields(self)}

    def change(self, values: Mapping[str, Any]) -> None:
        """Sets some of them. Raises ValueError for an unknown name or a value of another type."""
        known = {item.name for item in fields(self)}
        for name, value in values.items():
            if name not in known:
                raise ValueError(f"no doubt is called {name!r}; there are: {', '.join(sorted(known))}")
            # `type(…) is`, because isinstance would let true pass for an errcode.
            if type(value) is not type(getattr(self, name)):
                raise ValueError(f"{name} wants a {type(getattr(self, name)).__name__}")
            setattr(self, name, value)


@dataclass(frozen=True, slots=True)
class Settings:
    """One pretend corp with one app. Times are seconds of real time unless said otherwise."""

    corp_id: str = "wwvoidbotpretend01"
    agent_id: int = 1000002
    secret: str = "pretend-secret-of-the-pretend-corp-000000001"  # noqa: S105 - of a corp that does not exist
    token: str = "pretendTokenOfThePretendCorp01"  # noqa: S105
    aes_key: str = "pretendEncodingAESKeyOfThePretendCorp000001"
    callback: str = "http://127.0.0.1:8701/wecom/callback"
    host: str = "127.0.0.1"
    port: int = 8700
    language: str = "zh"
    roles_file: str = ""
    clock_file: str = ""
    """The file that keeps the clock's lead over real time between runs; empty means that it is not kept."""
    chats_file: str = ""
    """The file that keeps the chats between runs; empty means that they are not kept."""
    hints: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The sentences offered in an empty chat, by language (zh, en)."""
    callback_timeout: float = 5.0
    retry_wait: float = 5.0
    """Seconds from the start of one delivery attempt to the start of the next (not documented)."""
    retries: int = 3
    bot_wait: float = 2.0
    """How long a move of the clock waits for the bot to hear of it."""
    token_life: int = 2 * HOUR
    """In the world's seconds, like all lifetimes and limits below (path/91039, 94888, 90253, 94867, 90312)."""
    code_life: int = 72 * HOUR
    media_life: int = 3 * DAY
    recall_within: int = DAY
    member_per_minute: int = 30
    member_per_hour: int = 1000
    api_per_minute: int = 10_000
    api_per_hour: int = 150_000
    day_quota: int = 200 * 200
    """Messages to persons per day: the member cap of the corp (200 for a new one) times 200."""
    doubts: Doubts = field(default_factory=Doubts)


def from_environment(environ: Mapping[str, str] | None = None) -> Settings:
    """Returns the settings from `VOIDBOT_…`, of which empty ones count as not set.

    Raises ValueError for a bad agent id.
    """
    env = os.environ if environ is None else environ
    base = Settings()
    host = env.get("VOIDBOT_HOST") or "127.0.0.1"
    # An address such as 0.0.0.0 means every interface to the bot that listens; nobody can connect to it.
    reach = "127.0.0.1" if host in {"0.0.0.0", "::", ""} else host  # noqa: S104 - compared, not listened on
    return Settings(
        corp_id=env.get("VOIDBOT_WECOM_CORP_ID") or base.corp_id,
        agent_id=int(env.get("VOIDBOT_WECOM_AGENT_ID") or base.agent_id),
        secret=env.get("VOIDBOT_WECOM_SECRET") or base.secret,
        token=env.get("VOIDBOT_WECOM_TOKEN") or base.token,
        aes_key=env.get("VOIDBOT_WECOM_AES_KEY") or base.aes_key,
        callback=f"http://{reach}:{env.get('VOIDBOT_PORT') or 8701}/wecom/callback",
        roles_file=env.get("VOIDBOT_ROLES_FILE") or "",
        language="en" if env.get("VOIDBOT_LANGUAGE", "").lower().startswith("en") else "zh",
    )


def without_limits(settings: Settings) -> Settings:
    """Returns the same corp without limits: it never answers 45009 by itself and never drops a message."""
    most = sys.maxsize
    return replace(
        settings,
        member_per_minute=most,
        member_per_hour=most,
        api_per_minute=most,
        api_per_hour=most,
        day_quota=most,
    )


WEB = Path(__file__).with_name("web")
SAMPLES = Path(__file__).with_name("samples")
