"""Reads and parses the project's own files, once for all house tests."""

import ast
import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PRODUCT = ("bot", "cards", "config", "core", "handlers", "language", "notify")
CODE = (*PRODUCT, "sandbox", "tests", "benchmarks")
_NOT_OURS = {".git", ".venv", "var", "mutants", "__pycache__"}
_NOT_OURS |= {".mypy_cache", ".ruff_cache", ".pytest_cache", ".hypothesis"}
_MIGRATIONS = "core/storage/migrations/versions/"


@dataclass(frozen=True)
class Module:
    path: str
    """The path from the project's root, with slashes."""
    text: str
    tree: ast.Module

    @property
    def generated(self) -> bool:
        return self.path.startswith(_MIGRATIONS)

    def imports(self) -> Iterator[tuple[str, int]]:
        """Yields (dotted name, line) of every import at any depth; `from a import b` counts as `a.b`."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                for name in node.names:
                    yield name.name, node.lineno
            elif isinstance(node, ast.ImportFrom):
                base = ("." * node.level) + (node.module or "")
                for name in node.names:
                    yield f"{base}.{name.name}", node.lineno

    def calls(self) -> Iterator[ast.Call]:
        return (node for node in ast.walk(self.tree) if isinstance(node, ast.Call))

    def functions(self) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
        return (node for node in ast.walk(self.tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


@cache
def modules(*folders: str) -> tuple[Module, ...]:
    return tuple(_module(path) for path in _files(*folders) if path.suffix == ".py")


def _files(*folders: str) -> list[Path]:
    """Returns all files of the folders in the order of their names, without entering folders that are not ours."""
    found = []
    for folder in folders:
        for here, inside, files in os.walk(ROOT / folder):
            inside[:] = [name for name in inside if name not in _NOT_OURS]  # in place, so that `walk` skips them
            found += [Path(here, name) for name in files if name not in _NOT_OURS]
    return sorted(found)


@cache
def _module(path: Path) -> Module:
    text = path.read_text(encoding="utf-8")
    return Module(path.relative_to(ROOT).as_posix(), text, ast.parse(text))


@cache
def texts(*folders: str) -> tuple[tuple[str, str], ...]:
    """Returns (path, content) of every text file of the folders, or of the whole project."""
    return tuple(text for path in _files(*folders or (".",)) for text in [_text(path)] if text)


@cache
def _text(path: Path) -> tuple[str, str] | None:
    if not path.is_file():
        return None
    raw = path.read_bytes()
    if b"\0" in raw[:4096]:  # a binary file
        return None
    return path.relative_to(ROOT).as_posix(), raw.decode("utf-8", errors="replace")


def dotted(node: ast.expr) -> str:
    """Returns an expression such as `datetime.now` as text, and "" for anything but names joined by dots."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        base = dotted(node.value)
        return f"{base}.{node.attr}" if base else ""
    return ""
