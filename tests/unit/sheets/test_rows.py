"""Headers and rows: any order, either language, every fault named, never half a row."""

from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.domain.people import person_id
from core.domain.sheets.cells import Cell
from core.domain.sheets.columns import COLUMNS, Reading
from core.domain.sheets.faults import Fault, RowFault, Unusable, UnusableSheet
from core.domain.sheets.header import read_header
from core.domain.sheets.people import Directory
from core.domain.sheets.reading import read_row
from core.domain.sheets.rows import ContactRow, CustomerRow, DealRow, InvoiceRow, Row, SegmentRow, SheetKind, Whose

NOW = datetime(2025, 11, 22, tzinfo=UTC)
READING = Reading(ZoneInfo("Asia/Shanghai"), NOW, Directory())


def read(kind: SheetKind, titles: list[str], *cells: Cell):
    return read_row(read_header(kind, titles), cells, READING)


def faults(kind: SheetKind, titles: list[str], *cells: Cell) -> list[Fault]:
    row = read(kind, titles, *cells)
    assert isinstance(row, tuple)
    return [fault.fault for fault in row]


@pytest.mark.parametrize(
    "titles",
    [
        ["客户编号", "客户名称", "手机号", "负责人", "级别", "最近联系"],
        ["id", "name", "phone", "owner", "level", "last_contact_at"],
        ["ＩＤ", "Name", "Phone ", "OWNER", "Level", "Last Contact At"],
        ["客户编号（必填）", "客户名称*", "手 机 号", "负责人:", "级 别", "最近联系时间"],
    ],
)
def test_headers_in_either_language(titles: list[str]) -> None:
    """Width, case, spaces and remarks in a header do not matter, nor does its language."""
    row = read(SheetKind.CUSTOMERS, titles, "C1024", "宏远科技", "13812345678", "WangMin", "B级", "2025-04-18")
    assert row == CustomerRow(
        number="C1024", name="宏远科技", phone="13812345678", owner=person_id("wangmin"), level="B",
        last_contact_at=datetime(2025, 4, 17, 16, tzinfo=UTC),
    )  # fmt: skip


def test_columns_in_any_order_and_strange_ones_left_alone() -> None:
    """The order is free; a column nobody knows, the status among them, is ignored and named."""
    header = read_header(SheetKind.CUSTOMERS, ["状态", "客户名称", "备用", "客户编号", ""])
    assert header.ignored == ("状态", "备用")
    assert read_row(header, ["已作废", "宏远", "x", "C1"], READING) == CustomerRow(number="C1", name="宏远")


def test_an_empty_cell_says_nothing() -> None:
    """What the sheet leaves empty stays as it is stored, so it is not part of the row."""
    assert read(SheetKind.CUSTOMERS, ["编号", "名称", "手机"], "C1", "  ", None) == CustomerRow(number="C1")


@pytest.mark.parametrize(
    ("titles", "why"),
    [
        (["手机号", "负责人"], Unusable.NO_HEADER),
        (["客户编号", "编号", "名称"], Unusable.TWICE),
        (["编号", *(f"x{n}" for n in range(64))], Unusable.TOO_MANY_COLUMNS),
        ([], Unusable.NO_HEADER),
    ],
)
def test_a_header_that_cannot_be_told(titles: list[str], why: Unusable) -> None:
    """Without number or name, with one column twice, or with too many: the file is refused as a whole."""
    with pytest.raises(UnusableSheet) as caught:
        read_header(SheetKind.CUSTOMERS, titles)
    assert caught.value.why is why


def test_every_fault_of_a_row_is_named_at_once() -> None:
    """Nobody mends a sheet one fault at a time: phone, date and e-mail are all reported, by this file's titles."""
    row = read(SheetKind.CUSTOMERS, ["编号", "手机", "邮箱", "最近联系"], "C1", "12ab", "x@", "昨天")
    assert isinstance(row, tuple)
    assert [(fault.fault, fault.column, fault.cell) for fault in row] == [
        (Fault.BAD_PHONE, "手机", "12ab"),
        (Fault.BAD_EMAIL, "邮箱", "x@"),
        (Fault.BAD_DATE, "最近联系", "昨天"),
    ]
    assert row[0].zh == "手机「12ab」不是电话号码"
    assert row[0].en == '手机 "12ab" is not a phone number'


