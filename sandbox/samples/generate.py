"""Writes realistic sample data: 500 companies with contacts, deals, invoices, communications and segments.

    python -m sandbox.samples.generate FOLDER [--today 2026-11-22] [--count 500] [--seed 1] [--xlsx] [--small]

The same seed and day give the same files. Contacts lie before `today`, some of them long before, so that there are
customers to remind of. Companies, people, phones (from 199 0000) and addresses (example.com) are invented.
"""

import argparse
import csv
import random
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from openpyxl import Workbook

from sandbox.samples import companies as words

HEADERS = {
    "customers": "客户编号,客户名称,简称,手机号,邮箱,负责人,级别,来源,标签,创建时间,最近联系,最近下单",
    "contacts": "客户编号,姓名,职务,手机号,邮箱",
    "deals": "商机编号,客户编号,名称,金额,币种,阶段,预计成交",
    "invoices": "发票编号,客户编号,金额,币种,状态,开票日期",
    "communications": "记录编号,客户编号,时间,渠道,作者,内容",
    "segments": "群编号,名称,说明,条件,成员",
}
Row = tuple[Any, ...]
FIRST_NUMBER = 1001
KNOWN: dict[int, tuple[str, str, str, str]] = {
    # number: full name, short name, owner, level. C1024 is the customer of the manuals' examples; the others sound
    # like it, for searches with typos, except for Acme, which has a Latin name.
    1024: ("上海宏远科技有限公司", "宏远科技", "wangmin", "B级"),
    1025: ("杭州宏源科技有限公司", "宏源科技", "zhaojun", "C级"),
    1026: ("深圳宏远物流有限公司", "宏远物流", "zhaojun", "B级"),
    1027: ("无锡宏远机电有限公司", "宏远机电", "wangmin", "C级"),
    1028: ("北京鸿远科技有限公司", "鸿远科技", "zhaojun", "A级"),
    1029: ("苏州弘远信息有限公司", "弘远信息", "wangmin", "D级"),
    1030: ("上海艾克姆贸易有限公司", "Acme", "wangmin", "B级"),
}
HONGYUAN = 1024
SILENT_DAYS, RECORDS = 217, 37
"""How long ago customer C1024 was last contacted, and how many communications it has."""
FAIR_MEMBERS = 128
"""The size of the segment of people met at a fair."""


@dataclass(slots=True)
class Sheets:
    """The rows of each kind of file, in the order of HEADERS."""

    customers: list[Row] = field(default_factory=list)
    contacts: list[Row] = field(default_factory=list)
    deals: list[Row] = field(default_factory=list)
    invoices: list[Row] = field(default_factory=list)
    communications: list[Row] = field(default_factory=list)
    segments: list[Row] = field(default_factory=list)


