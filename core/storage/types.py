"""Defines column types that behave the same on SQLite and PostgreSQL."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from sqlalchemy import BigInteger, Dialect
from sqlalchemy.types import TypeDecorator

# Integers instead of float timestamps: a float cannot hold every microsecond, and moments are hashed in the log.
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def to_micros(moment: datetime) -> int:
    return (moment - _EPOCH) // _MICROSECOND


def from_micros(micros: int) -> datetime:
    return _EPOCH + timedelta(microseconds=micros)


# Cached: one transaction binds its own moment again and again, and a row is often read soon after it was written.
@lru_cache(maxsize=4096)
def _bound(moment: datetime | None) -> int | None:
    return None if moment is None else to_micros(moment)


@lru_cache(maxsize=4096)
def _read(micros: int | None) -> datetime | None:
    return None if micros is None else from_micros(micros)


class Instant(TypeDecorator[datetime]):
    """A moment, stored as whole microseconds since 1970 UTC, so that both databases sort and compare it alike."""

    impl = BigInteger
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Callable[[datetime | None], int | None]:
        return _bound

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[int | None], datetime | None]:
        return _read
