"""Serves GET /healthz, which tells that the process lives, and GET /readyz, which checks all that it needs."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

import structlog
from aiohttp import web

from core.domain.errors import VoidbotError

CHECK_SECONDS = 3
"""A check that takes longer counts as failed, because load balancers ask every few seconds."""
Check = Callable[[], Awaitable[None]]
"""Returns when the thing it checks is well, and raises when it is not."""

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Finding:
    ok: bool
    why: str = ""


def health_routes(checks: Mapping[str, Check]) -> list[web.RouteDef]:
    """Returns the two routes. `checks` are the checks of GET /readyz by name: database, wecom, crm."""

    async def alive(_request: web.Request) -> web.Response:
        return web.json_response({"alive": True})

    async def ready(_request: web.Request) -> web.Response:
        findings = await find_out(checks)
        all_well = all(finding.ok for finding in findings.values())
        body = {name: {"ok": finding.ok, "why": finding.why} for name, finding in findings.items()}
        return web.json_response({"ready": all_well, "checks": body}, status=200 if all_well else 503)

    return [web.get("/healthz", alive), web.get("/readyz", ready)]


async def find_out(checks: Mapping[str, Check]) -> dict[str, Finding]:
    """Runs all checks at the same time; one that hangs or fails does not hide the others."""
    found = await asyncio.gather(*(_one(name, check) for name, check in checks.items()))
    return dict(zip(checks, found, strict=True))


async def _one(name: str, check: Check) -> Finding:
    try:
        async with asyncio.timeout(CHECK_SECONDS):
            await check()
    except TimeoutError:
        return Finding(ok=False, why=f"no answer within {CHECK_SECONDS} s")
    except VoidbotError as error:
        return Finding(ok=False, why=str(error))
    except Exception as error:  # noqa: BLE001  # whatever failed, the thing is not ready, and that is the answer
        _log.warning("readiness check failed", check=name, exc_info=True)
        # Only the type: the text of an error that is not ours may hold addresses or secrets.
        return Finding(ok=False, why=type(error).__name__)
    return Finding(ok=True)
