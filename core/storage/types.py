"""Defines column types that behave the same on SQLite and PostgreSQL."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from sqlalchemy import BigInteger, Dialect
from sqlalchemy.types import TypeDecorator

# Integers instead of float timestamps: a float cannot hold every microsecond, and moments are hashed in the log.
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def to_micros(moment: datetime) -> int:
    return (moment - _EPOCH) // _MICROSECOND


def from_micros(micros: int) -> datetime:
    return _EPOCH + timedelta(microseconds=micros)


_KEPT = 4096
"""How many moments are kept as both of their forms."""


class _Micros(dict[datetime | None, int | None]):
    """The microseconds of moments met lately: one transaction binds its own moment again and again."""

    def __missing__(self, moment: datetime | None) -> int | None:
        micros = None if moment is None else to_micros(moment)
        _keep(moment, micros)
        return micros


class _Moments(dict[int | None, datetime | None]):
    """The moments of microseconds met lately: a row is often read soon after it was written."""

    def __missing__(self, micros: int | None) -> datetime | None:
        moment = None if micros is None else from_micros(micros)
        _keep(moment, micros)
        return moment


_micros, _moments = _Micros(), _Moments()
micros_of = _micros.__getitem__
"""Returns the microseconds of a moment, as `to_micros` does; it remembers those met lately."""


def _keep(moment: datetime | None, micros: int | None) -> None:
    # Threads share the two; whatever one of them clears, the next one works out anew.
    if len(_micros) >= _KEPT:
        _micros.clear()
        _moments.clear()
    _micros[moment], _moments[micros] = micros, moment


class Instant(TypeDecorator[datetime]):
    """A moment, stored as whole microseconds since 1970 UTC, so that both databases sort and compare it alike."""

    impl = BigInteger
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Callable[[datetime | None], int | None]:
        return micros_of

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[int | None], datetime | None]:
        return _moments.__getitem__
