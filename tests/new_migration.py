"""Writes the next migration from the difference between tables and migrations.

Its command is `make migration NAME="add a column"`.
Read it before you commit it: a renamed column looks like one dropped and one added. A committed migration is never
changed again, which a test checks by the hashes in `KEPT`. After a change before the commit, run
`python -m tests.new_migration` to store its new hash.
"""

import hashlib
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
from core.storage.engines import one_shot_engine
from core.storage.migrate import SCRIPTS, upgrade
from core.storage.types import Instant
from tests.postgres import start_postgres

KEPT = Path(__file__).parent / "house" / "migrations.sha256"
"""The hash of each migration as it was committed, in the format of `sha256sum`."""
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
    """Renders our own column type as a plain one, because a migration must not change when our types do."""
    return "sa.BigInteger()" if kind == "type" and isinstance(thing, Instant) else False


def _is_ours(_thing: Any, name: str | None, _kind: str, _reflected: bool, _other: Any) -> bool:
    # The search index is SQL of its own, which alembic cannot compare.
    return not (name or "").startswith("ix_search_rows_")


def every_table() -> MetaData:
    whole = MetaData()
    for metadata in (tables.metadata, embedded.metadata):
        for table in metadata.sorted_tables:
            table.to_metadata(whole)
    return whole


def steps() -> str:
    """Returns the difference as Python statements, rendered on PostgreSQL, which has the richer types."""
    with start_postgres() as server:
        url = server.new_database(empty=True)
        if migrations():
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
    number = len(migrations()) + 1
    path = versions / f"{number:04}_{re.sub(r'[^a-z0-9]+', '_', words.lower()).strip('_')}.py"
    before = f'"{number - 1:04}"' if number > 1 else "None"
    path.write_text(_FILE.format(words=words, number=number, before=before, steps=steps()), encoding="utf-8")
    for tool in (["check", "--select=I,F401", "--fix", "--quiet"], ["format", "--quiet"]):
        subprocess.run([sys.executable, "-m", "ruff", *tool, str(path)], check=True)
    return path


def migrations() -> list[Path]:
    return sorted((SCRIPTS / "versions").glob("*.py"))


def hash_of(migration: Path) -> str:
    return hashlib.sha256(migration.read_bytes()).hexdigest()


def kept() -> dict[str, str]:
    """Returns the stored hashes by file name."""
    lines = KEPT.read_text(encoding="ascii").splitlines() if KEPT.exists() else []
    return {name: known for known, name in (line.split() for line in lines)}


def note_newest() -> None:
    """Stores the hash of the newest migration. It exits with an error when that migration is committed already."""
    newest = migrations()[-1]
    committed = ["git", "cat-file", "-e", f"HEAD:./{newest.name}"]
    if not subprocess.run(committed, cwd=newest.parent, capture_output=True, check=False).returncode:
        sys.exit(f"{newest.name} is committed and stays as it is: add a new migration instead")
    known = kept() | {newest.name: hash_of(newest)}
    KEPT.write_text("".join(f"{known[name]}  {name}\n" for name in sorted(known)), encoding="ascii")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        sys.stdout.write(f"{write(sys.argv[1])}\n")
    note_newest()
