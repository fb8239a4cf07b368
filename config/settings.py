"""What the operator sets, read from the environment and a `.env` file; nothing else reads the environment.

Every name is `VOIDBOT_` + the field in capitals; docs/deploy.md explains each. A real environment variable wins
over the file. A missing or bad value never shows up later: all are named at once, each with its remedy.
"""

import base64
import binascii
import os
import re
from collections.abc import Collection, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

from dotenv import dotenv_values
from pydantic import AfterValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from config.files import DEFAULT_POLICY, DEFAULT_ROLES
from config.official import OFFICIAL_API, is_official
from core.domain.errors import ConfigError

PREFIX = "VOIDBOT_"
KEY_BYTES = 32

WECOM = ("wecom_corp_id", "wecom_agent_id", "wecom_secret", "wecom_token", "wecom_aes_key")
"""What talking to WeCom needs."""
CONNECTORS = ("embedded",)
"""The CRMs this version can work on; another name must not quietly mean the embedded store."""
KEYS = ("seal_key", "vault_key")
"""What the log and the vault need."""

_MAKE = "make one with: python -m bot init · 用 python -m bot init 生成"
_CONSOLE = "copy it from the WeCom console · 从企业微信管理后台复制"
REMEDIES: Mapping[str, str] = {
    "host": "write an address to listen on, such as 127.0.0.1 · 写监听地址，如 127.0.0.1",
    "port": "write a number from 0 to 65535; 0 takes any free port · 写 0 到 65535 的数字，0 为任选空闲端口",
    "database_url": "write sqlite:///PATH or postgresql://USER:PASSWORD@HOST/NAME · 写 sqlite:///路径 或 postgresql://…",
    "wecom_api_base": f"write a web address such as {OFFICIAL_API} · 写网址",
    "wecom_corp_id": f"the company's id, 企业ID, ww…: {_CONSOLE}",
    "wecom_agent_id": f"the app's AgentId, a number: {_CONSOLE}",
    "wecom_secret": f"the app's Secret: {_CONSOLE}",
    "wecom_token": "the callback's Token: 6 to 32 letters and digits, not a common word; press 随机获取 in the "
    "WeCom console · 回调 Token：6 到 32 位字母数字，勿用常见词，在后台点随机获取",
    "wecom_aes_key": f"the callback's EncodingAESKey: 43 characters that decode to 32 bytes; {_CONSOLE}",
    "crm": f"write one of: {', '.join(CONNECTORS)} · 可写上列之一",
    "seal_key": f"the key of the log and the buttons: base64 of 32 bytes; {_MAKE}",
    "vault_key": f"the key of the backups: base64 of 32 bytes; {_MAKE}",
    "vault_dir": "write a folder · 写文件夹路径",
    "roles_file": "write the path of a TOML file · 写 TOML 文件路径",
    "policy_file": "write the path of a TOML file · 写 TOML 文件路径",
    "timezone": "write an IANA time zone such as Asia/Shanghai · 写时区名，如 Asia/Shanghai",
    "language": "write zh or en · 写 zh 或 en",
}
_COMMON_TOKENS = {"token", "wechat", "weixin", "wecom", "qiyeweixin", "voidbot", "secret", "password", "changeme"}
_COMMON_TOKENS |= {"123456", "12345678", "abcdef", "abc123", "qwerty", "testtoken", "mytoken", "example"}


def _holds(check: bool) -> None:
    if not check:
        raise ValueError


def _database(value: str) -> str:
    _holds(bool(re.fullmatch(r"(sqlite(\+\w+)?:///|postgres(ql)?(\+\w+)?://).+", value, re.DOTALL)))
    return value


def _web_address(value: str) -> str:
    _holds(bool(re.fullmatch(r"https?://[^\s/?#]+(/[^\s?#]*)?", value)))
    return value.rstrip("/")


def _token(value: SecretStr) -> SecretStr:
    """Who knows the Token can sign callbacks, so one that can be guessed stops the start."""
    text = value.get_secret_value()
    strong = text.casefold() not in _COMMON_TOKENS and len(set(text)) > 3
    _holds(not text or (strong and bool(re.fullmatch(r"[A-Za-z0-9]{6,32}", text))))
    return value


def _aes_key(value: SecretStr) -> SecretStr:
    _holds(not value.get_secret_value() or len(decode_aes_key(value.get_secret_value())) == KEY_BYTES)
    return value


def _connector(value: str) -> str:
    _holds(value in CONNECTORS)
    return value


def _key(value: SecretStr) -> SecretStr:
    if value.get_secret_value():
        decode_key(value.get_secret_value())
    return value


def _zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (OSError, ValueError, LookupError):  # unknown, a folder, a forbidden path
        raise ValueError from None
    return value


def decode_aes_key(text: str) -> bytes:
    """Leniently: the 43rd character carries two unused bits, which Tencent's own sample sets (path/90968).

    Raises ValueError.
    """
    if re.fullmatch(r"[A-Za-z0-9+/]{43}", text) is None:
        raise ValueError("EncodingAESKey must be 43 letters or digits")
    return base64.b64decode(text + "=")


