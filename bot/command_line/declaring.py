"""How a command says which use case it is: the gate asks about that, and `--help` tells who may use it."""

import argparse
from typing import cast

from core.domain.use_cases import ForWhom, UseCase

_OPERATORS = "只有这台机器的操作者能用 · Only an operator of the machine may use it."


def does(parser: argparse.ArgumentParser, case: UseCase) -> None:
    """Declare what the command of this parser does."""
    parser.set_defaults(use_case=case)
    if case.for_whom is ForWhom.OPERATOR:
        parser.epilog = _OPERATORS


def sub_command(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]", word: str, case: UseCase
) -> argparse.ArgumentParser:
    """Add the sub-command that does this, in the use case's own words; options go on the parser returned."""
    parser = commands.add_parser(word, help=case.words, description=case.words)
    does(parser, case)
    return parser


def declared(args: argparse.Namespace) -> UseCase:
    """What the command on this command line does. Raises AttributeError for one that never said it."""
    return cast(UseCase, args.use_case)
