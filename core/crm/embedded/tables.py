"""Defines the tables of the embedded customer store."""

from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Numeric,
    String,
    Table,
    Text,
    event,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY

from core.storage.types import Instant

metadata = MetaData()

_Id = BigInteger().with_variant(Integer, "sqlite")
"""SQLite numbers rows by itself only for INTEGER PRIMARY KEY."""


def _life_columns() -> tuple[Column[Any], ...]:
    """Returns the columns for the life status of a record, and for putting it back exactly by an undo."""
    return (
        Column("status", String(16), nullable=False, server_default="active"),
        Column("status_before", String(16), comment="where it was before"),
        Column("status_by", BigInteger, comment="the operation that put it where it is"),
        Column("status_by_before", BigInteger, comment="the operation that had put it where it was before"),
        Column("status_at", Instant),
        Column(
            "undone_by", BigInteger, comment="the last undo that touched it: asked again, it finds its work done"
        ),
    )


customers = Table(
    "customers",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("number", String(64), nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("short_name", Text, nullable=False, server_default=""),
    Column("phone", String(64), nullable=False, server_default=""),
    Column("email", Text, nullable=False, server_default=""),
    Column("owner", String(128), nullable=False, server_default="", comment="canonical person id"),
    Column("level", String(32), nullable=False, server_default=""),
    Column("source", Text, nullable=False, server_default=""),
    Column("tags", Text, nullable=False, server_default="[]", comment="JSON list"),
    *_life_columns(),
    Column("created_at", Instant, nullable=False),
    Column("last_contact_at", Instant),
    Column("last_order_at", Instant),
    Column("version", BigInteger, nullable=False, server_default="1"),
)
Index("ix_customers_owner", customers.c.owner, customers.c.status)
# Finds the longest silent customers of an owner, for reminders. A query must use the very same expression, or the
# index is not used.
Index(
    "ix_customers_silent",
    text("owner"),
    text("coalesce(last_contact_at, created_at)"),
    sqlite_where=text("status = 'active'"),
    postgresql_where=text("status = 'active'"),
    _table=customers,
)

contacts = Table(
    "contacts",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("customer_id", BigInteger, ForeignKey("customers.id"), nullable=False, index=True),
    Column("name", Text, nullable=False),
    Column("title", Text, nullable=False, server_default=""),
    Column("phone", String(64), nullable=False, server_default=""),
    Column("email", Text, nullable=False, server_default=""),
)

deals = Table(
    "deals",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("number", String(64), nullable=False, unique=True),
    Column("customer_id", BigInteger, ForeignKey("customers.id"), nullable=False, index=True),
    Column("name", Text, nullable=False, server_default=""),
    Column("amount", Numeric(18, 2), nullable=False),
    Column("currency", String(3), nullable=False),
    Column("stage", String(16), nullable=False, server_default="open"),
    Column("expected_at", Instant),
)

invoices = Table(
    "invoices",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("number", String(64), nullable=False, unique=True),
    Column("customer_id", BigInteger, ForeignKey("customers.id"), nullable=False, index=True),
    Column("amount", Numeric(18, 2), nullable=False),
    Column("currency", String(3), nullable=False),
    Column("paid", Integer, nullable=False, server_default="0", comment="0 or 1"),
    Column("issued_at", Instant),
)

communications = Table(
    "communications",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("number", String(64), nullable=False, unique=True),
    Column("customer_id", BigInteger, ForeignKey("customers.id"), nullable=False),
    Column("at", Instant, nullable=False),
    Column("channel", String(16), nullable=False, server_default="other"),
    Column("author", String(128), nullable=False, server_default="", comment="canonical person id, or a name"),
    Column("text", Text, nullable=False, server_default=""),
    *_life_columns(),
    Column("version", BigInteger, nullable=False, server_default="1"),
)

Index("ix_communications_customer", communications.c.customer_id, communications.c.at)

segments = Table(
    "segments",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("number", String(64), nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("description", Text, nullable=False, server_default=""),
    Column("condition", Text, nullable=False, server_default=""),
    Column("owner", String(128), nullable=False, server_default=""),
    *_life_columns(),
    Column("version", BigInteger, nullable=False, server_default="1"),
)

# The pair is the key, so that a customer is in a segment once at most.
memberships = Table(
    "memberships",
    metadata,
    Column("segment_id", BigInteger, ForeignKey("segments.id"), primary_key=True),
    Column("customer_id", BigInteger, ForeignKey("customers.id"), primary_key=True, index=True),
)

imports = Table(
    "imports",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("kind", String(32), nullable=False),
    Column("file_name", Text, nullable=False),
    Column("file_hash", String(64), nullable=False),
    Column("good_rows", Integer, nullable=False),
    Column("bad_rows", Integer, nullable=False),
)

# The name index: `indexing.py` writes it, `search.py` reads it. On SQLite the terms lie in a full-text table that
# `create_extras` creates.

search_rows = Table(
    "search_rows",
    metadata,
    Column("customer_id", _Id, primary_key=True, autoincrement=False),
    Column(
        "digest", BigInteger, nullable=False, comment="of the terms: an unchanged customer is not indexed again"
    ),
    Column("slot", _Id, comment="SQLite only: its entry in search_terms; never used twice"),
    Column(
        "pinyin", Text, nullable=False, server_default="", comment="syllables of the core name, then of the short"
    ),
    Column(
        "terms", ARRAY(Integer).with_variant(Text(), "sqlite"), comment="PostgreSQL only; SQLite has search_terms"
    ),
)

search_state = Table(
    "search_state",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("next_slot", BigInteger, nullable=False),
    Column("sampled_at", BigInteger, nullable=False, comment="next_slot when the stop terms were last found"),
)

search_stops = Table(
    "search_stops",
    metadata,
    Column("term", Integer, primary_key=True, autoincrement=False, comment="in too many names to tell them apart"),
)

_SQLITE_EXTRAS = (
    # Entries are only ever added: a changed customer gets a new slot, and no row refers to the old one any more.
    "CREATE VIRTUAL TABLE IF NOT EXISTS search_terms USING fts5(terms, content='', detail='none', columnsize=0)",
    "CREATE UNIQUE INDEX IF NOT EXISTS ix_search_rows_slot ON search_rows (slot)",
)
_POSTGRESQL_EXTRAS = (
    # Without fastupdate: its pending list would be read from end to end by every search.
    "CREATE INDEX IF NOT EXISTS ix_search_rows_terms ON search_rows USING gin (terms) WITH (fastupdate = off)",
)


def create_extras(connection: Connection) -> None:
    """Creates the inverted index, which differs by database and has no SQLAlchemy form. It may be called again."""
    sqlite = connection.dialect.name == "sqlite"
    for statement in _SQLITE_EXTRAS if sqlite else _POSTGRESQL_EXTRAS:
        connection.exec_driver_sql(statement)


@event.listens_for(metadata, "after_create")
def _after_create(_metadata: MetaData, connection: Connection, **_options: Any) -> None:
    create_extras(connection)
