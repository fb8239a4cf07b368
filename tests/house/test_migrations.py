"""The migrations lead to exactly the schema of the code, on both databases, even when four processes run them."""

import subprocess
import sys

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text

from core.crm.embedded import tables as embedded
from core.domain.errors import ConfigError, StoreUnavailable
from core.storage import tables
from core.storage.engines import one_shot_engine
from core.storage.migrate import SCRIPTS, SchemaState, is_current, known_revisions, prepare, state, upgrade
from tests.new_migration import KEPT, every_table, hash_of, kept, migrations


def _ours(_thing: object, name: str | None, _kind: str, reflected: bool, compare_to: object) -> bool:
    """Leaves out the search index, which is SQL of its own in `create_extras`; the next test compares it."""
    extra = reflected and compare_to is None
    return not (extra and (name or "").startswith(("search_terms", "ix_search_rows_")))


@pytest.mark.filterwarnings(
    "ignore:Skipped unsupported reflection of expression-based index", "ignore:autogenerate skipping"
)
def test_migrated_is_what_the_tables_say(empty_database_url: str) -> None:
    """Every table, column, type, default and index of the code is in the migrated database, and nothing else."""
    upgrade(empty_database_url)
    engine = one_shot_engine(empty_database_url)
    with engine.connect() as connection:
        defaults = connection.dialect.name == "postgresql"  # on SQLite the next test compares them as text
        options = {"compare_type": True, "compare_server_default": defaults, "include_object": _ours}
        differences = compare_metadata(MigrationContext.configure(connection, opts=options), every_table())
    engine.dispose()
    assert differences == []


def _definitions(connection: Connection) -> dict[str, list[str]]:
    """Returns the parts of each definition by name, sorted because the order of constraints means nothing."""
    sources = {
        "sqlite": "SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL",
        "postgresql": "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'",
    }
    rows = connection.execute(text(sources[connection.dialect.name]))
    return {
        name: sorted(" ".join(part.split()).rstrip(" )") for part in definition.split(","))
        for name, definition in rows
        if not name.startswith("alembic_version")
    }


def test_the_definitions_are_alike_to_the_letter(empty_database_url: str) -> None:
    """What alembic cannot compare agrees too: conditions and expressions of indexes, and on SQLite defaults."""
    upgrade(empty_database_url)
    engine = one_shot_engine(empty_database_url)
    with engine.begin() as connection:
        migrated = _definitions(connection)
        for metadata in (tables.metadata, embedded.metadata):
            metadata.drop_all(connection)
        for metadata in (tables.metadata, embedded.metadata):
            metadata.create_all(connection)
        assert migrated == _definitions(connection)
    engine.dispose()


def test_files_are_named_after_their_revisions() -> None:
    """The names of the files give the same versions as alembic, so that a start need not load alembic."""
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    scripts = ScriptDirectory.from_config(config)
    assert known_revisions() == [script.revision for script in reversed(list(scripts.walk_revisions()))]
    assert scripts.get_heads() == known_revisions()[-1:]


def test_committed_migrations_stay_as_they_are() -> None:
    """No committed migration is changed, because databases that have run it would miss the change."""
    noted = kept()
    changed = [path.name for path in migrations() if path.name in noted and hash_of(path) != noted[path.name]]
    assert changed == [], (
        "databases have run this migration already and would never see the change: take it back and add a new "
        'migration instead (make migration NAME="what changes")'
    )


def test_every_migration_is_noted() -> None:
    """Every migration has its hash stored, and none with a stored hash is gone."""
    assert list(kept()) == [path.name for path in migrations()], (
        f"`make migration` writes the line of a new migration into {KEPT.name}; none of the others ever goes"
    )


def test_empty_then_current(empty_database_url: str) -> None:
    """A new database is recognised as empty, filled once, and left alone the second time."""
    assert state(empty_database_url) is SchemaState.EMPTY
    assert not is_current(empty_database_url)
    prepare(empty_database_url)
    assert is_current(empty_database_url)
    prepare(empty_database_url)
    upgrade(empty_database_url)
    assert is_current(empty_database_url)


def test_four_processes_upgrade_at_once(empty_database_url: str) -> None:
    """Replicas that start together on an empty database all succeed."""
    script = "import sys; from core.storage.migrate import prepare; sys.stdin.readline(); prepare(sys.argv[1])"
    command = [sys.executable, "-c", script, empty_database_url]
    racers = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(4)
    ]
    for racer in racers:
        assert racer.stdin is not None
        racer.stdin.write("go\n")
        racer.stdin.flush()
    ends = [(racer.communicate()[1], racer.returncode) for racer in racers]
    assert [code for _, code in ends] == [0, 0, 0, 0], ends
    assert is_current(empty_database_url)


def _write(url: str, *statements: str) -> None:
    engine = one_shot_engine(url)
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()


@pytest.mark.parametrize(
    "statement",
    ["UPDATE alembic_version SET version_num = '9999'", "DROP TABLE alembic_version"],
    ids=["newer", "somebody else's"],
)
def test_a_strange_database_is_left_alone(empty_database_url: str, statement: str) -> None:
    """A database of a newer version or of another program is refused and not touched."""
    upgrade(empty_database_url)
    _write(empty_database_url, statement)
    assert state(empty_database_url) is SchemaState.FOREIGN
    with pytest.raises(ConfigError, match="VOIDBOT_DATABASE_URL"):
        prepare(empty_database_url)


def test_a_database_of_an_unfinished_version_is_refused(empty_database_url: str) -> None:
    """A database that lacks a column is not called up to date, whatever version is written in it."""
    upgrade(empty_database_url)
    _write(empty_database_url, "ALTER TABLE operations DROP COLUMN note")
    assert state(empty_database_url) is SchemaState.FOREIGN
    with pytest.raises(ConfigError, match="VOIDBOT_DATABASE_URL"):
        prepare(empty_database_url)


def test_a_failed_upgrade_leaves_nothing_behind(empty_database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A crash in the middle of a migration rolls back all of it, so the next start begins from the same place."""

    def crash(*_: object) -> None:
        raise RuntimeError("power cut")

    monkeypatch.setattr("alembic.runtime.migration.HeadMaintainer.update_to_step", crash)
    with pytest.raises(RuntimeError, match="power cut"):
        upgrade(empty_database_url)
    engine = one_shot_engine(empty_database_url)
    assert inspect(engine).get_table_names() == []
    engine.dispose()


def test_an_unreachable_database_is_unavailable() -> None:
    """A database that does not answer gives StoreUnavailable, which every caller handles."""
    with pytest.raises(StoreUnavailable):
        upgrade("postgresql://nobody@127.0.0.1:1/none")
