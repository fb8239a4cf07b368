"""One gate: permission is data on the route and asked in one place."""

import ast
from collections.abc import Iterator

from tests.house.tree import PRODUCT, Module, dotted, modules


def test_only_dispatch_asks_for_rights() -> None:
    """`allows()` has one caller outside the domain, where rules about one object live in the object."""
    callers = [
        m.path
        for m in modules(*PRODUCT)
        for call in m.calls()
        if isinstance(call.func, ast.Attribute) and call.func.attr == "allows"
    ]
    outside = [path for path in callers if not path.startswith("core/domain/")]
    assert outside == ["bot/dispatch.py"]


def test_nobody_asks_again_behind_the_gate() -> None:
    """Handlers and services never look into rights: they hand them on to the domain's rules, or to a wording."""
    looked = {
        f"{m.path}:{node.lineno}"
        for m in modules("handlers", "core/services")
        if m.path != "handlers/context.py"  # where they are kept
        for node in _looks_at_rights(m)
    }
    assert looked == set()


def test_nobody_goes_by_roles_instead() -> None:
    """A role is no permission: only whose records somebody sees hangs on it."""
    askers = {
        m.path
        for m in modules("handlers", "core/services")
        for call in m.calls()
        if isinstance(call.func, ast.Attribute) and call.func.attr == "has"
    }
    assert askers == {"core/services/finding.py"}


def test_only_the_gate_finds_a_right_missing() -> None:
    """`NotAllowed` is raised by the gate, with what the route says; it is worded in one other place."""
    makers = {
        m.path
        for m in modules(*PRODUCT)
        for call in m.calls()
        if isinstance(call.func, ast.Name) and call.func.id == "NotAllowed"
    }
    assert makers == {"bot/dispatch.py", "handlers/about.py", "handlers/refusing.py"}


def test_only_approval_makes_the_proof() -> None:
    """`Approved`, the only thing that execution accepts, is made in one place."""
    makers = {
        m.path
        for m in modules(*PRODUCT)
        for call in m.calls()
        if isinstance(call.func, ast.Name) and call.func.id == "Approved"
    }
    assert makers == {"core/domain/approval/approved.py"}


def _looks_at_rights(module: Module) -> Iterator[ast.Attribute]:
    """Every `….rights` and `….rights()` that is not given as it is to a rule of the domain or to a wording."""
    rules = {name.rpartition(".")[2] for name, _ in module.imports() if name.startswith("core.domain.")}
    given = {
        id(argument.func if isinstance(argument, ast.Call) else argument)
        for call in module.calls()
        if dotted(call.func) in rules or dotted(call.func).startswith("answering.")
        for argument in (*call.args, *(keyword.value for keyword in call.keywords))
    }
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Attribute) and node.attr == "rights" and id(node) not in given:
            yield node
