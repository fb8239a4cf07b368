"""The sample data: the same every time, consistent in itself, with the customer the manuals tell of."""

import csv
from datetime import date
from pathlib import Path

from openpyxl import load_workbook

from sandbox.people import People
from sandbox.samples.generate import HEADERS, Maker, main, small
from sandbox.settings import SAMPLES

TODAY = date(2026, 11, 22)


def test_hongyuan_is_as_told() -> None:
    """宏远科技 is C1024 of wangmin: one open deal of 48,000, 37 records, silent for 217 days since a call."""
    sheets = Maker(TODAY, count=500, seed=1).make()
    (customer,) = [row for row in sheets.customers if row[2] == "宏远科技"]
    talks = [row for row in sheets.communications if row[1] == "C1024"]

    assert (customer[0], customer[1], customer[5], customer[6]) == (
        "C1024",
        "上海宏远科技有限公司",
        "wangmin",
        "B级",
    )
    assert customer[10].startswith("2026-04-19")
    assert [row[3:6] for row in sheets.deals if row[1] == "C1024"] == [(48_000, "CNY", "进行中")]
    assert not [row for row in sheets.invoices if row[1] == "C1024"]
    assert len(talks) == 37
    assert (talks[-1][2], talks[-1][3]) == (customer[10], "电话")
    assert [row[1] for row in sheets.segments if "C1024" in row[4].split("；")] == ["展会线索2024", "华东客户"]
    assert {"宏源科技", "宏远物流", "鸿远科技"} <= {row[2] for row in sheets.customers}


def test_it_is_the_same_every_time() -> None:
    """The same day and seed give the same rows; another seed gives others."""
    first, again, other = (Maker(TODAY, count=60, seed=seed).make() for seed in (1, 1, 2))

    assert first == again
    assert first.customers != other.customers


def test_everything_hangs_together() -> None:
    """Every row belongs to one of 500 companies; numbers, names and phones are unique, no date is ahead."""
    sheets = Maker(TODAY, count=500, seed=1).make()
    codes = {row[0] for row in sheets.customers}
    people = {person.userid for person in People()}

    assert len(codes) == len({row[1] for row in sheets.customers}) == 500
    phones = [row[3] for row in sheets.customers] + [row[3] for row in sheets.contacts]
    assert len(phones) == len(set(phones))
    assert {row[5] for row in sheets.customers} <= people
    assert {row[0] for row in sheets.contacts} | {row[1] for row in sheets.deals} <= codes
    assert {code for row in sheets.segments for code in row[4].split("；")} <= codes
    assert max(row[2] for row in sheets.communications) < "2026-11-22 09"
    latest: dict[str, str] = {}
    for row in sheets.communications:
        latest[row[1]] = max(latest.get(row[1], ""), row[2])
    assert latest == {row[0]: row[10] for row in sheets.customers}
    silent = [(TODAY - date.fromisoformat(row[10][:10])).days for row in sheets.customers]
    assert sum(days >= 180 for days in silent) > 60
    assert sum(90 <= days < 180 for days in silent) > 60


def test_files_by_hand_are_what_the_generator_writes(tmp_path: Path) -> None:
    """The ten-row files in the repository are made by the generator, alike as CSV and as Excel."""
    arguments = ["--small", "--seed", "7", "--today", "2026-11-22"]
    assert main([str(tmp_path), *arguments]) == 0

    for kind, header in HEADERS.items():
        made = (tmp_path / f"{kind}.csv").read_bytes()
        assert made == (SAMPLES / f"{kind}.csv").read_bytes()
        rows = list(csv.reader(made.decode("utf-8-sig").splitlines()))
        assert rows[0] == header.split(",")
        assert 2 <= len(rows) <= 11
        book = load_workbook(SAMPLES / f"{kind}.xlsx", read_only=True)
        assert book.active is not None
        cells = book.active.iter_rows(values_only=True)
        excel = [["" if cell is None else str(cell) for cell in row] for row in cells]
        book.close()
        assert excel == rows


def test_large_and_small_can_both_be_imported() -> None:
    """The small set shares no number with the large one."""
    large, little = Maker(TODAY, count=500, seed=1).make(), small(TODAY, 7)

    for kind in ("customers", "deals", "invoices", "communications", "segments"):
        numbers = [{row[0] for row in getattr(sheets, kind)} for sheets in (large, little)]
        assert not numbers[0] & numbers[1]
