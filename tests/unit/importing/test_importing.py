"""What an import leaves in the store, on SQLite and on PostgreSQL."""

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from core.crm.embedded import tables
from core.crm.embedded.importing.run import Tally
from core.domain.actions import LifeStatus
from core.domain.audit import Tag
from tests.unit.importing.conftest import Store, report_rows, write_csv, write_xlsx

CUSTOMERS = (
    ("最近联系", "客户名称", "客户编号", "手机号", "负责人", "级别", "标签"),
    ("2025-04-18", "宏远科技有限公司", "C1", "138 1234 5678", "王敏", "B级", "展会、老客户"),
    ("2025年5月1日 09:30", "海蓝贸易", "C2", "", "LiQiang", "A", ""),
    ("", "=1+1", "C3", "021-68881234", "", "", ""),
)


def test_customers_come_in_typed(store: Store) -> None:
    """Names, phones, owners, levels, tags and times arrive as the store keeps them; a formula stays text."""
    assert store.csv("customers", *CUSTOMERS).tally == Tally(created=3)
    first, formula = store.customer("C1"), store.customer("C3")
    assert (first["name"], first["phone"], first["owner"], first["level"]) == (
        "宏远科技有限公司", "13812345678", "wangmin", "B",
    )  # fmt: skip
    assert json.loads(first["tags"]) == ["展会", "老客户"]
    assert first["last_contact_at"] == datetime(2025, 4, 17, 16, tzinfo=UTC)
    assert store.customer("C2")["last_contact_at"] == datetime(2025, 5, 1, 1, 30, tzinfo=UTC)
    assert (formula["name"], formula["owner"], formula["status"], formula["version"]) == ("=1+1", "", "active", 1)
    assert formula["created_at"] is not None


def test_gb18030_reads_like_utf8(store: Store) -> None:
    """A file saved by a Chinese Excel gives the same customers, rare characters and all."""
    rows = (("客户编号", "客户名称"), ("C1", "㐂𠮷科技"), ("C2", "宏远"))
    store.csv("customers", *rows, encoding="gb18030")
    before = store.everything()
    assert store.csv("customers", *rows, encoding="utf-8-sig").tally == Tally(same=2)
    assert store.everything() == before
    assert store.customer("C1")["name"] == "㐂𠮷科技"


def test_xlsx_with_dates_numbers_and_formulas(store: Store, tmp_path: Path) -> None:
    """Date cells, numbers for ids and phones, and a formula as its text, never its result."""
    path = write_xlsx(
        tmp_path / "a.xlsx",
        [
            ["ID", "name", "phone", "last_contact_at"],
            [1024, '=HYPERLINK("http://evil.example","宏远")', 13812345678, datetime(2025, 4, 18, 9, 30)],  # noqa: DTZ001
        ],
    )
    assert store.load("customers", path).tally == Tally(created=1)
    row = store.customer("1024")
    assert row["name"] == '=HYPERLINK("http://evil.example","宏远")'
    assert row["phone"] == "13812345678"
    assert row["last_contact_at"] == datetime(2025, 4, 18, 1, 30, tzinfo=UTC)


def test_a_second_time_changes_nothing(store: Store) -> None:
    """The same files again: no row, no version and no entry in the log is new."""
    children = _children()
    for kind, rows in children.items():
        store.csv(kind, *rows)
    before, head = store.everything(), store.head()
    for kind, rows in children.items():
        assert store.csv(kind, *rows).tally == Tally(same=len(rows) - 1)
    assert store.everything() == before
    assert store.head() == head


def test_only_what_differs_is_written(store: Store) -> None:
    """One changed phone moves one version; an empty cell and a column that is not there leave what is stored."""
    store.csv("customers", *CUSTOMERS)
    tally = store.csv(
        "customers", ("编号", "手机", "级别"), ("C1", "13900000000", ""), ("C2", "", "A"), ("C3", "", "")
    ).tally
    assert tally == Tally(changed=1, same=2)
    assert [store.customer(n)["version"] for n in ("C1", "C2", "C3")] == [2, 1, 1]
    assert (store.customer("C1")["phone"], store.customer("C1")["level"]) == ("13900000000", "B")


