"""Which folder may import which, checked by import-linter's contracts, and what pure code must not use."""

import subprocess
import sys
import tomllib
from collections.abc import Iterator

import pytest

from tests.house.tree import CODE, PRODUCT, ROOT, Module, dotted, modules

LINT = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports())"

PURE = ("core/domain", "core/ports", "language", "cards", "notify")
"""Folders that use the standard library only, and no clock, randomness, files, network or threads."""
_PURE_LIBRARIES = {"language": ("rapidfuzz",)}
"""The libraries without I/O that a pure folder may use."""
_WORLD = {"asyncio", "io", "logging", "os", "pathlib", "random", "secrets", "shutil", "socket", "sqlite3"}
_WORLD |= {"subprocess", "tempfile", "threading", "time", "urllib.request", "http", "multiprocessing", "select"}
_CLOCKS = {"datetime.now", "datetime.utcnow", "datetime.today", "date.today", "time.time", "time.monotonic"}


def _ours(name: str) -> bool:
    return name.split(".", maxsplit=1)[0] in CODE


def _within(name: str, packages: tuple[str, ...]) -> bool:
    return any(name == package or name.startswith(f"{package}.") for package in packages)


def test_arrows_point_the_designed_way() -> None:
    """No package imports, directly or through others, what its contract in `pyproject.toml` forbids."""
    said = subprocess.run([sys.executable, "-c", LINT], cwd=ROOT, capture_output=True, text=True, check=False)
    assert said.returncode == 0, said.stdout


def test_every_folder_has_a_contract() -> None:
    """The import graph holds every folder of the product, so also a new one."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    assert set(contracts["root_packages"]) == {*PRODUCT, "sandbox"}


def test_names_are_written_whole() -> None:
    """No import is relative, so that a reader sees where a name comes from."""
    found = [f"{m.path}:{line}" for m in modules(*CODE) for name, line in m.imports() if name.startswith(".")]
    assert found == []


def test_no_benchmark_imports_the_pretend_platform() -> None:
    """Benchmarks meet the pretend platform over HTTP, as the bot does."""
    strange = [m.path for m in modules("benchmarks") for name, _ in m.imports() if _within(name, ("sandbox",))]
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
    """Domain, language, cards and notify do no I/O and use no clock or randomness: same input, same output."""
    home = [
        m for m in modules(folder.split("/", maxsplit=1)[0]) if m.path == folder or m.path.startswith(f"{folder}/")
    ]
    assert home
    assert [wrong for module in home for wrong in _outside_world(module)] == []


def test_the_domain_does_not_wait() -> None:
    """Pure code has no async functions; whatever waits belongs further out."""
    waiting = [
        f"{m.path}:{f.lineno}"
        for m in modules("core/domain", "cards", "language", "notify")
        for f in m.functions()
        if type(f).__name__ == "AsyncFunctionDef"
    ]
    assert waiting == []


def test_services_take_time_from_the_database() -> None:
    """No service asks this machine for the time, because the time that decides comes from the unit of work."""
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
