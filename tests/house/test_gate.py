"""There is one gate: the right is data on the use case, and every door asks for it once, in one place."""

import ast
from collections.abc import Iterator

from tests.house.tree import PRODUCT, Module, dotted, modules

GATE = "core/services/gate.py"


def _callers(name: str) -> list[str]:
    """Returns the files that call this function or method, one entry for each call."""
    return [m.path for m in modules(*PRODUCT) for call in m.calls() if _called(call) == name]


def _called(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else dotted(call.func)


def test_every_door_asks_the_gate_once() -> None:
    """A chat message and a command each pass the gate in one place; a new door is added here with its one call."""
    assert _callers("admit") == ["bot/__main__.py", "bot/dispatch.py"]


def test_nobody_else_asks_for_rights() -> None:
    """`allows()` has no caller outside the domain, where the rules about one object belong."""
    assert [path for path in _callers("allows") if not path.startswith("core/domain/")] == []


def test_all_that_somebody_may_is_gathered_in_three_places() -> None:
    """A person's rights are gathered for a message, at a start to compare them, and in the check-up only."""
    gatherers = {
        m.path
        for m in modules(*PRODUCT)
        for node in ast.walk(m.tree)
        if isinstance(node, ast.Attribute) and node.attr == "of" and "rights" in _named(node.value)
    }
    assert gatherers == {"bot/checkup.py", "bot/dispatch.py", "bot/seeding.py"}


def _named(node: ast.expr) -> str:
    """Returns the dotted name of an expression, such as `uow.people.rights`, whether it is called or not."""
    return dotted(node.func if isinstance(node, ast.Call) else node)


def test_nobody_asks_again_behind_the_gate() -> None:
    """Handlers and services never inspect rights: they pass them to rules of the domain, or to a wording."""
    looked = {
        f"{m.path}:{node.lineno}"
        for m in modules("handlers", "core/services", "notify")
        if m.path not in {"handlers/context.py", GATE}  # these keep the rights, and ask for them
        for node in _looks_at_rights(m)
    }
    assert looked == set()


def test_the_dispatcher_leaves_it_to_the_gate() -> None:
    """The dispatcher passes rights to the gate and compares them as a whole, but looks for no single right."""
    (dispatch,) = (m for m in modules("bot") if m.path == "bot/dispatch.py")
    searched = [
        node.lineno
        for node in ast.walk(dispatch.tree)
        if isinstance(node, ast.Compare) and any(isinstance(sign, ast.In | ast.NotIn) for sign in node.ops)
    ]
    assert searched == []
    assert "core.domain.people.Right" not in {name for name, _ in dispatch.imports()}


def test_nobody_reads_what_a_use_case_demands_but_the_gate() -> None:
    """Only the gate decides by the `right` of a use case; others print it, or find the request it hangs on."""
    readers = {
        m.path
        for m in modules("handlers", "core/services", "notify", "bot")
        for node in ast.walk(m.tree)
        if isinstance(node, ast.Attribute) and node.attr in {"right", "for_whom"} and "case" in dotted(node.value)
    }
    assert readers == {GATE, "handlers/about.py", "bot/docs_cells.py", "bot/command_line/declaring.py"}


def test_nobody_goes_by_roles_instead() -> None:
    """A role is no right: only which records a person sees depends on a role."""
    askers = {
        m.path
        for m in modules("handlers", "core/services")
        for call in m.calls()
        if isinstance(call.func, ast.Attribute) and call.func.attr == "has"
    }
    assert askers == {"core/services/finding.py"}


def test_only_the_gate_finds_a_right_missing() -> None:
    """Only the gate raises `NotAllowed`, with the right that the use case demands; one other place words it."""
    assert set(_callers("NotAllowed")) == {GATE, "handlers/refusing.py"}


def test_only_the_gate_says_who_is_a_member() -> None:
    """No door makes a person a member by itself, because somebody who has left would stay a member there."""
    makers = {m.path for m in modules(*PRODUCT) for name, _ in m.imports() if name == "core.services.gate.Member"}
    assert makers == set()


def test_only_approval_makes_the_proof() -> None:
    """`Approved`, the only thing that execution accepts, is made in one place."""
    assert set(_callers("Approved")) == {"core/domain/approval/approved.py"}


def _looks_at_rights(module: Module) -> Iterator[ast.Attribute]:
    """Yields each use of `….rights` that is not passed unchanged to a rule of the domain or to a wording."""
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
