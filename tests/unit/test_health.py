"""The answers of /healthz, /readyz and /metrics."""

import asyncio
from collections.abc import Mapping

import pytest
from aiohttp import web

from bot import health
from bot.health import health_routes
from bot.metrics import Metrics, metrics_routes
from core.domain.actions import Action
from core.domain.errors import StoreUnavailable
from core.domain.operation.life import State

Stocked = tuple[Mapping[str, int], Mapping[tuple[Action, State], int]]


async def _fine() -> None:
    pass


async def _away() -> None:
    raise StoreUnavailable("connection refused")


async def _leaky() -> None:
    raise RuntimeError("postgresql://bot:hunter2@db")


async def _hangs() -> None:
    await asyncio.Event().wait()


async def test_alive_whatever_is_away(aiohttp_client) -> None:
    """A bot whose database is away is alive: restarting it would not help."""
    app = web.Application()
    app.add_routes(health_routes({"database": _away}))
    client = await aiohttp_client(app)
    assert (await client.get("/healthz")).status == 200


async def test_ready_when_everything_answers(aiohttp_client) -> None:
    """When all checks are well, /readyz answers 200 and names each."""
    app = web.Application()
    app.add_routes(health_routes({"database": _fine, "wecom": _fine, "crm": _fine}))
    client = await aiohttp_client(app)
    answer = await client.get("/readyz")
    assert answer.status == 200
    body = await answer.json()
    assert body["ready"]
    assert sorted(body["checks"]) == ["crm", "database", "wecom"]


async def test_one_that_fails_or_hangs_is_named_and_hides_no_other(aiohttp_client, monkeypatch) -> None:
    """/readyz answers 503 and names the failed check, but hides foreign errors' text: it may hold a password."""
    monkeypatch.setattr(health, "CHECK_SECONDS", 0.05)
    app = web.Application()
    app.add_routes(health_routes({"database": _away, "wecom": _hangs, "crm": _leaky, "vault": _fine}))
    client = await aiohttp_client(app)
    answer = await client.get("/readyz")
    text = await answer.text()
    checks = (await answer.json())["checks"]
    assert answer.status == 503
    assert checks["database"] == {"ok": False, "why": "connection refused"}
    assert checks["vault"]["ok"]
    assert not checks["wecom"]["ok"]
    assert checks["crm"]["why"] == "RuntimeError"
    assert "hunter2" not in text


async def test_prometheus_reads_counts_and_queues(aiohttp_client) -> None:
    """Counters and the depth of each queue are on the page, in Prometheus' own type."""
    metrics = Metrics()
    metrics.callbacks.labels("accepted").inc()

    async def stock() -> Stocked:
        return {"inbox": 3}, {(Action.VOID, State.DONE): 2}

    app = web.Application()
    app.add_routes(metrics_routes(metrics, stock))
    answer = await (await aiohttp_client(app)).get("/metrics")
    text = await answer.text()
    assert answer.content_type == "text/plain"
    assert 'voidbot_callbacks_total{outcome="accepted"} 1.0' in text
    assert 'voidbot_operations{action="void",state="done"} 2.0' in text
    assert 'voidbot_waiting{queue="inbox"} 3.0' in text


async def test_metrics_do_without_the_database(aiohttp_client) -> None:
    """While the database is away, /metrics still answers, without stale figures."""
    metrics = Metrics()
    turns = iter([({"inbox": 3}, {(Action.VOID, State.DONE): 2})])

    async def stock() -> Stocked:
        try:
            return next(turns)
        except StopIteration:
            raise StoreUnavailable("gone") from None

    first, then = await metrics.page(stock), await metrics.page(stock)
    for figure in (b'queue="inbox"', b'action="void"'):
        assert figure in first
        assert figure not in then


@pytest.mark.parametrize("_turn", [1, 2])
def test_two_apps_do_not_count_together(_turn: int) -> None:
    """Two applications in one process do not share a registry."""
    metrics = Metrics()
    metrics.deliveries.labels("sent").inc()
    assert metrics.registry.get_sample_value("voidbot_deliveries_total", {"outcome": "sent"}) == 1
