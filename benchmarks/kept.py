"""Keeps databases filled with customers between runs: filling one takes minutes, searching it does not.

They lie in the temporary folder of the machine. Their names contain a hash over everything that decides their
content, so that an outdated one is never used. `--rebuild` removes them first.
"""

import getpass
import hashlib
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.customers import fill
from core.storage.engines import make_engine
from tests.postgres import Server, start_postgres

_ROOT = Path(__file__).resolve().parent.parent
# The files that decide what is in a database: a change in one of them makes a new database.
_DECIDING = (
    "benchmarks/customers.py",
    "core/crm/embedded/indexing.py",
    "core/crm/embedded/pinyin.py",
    "core/crm/embedded/syllables.txt",
    "core/crm/embedded/tables.py",
    "core/crm/embedded/terms.py",
    "core/domain/name_parts.py",
    "core/domain/names.py",
)
KINDS = ("sqlite", "postgresql")
_FILLED = "filled"


@contextmanager
def customers_database(kind: str, count: int, *, rebuild: bool = False) -> Iterator[str]:
    """Yields the address of a database with `count` indexed customers; `kind` is sqlite or postgresql."""
    folder = _folder(kind, count, rebuild=rebuild)
    if kind == "postgresql":
        with start_postgres(kept=folder) as server:
            yield _filled_postgresql(server, count)
    else:
        yield _filled_sqlite(folder, count)


def _folder(kind: str, count: int, *, rebuild: bool) -> Path:
    """Returns the folder of the database, and removes others of its kind: each takes hundreds of megabytes."""
    base = Path(tempfile.gettempdir()) / f"voidbot-benchmarks-{getpass.getuser()}"
    key = hashlib.sha256(b"".join((_ROOT / name).read_bytes() for name in _DECIDING)).hexdigest()[:12]
    folder = base / f"{kind}-{count}-{key}"
    for other in base.glob(f"{kind}-{count}-*"):
        if rebuild or other != folder:
            shutil.rmtree(other)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _filled_sqlite(folder: Path, count: int) -> str:
    """Fills a database unless there is one, and returns its address.

    It gets its name only when it is complete, so that an interrupted run leaves nothing that looks finished.
    """
    whole, half = folder / f"{_FILLED}.db", folder / "half.db"
    if not whole.exists():
        for left in folder.glob("half.db*"):  # with the -wal and -shm files of SQLite
            left.unlink()
        _fill(f"sqlite:///{half}", count)
        half.rename(whole)
    return f"sqlite:///{whole}"


def _filled_postgresql(server: Server, count: int) -> str:
    if not server.has(_FILLED):
        # As with SQLite, the name is given last.
        half = server.new_database(empty=True)
        _fill(half, count)
        server.rename(half, _FILLED)
    return server.url(_FILLED)


def _fill(url: str, count: int) -> None:
    began = time.perf_counter()
    engine = make_engine(url)
    fill(engine, count)
    engine.dispose()
    print(f"{count:,} customers made and indexed in {time.perf_counter() - began:.0f} s", flush=True)
