"""Listens for requests, and stops on a signal."""

import asyncio
import contextlib
import signal

from aiohttp import web

from sandbox.app import create_app
from sandbox.keys import WORLD
from sandbox.settings import Settings


async def listen(settings: Settings) -> tuple[web.AppRunner, int]:
    """Starts the server and returns it with the port it got. Raises OSError when the port is taken."""
    app = create_app(settings)
    runner = web.AppRunner(app, shutdown_timeout=1, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, settings.host, settings.port).start()
    except OSError:
        await runner.cleanup()
        raise
    port = int(runner.addresses[0][1])  # the real one: settings.port may be 0, any free port
    app[WORLD].address = f"http://{settings.host}:{port}"
    return runner, port


def stop_event() -> asyncio.Event:
    """Returns an event that is set on Ctrl-C, on SIGTERM and when the terminal closes."""
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    # By name, because Windows has no SIGHUP.
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is not None:
            with contextlib.suppress(NotImplementedError):  # the event loop of Windows cannot watch signals
                loop.add_signal_handler(number, stopped.set)
    return stopped
