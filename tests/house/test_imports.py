"""Who may know whom: core/domain ← core/services ← handlers ← bot, and the rules beside it."""

import sys
from collections.abc import Iterator

import pytest

from tests.house.tree import CODE, PRODUCT, Module, dotted, modules

LAYERS: dict[str, tuple[str, ...]] = {
    # folder or file → which of our own packages it may import
    "config": ("config", "core.domain"),
    "core/domain": ("core.domain",),
    "core/ports": ("core.domain", "core.ports"),
    "language": ("core.domain", "language"),
    "notify": ("core.domain", "core.ports", "core.services", "cards", "notify"),
    "core/services": ("core.domain", "core.ports", "core.services"),
    "core/storage/migrations": ("core.storage", "core.crm.embedded.tables"),
    "core/storage": ("core.domain", "core.ports", "core.storage"),
    "core/crm/embedded": ("core.domain", "core.ports", "core.crm", "core.storage"),
    "core/crm": ("core.domain", "core.ports", "core.crm"),
    "core/vault": ("core.domain", "core.ports", "core.vault"),
    "cards": ("core.domain", "cards"),
    "handlers": ("core.domain", "core.ports", "core.services", "language", "cards", "notify", "handlers"),
    "bot": ("config", "core", "language", "cards", "notify", "handlers", "bot"),
    "sandbox": ("sandbox",),
}
PURE = ("core/domain", "core/ports", "language", "cards")
"""Standard library only, without clock, chance, files, network, threads."""
SQL_HOMES = ("core/storage/", "core/crm/embedded/")
_PURE_LIBRARIES = {"language": ("rapidfuzz",)}
"""What a folder uses beside the standard library, and which does no I/O."""
_WORLD = {"asyncio", "io", "logging", "os", "pathlib", "random", "secrets", "shutil", "socket", "sqlite3"}
_WORLD |= {"subprocess", "tempfile", "threading", "time", "urllib.request", "http", "multiprocessing", "select"}
_CLOCKS = {"datetime.now", "datetime.utcnow", "datetime.today", "date.today", "time.time", "time.monotonic"}


def _ours(name: str) -> bool:
    return name.split(".", maxsplit=1)[0] in CODE


def _within(name: str, packages: tuple[str, ...]) -> bool:
    return any(name == package or name.startswith(f"{package}.") for package in packages)


def _layer(path: str) -> str:
    """The longest folder wins, so that core/crm/embedded is not core/crm."""
    return max((layer for layer in LAYERS if path == layer or path.startswith(f"{layer}/")), key=len, default="")


def _wrong_arrows(module: Module) -> Iterator[str]:
    allowed = LAYERS.get(_layer(module.path), ())
    for name, line in module.imports():
        if name.startswith("."):
            yield f"{module.path}:{line} imports {name}: write whole names"
        elif _ours(name) and not _within(name, allowed):
            yield f"{module.path}:{line} imports {name}"


@pytest.mark.parametrize("folder", [*PRODUCT, "sandbox"])
def test_arrows_point_the_designed_way(folder: str) -> None:
    """No file knows more than its layer may know."""
    assert [wrong for module in modules(folder) for wrong in _wrong_arrows(module)] == []


def test_every_product_file_has_a_layer() -> None:
    """A new folder is not outside the rules: it names what it may import."""
    assert [m.path for m in modules(*PRODUCT) if not _layer(m.path) and not m.path.endswith("__init__.py")] == []


def test_nothing_imports_the_pretend_platform() -> None:
    """The bot and the pretend platform meet over HTTP only; neither imports the other, nor does a benchmark."""
    strange = [
        m.path for m in modules(*PRODUCT, "benchmarks") for name, _ in m.imports() if _within(name, ("sandbox",))
    ]
    assert strange == []


def test_sql_has_one_home() -> None:
    """Only the storage and the embedded customer store speak SQL."""
    drivers = ("sqlalchemy", "psycopg", "sqlite3", "alembic")
    strange = [
        f"{m.path}:{line}"
        for m in modules(*PRODUCT)
        for name, line in m.imports()
        if _within(name, drivers) and not m.path.startswith(SQL_HOMES)
    ]
    assert strange == []


def _outside_world(module: Module) -> Iterator[str]:
    for name, line in module.imports():
        top = name.split(".")[0]
        pure = top in sys.stdlib_module_names or top in _PURE_LIBRARIES.get(module.path.split("/")[0], ())
        if not _ours(name) and (not pure or _within(name, tuple(_WORLD))):
            yield f"{module.path}:{line} imports {name}"
    for call in module.calls():
        said = dotted(call.func)
        if said in {"open", "input", "print"} or any(said.endswith(clock) for clock in _CLOCKS):
            yield f"{module.path}:{call.lineno} calls {said}"


@pytest.mark.parametrize("folder", PURE)
def test_pure_code_touches_no_world(folder: str) -> None:
    """Domain, language and cards read no clock, no file, no chance: same in, same out."""
    home = [
        m for m in modules(folder.split("/", maxsplit=1)[0]) if m.path == folder or m.path.startswith(f"{folder}/")
    ]
    assert home
    assert [wrong for module in home for wrong in _outside_world(module)] == []


def test_the_domain_does_not_wait() -> None:
    """No async in the domain: whatever waits lives further out."""
    waiting = [
        f"{m.path}:{f.lineno}"
        for m in modules("core/domain", "cards", "language", "notify")
        for f in m.functions()
        if type(f).__name__ == "AsyncFunctionDef"
    ]
    assert waiting == []


def test_services_take_time_from_the_database() -> None:
    """No service asks this machine for the time: what decides comes from the unit of work."""
    strange = [
        f"{m.path}:{call.lineno}"
        for m in modules("core/services", "handlers")
        for call in m.calls()
        if any(dotted(call.func).endswith(clock) for clock in _CLOCKS)
    ]
    assert strange == []


def test_one_reader_of_the_environment() -> None:
    """Only config/settings.py reads the environment, so that everything that can be set is in one place."""
    readers = {
        m.path for m in modules(*PRODUCT) for name, _ in m.imports() if name in {"os.environ", "os.getenv"}
    } | {m.path for m in modules(*PRODUCT) if "os.environ" in m.text or "os.getenv" in m.text}
    assert readers == {"config/settings.py"}
