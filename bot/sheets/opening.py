"""Finds out what a file is by its content; the suffix of its name is ignored."""

import codecs
import hashlib
from collections.abc import Callable
from pathlib import Path

from bot.sheets.csv_file import CsvSheet
from bot.sheets.sheet import Sheet
from bot.sheets.xlsx_file import XlsxSheet
from core.domain.sheets.faults import Unusable, UnusableSheet

# The first bytes of files that we read, or refuse by name; an XLSX file is a ZIP archive.
_BLOCK = 1 << 20
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""The first bytes of a compound file: an old .xls, or an .xlsx with a password."""
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_OTHER = {
    b"%PDF": "PDF",
    b"{\\rtf": "RTF",
    b"\x89PNG": "PNG",
    b"\xff\xd8\xff": "JPEG",
    b"GIF8": "GIF",
    b"Rar!": "RAR",
    b"7z\xbc\xaf": "7z",
    b"\x1f\x8b": "gzip",
    b"SQLite format 3": "SQLite",
}
_MARKUP = (b"<!doctype", b"<html", b"<table", b"<?xml", b"<meta")
"""The beginnings of HTML and XML; some systems export an HTML table under the name .xls."""


def open_sheet(path: Path) -> Sheet:
    """Opens a sheet with the reader that fits its content. Raises UnusableSheet."""
    try:
        with path.open("rb") as file:
            start = file.read(512)
        _refuse_other_kinds(start)
        if start.startswith(_ZIP):
            return XlsxSheet(path)
        return CsvSheet(path, _encoding(path))
    except OSError as error:
        raise UnusableSheet(Unusable.NOT_THERE) from error


def file_hash(path: Path) -> str:
    """Returns the SHA-256 of the file, hex. Raises UnusableSheet."""
    digest = hashlib.sha256()
    try:
        _each_block(path, digest.update)
    except OSError as error:
        raise UnusableSheet(Unusable.NOT_THERE) from error
    return digest.hexdigest()


def _refuse_other_kinds(start: bytes) -> None:
    if not start.strip(b"\xef\xbb\xbf \t\r\n"):
        raise UnusableSheet(Unusable.EMPTY)
    if start.startswith(_OLE):
        raise UnusableSheet(Unusable.OLD_OR_ENCRYPTED)
    if start.startswith(_UTF16):
        raise UnusableSheet(Unusable.ENCODING)
    for mark, what in _OTHER.items():
        if start.startswith(mark):
            raise UnusableSheet(Unusable.NOT_A_SHEET, what)
    if start.removeprefix(codecs.BOM_UTF8).lstrip().lower().startswith(_MARKUP):
        raise UnusableSheet(Unusable.NOT_A_SHEET, "HTML / XML")


def _encoding(path: Path) -> str:
    """Returns the encoding of a CSV file. The whole file is tried, because a wrong byte may come at its end."""
    # UTF-8 first: GB 18030 would accept many texts in UTF-8 too, and garble them.
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            _try(path, encoding)
        except UnicodeDecodeError:
            continue
        return encoding
    raise UnusableSheet(Unusable.ENCODING)


def _try(path: Path, encoding: str) -> None:
    decoder = codecs.getincrementaldecoder(encoding)("strict")

    def feed(block: bytes) -> None:
        # No text holds a zero byte, but the decoder would accept it.
        if b"\0" in block:
            raise UnusableSheet(Unusable.NOT_A_SHEET, "binary")
        decoder.decode(block)

    _each_block(path, feed)
    decoder.decode(b"", final=True)


def _each_block(path: Path, use: Callable[[bytes], object]) -> None:
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            use(block)
