"""Services return what has happened as events, and one place logs them and tells people about them."""

import ast
from collections.abc import Iterator
from typing import get_args

from core.domain.events.domain_event import DomainEvent
from core.domain.events.event import Event
from tests.house.tree import PRODUCT, Module, dotted, modules


def test_the_set_of_events_is_closed() -> None:
    """Every class of event is in `DomainEvent`, so that the type checker finds a missing rule for telling it."""
    made = {kind.__name__ for kind in Event.__subclasses__()}
    assert made == {kind.__name__ for kind in get_args(DomainEvent)}


def _callers(name: str) -> set[str]:
    return {m.path for m in modules(*PRODUCT) for call in m.calls() if dotted(call.func).endswith(f".{name}")}


def test_only_the_publisher_writes_into_the_log() -> None:
    """Only the publisher appends to the log, so no state change can add entries of its own or forget one."""
    assert _callers("audit.append") == {"notify/publisher.py"}


def test_only_those_who_tell_send() -> None:
    """Only `notify/` puts anything into the outbox."""
    assert {path.split("/")[0] for path in _callers("outbox.send")} == {"notify"}


def _returns_events(module: Module) -> Iterator[str]:
    """Yields the names of a module's functions that return events."""
    events = {kind.__name__ for kind in get_args(DomainEvent)} | {"DomainEvent", "Taken"}
    for function in module.functions():
        told = {node.id for node in ast.walk(function.returns or ast.Pass()) if isinstance(node, ast.Name)}
        if told & events:
            yield function.name


def test_no_event_is_dropped() -> None:
    """No call of a service drops the events it returns: a dropped event would neither be logged nor told."""
    services = {name for m in modules("core/services") for name in _returns_events(m)}
    assert {"decide", "confirm", "withdraw", "leave", "take", "finish"} <= services
    dropped = [
        f"{m.path}:{node.lineno} {dotted(node.value.func)}"
        for m in modules(*PRODUCT)
        for known in [services & {name.rpartition(".")[2] for name, _ in m.imports() if "core.services" in name}]
        for node in ast.walk(m.tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) and dotted(node.value.func) in known
    ]
    assert dropped == []