def test_half_bad_keeps_the_good_half(store: Store, tmp_path: Path) -> None:
    """Good rows are in, whole; each bad row is reported with its line, both reasons and its cells, defused."""
    path = write_csv(
        tmp_path / "a.csv",
        [
            ("编号", "名称", "手机"),
            ("C1", "宏远", "13812345678"),
            ("C2", "=cmd|' /C calc'!A0", "12ab"),
            ("", "", "13800000000"),
            ("C1", "又一个", ""),
            ("C5", "", ""),
            ("", "无此客户", ""),
            ("C6", "海蓝", ""),
        ],
    )
    summary = store.load("customers", path)
    assert summary.tally == Tally(created=2, bad=5)
    assert sorted(row["number"] for row in store.rows(tables.customers)) == ["C1", "C6"]
    assert summary.report is not None
    titles, *rows = report_rows(summary.report)
    assert titles == ("行号 line", "原因", "reason", "编号", "名称", "手机")
    assert [row[0] for row in rows] == ["3", "4", "5", "6", "7"]
    assert rows[0][3:] == ("C2", "'=cmd|' /C calc'!A0", "12ab")
    assert rows[0][1:3] == ("手机「12ab」不是电话号码", '手机 "12ab" is not a phone number')
    assert rows[2][1:3] == ("与第 2 行重复", "repeats line 2")


def test_a_bad_row_hears_what_a_new_record_needs_too(store: Store) -> None:
    """Bad phone and no name: both are named where the number is new, only the phone where it is known."""
    store.csv("customers", ["编号", "名称"], ["C1", "宏远科技"])
    titles = ["编号", "名称", "手机"]
    bad = [["C1", "", "12ab"], ["C2", "", "12ab"], ["C3", "蓝天", "12ab"], ["C4", "明月", ""], ["C4", "", "1x"]]
    summary = store.csv("customers", titles, *bad)
    assert summary.report is not None
    reasons = [row[1] for row in report_rows(summary.report)[1:]]
    assert [("手机" in reason, "新记录必须有「名称」" in reason) for reason in reasons] == [
        (True, False),
        (True, True),
        (True, False),
        (True, False),
    ]
    summary = store.csv(
        "deals", ["商机编号", "客户编号", "金额", "阶段"], ["D1", "", "", "?"], ["D2", "C1", "x", ""]
    )
    assert summary.report is not None
    first, second = (row[1] for row in report_rows(summary.report)[1:])
    assert first.split("；")[1:] == ["新记录必须有「客户编号」", "新记录必须有「金额」"]
    assert "新记录" not in second
    assert (summary.tally.bad, summary.tally.created) == (2, 0)


def test_a_mended_report_can_be_imported(store: Store, tmp_path: Path) -> None:
    """The report is a sheet like any other: put the phone right, import it, and the row is in, formula and all."""
    path = write_csv(tmp_path / "a.csv", [("编号", "名称", "手机"), ("C2", "=1+1", "12ab")])
    report = store.load("customers", path).report
    assert report is not None
    mended = [[cell if cell != "12ab" else "13812345678" for cell in row] for row in report_rows(report)]
    assert store.load("customers", write_xlsx(tmp_path / "b.xlsx", mended)).tally == Tally(created=1)
    assert store.customer("C2")["name"] == "=1+1"


@pytest.mark.slow
def test_ten_thousand_bad_rows(store: Store) -> None:
    """Every one is reported, and records and log are as they were."""
    store.csv("customers", *CUSTOMERS)
    before, head = store.everything(), store.head()
    summary = store.csv("customers", ("编号", "手机"), *((f"B{n}", "不是电话") for n in range(10_000)))
    assert summary.tally == Tally(bad=10_000)
    assert summary.report is not None
    assert len(report_rows(summary.report)) == 10_001
    assert (store.everything(), store.head()) == (before, head)


def test_a_name_counts_only_when_it_is_the_only_one(store: Store) -> None:
    """Without a number, an exact name of one customer will do; of two it is a question, of none a bad row."""
    store.csv("customers", ("编号", "名称"), ("C1", "宏远"), ("C2", "海蓝"), ("C3", "海蓝"))
    tally = store.csv(
        "customers", ("名称", "手机"), ("宏远", "13812345678"), ("海蓝", "1"), ("无", "13800000000")
    ).tally
    assert tally == Tally(changed=1, bad=2)
    assert store.csv("customers", ("名称", "手机"), ("海蓝", "13812345678")).tally == Tally(bad=1)
    assert store.customer("C1")["phone"] == "13812345678"


