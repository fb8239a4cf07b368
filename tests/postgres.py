"""Starts a temporary PostgreSQL server from the machine's own binaries, and makes migrated databases in ~20 ms.

Tests and benchmarks use it. The server runs as `nobody` when we are root (it refuses root), listens on a Unix
socket only, and ends with the process that started it, however that process ends.
"""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

INSTALL = "sudo apt-get install -y postgresql"
START_SECONDS = 30
_TEMPLATE = "voidbot_template"
# When our end of its standard input closes, the shell stops the server and cleans up: so the server ends even
# after we were killed.
_KEEPER = '"$@" & server=$!; read -r _; kill -QUIT $server; wait $server; rm -rf "$0"'
_QUICK = (
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "max_connections=200",
    "shared_buffers=32MB",
)
DURABLE = ("max_connections=200", "shared_buffers=128MB")
"""Settings for benchmarks: what is committed is on the disk, as in production."""


class NoPostgres(Exception):
    """The machine has no PostgreSQL server; the tests need one and say so instead of skipping."""


def server_binaries() -> Path:
    """Returns the folder that holds initdb and postgres of the newest version. Raises NoPostgres."""
    on_path = shutil.which("initdb")
    if on_path:
        return Path(on_path).resolve().parent
    homes = [home for home in Path("/usr/lib/postgresql").glob("*/bin") if (home / "initdb").exists()]
    homes += [home for home in Path("/opt/homebrew/opt").glob("postgresql*/bin") if (home / "initdb").exists()]
    if not homes:
        raise NoPostgres(f"voidbot's tests run on a real PostgreSQL server. Install it with:  {INSTALL}")
    return max(homes, key=lambda home: [int(part) for part in home.parent.name.split(".") if part.isdigit()])


class Server:
    def __init__(self, folder: Path, prepare: Callable[[str], None]) -> None:
        self._folder = folder
        self._prepare = prepare
        self._numbers = count(1)
        self._has_template = False

    def url(self, database: str) -> str:
        return f"postgresql://postgres@/{database}?host={self._folder}"

    def new_database(self, *, empty: bool = False) -> str:
        """Makes a database and returns its URL; it is migrated unless `empty`."""
        name = f"t{os.getpid()}_{next(self._numbers)}"
        if empty:
            self._run("CREATE DATABASE {}", name)
            return self.url(name)
        if not self._has_template:
            self._run("CREATE DATABASE {}", _TEMPLATE)
            self._prepare(self.url(_TEMPLATE))
            self._has_template = True
        self._run("CREATE DATABASE {} TEMPLATE {}", name, _TEMPLATE)
        return self.url(name)

    def stop_at_once(self) -> None:
        """Stops the server like a power cut: without a checkpoint, and with every connection cut."""
        self._control("stop", "-m", "immediate")

    def start_again(self) -> None:
        """Starts the server after `stop_at_once`. The caller must stop it: the keeper only knows the first one."""
        options = f"-c unix_socket_directories={self._folder} -c listen_addresses= -c fsync=off"
        self._control("start", "-w", "-o", options, "-l", str(self._folder / "log-again"))

    def _control(self, *arguments: str) -> None:
        command = [str(server_binaries() / "pg_ctl"), "-D", str(self._folder / "data"), *arguments]
        subprocess.run(command, check=True, cwd="/", stdout=subprocess.DEVNULL, **_who())

    def drop(self, url: str) -> None:
        self._run("DROP DATABASE IF EXISTS {} WITH (FORCE)", _name_in(url))

    def has(self, name: str) -> bool:
        with psycopg.connect(self.url("postgres")) as connection:
            known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
            return known.fetchone() is not None

    def rename(self, url: str, name: str) -> None:
        """Renames a database, to which nothing may be connected."""
        self._run("ALTER DATABASE {} RENAME TO {}", _name_in(url), name)

    def _run(self, statement: str, *names: str) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


def _name_in(url: str) -> str:
    return url.removeprefix("postgresql://postgres@/").split("?")[0]


def migrated(url: str) -> None:
    """Brings an empty database to the newest version, as an operator does."""
    from core.storage.migrate import upgrade  # alembic is slow to load, and not every test has a database

    upgrade(url)


@contextmanager
def start_postgres(
    prepare: Callable[[str], None] = migrated, *, settings: Sequence[str] = _QUICK, kept: Path | None = None
) -> Iterator[Server]:
    """Runs a server. `prepare` fills the template from which new databases are cloned.

    With a folder `kept` the databases outlive the server. Raises NoPostgres.
    """
    binaries = server_binaries()
    as_who = _who()
    # A socket's path may have 107 bytes at most, so it does not live under pytest's own long folders.
    folder = Path(tempfile.mkdtemp(prefix="voidbot-pg-", dir="/tmp"))
    if as_who:
        for ours in (folder, *([kept] if kept else ())):
            shutil.chown(ours, "nobody", "nogroup")
    data = (kept or folder) / "data"
    if not (data / "PG_VERSION").exists():
        _initialise(binaries, data, as_who)
    options = [f"-c{option}" for option in (*settings, f"unix_socket_directories={folder}", "listen_addresses=")]
    with (folder / "log").open("wb") as log:
        keeper = subprocess.Popen(
            ["sh", "-c", _KEEPER, str(folder), str(binaries / "postgres"), "-D", str(data), *options],
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
            cwd="/",
            start_new_session=True,  # Ctrl-C ends the tests; the keeper then ends the server
            **as_who,
        )
    try:
        _wait_until_ready(Server(folder, prepare).url("postgres"), folder / "log")
        yield Server(folder, prepare)
    finally:
        keeper.communicate(b"\n")
        shutil.rmtree(folder, ignore_errors=True)


def _who() -> dict[str, Any]:
    """Returns the options that run a process as `nobody` when we are root, as which PostgreSQL refuses to run."""
    return {"user": "nobody", "group": "nogroup", "extra_groups": []} if os.getuid() == 0 else {}


def _initialise(binaries: Path, data: Path, as_who: dict[str, Any]) -> None:
    made = subprocess.run(
        [
            binaries / "initdb",
            "-D",
            data,
            "-U",
            "postgres",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--locale=C.UTF-8",
            "--no-sync",
        ],
        capture_output=True,
        text=True,
        cwd="/",
        check=False,
        **as_who,
    )
    if made.returncode:
        raise NoPostgres(f"initdb failed:\n{made.stdout}{made.stderr}")


def _wait_until_ready(url: str, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            psycopg.connect(url, connect_timeout=2).close()
        except psycopg.OperationalError:
            if time.monotonic() > deadline:
                raise NoPostgres(f"PostgreSQL did not start:\n{log.read_text()[-2000:]}") from None
            time.sleep(0.02)
        else:
            return
