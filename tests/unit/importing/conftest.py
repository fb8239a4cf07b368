"""An import into a real store of each kind, and what can be asked about it afterwards."""

import csv
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import xlsxwriter
from openpyxl import load_workbook
from sqlalchemy import Table, select, update

from bot.sheets.loading import Summary, import_sheet, opened
from core.crm.embedded import tables
from core.crm.embedded.importing.run import Tally
from core.domain.actions import LifeStatus
from core.domain.audit import AuditEntry, Head, Pseudonyms
from core.domain.people import Person, PersonId
from core.domain.sheets.columns import Reading
from core.domain.sheets.people import Directory
from core.domain.sheets.rows import SheetKind
from core.storage.db import Database
from core.storage.uow import SqlUnitOfWork, StoreKeys
from core.vault.keys import seal_keys
from tests.publishing import log_only

_SEAL = seal_keys(b"k" * 32)
KEYS = StoreKeys(_SEAL.audit_chain, Pseudonyms(_SEAL.pseudonyms), _SEAL.rows)
NOW = datetime(2025, 11, 22, tzinfo=UTC)
PEOPLE = Directory(
    [Person(PersonId("wangmin"), "WangMin", "王敏"), Person(PersonId("liqiang"), "LiQiang", "李强")]
)
READING = Reading(ZoneInfo("Asia/Shanghai"), NOW, PEOPLE)


def open_database(url: str) -> Database:
    return Database(url, partial(SqlUnitOfWork, KEYS))


@dataclass
class Store:
    database: Database
    folder: Path
    files: int = field(default=0)

    def load(self, kind: str, path: Path, progress: Callable[[float, Tally], None] = print) -> Summary:
        with opened(path, SheetKind(kind)) as source:
            return import_sheet(
                self.database, log_only, source, READING, path.with_name(f"{path.name}.errors.xlsx"), progress
            )

    def csv(self, kind: str, *rows: Sequence[str], encoding: str = "utf-8") -> Summary:
        self.files += 1
        return self.load(kind, write_csv(self.folder / f"{self.files}.csv", rows, encoding))

    def rows(self, table: Table) -> list[dict[str, Any]]:
        return self.database.read_sync(
            lambda uow: [dict(row) for row in uow.connection.execute(select(table)).mappings()]
        )

    def everything(self) -> dict[str, list[dict[str, Any]]]:
        """All that an import may change, in an order of its own, without the numbers the database gives itself."""
        found = {}
        for table in tables.metadata.sorted_tables:
            if not table.name.startswith("search") and table is not tables.imports:
                rows = [{k: v for k, v in row.items() if k != "created_at"} for row in self.rows(table)]
                found[table.name] = sorted(rows, key=repr)
        return found

    def customer(self, number: str) -> dict[str, Any]:
        return next(row for row in self.rows(tables.customers) if row["number"] == number)

    def put_status(self, number: str, status: LifeStatus) -> None:
        c = tables.customers.c
        statement = update(tables.customers).where(c.number == number).values(status=status.value)
        self.database.run_sync(lambda uow: uow.connection.execute(statement))

    def log(self) -> list[AuditEntry]:
        return self.database.read_sync(lambda uow: list(uow.audit.entries()))

    def head(self) -> Head:
        head: Head = self.database.read_sync(lambda uow: uow.audit.head())
        return head


@pytest.fixture
def store(database_url: str, tmp_path: Path) -> Iterator[Store]:
    database = open_database(database_url)
    yield Store(database, tmp_path)
    database.close()


def write_csv(path: Path, rows: Sequence[Sequence[str]], encoding: str = "utf-8") -> Path:
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file).writerows(rows)
    return path


def write_xlsx(path: Path, rows: Sequence[Sequence[object]]) -> Path:
    book = xlsxwriter.Workbook(str(path), {"default_date_format": "yyyy-mm-dd hh:mm"})
    sheet = book.add_worksheet()
    for number, row in enumerate(rows):
        sheet.write_row(number, 0, row)
    book.close()
    return path


def report_rows(path: Path) -> list[tuple[Any, ...]]:
    book = load_workbook(path, read_only=True)
    rows: list[tuple[Any, ...]] = list(book.worksheets[0].iter_rows(values_only=True))
    book.close()
    return rows
