"""The commands `python -m bot audit verify` and `audit export`."""

import argparse
import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from bot.command_line._export import WRITERS
from bot.command_line.declaring import sub_command
from bot.command_line.opening import at_work, open_vault
from config.settings import Settings
from core.domain.audit import SHORTEST_ANCHOR, Flaw, Head, Verdict
from core.domain.errors import BackupNotProven
from core.ports.vault import BackupReceipt
from core.services import use_cases
from core.storage.db import Database
from core.storage.uow import SqlUnitOfWork

NAME = "audit"
HELP = "校验或导出日志 · Verify or export the log."
_ANCHOR = re.compile(rf"([1-9]\d{{0,17}}):([0-9a-f]{{{SHORTEST_ANCHOR},64}})")
FLAWS = {
    Flaw.MISSING: "这一条不见了 · it is missing",
    Flaw.STRAY: "它之前夹着一条多出来的 · before it lies one whose number has no place in the chain",
    Flaw.UNLINKED: "与上一条接不上 · it does not follow the entry before it",
    Flaw.CHANGED: "内容与哈希不符，被改动过 · its content does not match its hash: it was changed",
    Flaw.OFF_ANCHOR: "与另存的锚不符 · it differs from an anchor kept outside",
    Flaw.HEAD: "链头与最后一条不符 · the stored head and the last entry disagree",
    Flaw.CUT: "尾部被截断，有锚指向更后面的条目 · the tail is cut: an anchor knows a later entry",
    Flaw.BAD_ANCHOR: "有锚指向第一条之前 · an anchor names an entry before the first",
}


def told(verdict: Verdict) -> str:
    """Returns what is wrong with the first bad entry of a log that does not hold."""
    assert verdict.flaw is not None  # the caller has asked
    words = FLAWS[verdict.flaw]
    # Under another key no entry holds, not even the first.
    if verdict.bad_seq == 1 and verdict.flaw is Flaw.CHANGED:
        words += "；也可能是 VOIDBOT_SEAL_KEY 换过 · or VOIDBOT_SEAL_KEY is not the one the log was made with"
    return words


def add_arguments(parser: argparse.ArgumentParser) -> None:
    commands = parser.add_subparsers(dest="what", metavar="WHAT", required=True)
    verify = sub_command(commands, "verify", use_cases.AUDIT_VERIFY)
    verify.add_argument(
        "--anchor",
        action="append",
        default=[],
        type=anchor,
        metavar="SEQ:HASH",
        help="卡片或日报上抄下的链头，可多次 · a head copied from a card or a daily post; repeatable",
    )
    export = sub_command(commands, "export", use_cases.AUDIT_EXPORT)
    export.add_argument("--format", choices=sorted(WRITERS), default="jsonl", help="格式 · format (%(default)s)")
    export.add_argument(
        "--output",
        type=Path,
        metavar="FILE",
        help="新文件，不覆盖；默认标准输出 · a new file; default: standard output",
    )


def run(args: argparse.Namespace) -> int:
    """Runs one of the two commands; both need the database and SEAL_KEY."""
    with at_work() as (settings, database):
        if args.what == "verify":
            return _verify(settings, database, args.anchor)
        return _export(database, args.format, args.output)


def anchor(text: str) -> Head:
    """Parses an anchor: `8071:9f3ac0b12de4` as a card shows it, or with all 64 digits of the hash."""
    match = _ANCHOR.fullmatch(text.strip().lower())
    if match is None:
        raise argparse.ArgumentTypeError(
            f"{text!r}: 应为 SEQ:HASH，哈希至少 {SHORTEST_ANCHOR} 位 · "
            f"write SEQ:HASH with at least {SHORTEST_ANCHOR} hex digits"
        )
    return Head(int(match[1]), match[2])


def _verify(settings: Settings, database: Database, given: list[Head]) -> int:
    """Verifies the log against the given anchors and the heads in the backups, which lie outside the database."""

    # One read transaction: log and receipts are of the same moment.
    def walk(uow: SqlUnitOfWork) -> tuple[Verdict, int]:
        receipts = list(uow.backups.all())
        heads = [receipt.head for receipt in receipts] + _heads_nobody_knows(settings, receipts)
        return uow.audit.verify([*given, *heads]), len(heads)

    verdict, of_backups = database.read_sync(walk)
    counted = (
        f"{verdict.entries} 条，链头 {verdict.head}；比对锚 {len(given)} 个、备份 {of_backups} 个\n"
        f"{verdict.entries} entries, head {verdict.head}; compared with {len(given)} anchors, {of_backups} backups"
    )
    if verdict.flaw is not None:
        print(f"日志有问题：第 {verdict.bad_seq} 条 · The log does not hold: entry {verdict.bad_seq}")
        print(told(verdict))
        print(f"此前完好 · Good up to there: {counted}")
        return 1
    print(f"日志完好 · The log holds\n{counted}")
    return 0


def _heads_nobody_knows(settings: Settings, receipts: list[BackupReceipt]) -> list[Head]:
    """Returns the heads in backups that the database does not know.

    When the database was replaced by an older copy of itself, the vault still holds what that copy lacks.
    """
    if not settings.vault_key.get_secret_value():
        return []
    vault, known, heads = open_vault(settings), {receipt.file for receipt in receipts}, []
    for name in vault.names():
        if name not in known:
            try:
                heads.append(vault.examine(name).head)
            except BackupNotProven:
                continue  # `backup verify` speaks of those
    return heads


def _export(database: Database, format_: str, output: Path | None) -> int:
    def write(uow: SqlUnitOfWork) -> int:
        with _target(output) as target:
            return WRITERS[format_](uow.audit.entries(), target)

    try:
        count = database.read_sync(write)
    except BrokenPipeError:  # the reader, such as `| head`, has seen enough
        # Else Python would fail once more when it flushes standard output at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        print(f"无法写入 · Cannot write {output or 'standard output'}: {error.strerror}", file=sys.stderr)
        return 1
    print(f"已导出 {count} 条 · {count} entries exported", file=sys.stderr)
    return 0


@contextmanager
def _target(output: Path | None) -> Iterator[TextIO]:
    if output is None:
        yield sys.stdout
        sys.stdout.flush()
        return
    with output.open("x", encoding="utf-8", newline="") as file:  # "x": an existing file is never overwritten
        yield file
