"""One gate: permission is data on the use case and asked in one place, once by every door."""

import ast
from collections.abc import Iterator

from tests.house.tree import PRODUCT, Module, dotted, modules

GATE = "core/services/gate.py"


def _callers(name: str) -> list[str]:
    """The files that call this, by its bare name or as a method; a file that does it twice stands there twice."""
    return [m.path for m in modules(*PRODUCT) for call in m.calls() if _called(call) == name]


def _called(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else dotted(call.func)


def test_every_door_asks_the_gate_once() -> None:
    """A chat message and a command each pass the gate at one place; a new door stands here with its one call."""
    assert _callers("admit") == ["bot/__main__.py", "bot/dispatch.py"]


def test_nobody_else_asks_for_rights() -> None:
    """`allows()` has no caller outside the domain, where rules about one object live in the object."""
    assert [path for path in _callers("allows") if not path.startswith("core/domain/")] == []


def test_all_that_somebody_may_is_gathered_in_three_places() -> None:
    """For a message, for a start that compares it with what was, for the check-up; no handler does."""
    gatherers = {
        m.path
        for m in modules(*PRODUCT)
        for node in ast.walk(m.tree)
        if isinstance(node, ast.Attribute) and node.attr == "of" and "rights" in _named(node.value)
    }
    assert gatherers == {"bot/checkup.py", "bot/dispatch.py", "bot/seeding.py"}


def _named(node: ast.expr) -> str:
    """`uow.people.rights` for that, called or not."""
    return dotted(node.func if isinstance(node, ast.Call) else node)


def test_nobody_asks_again_behind_the_gate() -> None:
    """Handlers and services never look into rights: they hand them on to the domain's rules, or to a wording."""
    looked = {
        f"{m.path}:{node.lineno}"
        for m in modules("handlers", "core/services", "notify")
        if m.path not in {"handlers/context.py", GATE}  # where they are kept, and where they are asked
        for node in _looks_at_rights(m)
    }
    assert looked == set()


def test_the_dispatcher_leaves_it_to_the_gate() -> None:
    """It hands rights to the gate and compares them as a whole with what they were; it looks for no single one."""
    (dispatch,) = (m for m in modules("bot") if m.path == "bot/dispatch.py")
    searched = [
        node.lineno
        for node in ast.walk(dispatch.tree)
        if isinstance(node, ast.Compare) and any(isinstance(sign, ast.In | ast.NotIn) for sign in node.ops)
    ]
    assert searched == []
    assert "core.domain.people.Right" not in {name for name, _ in dispatch.imports()}


def test_nobody_reads_what_a_use_case_demands_but_the_gate() -> None:
    """Who is to pass is decided by the gate alone: others read no `right` of a use case but to print it or to find
    what it hangs on.
    """
    readers = {
        m.path
        for m in modules("handlers", "core/services", "notify", "bot")
        for node in ast.walk(m.tree)
        if isinstance(node, ast.Attribute) and node.attr in {"right", "for_whom"} and "case" in dotted(node.value)
    }
    assert readers == {GATE, "handlers/about.py", "bot/docs_cells.py", "bot/command_line/declaring.py"}


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
    """`NotAllowed` is raised by the gate, with what the use case says; it is worded in one other place."""
    assert set(_callers("NotAllowed")) == {GATE, "handlers/refusing.py"}


def test_only_the_gate_says_who_is_a_member() -> None:
    """No door makes somebody a member by itself: who has left would stay one there."""
    makers = {m.path for m in modules(*PRODUCT) for name, _ in m.imports() if name == "core.services.gate.Member"}
    assert makers == set()


def test_only_approval_makes_the_proof() -> None:
    """`Approved`, the only thing that execution accepts, is made in one place."""
    assert set(_callers("Approved")) == {"core/domain/approval/approved.py"}


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
