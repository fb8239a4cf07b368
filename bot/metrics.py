"""What Prometheus reads at GET /metrics. Counts are this process's own, queue depths everybody's."""

from collections.abc import Awaitable, Callable, Mapping

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from core.domain.errors import StoreUnavailable

Depths = Callable[[], Awaitable[Mapping[str, int]]]
"""Queue (inbox, deliveries, operations) → how many wait in it. Raises StoreUnavailable."""


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
        self.operations = Counter(
            "voidbot_operations",
            "Operations by action and the state they ended in.",
            ["action", "state"],
            registry=self.registry,
        )
        self.callback_seconds = Histogram(
            "voidbot_callback_seconds",
            "Time from a callback's arrival to its answer.",
            buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5),
            registry=self.registry,
        )
        self._waiting = Gauge(
            "voidbot_waiting",
            "Rows that wait in a queue, all replicas together.",
            ["queue"],
            registry=self.registry,
        )

    def callback(self, outcome: str) -> None:
        self.callbacks.labels(outcome).inc()

    def delivery(self, outcome: str) -> None:
        self.deliveries.labels(outcome).inc()

    async def page(self, depths: Depths) -> bytes:
        """The page as Prometheus reads it. While the database is away the queue depths are left out."""
        self._waiting.clear()
        try:
            for queue, rows in (await depths()).items():
                self._waiting.labels(queue).set(rows)
        except StoreUnavailable:
            pass
        return generate_latest(self.registry)


def metrics_routes(metrics: Metrics, depths: Depths) -> list[web.RouteDef]:
    async def show(_request: web.Request) -> web.Response:
        return web.Response(body=await metrics.page(depths), headers={"Content-Type": CONTENT_TYPE_LATEST})

    return [web.get("/metrics", show)]