def test_the_life_of_a_record_is_not_the_sheets_business(store: Store) -> None:
    """A voided customer gets its new phone and stays voided, whatever a column says; a purged one is left."""
    store.csv("customers", ("编号", "名称"), ("C1", "宏远"), ("C2", "海蓝"))
    store.put_status("C1", LifeStatus.VOIDED)
    store.put_status("C2", LifeStatus.PURGED)
    rows = (("编号", "状态", "手机"), ("C1", "active", "13812345678"), ("C2", "active", "13812345678"))
    summary = store.csv("customers", *rows)
    assert (summary.tally, summary.ignored) == (Tally(changed=1, bad=1), ("状态",))
    assert (store.customer("C1")["status"], store.customer("C1")["phone"]) == ("voided", "13812345678")
    assert (store.customer("C2")["status"], store.customer("C2")["phone"]) == ("purged", "")


def _children() -> dict[str, tuple[tuple[str, ...], ...]]:
    return {
        "customers": CUSTOMERS,
        "contacts": (
            ("客户编号", "姓名", "职务", "手机"),
            ("C1", "张三", "采购", "13900000001"),
            ("C1", "张三", "", ""),
        ),
        "deals": (
            ("商机编号", "客户", "金额", "阶段", "预计成交"),
            ("D1", "海蓝贸易", "¥48,000", "进行中", "2026-03-01"),
        ),
        "invoices": (("发票编号", "客户编号", "金额", "币种", "已付"), ("F1", "C1", "1,200.50", "USD", "未付")),
        "communications": (
            ("记录编号", "客户编号", "时间", "渠道", "记录人", "内容"),
            ("R1", "C1", "2025-06-01 10:00", "电话", "王敏", "问过报价\n下周再谈"),
            ("R2", "C2", "2025-01-01", "微信", "某人", ""),
        ),
        "segments": (("群体编号", "群体名称", "成员"), ("G1", "展会线索2024", "C1、C2")),
    }


def test_what_hangs_on_a_customer(store: Store) -> None:
    """Contacts, deals, invoices, communications and memberships find their customer and move its version."""
    for kind, rows in _children().items():
        assert store.csv(kind, *rows).tally == Tally(created=len(rows) - 1), kind
    one, two = store.customer("C1"), store.customer("C2")
    (deal,), (invoice,), (segment,) = (store.rows(t) for t in (tables.deals, tables.invoices, tables.segments))
    assert (deal["customer_id"], deal["amount"], deal["currency"], deal["stage"]) == (
        two["id"], Decimal("48000.00"), "CNY", "open",
    )  # fmt: skip
    assert (invoice["amount"], invoice["currency"], invoice["paid"]) == (Decimal("1200.50"), "USD", 0)
    assert {row["customer_id"] for row in store.rows(tables.memberships)} == {one["id"], two["id"]}
    assert segment["name"] == "展会线索2024"
    said = {row["number"]: row for row in store.rows(tables.communications)}
    assert (said["R1"]["channel"], said["R1"]["author"], said["R1"]["text"]) == (
        "phone",
        "wangmin",
        "问过报价\n下周再谈",
    )
    assert said["R2"]["author"] == "某人"
    assert (one["version"], two["version"]) == (5, 4)


def test_the_last_contact_only_goes_forward(store: Store) -> None:
    """A newer record moves it, an older one does not, and a sheet of customers cannot drag it behind a record."""
    for kind, rows in _children().items():
        store.csv(kind, *rows)
    assert store.customer("C1")["last_contact_at"] == datetime(2025, 6, 1, 2, tzinfo=UTC)
    assert store.customer("C2")["last_contact_at"] == datetime(2025, 5, 1, 1, 30, tzinfo=UTC)
    assert store.csv("customers", *CUSTOMERS).tally == Tally(same=3)
    assert store.customer("C1")["last_contact_at"] == datetime(2025, 6, 1, 2, tzinfo=UTC)