class Maker:
    """Makes one set of sample data from one seed."""

    def __init__(self, today: date, count: int, seed: int, first: int = FIRST_NUMBER) -> None:
        self.today = today
        self.count = count
        self.first = first
        # The numbers of other records start apart, so that two sets can be imported one after the other.
        self._base = (first - FIRST_NUMBER) * 100
        self.chance = random.Random(seed)
        self.sheets = Sheets()
        self._names = {name for name, *_ in KNOWN.values()}
        self._phones: set[str] = set()

    def make(self) -> Sheets:
        for number in range(self.first, self.first + self.count):
            self._company(number)
        self._segments()
        return self.sheets

    def _pick(self, choices: Any) -> Any:
        return self.chance.choice(choices)

    def _phone(self) -> str:
        while True:
            phone = f"1990000{self.chance.randrange(10_000):04d}"
            # When most of the 10,000 numbers are taken, a wider range saves many tries.
            if len(self._phones) >= 9_000:
                phone = f"199{self.chance.randrange(10**8):08d}"
            if phone not in self._phones:
                self._phones.add(phone)
                return phone

    def _name(self, number: int) -> tuple[str, str, str, str]:
        if number in KNOWN:
            return KNOWN[number]
        while True:
            short = self._pick(words.BRANDS) + self._pick(words.TRADES)
            name = self._pick(words.PLACES) + short + self._pick(words.SUFFIXES)
            if name not in self._names:
                self._names.add(name)
                owner = "liqiang" if self.chance.random() < 0.06 else self._pick(("wangmin", "zhaojun"))
                return name, short, owner, self._pick(words.LEVELS)

    def _silence(self, number: int) -> int:
        """Returns the days since the last contact: a third below 30, a fifth above half a year."""
        if number == HONGYUAN:
            return SILENT_DAYS
        low, high = self.chance.choices(((0, 29), (30, 89), (90, 179), (181, 420)), (35, 25, 20, 20))[0]
        return self.chance.randint(low, high)

    def _day(self, days_ago: int) -> str:
        return (self.today - timedelta(days=days_ago)).isoformat()

    def _moment(self, days_ago: int) -> str:
        hour, minute = self.chance.randint(9, 17), self.chance.randrange(60)
        day = self.today - timedelta(days=days_ago)
        if days_ago == 0:
            hour = 8  # early, so that the time is not after now
        return datetime.combine(day, time(hour, minute), UTC).strftime("%Y-%m-%d %H:%M")

    def _company(self, number: int) -> None:
        name, short, owner, level = self._name(number)
        code = f"C{number}"
        silent = self._silence(number)
        # Older than its silence, so that there is time for the communications before.
        age = silent + self.chance.randint(60, 900)
        last = self._talks(code, owner, silent, age, number)
        won = self._deals(code, silent, age, number)
        tags = self.chance.sample(words.TAGS, self.chance.randint(0, 3))
        source = "展会" if number == HONGYUAN else self._pick(words.SOURCES)
        order = self._day(won) if won is not None else ""
        mail = f"{code.lower()}@example.com"
        row = (code, name, short, self._phone(), mail, owner, level, source, "；".join(tags))
        self.sheets.customers.append((*row, self._day(age), last, order))
        for index in range(self.chance.randint(1, 3)):
            person = self._pick(words.SURNAMES) + self._pick(words.GIVEN)
            title = self._pick(words.TITLES)
            self.sheets.contacts.append(
                (code, person, title, self._phone(), f"{code.lower()}.{index}@example.com")
            )

    def _talks(self, code: str, owner: str, silent: int, age: int, number: int) -> str:
        """Makes the communications, oldest first. Returns the time of the newest, which is the last contact."""
        count = RECORDS if number == HONGYUAN else self.chance.randint(2, 14)
        days = sorted({silent, *self.chance.sample(range(silent + 1, age), count - 1)}, reverse=True)
        moment = ""
        for days_ago in days:
            channel = "电话" if number == HONGYUAN and days_ago == silent else self._pick(words.CHANNELS)
            moment = self._moment(days_ago)
            record = f"R{self._base + len(self.sheets.communications) + 1}"
            text = self._pick(words.TALK[channel])
            self.sheets.communications.append((record, code, moment, channel, owner, text))
        return moment

    def _deals(self, code: str, silent: int, age: int, number: int) -> int | None:
        """Makes deals and their invoices, and returns how many days ago the last order was, if any."""
        if number == HONGYUAN:
            self._deal(code, "华东二期设备", 48_000, "进行中", -self.chance.randint(20, 60))
            return None
        last_order = None
        for _ in range(self.chance.choices((0, 1, 2, 3), (35, 35, 20, 10))[0]):
            stage = self.chance.choices(("进行中", "赢单", "输单"), (35, 40, 25))[0]
            amount = self.chance.randrange(3, 400) * 1000
            # An open deal closes in the future, a closed one was closed while the customer was still in contact.
            when = -self.chance.randint(5, 120) if stage == "进行中" else self.chance.randint(silent, age)
            self._deal(code, self._pick(words.DEALS), amount, stage, when)
            if stage == "赢单":
                last_order = when if last_order is None else min(last_order, when)
                self._invoice(code, amount, when)
        return last_order

    def _deal(self, code: str, name: str, amount: int, stage: str, days_ago: int) -> None:
        # The deal of C1024 is in the manuals' examples, so its currency is not left to chance.
        currency = "USD" if self.chance.random() < 0.04 and amount != 48_000 else "CNY"
        number = f"D{self._base + len(self.sheets.deals) + 1:04d}"
        self.sheets.deals.append((number, code, name, amount, currency, stage, self._day(days_ago)))

    def _invoice(self, code: str, amount: int, days_ago: int) -> None:
        state = "未付" if self.chance.random() < 0.2 else "已付"
        number = f"F{self._base + len(self.sheets.invoices) + 1:04d}"
        self.sheets.invoices.append((number, code, amount, "CNY", state, self._day(max(0, days_ago - 3))))

    def _segments(self) -> None:
        codes = [row[0] for row in self.sheets.customers]
        others = [code for code in codes if code != f"C{HONGYUAN}"]
        fair = self._with_hongyuan(self.chance.sample(others, min(FAIR_MEMBERS - 1, len(others))))
        east = [
            row[0]
            for row in self.sheets.customers
            if row[1][:2] in {"上海", "杭州", "苏州", "南京", "宁波", "无锡"}
        ]
        top = [row[0] for row in self.sheets.customers if row[6] == "A级"]
        back = self.chance.sample(others, min(40, len(others)))
        for number, (name, note, members) in enumerate(
            (
                ("展会线索2024", "2024 年展会收集的线索", fair),
                ("华东客户", "上海、杭州、苏州、南京、宁波、无锡", east),
                ("重点客户", "A 级客户", top),
                ("老客户回访", "每季度回访一次", back),
            ),
            start=self._base + 1,
        ):
            self.sheets.segments.append((f"G{number}", name, note, "", "；".join(sorted(set(members)))))

    def _with_hongyuan(self, codes: list[str]) -> list[str]:
        return [f"C{HONGYUAN}", *codes] if self.first <= HONGYUAN < self.first + self.count else codes


