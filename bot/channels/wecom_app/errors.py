"""Turns WeCom's answers into errors of the one tree (`core/domain/errors.py`), with what an administrator can do.

VoidbotError
├── CallbackRefused            a callback is forged, stale or malformed; its sender learns nothing more
└── … PlatformMisconfigured
    └── TokenRejected          the access token has ended early; the client has already tried a new one

Codes: WeCom documents, path/90313. `errmsg` holds addresses and hints: it goes to the log and is never matched on.
"""

from collections.abc import Collection, Iterable, Mapping
from urllib.parse import urlsplit

from core.domain.errors import (
    Busy,
    CardRefused,
    CodeSpent,
    NotDelivered,
    PlatformMisconfigured,
    PlatformRefused,
    PlatformUnreachable,
    RateLimited,
    Remedy,
    TaskIdUsed,
    VoidbotError,
)


class CallbackRefused(VoidbotError):
    """A callback that is not accepted. `why` is for our log only: the answer is the same for every cause."""

    def __init__(self, why: str) -> None:
        self.why = why
        super().__init__(why)


class TokenRejected(PlatformMisconfigured):
    pass


def unreachable_advice(error: PlatformUnreachable, base_url: str) -> str:
    """Returns a line for an administrator: what was tried and what to check, without a password of the address."""
    host = urlsplit(base_url).netloc.rpartition("@")[2]
    return (
        f"连不上企业微信 {host}（{error}）：请检查本机的网络、DNS、代理和防火墙，以及 VOIDBOT_WECOM_API_BASE · "
        f"WeCom cannot be reached at {host} ({error}): check this machine's network, DNS, proxy and firewall, "
        "and VOIDBOT_WECOM_API_BASE"
    )


_GRANT = Remedy(
    "应用没有该接口的权限，请在管理后台授权", "the app lacks this permission: grant it in the admin console"
)

REMEDIES: Mapping[int, Remedy] = {
    40001: Remedy(
        "请检查 VOIDBOT_WECOM_SECRET，并确认应用未停用",
        "check VOIDBOT_WECOM_SECRET and that the app is not stopped",
    ),
    40013: Remedy("请检查 VOIDBOT_WECOM_CORP_ID", "check VOIDBOT_WECOM_CORP_ID"),
    40056: Remedy("请检查 VOIDBOT_WECOM_AGENT_ID", "check VOIDBOT_WECOM_AGENT_ID"),
    40057: Remedy(
        "回调地址未通过企业微信校验，请在管理后台重新保存",
        "the callback address failed WeCom's check: save it again in the admin console",
    ),
    41004: Remedy("VOIDBOT_WECOM_SECRET 为空", "VOIDBOT_WECOM_SECRET is empty"),
    43012: Remedy(
        "请在管理后台设置应用的回调地址，带按钮的卡片需要它",
        "set the app's callback address in the admin console: cards with buttons need it",
    ),
    48001: _GRANT,
    48002: _GRANT,
    48004: Remedy(
        "该接口不对此应用开放，请联系企业微信客服", "this interface is closed to the app: ask WeCom's support"
    ),
    48006: Remedy(
        "应用因长期未使用被收回权限，请在管理后台重新启用",
        "the app lost its permission for lack of use: re-enable it in the admin console",
    ),
    48009: Remedy(
        "该接口需要已登记的 IP 或其他 secret，请查看管理后台",
        "this interface wants a known address or another secret: see the admin console",
    ),
    50003: Remedy("应用已停用，请在管理后台启用", "the app is disabled: enable it in the admin console"),
    60020: Remedy(
        "请把本机 IP 加入应用的企业可信IP，约一分钟后生效",
        "add this server's address to the app's trusted IPs; it takes a minute",
    ),
    301002: Remedy(
        "VOIDBOT_WECOM_AGENT_ID 与 VOIDBOT_WECOM_SECRET 不属于同一应用",
        "VOIDBOT_WECOM_AGENT_ID and VOIDBOT_WECOM_SECRET belong to different apps",
    ),
    301007: Remedy("企业不可用，请查看管理后台", "the company is not available on WeCom: see the admin console"),
    701008: Remedy(
        "有成员缺少接口许可，请在管理后台分配",
        "a member lacks the interface licence: assign it in the admin console",
    ),
}

TOKEN_DEAD = frozenset({40014, 42001})
"""The codes after which a new token is fetched and the call repeated once."""

WRONG_SECRET = 40001
"""Also followed by one new token. If it comes again, an administrator must act: more tries would get our address
banned for an hour.
"""

_NO_TOKEN = Remedy(
    "企业微信提前收回了 access_token，稍后自动重试；若一直如此，请在管理后台查看应用状态",
    "WeCom took the access token back early; it is tried again by itself, and if this goes on, see the app's "
    "state in the admin console",
)

_CARD = {42015, 42016, *range(42027, 42032), 42033, *range(42035, 42048), *range(42049, 42052), 45034}

_CAUSES: Mapping[type[PlatformRefused], Iterable[int]] = {
    TokenRejected: TOKEN_DEAD | {41001},
    RateLimited: (45009,),
    Busy: (-1, 6000, 45033, 45035),
    NotDelivered: (40003, 60011, 60021, 60111, 81012, 81013, 82001, 82101, 84061),
    CodeSpent: (60140,),
    TaskIdUsed: (42014,),
    CardRefused: _CARD,
    PlatformMisconfigured: REMEDIES,
    # The rest of the documented list: our request is wrong or too late, and repeating it changes nothing. They are
    # listed although an unknown code means the same, so that a test can compare the table with the documents.
    PlatformRefused: (
        *(40007, 40008, *range(40016, 40021), 40023, 40058, 40063, 40066, 40068, 40096, 40097),
        *(*range(40128, 40132), 42052, 44001, 44004, 45001, 45002, 45022, 49008, 81017, 82002, 82003, 82004),
        *(86001, *range(86003, 86009), *range(86201, 86208), 86215, 86216, 90500, 93000, 93004, 93008),
        *(301055, 846605, 853000),
    ),
}

CAUSE_OF: Mapping[int, type[PlatformRefused]] = {code: cause for cause, codes in _CAUSES.items() for code in codes}


def refusal(call: str, code: int, detail: str = "", people: Collection[str] = ()) -> PlatformRefused:
    """Returns the error for a non-zero errcode; an undocumented code gives a plain `PlatformRefused`."""
    cause = CAUSE_OF.get(code, PlatformRefused)
    if issubclass(cause, NotDelivered):
        return cause(call, code, detail, people)
    if issubclass(cause, PlatformMisconfigured):
        return cause(call, code, detail, REMEDIES.get(code, _NO_TOKEN))
    return cause(call, code, detail)
