"""Run by alembic for every migration. The caller hands over a connection inside a transaction."""

from alembic import context
from sqlalchemy import Connection, text

from core.crm.embedded import tables as embedded
from core.storage import tables

_LOCK = 0x766F6964626F74
"""`voidbot` as a number: alembic has no lock of its own, and replicas start together (docs/decisions/0002)."""

connection: Connection = context.config.attributes["connection"]
if connection.dialect.name == "postgresql":
    connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
context.configure(connection=connection, target_metadata=[tables.metadata, embedded.metadata])
context.run_migrations()
embedded.create_extras(connection)  # the inverted indexes, which are SQL of their own; safe to repeat
