"""First schema"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "audit_entries",
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("tag", sa.String(length=64), nullable=False),
        sa.Column("actor", sa.String(length=32), nullable=False),
        sa.Column("subject", sa.String(length=32), nullable=False),
        sa.Column("operation", sa.BigInteger(), nullable=True),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("prev", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.CheckConstraint("seq > 0", name="ck_audit_seq"),
        sa.PrimaryKeyConstraint("seq"),
        sa.UniqueConstraint("prev"),
    )
    op.create_index("ix_audit_operation", "audit_entries", ["operation", "seq"], unique=False)
    op.create_index("ix_audit_subject", "audit_entries", ["subject", "seq"], unique=False)
    op.create_table(
        "audit_head",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.CheckConstraint("id = 1", name="ck_audit_head_one"),
        sa.CheckConstraint("seq >= 0", name="ck_audit_head_seq"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "backups",
        sa.Column("operation", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("records", sa.Integer(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("file_hash", sa.String(length=64), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("head_seq", sa.BigInteger(), nullable=False),
        sa.Column("head_hash", sa.String(length=64), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("operation"),
    )
    op.create_table(
        "card_codes",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("task_id", sa.String(length=128), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("got_at", sa.BigInteger(), nullable=False),
        sa.Column(
            "spent_by", sa.BigInteger(), nullable=True, comment="the delivery that uses it; empty while it is free"
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("task_id", "code"),
    )
    op.create_index(op.f("ix_card_codes_task_id"), "card_codes", ["task_id"], unique=False)
    op.create_table(
        "card_copies",
        sa.Column("task_id", sa.String(length=128), nullable=False),
        sa.Column("person", sa.String(length=128), nullable=False),
        sa.Column("operation", sa.BigInteger(), nullable=True),
        sa.Column("step", sa.String(length=16), nullable=False),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.Column("card_hash", sa.String(length=64), nullable=False, comment="SHA-256 of what was last shown"),
        sa.Column("shown_at", sa.BigInteger(), nullable=True),
        sa.Column(
            "changed_at",
            sa.BigInteger(),
            nullable=False,
            comment="when it was last sent, shown, redrawn or closed",
        ),
        sa.PrimaryKeyConstraint("task_id"),
    )
    op.create_index("ix_card_copies_changed", "card_copies", ["changed_at"], unique=False)
    op.create_index("ix_card_copies_operation", "card_copies", ["operation"], unique=False)
    op.create_table(
        "counters",
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "customers",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.String(length=64), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("short_name", sa.Text(), server_default="", nullable=False),
        sa.Column("phone", sa.String(length=64), server_default="", nullable=False),
        sa.Column("email", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "owner", sa.String(length=128), server_default="", nullable=False, comment="canonical person id"
        ),
        sa.Column("level", sa.String(length=32), server_default="", nullable=False),
        sa.Column("source", sa.Text(), server_default="", nullable=False),
        sa.Column("tags", sa.Text(), server_default="[]", nullable=False, comment="JSON list"),
        sa.Column("status", sa.String(length=16), server_default="active", nullable=False),
        sa.Column("status_before", sa.String(length=16), nullable=True, comment="where it was before"),
        sa.Column("status_by", sa.BigInteger(), nullable=True, comment="the operation that put it where it is"),
        sa.Column(
            "status_by_before",
            sa.BigInteger(),
            nullable=True,
            comment="the operation that had put it where it was before",
        ),
        sa.Column("status_at", sa.BigInteger(), nullable=True),
        sa.Column(
            "undone_by",
            sa.BigInteger(),
            nullable=True,
            comment="the last undo that touched it: asked again, it finds its work done",
        ),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("last_contact_at", sa.BigInteger(), nullable=True),
        sa.Column("last_order_at", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("number"),
    )
    op.create_index("ix_customers_owner", "customers", ["owner", "status"], unique=False)
    op.create_index(
        "ix_customers_silent",
        "customers",
        [sa.literal_column("owner"), sa.literal_column("coalesce(last_contact_at, created_at)")],
        unique=False,
        sqlite_where=sa.text("status = 'active'"),
        postgresql_where=sa.text("status = 'active'"),
    )
    op.create_table(
        "deliveries",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("person", sa.String(length=128), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("operation", sa.BigInteger(), nullable=True),
        sa.Column("step", sa.String(length=16), nullable=True),
        sa.Column("task_id", sa.String(length=128), server_default="", nullable=False),
        sa.Column("leaves_open", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False, comment="waiting, sent, undelivered"),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("sent_at", sa.BigInteger(), nullable=True),
        sa.Column("error", sa.Text(), server_default="", nullable=False),
        sa.Column("lease_owner", sa.String(length=64), nullable=True),
        sa.Column("lease_until", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_deliveries_sent", "deliveries", ["person", "sent_at"], unique=False)
    op.create_index("ix_deliveries_sent_by_all", "deliveries", ["sent_at"], unique=False)
    op.create_index(
        "ix_deliveries_waiting",
        "deliveries",
        ["due_at"],
        unique=False,
        sqlite_where=sa.text("state = 'waiting'"),
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_table(
        "digests",
        sa.Column("person", sa.String(length=128), nullable=False),
        sa.Column("sent_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("person"),
    )
    op.create_table(
        "grants",
        sa.Column("role", sa.String(length=32), nullable=False),
        sa.Column("right", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("role", "right"),
    )
    op.create_table(
        "imports",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("file_hash", sa.String(length=64), nullable=False),
        sa.Column("good_rows", sa.Integer(), nullable=False),
        sa.Column("bad_rows", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "in_flight",
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("number", sa.String(length=64), nullable=False),
        sa.Column("operation", sa.BigInteger(), nullable=False, comment="the request on its way on this record"),
        sa.PrimaryKeyConstraint("kind", "number"),
    )
    op.create_index(op.f("ix_in_flight_operation"), "in_flight", ["operation"], unique=False)
    op.create_table(
        "inbox",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column(
            "signature",
            sa.String(length=40),
            nullable=False,
            comment="of the callback: a re-split replay keeps it",
        ),
        sa.Column("sender", sa.String(length=128), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False, comment="the Incoming value as JSON; emptied when done"),
        sa.Column("state", sa.String(length=16), nullable=False, comment="new, done or failed"),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("lease_owner", sa.String(length=64), nullable=True),
        sa.Column("lease_until", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("key"),
        sa.UniqueConstraint("signature"),
    )
    op.create_index(
        "ix_inbox_new",
        "inbox",
        ["id"],
        unique=False,
        sqlite_where=sa.text("state = 'new'"),
        postgresql_where=sa.text("state = 'new'"),
    )
    op.create_index(
        "ix_inbox_new_sender",
        "inbox",
        ["sender", "id"],
        unique=False,
        sqlite_where=sa.text("state = 'new'"),
        postgresql_where=sa.text("state = 'new'"),
    )
    op.create_table(
        "job_slots",
        sa.Column("job", sa.String(length=64), nullable=False),
        sa.Column("slot", sa.String(length=64), nullable=False),
        sa.Column("taken_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("job", "slot"),
    )
    op.create_table(
        "operations",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("action", sa.String(length=16), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("mode", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("requester", sa.String(length=128), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("target_count", sa.Integer(), nullable=False),
        sa.Column("reason_code", sa.String(length=32), nullable=True),
        sa.Column("reason_words", sa.Text(), server_default="", nullable=False),
        sa.Column("said", sa.Text(), server_default="", nullable=False),
        sa.Column("approvers", sa.Text(), server_default="", nullable=False, comment="person ids, joined by |"),
        sa.Column("votes_needed", sa.Integer(), server_default="0", nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("confirmed_at", sa.BigInteger(), nullable=True),
        sa.Column("expires_at", sa.BigInteger(), nullable=True),
        sa.Column(
            "nudge_at", sa.BigInteger(), nullable=True, comment="when a reminder of it is due; empty once sent"
        ),
        sa.Column("pushed_at", sa.BigInteger(), nullable=True, comment="when it was last pushed by hand"),
        sa.Column("finished_at", sa.BigInteger(), nullable=True),
        sa.Column("undone_at", sa.BigInteger(), nullable=True),
        sa.Column("undone_by", sa.String(length=128), nullable=True),
        sa.Column("undo_of", sa.BigInteger(), nullable=True),
        sa.Column("undo_until", sa.BigInteger(), nullable=True),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("fence", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("tries", sa.Integer(), server_default="0", nullable=False),
        sa.Column("lease_owner", sa.String(length=64), nullable=True),
        sa.Column("lease_until", sa.BigInteger(), nullable=True),
        sa.Column("revision", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("number"),
    )
    op.create_index(
        "ix_operations_open",
        "operations",
        ["state"],
        unique=False,
        sqlite_where=sa.text("state in ('draft', 'asked', 'pending', 'approved', 'final', 'executing', 'stale')"),
        postgresql_where=sa.text(
            "state in ('draft', 'asked', 'pending', 'approved', 'final', 'executing', 'stale')"
        ),
    )
    op.create_index("ix_operations_requester", "operations", ["requester", "number"], unique=False)
    op.create_table(
        "people",
        sa.Column("id", sa.String(length=128), nullable=False, comment="canonical person id"),
        sa.Column("userid", sa.String(length=128), nullable=False, comment="as WeCom spells it"),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("roles", sa.Text(), nullable=False, comment="sorted, joined by commas"),
        sa.Column("leader", sa.String(length=128), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "prompts",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("person", sa.String(length=128), nullable=False),
        sa.Column("asking", sa.String(length=16), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("operation", sa.BigInteger(), nullable=True),
        sa.Column("action", sa.String(length=16), nullable=True),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("options", sa.Text(), nullable=False, comment="JSON list of record numbers"),
        sa.Column("reason_code", sa.String(length=32), nullable=True),
        sa.Column("reason_words", sa.Text(), server_default="", nullable=False),
        sa.Column("said", sa.Text(), server_default="", nullable=False),
        sa.Column("heading", sa.Text(), server_default="", nullable=False),
        sa.Column("took_delete_as_void", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_prompts_person"), "prompts", ["person"], unique=False)
    op.create_table(
        "reminder_facts",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("record_kind", sa.String(length=16), nullable=False),
        sa.Column("record_number", sa.String(length=64), nullable=False),
        sa.Column("person", sa.String(length=128), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_reminder_facts_person", "reminder_facts", ["person", "at"], unique=False)
    op.create_table(
        "search_rows",
        sa.Column(
            "customer_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column(
            "digest",
            sa.BigInteger(),
            nullable=False,
            comment="of the terms: an unchanged customer is not indexed again",
        ),
        sa.Column(
            "slot",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=True,
            comment="SQLite only: its entry in search_terms; never used twice",
        ),
        sa.Column(
            "pinyin",
            sa.Text(),
            server_default="",
            nullable=False,
            comment="syllables of the core name, then of the short",
        ),
        sa.Column(
            "terms",
            postgresql.ARRAY(sa.Integer()).with_variant(sa.Text(), "sqlite"),
            nullable=True,
            comment="PostgreSQL only; SQLite has search_terms",
        ),
        sa.PrimaryKeyConstraint("customer_id"),
    )
    op.create_table(
        "search_state",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("next_slot", sa.BigInteger(), nullable=False),
        sa.Column(
            "sampled_at", sa.BigInteger(), nullable=False, comment="next_slot when the stop terms were last found"
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "search_stops",
        sa.Column(
            "term",
            sa.Integer(),
            autoincrement=False,
            nullable=False,
            comment="in too many names to tell them apart",
        ),
        sa.PrimaryKeyConstraint("term"),
    )
    op.create_table(
        "segments",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.String(length=64), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), server_default="", nullable=False),
        sa.Column("condition", sa.Text(), server_default="", nullable=False),
        sa.Column("owner", sa.String(length=128), server_default="", nullable=False),
        sa.Column("status", sa.String(length=16), server_default="active", nullable=False),
        sa.Column("status_before", sa.String(length=16), nullable=True, comment="where it was before"),
        sa.Column("status_by", sa.BigInteger(), nullable=True, comment="the operation that put it where it is"),
        sa.Column(
            "status_by_before",
            sa.BigInteger(),
            nullable=True,
            comment="the operation that had put it where it was before",
        ),
        sa.Column("status_at", sa.BigInteger(), nullable=True),
        sa.Column(
            "undone_by",
            sa.BigInteger(),
            nullable=True,
            comment="the last undo that touched it: asked again, it finds its work done",
        ),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("number"),
    )
    op.create_table(
        "targets",
        sa.Column("operation", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("number", sa.String(length=64), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("outcome", sa.String(length=32), nullable=True),
        sa.Column("owner", sa.String(length=128), nullable=True, comment="whose it was when it was asked"),
        sa.Column(
            "facts", sa.Text(), server_default="{}", nullable=False, comment="what it was like then, as JSON"
        ),
        sa.PrimaryKeyConstraint("operation", "kind", "number"),
    )
    op.create_index("ix_targets_record", "targets", ["kind", "number"], unique=False)
    op.create_table(
        "votes",
        sa.Column("operation", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("round", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("person", sa.String(length=128), nullable=False),
        sa.Column("decision", sa.String(length=16), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("words", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("operation", "round", "person"),
    )
    op.create_table(
        "communications",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.String(length=64), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("channel", sa.String(length=16), server_default="other", nullable=False),
        sa.Column(
            "author",
            sa.String(length=128),
            server_default="",
            nullable=False,
            comment="canonical person id, or a name",
        ),
        sa.Column("text", sa.Text(), server_default="", nullable=False),
        sa.Column("status", sa.String(length=16), server_default="active", nullable=False),
        sa.Column("status_before", sa.String(length=16), nullable=True, comment="where it was before"),
        sa.Column("status_by", sa.BigInteger(), nullable=True, comment="the operation that put it where it is"),
        sa.Column(
            "status_by_before",
            sa.BigInteger(),
            nullable=True,
            comment="the operation that had put it where it was before",
        ),
        sa.Column("status_at", sa.BigInteger(), nullable=True),
        sa.Column(
            "undone_by",
            sa.BigInteger(),
            nullable=True,
            comment="the last undo that touched it: asked again, it finds its work done",
        ),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customers.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("number"),
    )
    op.create_index("ix_communications_customer", "communications", ["customer_id", "at"], unique=False)
    op.create_table(
        "contacts",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), server_default="", nullable=False),
        sa.Column("phone", sa.String(length=64), server_default="", nullable=False),
        sa.Column("email", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customers.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_contacts_customer_id"), "contacts", ["customer_id"], unique=False)
    op.create_table(
        "deals",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.String(length=64), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), server_default="", nullable=False),
        sa.Column("amount", sa.Numeric(precision=18, scale=2), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("stage", sa.String(length=16), server_default="open", nullable=False),
        sa.Column("expected_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customers.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("number"),
    )
    op.create_index(op.f("ix_deals_customer_id"), "deals", ["customer_id"], unique=False)
    op.create_table(
        "invoices",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.String(length=64), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("amount", sa.Numeric(precision=18, scale=2), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("paid", sa.Integer(), server_default="0", nullable=False, comment="0 or 1"),
        sa.Column("issued_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customers.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("number"),
    )
    op.create_index(op.f("ix_invoices_customer_id"), "invoices", ["customer_id"], unique=False)
    op.create_table(
        "memberships",
        sa.Column("segment_id", sa.BigInteger(), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customers.id"],
        ),
        sa.ForeignKeyConstraint(
            ["segment_id"],
            ["segments.id"],
        ),
        sa.PrimaryKeyConstraint("segment_id", "customer_id"),
    )
    op.create_index(op.f("ix_memberships_customer_id"), "memberships", ["customer_id"], unique=False)
