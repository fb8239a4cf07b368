"""What may be set from outside: the pretend corp's keys, addresses, and what the documents leave open.

The corp's values are read from the same `VOIDBOT_…` variables the bot reads, so that one environment serves
both processes. All defaults belong to a corp that does not exist; none of them is a secret of anybody.
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
    """Where the official pages are silent or contradict each other; each can be set to the other reading.

    Set at start (`create_app(settings=Settings(doubts=…))`) or while running (`POST /sandbox/doubts`).
    """

    same_token_within_lifetime: bool = True
    """gettoken again inside the lifetime gives the same token (the sentence is gone from path/91039)."""
    duplicate_repeats_msgid: bool = True
    """A message dropped by the duplicate check gets the first one's answer again, else a bare ok."""
    wrong_method_errcode: int = 40063
    """Answer to a GET on a path that wants POST (path/90313 lists it under 40063)."""
    bad_json_errcode: int = 40063
    """Answer to a body that is not a JSON object."""
    action_menu_max: int = 3
    """Entries of action_menu.action_list: 3 by path/90236, 10 by path/90241."""
    retry_on_status: bool = True
    """Retry a callback on a status other than 200 (path/90238), else on no answer only (90930)."""
    retry_repeats_bytes: bool = False
    """A retry carries the same timestamp, nonce and ciphertext; else the same message, sealed again."""
    envelope_agent_id: bool = True
    """The outer envelope of a callback carries AgentID."""
    refuse_extended_file_name: bool = True
    """media/upload answers 41005 to a name given as filename*= (RFC 2231), as seen live with Chinese names."""
    secret_tries: int = 10
    """Wrong secrets within an hour after which gettoken answers 45009 for an hour."""

    def as_json(self) -> dict[str, Any]:
        return {item.name: getattr(self, item.name) for item in fields(self)}

    def change(self, values: Mapping[str, Any]) -> None:
        """Set some doubts; a name that does not exist or a value of another type raises ValueError."""
        known = {item.name for item in fields(self)}
        for name, value in values.items():
            if name not in known:
                raise ValueError(f"no doubt is called {name!r}; there are: {', '.join(sorted(known))}")
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
    """Where the clock's lead over real time is kept between runs; empty = not kept."""
    chats_file: str = ""
    """Where the chats are kept between runs; empty = not kept."""
    hints: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Sentences offered in an empty chat, by language (zh, en)."""
    callback_timeout: float = 5.0
    retry_wait: float = 5.0
    """From the start of one delivery attempt to the start of the next."""
    retries: int = 3
    bot_wait: float = 2.0
    """How long a move of the clock waits for the bot to hear of it."""
    token_life: int = 2 * HOUR
    """In the world's seconds, like all lives and limits below."""
    code_life: int = 72 * HOUR
    media_life: int = 3 * DAY
    recall_within: int = DAY
    member_per_minute: int = 30
    member_per_hour: int = 1000
    api_per_minute: int = 10_000
    api_per_hour: int = 150_000
    day_quota: int = 200 * 200
    """Person-messages a day: the corp's member cap (200 for a new corp) times 200."""
    doubts: Doubts = field(default_factory=Doubts)


def from_environment(environ: Mapping[str, str] | None = None) -> Settings:
    """Settings from `VOIDBOT_…`; empty variables count as not set. A bad agent id raises ValueError."""
    env = os.environ if environ is None else environ
    base = Settings()
    host = env.get("VOIDBOT_HOST") or "127.0.0.1"
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
    """The same corp, never answering 45009 of itself and never dropping a message."""
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