def decode_key(text: str) -> bytes:
    """Base64 of 32 bytes. Raises ValueError."""
    try:
        raw = base64.b64decode(text, validate=True)
    except binascii.Error:
        raise ValueError from None
    _holds(len(raw) == KEY_BYTES)
    return raw


class Settings(BaseSettings):
    """Frozen. Make it with `load_settings`, which says what a command needs and words every fault."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_file=".env",
        env_file_encoding="utf-8",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
        str_strip_whitespace=True,
    )

    host: Annotated[str, Field(min_length=1)] = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8701
    database_url: Annotated[str, AfterValidator(_database), Field(repr=False)] = "sqlite:///var/voidbot.db"
    """May hold a password, so it is not shown."""
    wecom_api_base: Annotated[str, AfterValidator(_web_address)] = OFFICIAL_API
    wecom_corp_id: str = ""
    wecom_agent_id: Annotated[int, Field(ge=0)] = 0
    wecom_secret: SecretStr = SecretStr("")
    wecom_token: Annotated[SecretStr, AfterValidator(_token)] = SecretStr("")
    wecom_aes_key: Annotated[SecretStr, AfterValidator(_aes_key)] = SecretStr("")
    crm: Annotated[str, AfterValidator(_connector)] = "embedded"
    seal_key: Annotated[SecretStr, AfterValidator(_key)] = SecretStr("")
    vault_dir: Path = Path("var/vault")
    vault_key: Annotated[SecretStr, AfterValidator(_key)] = SecretStr("")
    roles_file: Path = DEFAULT_ROLES
    policy_file: Path = DEFAULT_POLICY
    timezone: Annotated[str, AfterValidator(_zone)] = "Asia/Shanghai"
    language: Annotated[str, Field(pattern="^(zh|en)$")] = "zh"

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    @property
    def official_api(self) -> bool:
        return is_official(self.wecom_api_base)

    @property
    def seal_key_bytes(self) -> bytes:
        """Raises ConfigError when it is not set."""
        return self._key_bytes("seal_key", self.seal_key)

    @property
    def vault_key_bytes(self) -> bytes:
        """Raises ConfigError when it is not set."""
        return self._key_bytes("vault_key", self.vault_key)

    @property
    def secrets(self) -> tuple[str, ...]:
        """Every value that must not be seen in a log."""
        held = (self.wecom_secret, self.wecom_token, self.wecom_aes_key, self.seal_key, self.vault_key)
        password = re.search(r"://[^/@]*?:([^@]+)@", self.database_url)
        return tuple(filter(None, [secret.get_secret_value() for secret in held])) + (
            (password[1],) if password else ()
        )

    @staticmethod
    def _key_bytes(field: str, value: SecretStr) -> bytes:
        if not value.get_secret_value():
            raise ConfigError("settings", [_missing(field)])
        return decode_key(value.get_secret_value())


def load_settings(*needs: str, env_file: Path | None = Path(".env")) -> Settings:
    """Read and check everything; `needs` names the fields that must be set: WECOM, KEYS, or single ones.

    Raises ConfigError naming every missing, bad and misspelt key.
    """
    try:
        faults = _misspelt({*os.environ, *(dotenv_values(env_file) if env_file else ())})
        settings, bad = _read(env_file)
    except UnicodeDecodeError:
        raise ConfigError("settings", [f"{env_file} is not UTF-8 text · 不是 UTF-8 文本"]) from None
    faults += [f"{_name(field)}: {REMEDIES[field]}" for field in bad]
    faults += [_missing(field) for field in needs if field not in bad and not _is_set(getattr(settings, field))]
    if faults:
        raise ConfigError("settings", faults)
    return settings


def _read(env_file: Path | None) -> tuple[Settings, list[str]]:
    """The settings and the fields that cannot be used, which then hold their defaults."""
    try:
        return Settings(_env_file=env_file), []  # type: ignore[call-arg]  # a parameter of pydantic-settings
    except ValidationError as error:
        bad = list(dict.fromkeys(str(fault["loc"][0]) for fault in error.errors()))
    defaults = {field: Settings.model_fields[field].default for field in bad}
    return Settings(_env_file=env_file, **defaults), bad  # type: ignore[call-arg]  # as above


def _is_set(value: object) -> bool:
    return bool(value.get_secret_value() if isinstance(value, SecretStr) else value)


def _name(field: str) -> str:
    return PREFIX + field.upper()


def _missing(field: str) -> str:
    return f"{_name(field)} is not set · 未设置: {REMEDIES[field]}"


def _misspelt(names: Collection[str]) -> list[str]:
    """A misspelt name would silently leave a default in force; for a policy file that is not harmless."""
    known = [_name(field) for field in Settings.model_fields]
    strange = [name for name in names if name.startswith(PREFIX) and name not in known]
    near = {name: get_close_matches(name, known, n=1, cutoff=0.9) for name in strange}
    return [
        f"{name} is unknown; did you mean {match[0]}? · 未知，是否为 {match[0]}？"
        for name, match in near.items()
        if match
    ]
