"""The reading of dates and times as people and spreadsheets write them."""

import re
import unicodedata
from datetime import UTC, date, datetime, timedelta, tzinfo

from core.domain.sheets.cells import Cell, one_line
from core.domain.sheets.faults import CellFault, Fault

_FIRST_YEAR, _LAST_YEAR = 1900, 2200
_LONGEST = 40
# A day written in another time zone may be a day ahead without being in the future.
_TOLERANCE = timedelta(days=1)
# The year comes first: in 4/5/2025 the order of day and month cannot be told, and nothing is guessed. `(?P=sep)`
# wants the same separator twice. ASCII, because `\d` would match the digits of every script.
_DATE = re.compile(
    r"(?P<y>\d{4})(?:(?P<sep>[-/.])(?P<m>\d{1,2})(?P=sep)(?P<d>\d{1,2})|年(?P<m2>\d{1,2})月(?P<d2>\d{1,2})日?"
    r"|(?P<m3>\d{2})(?P<d3>\d{2}))",
    re.ASCII,
)
# 9:30, 9时30分, 9点30分00秒: `(?<=分)` lets seconds follow 分 without a colon. A seventh decimal is dropped.
_TIME = re.compile(
    r"(?:T|\s*)(?P<h>\d{1,2})(?:[:时点](?P<min>\d{1,2})分?)(?:(?::|(?<=分))(?P<s>\d{1,2})(?:\.(?P<f>\d{1,6})\d*)?秒?)?"
    r"(?P<zone>Z|[+-]\d{2}:?\d{2})?",
    re.IGNORECASE | re.ASCII,
)


def read_moment(cell: Cell, zone: tzinfo) -> datetime:
    """Returns the moment in UTC; a date without a time is the start of that day in `zone`. Raises CellFault."""
    if isinstance(cell, datetime):
        return _to_utc(cell, zone)
    if isinstance(cell, date):
        return _to_utc(datetime(cell.year, cell.month, cell.day), zone)  # noqa: DTZ001 - the zone comes in _to_utc
    if not isinstance(cell, str):  # a bare number may be a day count, a year or a slip: not guessed
        raise CellFault(Fault.BAD_DATE)
    return _from_text(unicodedata.normalize("NFKC", one_line(cell, _LONGEST)), zone)


def read_past_moment(cell: Cell, zone: tzinfo, now: datetime) -> datetime:
    """Returns the moment of something that has happened; else as `read_moment`. Raises CellFault."""
    try:
        moment = read_moment(cell, zone)
    except CellFault as late:
        # A year beyond the range is in the future too, and that is the better answer here.
        raise (CellFault(Fault.IN_FUTURE) if late.fault is Fault.DATE_TOO_LATE else late) from None
    if moment > now + _TOLERANCE:
        raise CellFault(Fault.IN_FUTURE)
    return moment


def _from_text(text: str, zone: tzinfo) -> datetime:
    day = _DATE.match(text)
    if day is None:
        raise CellFault(Fault.BAD_DATE)
    rest = text[day.end() :]
    clock = _TIME.fullmatch(rest) if rest else None
    if rest and clock is None:
        raise CellFault(Fault.BAD_DATE)
    try:
        moment = datetime(  # noqa: DTZ001 - the zone comes in _to_utc
            int(day["y"]), int(day["m"] or day["m2"] or day["m3"]), int(day["d"] or day["d2"] or day["d3"])
        )
        if clock:
            moment = _with_clock(moment, clock)
    except ValueError as error:
        raise CellFault(Fault.BAD_DATE) from error
    return _to_utc(moment, zone)


def _with_clock(day: datetime, clock: re.Match[str]) -> datetime:
    micros = int((clock["f"] or "0").ljust(6, "0"))
    moment = day.replace(
        hour=int(clock["h"]), minute=int(clock["min"]), second=int(clock["s"] or 0), microsecond=micros
    )
    if not clock["zone"]:
        return moment
    # strptime reads Z, +0800 and +08:00 alike, and refuses an impossible offset.
    return moment.replace(tzinfo=datetime.strptime(clock["zone"].upper(), "%z").tzinfo)


def _to_utc(moment: datetime, zone: tzinfo) -> datetime:
    # Before the conversion, which raises OverflowError at the ends of the calendar.
    if moment.year < _FIRST_YEAR:
        raise CellFault(Fault.DATE_TOO_EARLY)
    if moment.year > _LAST_YEAR:
        raise CellFault(Fault.DATE_TOO_LATE)
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)
