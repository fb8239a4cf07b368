"""Reads and writes `var/demo.env`: the settings by which a command line works on the demo.

A shell reads it by `set -a; . var/demo.env`.
"""

import base64
import os
import secrets
import shlex
from collections.abc import Mapping
from pathlib import Path

from sandbox.settings import Settings

_HEAD = """# 演示用，自动生成 / made for the demo
# 在命令行里查看演示的数据 / to use the command line on it:  set -a; . {path}; set +a
"""


def read_env(path: Path) -> dict[str, str]:
    """Returns the NAME=VALUE lines as a shell reads them, without blank lines and comments."""
    lines = path.read_text(encoding="utf-8").splitlines()
    pairs = (line.split("=", 1) for line in lines if line.strip() and not line.startswith("#"))
    return {name.strip(): "".join(shlex.split(value)) for name, value in pairs}


def write_env(path: Path, values: Mapping[str, str]) -> None:
    """Writes the whole file or leaves the old one: without its keys the demo's data is lost."""
    part = path.with_name(f".{path.name}.part")
    part.touch(mode=0o600)  # before the keys are in it, so that nobody else can ever read them
    lines = "".join(f"{name}={shlex.quote(value)}\n" for name, value in values.items())
    part.write_text(_HEAD.format(path=shlex.quote(str(path))) + lines, encoding="utf-8")
    os.replace(part, path)  # noqa: PTH105 - says what it does


def fresh_keys() -> dict[str, str]:
    """Returns the values of the pretend corp, and new keys for this demo alone."""
    base = Settings()
    return {
        "VOIDBOT_WECOM_CORP_ID": base.corp_id,
        "VOIDBOT_WECOM_AGENT_ID": str(base.agent_id),
        "VOIDBOT_WECOM_SECRET": base.secret,
        "VOIDBOT_WECOM_TOKEN": base.token,
        "VOIDBOT_WECOM_AES_KEY": base.aes_key,
        "VOIDBOT_SEAL_KEY": _new_key(),
        "VOIDBOT_VAULT_KEY": _new_key(),
    }


def _new_key() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()
