"""The commands `python -m bot backup verify`, `backup restore #OP` and `backup key`."""

import argparse
import re
import sys

from bot.command_line._backup_check import check_vault
from bot.command_line._backup_restore import Restored, restore
from bot.command_line.declaring import sub_command
from bot.command_line.opening import at_work, open_publisher, open_vault
from config.settings import Settings, load_settings
from core.crm.embedded.store import EmbeddedCrm
from core.services import use_cases
from core.storage.db import Database
from core.vault.keys import vault_keys
from core.vault.sealed import SealedVault

NAME = "backup"
HELP = "校验或恢复备份 · Verify or restore backups."
_SHOWN = 20
"""How many records that were not restored are named one by one."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    commands = parser.add_subparsers(dest="what", metavar="WHAT", required=True)
    sub_command(commands, "verify", use_cases.BACKUP_VERIFY)
    restoring = sub_command(commands, "restore", use_cases.BACKUP_RESTORE)
    restoring.add_argument("operation", type=operation_number, metavar="#OP", help="申请号，如 #0312 · its number")
    restoring.add_argument("--dry-run", action="store_true", help="只演练，不写入 · try it, write nothing")
    sub_command(commands, "key", use_cases.BACKUP_KEY)


def run(args: argparse.Namespace) -> int:
    """Runs one of the commands. All need VAULT_KEY; `verify` and `restore` also the database and SEAL_KEY."""
    if args.what == "key":
        return _show_key(load_settings("vault_key"))
    with at_work("vault_key") as (settings, database):
        vault = open_vault(settings)
        if args.what == "verify":
            return _verify(database, vault)
        return _restore(settings, database, vault, args.operation, dry_run=args.dry_run)


def operation_number(text: str) -> int:
    # Chinese input methods write the full-width ＃.
    match = re.fullmatch(r"[#＃]?0*([1-9]\d{0,17})", text.strip())
    if match is None:
        raise argparse.ArgumentTypeError(f"{text!r}: 应为申请号，如 #0312 · write a number such as #0312")
    return int(match[1])


def _verify(database: Database, vault: SealedVault) -> int:
    good, findings = check_vault(database, vault)
    for finding in findings:
        print(finding.line())
    bad = sum(finding.bad for finding in findings)
    print(f"{good} 个备份完好，{bad} 处问题 · {good} backups proven, {bad} problems")
    return 1 if bad else 0


def _restore(settings: Settings, database: Database, vault: SealedVault, operation: int, *, dry_run: bool) -> int:
    publish = open_publisher(settings, EmbeddedCrm(database))
    restored = restore(database, vault, operation, publish, dry_run=dry_run)
    _tell(restored, dry_run)
    return 0 if restored.whole else 1


def _tell(restored: Restored, dry_run: bool) -> None:
    if dry_run:
        print("演练，没有写入任何内容 · A trial: nothing was written")
    print(f"{', '.join(restored.files)}: {restored.records} 条记录 · records")
    for why in restored.unproven:
        print(f"  未采用 · left out: {why}")
    for outcome, count in sorted(restored.counts.items()):
        print(f"  {outcome.value:<12} {count}")
    for ref, outcome in restored.refused[:_SHOWN]:
        print(f"  未恢复 · not restored: {ref.kind.value} {ref.number} ({outcome.value})")
    if len(restored.refused) > _SHOWN:
        more = len(restored.refused) - _SHOWN
        print(f"  另有 {more} 条 · and {more} more")


def _show_key(settings: Settings) -> int:
    """Shows the private key on a terminal only: in a file or a pipe it would stay readable for others."""
    if not sys.stdout.isatty():
        print(
            "只在终端显示，不写入文件或管道 · Shown on a terminal only, never in a file or pipe", file=sys.stderr
        )
        return 1
    print(
        "持有此私钥者可打开全部备份，用后清屏 · Whoever holds this opens every backup; clear the screen after use",
        file=sys.stderr,
    )
    print(vault_keys(settings.vault_key_bytes).identity)
    return 0
