"""Serves GET /metrics for Prometheus: counters of this process, and gauges that the database keeps for all."""

from collections.abc import Awaitable, Callable, Mapping

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from core.domain.actions import Action
from core.domain.errors import StoreUnavailable
from core.domain.operation.life import State

Stock = Callable[[], Awaitable[tuple[Mapping[str, int], Mapping[tuple[Action, State], int]]]]
"""Returns the rows that wait, by queue (inbox, deliveries, operations), and the operations, by action and state.

Raises StoreUnavailable.
"""


class Metrics:
    """The counters and gauges of one application."""

    def __init__(self) -> None:
        # Not the registry of the library: two applications in one process must not count together.
        self.registry = CollectorRegistry()
        self.callbacks = Counter(
            "voidbot_callbacks",
            "Callbacks from WeCom by what became of them: accepted, refused, repeated.",
            ["outcome"],
            registry=self.registry,
        )
        self.deliveries = Counter(
            "voidbot_deliveries",
            "Messages and cards by what became of the try: sent, retried, undelivered.",
            ["outcome"],
            registry=self.registry,
        )
        self.callback_seconds = Histogram(
            "voidbot_callback_seconds",
            "Time from a callback's arrival to its answer.",
            buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5),
            registry=self.registry,
        )
        self._operations = Gauge(
            "voidbot_operations",
            "Operations there are, by action and state, all replicas together.",
            ["action", "state"],
            registry=self.registry,
        )
        self._waiting = Gauge(
            "voidbot_waiting",
            "Rows that wait in a queue, all replicas together.",
            ["queue"],
            registry=self.registry,
        )

    def callback(self, outcome: str, seconds: float) -> None:
        self.callbacks.labels(outcome).inc()
        self.callback_seconds.observe(seconds)

    def delivery(self, outcome: str) -> None:
        self.deliveries.labels(outcome).inc()

    async def page(self, stock: Stock) -> bytes:
        """Returns the page in Prometheus's text format. While the database is away, its gauges are left out."""
        # An action and state that no operation has any more must not keep its last number.
        self._waiting.clear()
        self._operations.clear()
        try:
            waiting, operations = await stock()
        except StoreUnavailable:
            return generate_latest(self.registry)
        for queue, rows in waiting.items():
            self._waiting.labels(queue).set(rows)
        for (action, state), count in operations.items():
            self._operations.labels(action, state).set(count)
        return generate_latest(self.registry)


def metrics_routes(metrics: Metrics, stock: Stock) -> list[web.RouteDef]:
    async def show(_request: web.Request) -> web.Response:
        return web.Response(body=await metrics.page(stock), headers={"Content-Type": CONTENT_TYPE_LATEST})

    return [web.get("/metrics", show)]
