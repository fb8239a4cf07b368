"""Lets each command declare its use case, by which the gate decides and `--help` tells who may use the command."""

import argparse
from typing import cast

from core.domain.use_cases import ForWhom, UseCase

_OPERATORS = "只有这台机器的操作者能用 · Only an operator of the machine may use it."


def does(parser: argparse.ArgumentParser, case: UseCase) -> None:
    """Declares the use case of a parser's command."""
    parser.set_defaults(use_case=case)
    if case.for_whom is ForWhom.OPERATOR:
        parser.epilog = _OPERATORS


def sub_command(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]", word: str, case: UseCase
) -> argparse.ArgumentParser:
    """Adds a sub-command for a use case, described in its words, and returns its parser."""
    parser = commands.add_parser(word, help=case.words, description=case.words)
    does(parser, case)
    return parser


def declared(args: argparse.Namespace) -> UseCase:
    """Returns the use case of the parsed command. Raises AttributeError for a command that declares none."""
    return cast(UseCase, args.use_case)
