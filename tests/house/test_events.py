"""Services return what has happened as events, and one place logs them and tells people about them."""

import ast
import textwrap
from typing import get_args

import pytest

from core.domain.events.domain_event import DomainEvent
from tests.house.lost import all_returning, lost
from tests.house.tree import PRODUCT, Module, dotted, modules


def test_the_set_of_events_is_closed() -> None:
    """Every class of event is in `DomainEvent`, so that the type checker finds a missing rule for telling it."""
    # From the source, as classes of a module that nobody has loaded yet are not among `Event.__subclasses__()`.
    made = {
        kind.name
        for module in modules(*PRODUCT)
        for kind in ast.walk(module.tree)
        if isinstance(kind, ast.ClassDef) and "Event" in map(dotted, kind.bases)
    }
    assert made == {kind.__name__ for kind in get_args(DomainEvent)}


def _callers(name: str) -> set[str]:
    return {m.path for m in modules(*PRODUCT) for call in m.calls() if dotted(call.func).endswith(f".{name}")}


def test_only_the_publisher_writes_into_the_log() -> None:
    """Only the publisher appends to the log, so no state change can add entries of its own or forget one."""
    assert _callers("audit.append") == {"notify/publisher.py"}


def test_only_those_who_tell_send() -> None:
    """Only `notify/` puts anything into the outbox."""
    assert {path.split("/")[0] for path in _callers("outbox.send")} == {"notify"}


def test_no_event_is_dropped() -> None:
    """The product uses the events that a function returns, for a lost event would neither be logged nor told."""
    telling = all_returning(modules(*PRODUCT))
    services = {name.rpartition(".")[2] for name in telling if name.startswith("core.services.")}
    assert {"decide", "confirm", "withdraw", "leave", "take", "finish", "expire_due", "undo"} <= services
    assert [place for m in modules(*PRODUCT) for place in lost(m, telling)] == []


_HEAD = """
from core.services.executing.take import take
from core.services.expiry import expire_due
from core.services.people import leave as go
from core.services import people
"""
_TELLING = ("core.services.expiry.expire_due", "core.services.people.leave", "core.services.executing.take.take")


def _lost_in(code: str) -> list[str]:
    """Returns what the check says about a function with this body, without the places."""
    body = textwrap.indent(textwrap.dedent(code), "    ")
    text = f"{_HEAD}async def job(self, db, uow, who):\n{body}\n"
    return [place.partition(" ")[2] for place in lost(Module("bot/job.py", text, ast.parse(text)), _TELLING)]


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("go(uow, who)", "go is called for nothing"),
        ("people.leave(uow, who)", "people.leave is called for nothing"),
        ("who and go(uow, who)", "go is called for nothing"),
        ("[go(uow, each) for each in who]", "go is called for nothing"),
        ("await self.desk.db.run(expire_due)", "expire_due is handed to run"),
        ("self.desk.db.run_sync(expire_due)", "expire_due is handed to run_sync"),
        ("found = await db.read(expire_due)\nreturn found", "expire_due is handed to read"),
        ("return await db.run(fn=expire_due)", "expire_due is handed to run"),
        ("await db.run(lambda uow: go(uow, who))", "go is handed to run"),
        ("await db.run(lambda uow: go(uow, who) if who else ())", "go is handed to run"),
        ("await db.run(lambda uow: len(go(uow, who)))", "go is handed to run"),
        ("await db.run(lambda uow: (self.publish(uow, *other(uow)), go(uow, who)))", "go is handed to run"),
        ("await db.run(partial(go, who=who))", "go is handed to run"),
        ("await db.run(partial(people.leave, who=who))", "people.leave is handed to run"),
        ("db.read_sync(functools.partial(go, who=who))", "go is handed to read_sync"),
        (
            "def work(uow) -> list[DomainEvent]:\n    return other(uow)\nawait db.run(work)",
            "work is handed to run",
        ),
        ("gone = go(uow, who)", "gone is never used"),
        ("gone: list[DomainEvent] = go(uow, who)\nreturn who", "gone is never used"),
        ("gone = []\nself.publish(uow, *gone)\ngone = go(uow, who)", "gone is never used"),
        ("gone = []\ngone += go(uow, who)\nreturn who", "gone is never used"),
        ("_, rest = go(uow, who)\nreturn rest", "_ is never used"),
        ("gone = go(uow, who)\nlog.info(gone.count)", "gone is never used"),
        ("if (gone := go(uow, who)):\n    return who", "gone is never used"),
        ("for gone in go(uow, who):\n    log.info(who)", "gone is never used"),
        ("def work(uow) -> None:\n    gone = go(uow, who)\nawait db.run(work)", "gone is never used"),
    ],
)
def test_a_lost_event_is_found(code: str, found: str) -> None:
    """The check finds a service called for nothing, handed to the database as work, or bound to an idle name."""
    assert _lost_in(code) == [found]


@pytest.mark.parametrize(
    "code",
    [
        "self.publish(uow, *go(uow, who))",
        "return go(uow, who)",
        "return lambda uow: go(uow, who)",
        "yield from go(uow, who)",
        "await self._run(expire_due)",
        "await self._run(lambda uow: expire_due(uow) if who else ())",
        "await self._run(partial(go, who=who))",
        "await db.run(lambda uow: self.publish(uow, *go(uow, who)))",
        "db.run_sync(lambda uow: publish(uow, *(go(uow, who) if who else ())))",
        "await db.run(partial(self._leave, who))",
        "await db.read(lambda uow: uow.now)",
        "gone = go(uow, who)\nself.publish(uow, *gone)",
        "gone = go(uow, who)\nreturn [gone, context.say(gone.operation.label)]",
        "gone, rest = go(uow, who)\nreturn [*gone, rest]",
        "gone = []\nfor each in who:\n    gone += go(uow, each)\nreturn gone",
        "taken = take(uow, who)\nself.publish(uow, *taken.events)",
        "gone = go(uow, who)\ndef work(uow) -> None:\n    self.publish(uow, *gone)\nawait db.run(work)",
        "def work(uow) -> Taken:\n    self.publish(uow, *go(uow, who))\n    return taken\nawait db.run(work)",
    ],
)
def test_a_used_event_is_not_found(code: str) -> None:
    """The check has nothing against events that are published or handed on."""
    assert _lost_in(code) == []


def test_a_callers_function_may_return_events() -> None:
    """The check also follows a parameter that stands for a service, as the jobs of the schedule have it."""
    job = "async def job(self, db, due: Callable[[UnitOfWork], Sequence[DomainEvent]]):\n    await db.run({})\n"
    told, silent = (job.format(work) for work in ("lambda uow: self.publish(uow, *due(uow))", "due"))
    assert lost(Module("bot/job.py", told, ast.parse(told))) == []
    assert lost(Module("bot/job.py", silent, ast.parse(silent))) == ["bot/job.py:2 due is handed to run"]
