"""Files that are not what they say, and files that are only partly broken."""

import io
import zipfile
from pathlib import Path

import pytest
from openpyxl import Workbook

from bot.sheets.opening import open_sheet
from bot.sheets.sheet import Sheet
from core.crm.embedded.importing.run import Tally
from core.domain.sheets.faults import Unusable, UnusableSheet
from tests.unit.importing.conftest import Store, report_rows, write_csv, write_xlsx


def _zip(**parts: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


def _encrypted_zip() -> bytes:
    raw = bytearray(_zip(**{"[Content_Types].xml": b"x", "xl/workbook.xml": b"x"}))
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = raw.find(mark)
        raw[at + offset] |= 1
    return bytes(raw)


def _bomb() -> bytes:
    """A sheet whose directory entry tells of two gigabytes (APPNOTE.TXT 4.3.12: the size stands 24 bytes in)."""
    raw = bytearray(
        _zip(**{"[Content_Types].xml": b"x", "xl/workbook.xml": b"x", "xl/worksheets/sheet1.xml": b"x"})
    )
    at = raw.rfind(b"PK\x01\x02")
    raw[at + 24 : at + 28] = (0x7FFFFFFF).to_bytes(4, "little")
    return bytes(raw)


WRONG = {
    "nothing": (b"", Unusable.EMPTY),
    "only blanks": (b"\xef\xbb\xbf \r\n \r\n", Unusable.EMPTY),
    "pdf": (b"%PDF-1.7\n...", Unusable.NOT_A_SHEET),
    "old or encrypted Excel": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), Unusable.OLD_OR_ENCRYPTED),
    "a table of HTML": ("<html><table><tr><td>编号</td></tr></table>".encode(), Unusable.NOT_A_SHEET),
    "a Word file": (_zip(**{"[Content_Types].xml": b"x", "word/document.xml": b"x"}), Unusable.NOT_A_SHEET),
    "a cut ZIP": (_zip(a=b"x" * 99)[:60], Unusable.DAMAGED),
    "a sheet that is no XML": (_zip(**{"[Content_Types].xml": b"x", "xl/workbook.xml": b"x"}), Unusable.DAMAGED),
    "a ZIP with a password": (_encrypted_zip(), Unusable.OLD_OR_ENCRYPTED),
    "UTF-16": ("编号,名称\nC1,宏远\n".encode("utf-16"), Unusable.ENCODING),
    "no encoding of ours": (b"id,name\nC1,\xff\xff\n", Unusable.ENCODING),
    "half a character at the end": ("id,name\nC1,宏远".encode()[:-1] + b"\xff", Unusable.ENCODING),
    "binary": (b"id,name\nC1,\x00\x01\n", Unusable.NOT_A_SHEET),
    "no header": ("甲,乙\nC1,宏远\n".encode(), Unusable.NO_HEADER),
    "prose": ("这是一封信。\n没有表头。\n".encode(), Unusable.NO_HEADER),
}


@pytest.mark.parametrize("name", WRONG)
@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_a_wrong_file_is_refused_by_its_content(store: Store, tmp_path: Path, name: str, suffix: str) -> None:
    """Whatever its suffix says: a clear answer in both languages, and records and log as they were."""
    content, why = WRONG[name]
    path = tmp_path / f"a{suffix}"
    path.write_bytes(content)
    before, head = store.everything(), store.head()
    with pytest.raises(UnusableSheet) as caught:
        store.load("customers", path)
    assert caught.value.why is why
    assert caught.value.zh
    assert caught.value.en
    assert (store.everything(), store.head()) == (before, head)
    assert [p.name for p in tmp_path.iterdir() if "errors" in p.name] == []


def test_a_sheet_that_unpacks_to_gigabytes_is_refused_unopened(tmp_path: Path) -> None:
    """A bomb is known by what its directory says; nothing of it is unpacked."""
    path = tmp_path / "a.xlsx"
    path.write_bytes(_bomb())
    with pytest.raises(UnusableSheet) as caught:
        open_sheet(path)
    assert caught.value.why is Unusable.TOO_BIG


