"""`make migration NAME="add a column"`: writes the next migration, from what the tables say and what is migrated.

Read what it wrote before you commit it: a renamed column looks like one dropped and one added.
"""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any, Literal

from alembic.autogenerate import produce_migrations, render_python_code
from alembic.autogenerate.api import AutogenContext
from alembic.runtime.migration import MigrationContext
from sqlalchemy import MetaData

from core.crm.embedded import tables as embedded
from core.storage import tables
from core.storage.db import one_shot_engine
from core.storage.migrate import SCRIPTS, upgrade
from core.storage.types import Instant
from tests.postgres import start_postgres

_FILE = '''"""{words}"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "{number:04}"
down_revision = {before}
branch_labels = None
depends_on = None


def upgrade() -> None:
{steps}
'''


def _plain_type(kind: str, thing: Any, _context: AutogenContext) -> str | Literal[False]:
    """A migration is history: it does not follow our own types when they change."""
    return "sa.BigInteger()" if kind == "type" and isinstance(thing, Instant) else False


def _is_ours(_thing: Any, name: str | None, _kind: str, _reflected: bool, _other: Any) -> bool:
    return not (name or "").startswith("ix_search_rows_")


def every_table() -> MetaData:
    whole = MetaData()
    for metadata in (tables.metadata, embedded.metadata):
        for table in metadata.sorted_tables:
            table.to_metadata(whole)
    return whole


def steps() -> str:
    """The difference as Python statements, rendered on PostgreSQL, whose types are the richer ones."""
    with start_postgres() as server:
        url = server.new_database(empty=True)
        if list((SCRIPTS / "versions").glob("*.py")):
            upgrade(url)
        engine = one_shot_engine(url)
        with engine.connect() as connection:
            context = MigrationContext.configure(connection, opts={"include_object": _is_ours})
            script = produce_migrations(context, every_table())
            assert script.upgrade_ops is not None
            code = render_python_code(script.upgrade_ops, render_item=_plain_type, migration_context=context)
        engine.dispose()
    lines = [line for line in code.splitlines() if "###" not in line]
    return "\n".join(line if not line or line.startswith("    ") else f"    {line}" for line in lines)


def write(words: str) -> Path:
    versions = SCRIPTS / "versions"
    versions.mkdir(exist_ok=True)
    number = len(list(versions.glob("*.py"))) + 1
    path = versions / f"{number:04}_{re.sub(r'[^a-z0-9]+', '_', words.lower()).strip('_')}.py"
    before = f'"{number - 1:04}"' if number > 1 else "None"
    path.write_text(_FILE.format(words=words, number=number, before=before, steps=steps()), encoding="utf-8")
    for tool in (["check", "--select=I,F401", "--fix", "--quiet"], ["format", "--quiet"]):
        subprocess.run([sys.executable, "-m", "ruff", *tool, str(path)], check=True)
    return path


if __name__ == "__main__":
    sys.stdout.write(f"{write(sys.argv[1])}\n")
