"""Reads the operator's settings from the environment and a `.env` file; nothing else reads the environment.

Each setting is named `VOIDBOT_` + its field in capitals; docs/deploy.md explains them. A real environment variable
wins over the file. All missing and bad values are named at once, at the start, each with its remedy.
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
"""The settings needed for WeCom."""
CONNECTORS = ("embedded",)
"""The CRMs that this version can work on. Another name must not silently mean the embedded store."""
KEYS = ("seal_key", "vault_key")
"""The settings needed for the log and the vault."""

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
        raise ValueError  # without words: REMEDIES has those of each field


def _database(value: str) -> str:
    _holds(bool(re.fullmatch(r"(sqlite(\+\w+)?:///|postgres(ql)?(\+\w+)?://).+", value, re.DOTALL)))
    return value


def _web_address(value: str) -> str:
    _holds(bool(re.fullmatch(r"https?://[^\s/?#]+(/[^\s?#]*)?", value)))
    return value.rstrip("/")


def _token(value: SecretStr) -> SecretStr:
    """Refuses a Token that can be guessed, because whoever knows it can sign callbacks."""
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
    except (OSError, ValueError, LookupError):  # an unknown zone, a folder, a forbidden path
        raise ValueError from None
    return value


def decode_aes_key(text: str) -> bytes:
    """Decodes an EncodingAESKey. Raises ValueError.

    The 43rd character carries two unused bits, which are ignored: Tencent's own sample sets them (path/90968).
    """
    if re.fullmatch(r"[A-Za-z0-9+/]{43}", text) is None:
        raise ValueError("EncodingAESKey must be 43 letters or digits")
    return base64.b64decode(text + "=")


def decode_key(text: str) -> bytes:
    """Decodes a key of 32 bytes from base64. Raises ValueError."""
    try:
        raw = base64.b64decode(text, validate=True)
    except binascii.Error:
        raise ValueError from None
    _holds(len(raw) == KEY_BYTES)
    return raw


class Settings(BaseSettings):
    """The checked settings. `load_settings` makes them: it checks what a command needs and words every fault."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_file=".env",
        env_file_encoding="utf-8",
        env_ignore_empty=True,
        extra="ignore",  # `_misspelt` looks at unknown names; the file may hold settings of other programs
        frozen=True,
        hide_input_in_errors=True,  # a bad value may be a secret
        str_strip_whitespace=True,
    )

    host: Annotated[str, Field(min_length=1)] = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8701
    database_url: Annotated[str, AfterValidator(_database), Field(repr=False)] = "sqlite:///var/voidbot.db"
    """The URL is not shown in a repr, since it may hold a password."""
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
        """All values that must not be seen in a log, with the password in the database's URL."""
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
    """Reads and checks all settings. `needs` names the fields that must be set: WECOM, KEYS, or single ones.

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
    """Returns the settings, and the names of the fields whose values are bad; those then hold their defaults."""
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
    """Returns a fault for each name that looks like a misspelt setting.

    It would silently leave a default in force, which is dangerous for a policy file.
    """
    known = [_name(field) for field in Settings.model_fields]
    strange = [name for name in names if name.startswith(PREFIX) and name not in known]
    near = {name: get_close_matches(name, known, n=1, cutoff=0.9) for name in strange}
    return [
        f"{name} is unknown; did you mean {match[0]}? · 未知，是否为 {match[0]}？"
        for name, match in near.items()
        if match
    ]
