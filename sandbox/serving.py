"""Listening, and stopping when asked to."""

import asyncio
import contextlib
import signal

from aiohttp import web

from sandbox.app import create_app
from sandbox.keys import WORLD
from sandbox.settings import Settings


async def listen(settings: Settings) -> tuple[web.AppRunner, int]:
    """The running server and the port it got; raises OSError when the port is taken."""
    app = create_app(settings)
    runner = web.AppRunner(app, shutdown_timeout=1, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, settings.host, settings.port).start()
    except OSError:
        await runner.cleanup()
        raise
    port = int(runner.addresses[0][1])
    app[WORLD].address = f"http://{settings.host}:{port}"
    return runner, port


def stop_event() -> asyncio.Event:
    """Set on Ctrl-C, on SIGTERM and when the terminal closes."""
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is not None:
            with contextlib.suppress(NotImplementedError):  # where the loop cannot watch signals
                loop.add_signal_handler(number, stopped.set)
    return stopped
