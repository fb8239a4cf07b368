"""The command `python -m bot init`, which writes a commented `.env` with fresh keys."""

import argparse
import base64
import os
import secrets
import sys
from pathlib import Path

from bot.command_line.declaring import does
from core.services import use_cases

NAME = "init"
HELP = "写出带新密钥的 .env（不覆盖已有文件） · Write a commented .env with fresh keys; never overwrites."
KEY_BYTES = 32
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

_TEXT = """\
# voidbot 的设置 · voidbot's settings, explained in docs/deploy.md. A real environment variable wins.
# 请像保管密码一样保管本文件 · Guard this file like a password.

# --- 企业微信 · WeCom: 管理后台 → 应用管理 → 自建应用 ---
VOIDBOT_WECOM_CORP_ID=
VOIDBOT_WECOM_AGENT_ID=
VOIDBOT_WECOM_SECRET=

# 在应用的「接收消息」里填这两个值，URL 填 https://你的域名/wecom/callback
# Enter these two in the app's "receive messages" form, with the URL https://YOUR-DOMAIN/wecom/callback
VOIDBOT_WECOM_TOKEN={token}
VOIDBOT_WECOM_AES_KEY={aes_key}

# --- 密钥 · Keys. 请另存一份到别处：丢了 VAULT_KEY 备份打不开，换了 SEAL_KEY 日志校验不过、旧卡片失效。
# Keep a copy elsewhere: without VAULT_KEY no backup opens; with another SEAL_KEY the log no longer verifies. ---
VOIDBOT_SEAL_KEY={seal_key}
VOIDBOT_VAULT_KEY={vault_key}

# --- 其余都有默认值 · All others have defaults ---
# VOIDBOT_HOST=127.0.0.1
# VOIDBOT_PORT=8701
# VOIDBOT_DATABASE_URL=sqlite:///var/voidbot.db
# VOIDBOT_VAULT_DIR=var/vault
# VOIDBOT_ROLES_FILE=roles.toml
# VOIDBOT_POLICY_FILE=policy.toml
# VOIDBOT_CRM=embedded
# VOIDBOT_TIMEZONE=Asia/Shanghai
# VOIDBOT_LANGUAGE=zh
# VOIDBOT_WECOM_API_BASE=https://qyapi.weixin.qq.com
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    does(parser, use_cases.INIT)
    parser.add_argument("--file", type=Path, default=Path(".env"), help="where to write · 写到哪里 (%(default)s)")


def run(args: argparse.Namespace) -> int:
    path: Path = args.file
    try:
        # The file is created by us (O_EXCL) and private from the start, so others can never read the keys.
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        print(f"{path} 已存在，未改动 · {path} exists already; nothing was changed", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"无法写入 {path} · {path} cannot be written: {error.strerror}", file=sys.stderr)
        return 1
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(fresh_text())
    print(f"已写入 {path}（仅本人可读）。填好企业微信三项后运行：python -m bot doctor")
    print(f"{path} is written, readable by you alone. Fill in the three WeCom values, then: python -m bot doctor")
    return 0


def fresh_text() -> str:
    return _TEXT.format(
        token="".join(secrets.choice(_LETTERS) for _ in range(32)),
        aes_key="".join(secrets.choice(_LETTERS) for _ in range(43)),
        seal_key=_key(),
        vault_key=_key(),
    )


def _key() -> str:
    return base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()