def test_a_renamed_sheet_is_read(store: Store, tmp_path: Path) -> None:
    """XLSX called .csv and CSV called .xlsx are what their content is."""
    rows = [("编号", "名称"), ("C1", "宏远")]
    assert store.load("customers", write_xlsx(tmp_path / "a.csv", rows)).tally == Tally(created=1)
    assert store.load("customers", write_csv(tmp_path / "b.xlsx", rows)).tally == Tally(same=1)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    """A missing file and a folder get the same clear answer."""
    for path in (tmp_path / "none.csv", tmp_path):
        with pytest.raises(UnusableSheet) as caught:
            open_sheet(path)
        assert caught.value.why is Unusable.NOT_THERE


Found = list[tuple[int, tuple[object, ...], str]]


def _cells(sheet: Sheet) -> Found:
    rows: Found = [(row.line, row.cells, row.broken.name if row.broken else "") for row in sheet.rows()]
    sheet.close()
    return rows


def _csv(tmp_path: Path, text: str) -> Found:
    path = tmp_path / "a.csv"
    path.write_text(text, encoding="utf-8", newline="")
    return _cells(open_sheet(path))


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_delimiters(tmp_path: Path, delimiter: str) -> None:
    """Comma, semicolon and tab are told from the header; quoted ones part nothing."""
    text = delimiter.join(['"编号,;\t"', "名称"]) + "\r\n" + delimiter.join(["C1", f'"宏{delimiter}远"']) + "\r\n"
    assert _csv(tmp_path, text) == [(1, ("编号,;\t", "名称"), ""), (2, ("C1", f"宏{delimiter}远"), "")]


def test_the_line_that_tells_excel_the_delimiter(tmp_path: Path) -> None:
    """`sep=;` is an instruction, not a row."""
    assert _csv(tmp_path, "sep=;\nid;name\n") == [(2, ("id", "name"), "")]


def test_a_quote_that_never_closes_costs_one_row(tmp_path: Path) -> None:
    """The rows behind it are read as if nothing had happened, under their own line numbers."""
    text = 'id,name\nC1,"宏远\nC2,海蓝\nC3,"两\n行"\nC4,6" 管\nC5,"a"b\nC6,完\n'
    assert _csv(tmp_path, text) == [
        (1, ("id", "name"), ""),
        (2, ('C1,"宏远',), "BROKEN_QUOTES"),
        (3, ("C2", "海蓝"), ""),
        (4, ("C3", "两\n行"), ""),
        (6, ("C4", '6" 管'), ""),
        (7, ('C5,"a"b',), "BROKEN_QUOTES"),
        (8, ("C6", "完"), ""),
    ]


def test_an_endless_line_is_one_bad_row(tmp_path: Path) -> None:
    """Three million characters without a line break do not fill the memory nor end the import."""
    rows = _csv(tmp_path, "id,name\nC1," + "x" * 3_000_000 + "\nC2,海蓝\n")
    assert [(line, broken) for line, _, broken in rows] == [(1, ""), (2, "TOO_LONG"), (3, "")]


def test_far_corners_of_a_sheet(tmp_path: Path) -> None:
    """A sheet of two cells at opposite corners is read without building the million rows between as a table."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet["A1"], sheet["B1"], sheet["A3000"], sheet["XFD3000"] = "id", "name", "C1", "far"
    book.save(tmp_path / "a.xlsx")
    rows = [(line, cells) for line, cells, _ in _cells(open_sheet(tmp_path / "a.xlsx")) if any(cells)]
    assert [(line, cells[0], len(cells) <= 65) for line, cells in rows] == [(1, "id", True), (3000, "C1", True)]


def test_only_the_first_sheet_is_read(store: Store, tmp_path: Path) -> None:
    """What stands on other sheets is not for us."""
    book = Workbook()
    assert book.active is not None
    book.active.append(["id", "name"])
    book.active.append(["C1", "宏远"])
    book.create_sheet("more").append(["C2", "海蓝"])
    book.save(tmp_path / "a.xlsx")
    assert store.load("customers", tmp_path / "a.xlsx").tally == Tally(created=1)


def test_broken_rows_reach_the_report(store: Store, tmp_path: Path) -> None:
    """A row with a broken quote is reported with its raw text; the others are in."""
    path = tmp_path / "a.csv"
    path.write_text('id,name\nC1,"宏远\nC2,海蓝\n', encoding="utf-8")
    summary = store.load("customers", path)
    assert summary.tally == Tally(created=1, bad=1)
    assert summary.report is not None
    assert report_rows(summary.report)[1] == ("2", "引号没有配对", "its quotes do not match", 'C1,"宏远', None)
