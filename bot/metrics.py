"""What Prometheus reads at GET /metrics. Counts are this process's own; what the database holds is everybody's."""

from collections.abc import Awaitable, Callable, Mapping

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from core.domain.actions import Action
from core.domain.errors import StoreUnavailable
from core.domain.operation.life import State

Stock = Callable[[], Awaitable[tuple[Mapping[str, int], Mapping[tuple[Action, State], int]]]]
"""Queue (inbox, deliveries, operations) → how many wait in it; and how many operations stand where.
Raises StoreUnavailable.
"""


class Metrics:
    """Its own registry: two apps in one process do not count together."""

    def __init__(self) -> None:
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
        """The page as Prometheus reads it. While the database is away what lies in it is left out."""
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
