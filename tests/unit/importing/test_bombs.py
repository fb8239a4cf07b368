"""Small files that unpack to far more than they look like: refused or survived, in bounded memory."""

import base64
import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from core.domain.sheets.faults import Unusable

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[3]
MOST_MEMORY = 900 << 20
"""Bytes: what a bot takes, and the 512 MB that reading may take on top."""
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_HEAD = (
    '<row r="1"><c r="A1" t="inlineStr"><is><t>编号</t></is></c>'
    '<c r="B1" t="inlineStr"><is><t>名称</t></is></c></row>'
)
_ROW = (
    '<row r="{0}"><c r="A{0}" t="inlineStr"><is><t>C{0}</t></is></c>'
    '<c r="B{0}" t="inlineStr"><is><t>宏远</t></is></c></row>'
)

Parts = dict[str, Iterator[str]]


def _times(piece: str, megabytes: int) -> Iterator[str]:
    """`piece` again and again, a megabyte at a time."""
    block = piece * max(1, (1 << 20) // len(piece))
    for _ in range(megabytes):
        yield block


def _sheet(rows: Iterator[str], before: str = "") -> Iterator[str]:
    yield f'<worksheet xmlns="{_MAIN}">{before}<sheetData>'
    yield from rows
    yield "</sheetData></worksheet>"


def _wrapped(name: str, inside: Iterator[str]) -> Iterator[str]:
    yield f'<{name} xmlns="{_MAIN}">'
    yield from inside
    yield f"</{name}>"


def _parts(rows: Iterator[str], before: str = "", **more: Iterator[str]) -> Parts:
    """The parts of a workbook; `more` are strings, styles or chartsheet."""
    kinds = {"strings": "sharedStrings", "styles": "styles", "chartsheet": "chartsheet"}
    types, links, sheets = [], [], []
    for name in more:
        types.append(f'<Override PartName="/xl/{name}.xml" ContentType="{_KIND}.{kinds[name]}+xml"/>')
    for place, name in enumerate(["worksheet", *(name for name in more if name == "chartsheet")]):
        links.append(f'<Relationship Id="r{place}" Type="{_OFFICE}/{name}" Target="{name}.xml"/>')
        sheets.append(f'<sheet name="{name}" sheetId="{place + 1}" r:id="r{place}"/>')
    types.append(f'<Override PartName="/xl/workbook.xml" ContentType="{_KIND}.sheet.main+xml"/>')
    book = f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>{"".join(sheets)}</sheets></workbook>'
    relations = f'<Relationships xmlns="{_PACKAGE}/relationships">{"".join(links)}</Relationships>'
    return {
        "[Content_Types].xml": iter([f'<Types xmlns="{_PACKAGE}/content-types">{"".join(types)}</Types>']),
        "xl/workbook.xml": iter([book]),
        "xl/_rels/workbook.xml.rels": iter([relations]),
        "xl/worksheet.xml": _sheet(rows, before),
        **{f"xl/{name}.xml": content for name, content in more.items()},
    }


def _two_rows() -> Iterator[str]:
    return iter([_HEAD, _ROW.format(2)])


def _strings(characters: int, megabytes: int) -> Iterator[str]:
    return _wrapped("sst", _times(f"<si><t>{'x' * characters}</t></si>", megabytes))


def _laughs() -> Iterator[str]:
    names = "abcdefghij"
    yield "<!DOCTYPE sst ["
    yield f'<!ENTITY a "{"宏" * 1000}">'
    for before, name in pairwise(names):
        yield f'<!ENTITY {name} "{f"&{before};" * 10}">'
    yield f']><sst xmlns="{_MAIN}"><si><t>&j;</t></si></sst>'


REFUSED: dict[str, tuple[Callable[[], Parts], Unusable]] = {
    "shared strings under another name": (
        lambda: _parts(_two_rows(), strings=_strings(1000, 700)),
        Unusable.TOO_BIG,
    ),
    "styles": (
        lambda: _parts(_two_rows(), styles=_wrapped("styleSheet", _wrapped("cellXfs", _times("<xf/>", 300)))),
        Unusable.TOO_BIG,
    ),
    "a chart that is read whole": (
        lambda: _parts(_two_rows(), chartsheet=_wrapped("chartsheet", _times("<a/>", 300))),
        Unusable.TOO_BIG,
    ),
    "a row without end": (
        lambda: _parts(iter([_HEAD, '<row r="2">', *_times("<c/>", 200), "</row>"])),
        Unusable.TOO_BIG,
    ),
    "entities in entities": (lambda: _parts(_two_rows(), strings=_laughs()), Unusable.DAMAGED),
}
SURVIVED: dict[str, Callable[[], Parts]] = {
    "a size of its own invention": lambda: _parts(_two_rows(), '<dimension ref="A1:XFD1048576"/>'),
    "a row far away": lambda: _parts(iter([_HEAD, _ROW.format(2), _ROW.format(100_000)])),
    "sixteen thousand columns": lambda: _parts(
        iter([_HEAD, _ROW.format(2).replace("</row>", "<c/>" * 16_382 + "</row>")])
    ),
    "strings nobody uses": lambda: _parts(
        _two_rows(), strings=_wrapped("sst", _times(f"<si><t>{'x' * 100}</t></si>", 60))
    ),
}


def write(path: Path, parts: Parts) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, content in parts.items():
            with archive.open(name, "w", force_zip64=True) as part:
                for piece in content:
                    part.write(piece.encode())
    return path


def run(folder: Path, *words: str) -> tuple[int, str, int]:
    """(exit code, what was said, peak memory in bytes) of a command of its own process."""
    key = base64.b64encode(bytes(range(32))).decode()
    environment = {
        "PYTHONPATH": str(ROOT),
        "PATH": os.environ["PATH"],
        "VOIDBOT_DATABASE_URL": f"sqlite:///{folder / 'a.db'}",
        "VOIDBOT_SEAL_KEY": key,
    }
    with (folder / "said").open("w+b") as said:
        child = subprocess.Popen(
            [sys.executable, "-m", "bot", *words], cwd=folder, env=environment, stdout=said, stderr=said
        )
        _, status, used = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        said.seek(0)
        return child.returncode, said.read().decode(errors="replace"), used.ru_maxrss * 1024


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    assert run(tmp_path, "db", "upgrade")[0] == 0
    return tmp_path


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux tells what a process may take")
@pytest.mark.parametrize("name", REFUSED)
def test_a_bomb_is_refused(folder: Path, name: str) -> None:
    """`import` ends with 2 and says why, and takes no more memory than its bound."""
    parts, why = REFUSED[name]
    path = write(folder / "a.xlsx", parts())
    status, said, memory = run(folder, "import", "--kind", "customers", str(path))
    assert status == 2, said
    assert ("too big when unpacked" if why is Unusable.TOO_BIG else "damaged") in said
    assert "Traceback" not in said
    assert memory < MOST_MEMORY


@pytest.mark.parametrize("name", SURVIVED)
def test_a_sheet_that_only_looks_huge_is_read(folder: Path, name: str) -> None:
    """Sizes it invents, empty columns and far rows cost next to nothing: its good rows are imported."""
    path = write(folder / "a.xlsx", SURVIVED[name]())
    status, said, memory = run(folder, "import", "--kind", "customers", str(path))
    assert status in {0, 1}
    assert re.search("Imported: [12] new", said), said
    assert memory < MOST_MEMORY