def rows_of(sheets: Sheets) -> Iterator[tuple[str, list[str], list[Row]]]:
    """Yields (kind, header cells, rows) for each file."""
    for kind, header in HEADERS.items():
        yield kind, header.split(","), getattr(sheets, kind)


def small(today: date, seed: int) -> Sheets:
    """Makes at most ten rows of each kind, about ten companies that the large set does not contain."""
    sheets = Maker(today, 10, seed, first=2001).make()
    for kind in HEADERS:
        del getattr(sheets, kind)[10:]
    sheets.segments = [(row[0], f"示例·{row[1]}", *row[2:]) for row in sheets.segments]
    return sheets


def write_csv(folder: Path, sheets: Sheets) -> None:
    """Writes CSV files in UTF-8 with a byte-order mark, without which spreadsheet programs garble Chinese."""
    folder.mkdir(parents=True, exist_ok=True)
    for kind, header, rows in rows_of(sheets):
        with (folder / f"{kind}.csv").open("w", encoding="utf-8-sig", newline="") as file:
            csv.writer(file).writerows([header, *rows])


def write_xlsx(folder: Path, sheets: Sheets) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for kind, header, rows in rows_of(sheets):
        book = Workbook(write_only=True)
        sheet = book.create_sheet(kind)
        for row in [header, *rows]:
            sheet.append(list(row))
        book.save(folder / f"{kind}.xlsx")


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m sandbox.samples.generate", description=__doc__.splitlines()[0]
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--today", type=date.fromisoformat, default=datetime.now(UTC).date())
    parser.add_argument("--count", type=int, default=500, help="how many companies")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--small", action="store_true", help="ten rows a file, numbers from C2001")
    parser.add_argument("--xlsx", action="store_true", help="Excel files instead of CSV")
    args = parser.parse_args(argv)
    sheets = small(args.today, args.seed) if args.small else Maker(args.today, args.count, args.seed).make()
    (write_xlsx if args.xlsx else write_csv)(args.folder, sheets)
    return 0


if __name__ == "__main__":
    sys.exit(main())
