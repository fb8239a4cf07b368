"""One gate: permission is data on the route and asked in one place."""

import ast

from tests.house.tree import PRODUCT, modules


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


def test_only_approval_makes_the_proof() -> None:
    """`Approved`, the only thing that execution accepts, is made in one place."""
    makers = {
        m.path
        for m in modules(*PRODUCT)
        for call in m.calls()
        if isinstance(call.func, ast.Name) and call.func.id == "Approved"
    }
    assert makers == {"core/domain/approval.py"}