def test_a_record_that_moves_touches_both(store: Store) -> None:
    """A deal given to another customer moves the versions of the one it leaves and the one it comes to."""
    for kind, rows in _children().items():
        store.csv(kind, *rows)
    before = {n: store.customer(n)["version"] for n in ("C1", "C2", "C3")}
    assert store.csv("deals", ("编号", "客户编号"), ("D1", "C3")).tally == Tally(changed=1)
    after = {n: store.customer(n)["version"] for n in ("C1", "C2", "C3")}
    assert after == {"C1": before["C1"], "C2": before["C2"] + 1, "C3": before["C3"] + 1}


def test_children_of_nobody_are_refused(store: Store) -> None:
    """An unknown customer, an ambiguous name, a new deal without amount or customer, a segment with a stranger."""
    store.csv("customers", ("编号", "名称"), ("C1", "海蓝"), ("C2", "海蓝"))
    before = store.everything()
    bad = store.csv(
        "deals",
        ("编号", "客户编号", "客户名称", "金额"),
        ("D1", "C9", "", "5"),
        ("D2", "", "海蓝", "5"),
        ("D3", "C1", "", ""),
        ("D4", "", "", "5"),
    )
    assert bad.tally == Tally(bad=4)
    assert store.csv("segments", ("编号", "名称", "成员"), ("G1", "群", "C1、C9")).tally == Tally(bad=1)
    assert store.csv("contacts", ("客户编号", "姓名"), ("C9", "张三")).tally == Tally(bad=1)
    assert store.csv("communications", ("编号", "客户编号", "时间"), ("R1", "C1", "")).tally == Tally(bad=1)
    assert store.everything() == before


def test_a_segment_only_gains_members(store: Store) -> None:
    """A sheet that names fewer members takes nobody out; new ones join and move the segment's version."""
    for kind, rows in _children().items():
        store.csv(kind, *rows)
    assert store.csv("segments", ("编号", "成员"), ("G1", "C3")).tally == Tally(changed=1)
    assert len(store.rows(tables.memberships)) == 3
    assert store.rows(tables.segments)[0]["version"] == 2


def test_the_log_tells_of_the_import_without_personal_data(store: Store) -> None:
    """One entry with the file's hash and the counts; no name, no phone, no file name."""
    store.csv("customers", *CUSTOMERS, ("", "", "", "", "", "", "x"))
    (entry,) = store.log()
    detail = json.loads(entry.detail)
    assert entry.tag == Tag.RECORDS_IMPORTED
    assert detail.pop("file_sha256")
    assert detail == {
        "phase": "finished",
        "kind": "customers",
        "created": 3,
        "changed": 0,
        "unchanged": 0,
        "bad": 1,
    }
    (row,) = store.rows(tables.imports)
    assert (row["kind"], row["file_name"], row["good_rows"], row["bad_rows"]) == ("customers", "1.csv", 3, 1)


def test_a_long_import_is_logged_when_it_begins(store: Store) -> None:
    """The first chunk's transaction already tells of the import, so that a crash leaves no change unlogged."""
    rows = [(f"C{n}", f"客户{n}") for n in range(2500)]
    assert store.csv("customers", ("编号", "名称"), *rows).tally == Tally(created=2500)
    assert [json.loads(entry.detail)["phase"] for entry in store.log()] == ["begun", "finished"]
    assert store.csv("customers", ("编号", "名称"), *rows, ("C1", "重复")).tally == Tally(same=2500, bad=1)


def test_new_customers_can_be_found(store: Store) -> None:
    """The name index knows customers and contacts as soon as the import is in."""
    for kind in ("customers", "contacts"):
        store.csv(kind, *_children()[kind])
    assert len(store.rows(tables.search_rows)) == 3
    before = {row["customer_id"]: row["digest"] for row in store.rows(tables.search_rows)}
    store.csv("contacts", ("客户编号", "姓名"), ("C2", "赵军"))
    changed = [
        k
        for k, digest in ((r["customer_id"], r["digest"]) for r in store.rows(tables.search_rows))
        if before[k] != digest
    ]
    assert changed == [store.customer("C2")["id"]]


def test_times_keep_their_order_of_events(store: Store) -> None:
    """A contact in the future is refused: one slip in the year would silence reminders for decades."""
    store.csv("customers", *CUSTOMERS)
    far = (datetime(2025, 11, 22, tzinfo=UTC) + timedelta(days=3)).date().isoformat()
    assert store.csv("communications", ("编号", "客户编号", "时间"), ("R1", "C1", far)).tally == Tally(bad=1)