def test_what_a_row_must_have() -> None:
    """A customer needs a number or a name, a contact a name and a customer, everything else its number."""
    assert faults(SheetKind.CUSTOMERS, ["编号", "名称", "手机"], "", "", "13812345678") == [
        Fault.NUMBER_OR_NAME_MISSING
    ]
    assert faults(SheetKind.CUSTOMERS, ["编号", "手机"], "C 1", "") == [Fault.BAD_NUMBER]
    assert faults(SheetKind.CONTACTS, ["客户编号", "姓名", "手机"], "", "", "1") == [
        Fault.BAD_PHONE, Fault.MISSING, Fault.MISSING,
    ]  # fmt: skip
    assert faults(SheetKind.DEALS, ["编号", "金额"], "", "5") == [Fault.MISSING]


def test_a_shifted_row_is_refused() -> None:
    """A cell beyond the header means a separator slipped in; keeping the rest would be half a row."""
    assert faults(SheetKind.CUSTOMERS, ["编号", "名称"], "C1", "宏远", "科技") == [Fault.TOO_MANY_CELLS]
    assert read(SheetKind.CUSTOMERS, ["编号", "名称"], "C1", "宏远", " ", None) == CustomerRow("C1", "宏远")


def test_amount_and_currency_become_one() -> None:
    """The column decides, the sign helps, a contradiction is a fault, a deal is never negative."""
    titles = ["商机编号", "客户", "金额", "币种"]
    whose = Whose(either="C1")
    assert read(SheetKind.DEALS, titles, "D1", "C1", "$5", "HKD") == DealRow(
        "D1", whose, None, Decimal("5.00"), "HKD"
    )
    assert read(SheetKind.DEALS, titles, "D1", "C1", "¥5", "") == DealRow(
        "D1", whose, None, Decimal("5.00"), "CNY"
    )
    assert read(SheetKind.DEALS, titles, "D1", "C1", "5", "") == DealRow("D1", whose, None, Decimal("5.00"))
    assert faults(SheetKind.DEALS, titles, "D1", "C1", "€5", "USD") == [Fault.TWO_CURRENCIES]
    assert faults(SheetKind.DEALS, titles, "D1", "C1", "-5", "") == [Fault.NEGATIVE]
    assert faults(SheetKind.DEALS, titles, "D1", "C1", "5", "XYZ") == [Fault.BAD_CURRENCY]
    credit = read(SheetKind.INVOICES, ["发票编号", "客户编号", "金额", "已付"], "F1", "C1", "-5", "未付")
    assert credit == InvoiceRow("F1", Whose("C1"), Decimal("-5.00"), None, False)


def test_whose_a_row_is() -> None:
    """Number, name, or a column that only says customer: each is kept as what it is."""
    assert read(SheetKind.CONTACTS, ["客户编号", "客户名称", "姓名"], "C1", "宏远", "张三") == ContactRow(
        Whose("C1", "宏远"), "张三"
    )
    assert read(SheetKind.CONTACTS, ["customer", "name"], "宏远", "张三") == ContactRow(
        Whose(either="宏远"), "张三"
    )
    assert read(SheetKind.SEGMENTS, ["编号", "成员"], "G1", "C1、C2 C1") == SegmentRow("G1", members=("C1", "C2"))


def test_a_reason_repeats_only_the_start_of_a_long_cell() -> None:
    """A cell of a thousand characters does not fill the report."""
    assert len(RowFault(Fault.BAD_PHONE, "手机", "x" * 1000).en) < 100


CELLS = st.one_of(
    st.text(max_size=60),
    st.text(alphabet="0123456789-/.年月日:, ¥$€%=+@'\"Ee万亿\u202e\x00\ud800转#", max_size=30),
    st.integers(-(10**30), 10**30),
    st.floats(),
    st.booleans(),
    st.datetimes(),
    st.dates(),
    st.times(),
    st.timedeltas(),
    st.none(),
)


@settings(max_examples=300, deadline=None)
@given(kind=st.sampled_from(SheetKind), data=st.data())
def test_no_cell_can_crash_the_reading(kind: SheetKind, data: st.DataObject) -> None:
    """Whatever stands in a sheet, a row is either whole or refused with reasons in both languages."""
    header = read_header(kind, [column.aliases[0] for column in COLUMNS[kind]])
    cells = data.draw(st.lists(CELLS, max_size=len(header.columns) + 2))
    row = read_row(header, cells, READING)
    if isinstance(row, tuple):
        assert row
        assert all(fault.zh.strip() and fault.en.strip() for fault in row)
    else:
        assert isinstance(row, Row)


def test_aliases_are_not_shared() -> None:
    """Within one kind of sheet a title means one column only."""
    for columns in COLUMNS.values():
        aliases = [alias for column in columns for alias in set(column.aliases)]
        assert len(aliases) == len(set(aliases))
