"""Defines our own tables. The log has no foreign key, because it must outlive the rows it speaks of."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from core.domain.address import HOME, OWN_CHAT
from core.domain.operation.life import ON_ITS_WAY, State
from core.storage.types import Instant

metadata = MetaData()

_Id = BigInteger().with_variant(Integer, "sqlite")
"""A row id that the database gives; SQLite does so only for a column of type INTEGER PRIMARY KEY."""


def _address(person: str) -> tuple[Column[str], ...]:
    """Returns the columns of an `Address`.

    They have defaults, because a process of the version before knows only one channel and goes on storing messages
    until it is replaced.
    """
    return (
        Column(person, String(128), nullable=False),
        Column("channel", String(32), nullable=False, server_default=HOME),
        Column("conversation", String(128), nullable=False, server_default=OWN_CHAT),
    )


def _seal() -> Column[str]:
    return Column("seal", String(64), nullable=False, server_default="", comment="HMAC over the row, see seals.py")


people = Table(
    "people",
    metadata,
    Column("id", String(128), primary_key=True, comment="canonical person id"),
    Column("userid", String(128), nullable=False, comment="as WeCom spells it"),
    Column("name", Text, nullable=False),
    Column("roles", Text, nullable=False, comment="sorted, joined by commas"),
    Column("leader", String(128)),
    Column("active", Boolean, nullable=False),
    Column("language", String(8), nullable=False),
    Column("generation", Integer, nullable=False),
    _seal(),
)

grants = Table(
    "grants",
    metadata,
    Column("role", String(32), primary_key=True),
    Column("right", String(32), primary_key=True),
    _seal(),
)

counters = Table(
    "counters",
    metadata,
    Column("name", String(32), primary_key=True),
    Column("value", BigInteger, nullable=False),
)

operations = Table(
    "operations",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("action", String(16), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("mode", String(16), nullable=False),
    Column("state", String(16), nullable=False),
    Column("requester", String(128), nullable=False),
    Column("round", Integer, nullable=False),
    Column("fingerprint", String(64), nullable=False),
    Column("target_count", Integer, nullable=False),
    Column("reason_code", String(32)),
    Column("reason_words", Text, nullable=False, server_default=""),
    Column("said", Text, nullable=False, server_default=""),
    Column("approvers", Text, nullable=False, server_default="", comment="person ids, joined by |"),
    Column("votes_needed", Integer, nullable=False, server_default="0"),
    Column("created_at", Instant, nullable=False),
    Column("confirmed_at", Instant),
    Column("expires_at", Instant),
    Column("nudge_at", Instant, comment="when a reminder of it is due; empty once sent"),
    Column("pushed_at", Instant, comment="when it was last pushed by hand"),
    Column("finished_at", Instant),
    Column("undone_at", Instant),
    Column("undone_by", String(128)),
    Column("undo_of", BigInteger),
    Column("undo_until", Instant),
    Column("note", Text, nullable=False, server_default=""),
    Column("fence", BigInteger, nullable=False, server_default="0"),
    Column("tries", Integer, nullable=False, server_default="0"),
    Column("lease_owner", String(64)),
    Column("lease_until", Instant),
    Column("revision", BigInteger, nullable=False, server_default="0"),
    _seal(),
)
Index("ix_operations_requester", operations.c.requester, operations.c.number)
# A partial index stays small, however many operations have ended.
_INDEXED = ", ".join(f"'{state}'" for state in State if state in ON_ITS_WAY | {State.DRAFT})
_OPEN = text(f"state in ({_INDEXED})")
Index("ix_operations_open", operations.c.state, sqlite_where=_OPEN, postgresql_where=_OPEN)

targets = Table(
    "targets",
    metadata,
    Column("operation", BigInteger, primary_key=True, autoincrement=False),
    Column("kind", String(16), primary_key=True),
    Column("number", String(64), primary_key=True),
    Column("name", Text, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("status", String(16), nullable=False),
    Column("outcome", String(32)),
    Column("owner", String(128), comment="whose it was when it was asked"),
    Column("facts", Text, nullable=False, server_default="{}", comment="what it was like then, as JSON"),
    _seal(),
)
Index("ix_targets_record", targets.c.kind, targets.c.number)

# The primary key makes sure that only one open request at a time touches a record.
in_flight = Table(
    "in_flight",
    metadata,
    Column("kind", String(16), primary_key=True),
    Column("number", String(64), primary_key=True),
    Column("operation", BigInteger, nullable=False, index=True, comment="the request on its way on this record"),
)

votes = Table(
    "votes",
    metadata,
    Column("operation", BigInteger, primary_key=True, autoincrement=False),
    Column("round", Integer, primary_key=True, autoincrement=False),
    Column("person", String(128), primary_key=True),
    Column("decision", String(16), nullable=False),
    Column("at", Instant, nullable=False),
    Column("fingerprint", String(64), nullable=False),
    Column("generation", Integer, nullable=False),
    Column("words", Text, nullable=False, server_default=""),
    _seal(),
)

backups = Table(
    "backups",
    metadata,
    Column("operation", BigInteger, primary_key=True, autoincrement=False),
    Column("file", Text, nullable=False),
    Column("records", Integer, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("file_hash", String(64), nullable=False),
    Column("content_hash", String(64), nullable=False),
    Column("head_seq", BigInteger, nullable=False),
    Column("head_hash", String(64), nullable=False),
    Column("made_at", Instant, nullable=False),
)

audit_entries = Table(
    "audit_entries",
    metadata,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False),
    Column("tag", String(64), nullable=False),
    Column("actor", String(32), nullable=False),
    Column("subject", String(32), nullable=False),
    Column("operation", BigInteger),
    Column("detail", Text, nullable=False),
    Column("prev", String(64), nullable=False, unique=True),  # two entries can never follow the same one
    Column("hash", String(64), nullable=False),
    CheckConstraint("seq > 0", name="ck_audit_seq"),
)
Index("ix_audit_subject", audit_entries.c.subject, audit_entries.c.seq)
Index("ix_audit_operation", audit_entries.c.operation, audit_entries.c.seq)

# One row, locked by every transaction that adds to the log, so that the chain cannot fork.
audit_head = Table(
    "audit_head",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("seq", BigInteger, nullable=False),
    Column("hash", String(64), nullable=False),
    CheckConstraint("id = 1", name="ck_audit_head_one"),
    CheckConstraint("seq >= 0", name="ck_audit_head_seq"),
)

inbox = Table(
    "inbox",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("key", String(80), nullable=False, unique=True),
    Column(
        "signature", String(40), nullable=False, unique=True, comment="of the callback: a re-split replay keeps it"
    ),
    *_address("sender"),
    Column("received_at", Instant, nullable=False),
    Column("body", Text, nullable=False, comment="the Incoming value as JSON; emptied when done"),
    Column("state", String(16), nullable=False, comment="new, done or failed"),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("lease_owner", String(64)),
    Column("lease_until", Instant),
    _seal(),
)
# Handled messages stay for a few days, so the queries for new ones need indexes without them.
_NEW = text("state = 'new'")
Index("ix_inbox_new", inbox.c.id, sqlite_where=_NEW, postgresql_where=_NEW)
Index("ix_inbox_new_sender", inbox.c.sender, inbox.c.id, sqlite_where=_NEW, postgresql_where=_NEW)

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", _Id, primary_key=True),
    *_address("person"),
    Column("kind", String(16), nullable=False),
    Column("body", Text, nullable=False),
    Column("operation", BigInteger),
    Column("card", String(16)),
    Column("task_id", String(128), nullable=False, server_default=""),
    Column("leaves_open", Boolean, nullable=False),
    Column("state", String(16), nullable=False, comment="waiting, sent, undelivered"),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("due_at", Instant, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("sent_at", Instant),
    Column("error", Text, nullable=False, server_default=""),
    Column("lease_owner", String(64)),
    Column("lease_until", Instant),
    _seal(),
)
_WAITING = text("state = 'waiting'")
Index("ix_deliveries_waiting", deliveries.c.due_at, sqlite_where=_WAITING, postgresql_where=_WAITING)
Index("ix_deliveries_sent", deliveries.c.person, deliveries.c.sent_at)
Index("ix_deliveries_sent_by_all", deliveries.c.sent_at, deliveries.c.channel)

card_copies = Table(
    "card_copies",
    metadata,
    Column("task_id", String(128), primary_key=True),
    *_address("person"),
    Column("operation", BigInteger),
    Column("card", String(16), nullable=False),
    Column("open", Boolean, nullable=False),
    Column("card_hash", String(64), nullable=False, comment="SHA-256 of what was last shown"),
    Column("shown_at", Instant),
    Column("changed_at", Instant, nullable=False, comment="when it was last sent, shown, redrawn or closed"),
)
Index("ix_card_copies_changed", card_copies.c.changed_at)
Index("ix_card_copies_operation", card_copies.c.operation)

card_codes = Table(
    "card_codes",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("task_id", String(128), nullable=False, index=True),
    Column("code", Text, nullable=False),
    Column("got_at", Instant, nullable=False),
    Column("spent_by", BigInteger, comment="the delivery that uses it; empty while it is free"),
    UniqueConstraint("task_id", "code"),
)

prompts = Table(
    "prompts",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("person", String(128), nullable=False, index=True),
    Column("asking", String(16), nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("operation", BigInteger),
    Column("action", String(16)),
    Column("kind", String(16), nullable=False),
    Column("asked_at", Instant, nullable=False),
    Column("options", Text, nullable=False, comment="JSON list of record numbers"),
    Column("reason_code", String(32)),
    Column("reason_words", Text, nullable=False, server_default=""),
    Column("said", Text, nullable=False, server_default=""),
    Column("heading", Text, nullable=False, server_default=""),
    Column("took_delete_as_void", Boolean, nullable=False),
)

reminder_facts = Table(
    "reminder_facts",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("record_kind", String(16), nullable=False),
    Column("record_number", String(64), nullable=False),
    Column("person", String(128), nullable=False),
    Column("at", Instant, nullable=False),
    Column("until", Instant),
)
Index("ix_reminder_facts_person", reminder_facts.c.person, reminder_facts.c.at)

digests = Table(
    "digests",
    metadata,
    Column("person", String(128), primary_key=True),
    Column("sent_at", Instant, nullable=False),
)

# A job of an hour or a day is done by the process that inserts its slot first.
job_slots = Table(
    "job_slots",
    metadata,
    Column("job", String(64), primary_key=True),
    Column("slot", String(64), primary_key=True),
    Column("taken_at", Instant, nullable=False),
)
