"""Lists the command line for docs/commands.md, read from the parsers that `python -m bot` itself uses."""

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from bot.__main__ import COMMANDS, load
from core.domain.use_cases import UseCase


@dataclass(frozen=True, slots=True)
class Row:
    usage: str
    words: str
    """What the command does."""
    use_case: UseCase | None
    """The use case that the command declares; the gate lets no command run that declares none."""


class _Listening(argparse.ArgumentParser):
    """Remembers the arguments added to it, which argparse itself shows only as wrapped help text."""

    def __init__(self, **options: Any) -> None:
        # Set before: argparse's own constructor already adds `--help`.
        self.listed: list[argparse.Action] = []
        self.branches: Any = None
        super().__init__(**options)

    def add_argument(self, *names: Any, **options: Any) -> argparse.Action:
        action = super().add_argument(*names, **options)
        self.listed.append(action)
        return action

    def add_subparsers(self, **options: Any) -> Any:
        self.branches = super().add_subparsers(**options)
        return self.branches


def command_line_rows() -> Iterator[Row]:
    """Yields each command and sub-command, in the order of the help."""
    for name in COMMANDS:
        command = load(name)
        parser = _Listening(prog=name, description=command.HELP)
        command.add_arguments(parser)
        yield from _rows(name, parser)


def _rows(name: str, parser: _Listening) -> Iterator[Row]:
    if parser.branches is not None:
        for word, branch in parser.branches.choices.items():
            yield from _rows(f"{name} {word}", branch)
        return
    words = [_word(action) for action in parser.listed if action.dest != "help"]
    yield Row(" ".join((name, *words)), parser.description or "", parser.get_default("use_case"))


def _word(action: argparse.Action) -> str:
    """Returns an argument as usage shows it: `--kind KIND`, `[--dry-run]` if optional, `FILE` if positional."""
    value = "" if action.nargs == 0 else _value(action)
    if not action.option_strings:
        return value
    said = f"{action.option_strings[0]} {value}".rstrip()
    return said if action.required else f"[{said}]"


def _value(action: argparse.Action) -> str:
    if action.choices is not None:
        return "|".join(map(str, action.choices))
    metavar = action.metavar if isinstance(action.metavar, str) else None
    return metavar or action.dest.upper()
