"""Stores the receipts of proven backups, one per operation."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, select

from core.domain.audit import Head
from core.ports.vault import BackupReceipt
from core.storage.tables import backups
from core.storage.upsert import upsert


@dataclass
class SqlBackups:
    _connection: Connection

    def add(self, receipt: BackupReceipt) -> None:
        # A resumed operation may have made a second file: the receipt of the newest one counts.
        upsert(
            self._connection,
            backups,
            [
                {
                    "operation": receipt.operation,
                    "file": receipt.file,
                    "records": receipt.records,
                    "size": receipt.size,
                    "file_hash": receipt.file_hash,
                    "content_hash": receipt.content_hash,
                    "head_seq": receipt.head.seq,
                    "head_hash": receipt.head.hash,
                    "made_at": receipt.made_at,
                }
            ],
            key=("operation",),
        )

    def get(self, operation: int) -> BackupReceipt | None:
        row = self._connection.execute(select(backups).where(backups.c.operation == operation)).one_or_none()
        return None if row is None else _receipt(row)

    def all(self) -> Iterator[BackupReceipt]:
        for row in self._connection.execute(select(backups).order_by(backups.c.operation)):
            yield _receipt(row)


def _receipt(row: Row[Any]) -> BackupReceipt:
    return BackupReceipt(
        operation=row.operation,
        file=row.file,
        records=row.records,
        size=row.size,
        file_hash=row.file_hash,
        content_hash=row.content_hash,
        head=Head(row.head_seq, row.head_hash),
        made_at=row.made_at,
    )
