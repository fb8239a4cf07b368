"""Finds places in the code where events that a function returns are lost, so that nobody logs or tells them."""

import ast
from collections.abc import Iterable, Iterator
from typing import get_args

from core.domain.events.domain_event import DomainEvent
from tests.house.tree import Module, dotted

_EVENTS = {kind.__name__ for kind in get_args(DomainEvent)} | {"DomainEvent", "Taken"}
"""What an annotation names when a function returns events; `Taken` carries some."""
_RUNS = {"run", "run_sync", "read", "read_sync"}
"""The methods that run a piece of work in a transaction."""
_FUNCTIONS = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda


def returning(module: Module) -> Iterator[str]:
    """Yields the names of a module's functions that leave the events they return to their caller."""
    for function in module.functions():
        if _tells(function.returns) and not any(_publishes(node) for node in ast.walk(function)):
            yield function.name


def all_returning(modules: Iterable[Module]) -> frozenset[str]:
    """Returns the full names, such as `core.services.people.leave`, of all functions that return events."""
    return frozenset(f"{_name_of(m)}.{name}" for m in modules for name in returning(m))


def lost(module: Module, everywhere: Iterable[str] = ()) -> list[str]:
    """Returns where a module loses events; `everywhere` names the functions in other modules that return some."""
    known = _known(module, frozenset(everywhere))
    found = {(node.lineno, said) for node, said in _lost(module.tree, known)}
    return [f"{module.path}:{line} {said}" for line, said in sorted(found)]


def _lost(tree: ast.AST, known: frozenset[str]) -> Iterator[tuple[ast.expr, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr):
            for call in _calls(node.value, known):
                yield call, f"{dotted(call.func)} is called for nothing"
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _RUNS:
            for work in (*node.args, *(keyword.value for keyword in node.keywords)):
                for name in _unpublished(work, known):
                    yield name, f"{dotted(name)} is handed to {node.func.attr}"
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            for name in _unused(node, known):
                yield name, f"{name.id} is never used"


def _name_of(module: Module) -> str:
    return module.path.removesuffix(".py").replace("/", ".")


def _tells(annotation: ast.expr | None) -> bool:
    """Returns whether an annotation names events."""
    return annotation is not None and any(
        isinstance(node, ast.Name) and node.id in _EVENTS for node in ast.walk(annotation)
    )


def _publishes(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and dotted(node.func).rpartition(".")[2] in {"publish", "_publish"}


def _known(module: Module, everywhere: frozenset[str]) -> frozenset[str]:
    """Returns the names by which a module calls functions that return events."""
    own = set(returning(module))
    # A parameter such as `due: Callable[[UnitOfWork], Sequence[DomainEvent]]` is such a function too.
    for function in module.functions():
        for each in (*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs):
            if isinstance(each.annotation, ast.Subscript) and dotted(each.annotation.value) == "Callable":
                own |= {each.arg} if _tells(each.annotation) else set()
    imported = {
        local + full.removeprefix(name)
        for local, name in _imports(module.tree)
        for full in everywhere
        if full == name or full.startswith(f"{name}.")
    }
    return frozenset(own | {f"self.{name}" for name in own} | imported)


def _imports(tree: ast.AST) -> Iterator[tuple[str, str]]:
    """Yields (name in this module, full name) of every import."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((each.asname or each.name, each.name) for each in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from ((each.asname or each.name, f"{node.module}.{each.name}") for each in node.names)


def _calls(value: ast.expr, known: frozenset[str]) -> Iterator[ast.Call]:
    """Yields the calls of known functions whose result a statement that is only this value would drop."""
    if isinstance(value, ast.Call):
        if dotted(value.func) in known:
            yield value
    elif not isinstance(value, ast.Lambda | ast.Yield | ast.YieldFrom):  # these call nothing, or hand it on
        for child in ast.iter_child_nodes(value):
            if isinstance(child, ast.expr):
                yield from _calls(child, known)


def _unpublished(work: ast.AST, known: frozenset[str]) -> Iterator[ast.expr]:
    """Yields the mentions of known functions in a piece of work, except for those in a call that publishes."""
    if _publishes(work):
        return
    if isinstance(work, ast.expr) and dotted(work) in known:
        yield work
        return
    for child in ast.iter_child_nodes(work):
        yield from _unpublished(child, known)


def _unused(function: ast.AST, known: frozenset[str]) -> Iterator[ast.Name]:
    """Yields the local names of a function that get events and are not used as a whole afterwards."""
    parts = {
        id(node.value) for node in ast.walk(function) if isinstance(node, ast.Attribute) and node.attr != "events"
    }
    uses = [
        (node.id, node.lineno, node.col_offset)
        for node in ast.walk(function)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and id(node) not in parts
    ]
    for targets, value in _bindings(function):
        if not any(isinstance(node, ast.Call) and dotted(node.func) in known for node in ast.walk(value)):
            continue
        end = (value.end_lineno or value.lineno, value.end_col_offset or 0)
        for target in targets:
            for name in ast.walk(target):
                if not isinstance(name, ast.Name) or not isinstance(name.ctx, ast.Store):
                    continue
                if not any(used == name.id and (line, column) >= end for used, line, column in uses):
                    yield name


def _bindings(function: ast.AST) -> Iterator[tuple[list[ast.expr], ast.expr]]:
    """Yields (targets, value) of whatever binds names in a function, without those in functions inside it."""
    for node in ast.iter_child_nodes(function):
        if isinstance(node, _FUNCTIONS):
            continue
        if isinstance(node, ast.Assign):
            yield node.targets, node.value
        elif isinstance(node, ast.AnnAssign | ast.AugAssign | ast.NamedExpr) and node.value is not None:
            yield [node.target], node.value
        elif isinstance(node, ast.For | ast.AsyncFor):
            yield [node.target], node.iter
        elif isinstance(node, ast.withitem) and node.optional_vars is not None:
            yield [node.optional_vars], node.context_expr
        yield from _bindings(node)
