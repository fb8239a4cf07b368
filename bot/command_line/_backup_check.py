"""Verifies every backup that the database knows, and looks for files in the vault that it does not know."""

import json
import re
from dataclasses import dataclass
from functools import partial

from core.domain.audit import Tag
from core.domain.errors import BackupNotProven
from core.domain.operation.labels import operation_label
from core.domain.operation.life import State
from core.storage.db import Database
from core.storage.uow import SqlUnitOfWork
from core.vault.sealed import SealedVault

_MOST = 10_000
_OWNER = re.compile(r"\.?B-(\d{4,18})\.")
"""The operation's number in the name of a backup, or of a draft, whose name begins with a dot."""


@dataclass(frozen=True, slots=True)
class Finding:
    file: str
    zh: str
    en: str
    bad: bool = True

    def line(self) -> str:
        return f"{'✗' if self.bad else '·'} {self.file}: {self.zh} · {self.en}"


def check_vault(database: Database, vault: SealedVault) -> tuple[int, list[Finding]]:
    """Returns how many backups are proven, and what is wrong or worth knowing. Raises StoreUnavailable."""
    lying = vault.names()  # before the receipts: a backup finished meanwhile must not look like an unknown file
    receipts = database.read_sync(lambda uow: list(uow.backups.all()))
    findings = []
    for receipt in receipts:
        try:
            vault.verify(receipt)
        except BackupNotProven as error:
            findings.append(Finding(receipt.file, "未通过校验", f"not proven: {_reason(error)}"))
    good = len(receipts) - len(findings)
    known = {receipt.file for receipt in receipts}
    strangers = [name for name in lying if name not in known]
    return good, findings + [_stranger(database, vault, name) for name in strangers]


def _stranger(database: Database, vault: SealedVault, name: str) -> Finding:
    """Explains a file that the database does not know; most of them are harmless rests of interrupted runs."""
    match = _OWNER.match(name)
    owner = database.read_sync(lambda uow: _state(uow, int(match[1]))) if match else None
    if owner is State.EXECUTING:
        return Finding(name, "正在执行的申请正在写入", "being written by an operation that runs now", bad=False)
    if name.endswith(".tmp"):
        return Finding(name, "中断时留下的半成品，可删除", "left by an interrupted run; can be deleted", bad=False)
    try:
        found = vault.examine(name)
    except BackupNotProven as error:
        if match and owner is not None and not database.read_sync(partial(counted, int(match[1]), name)):
            return Finding(
                name,
                "中断时留下，从未算作备份",
                "left by an interrupted run, never counted",
                bad=False,
            )
        return Finding(
            name, "数据库不认识，也打不开", f"unknown to the database, and not proven: {_reason(error)}"
        )
    said = f"{operation_label(found.operation)}, {found.records} records, {found.made_at:%Y-%m-%d %H:%M} UTC"
    if owner is not None and found.operation == int(match[1] if match else 0):
        return Finding(name, "该申请较早一次尝试的备份", f"of an earlier attempt: {said}", bad=False)
    return Finding(name, "完好，但数据库不认识", f"proven, but the database does not know it: {said}")


def counted(number: int, name: str, uow: SqlUnitOfWork) -> bool:
    """Returns whether an operation once relied on this file, according to the log."""
    written = uow.audit.of_operation(number, _MOST, {Tag.BACKUP_WRITTEN})
    return any(json.loads(entry.detail).get("file") == name for entry in written)


def _state(uow: SqlUnitOfWork, number: int) -> State | None:
    operation = uow.operations.get(number)
    return None if operation is None else operation.state


def _reason(error: BackupNotProven) -> str:
    """Returns the reason without the name of the file, with which the line begins already."""
    return str(error).partition(": ")[2] or str(error)
