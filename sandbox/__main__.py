"""`python -m sandbox`: the pretend WeCom alone; `python -m sandbox demo`: with the bot and sample data."""

import argparse
import asyncio
import contextlib
import dataclasses
import signal
import sys

from aiohttp import web

from sandbox.app import create_app
from sandbox.settings import Settings, from_environment


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m sandbox",
        description="假的企业微信，独立进程。 A pretend WeCom in its own process; "
        "keys and callback address come from the same VOIDBOT_… variables the bot reads.",
    )
    parser.add_argument("command", nargs="?", choices=("demo",), help="demo: start the bot too, with sample data")
    parser.add_argument("--host", help="address to listen on (default 127.0.0.1)")
    parser.add_argument("--port", type=int, help="port to listen on (default 8700; 0 picks a free one)")
    parser.add_argument("--callback", help="the bot's callback URL (default http://127.0.0.1:8701/wecom/callback)")
    parser.add_argument("--language", choices=("zh", "en"), help="language of the page's own words")
    return parser


def _settings(args: argparse.Namespace) -> Settings:
    given = {name: getattr(args, name) for name in ("host", "port", "callback", "language")}
    return dataclasses.replace(from_environment(), **{k: v for k, v in given.items() if v is not None})


async def listen(settings: Settings) -> tuple[web.AppRunner, int]:
    """The running server and the port it got; raises OSError when the port is taken."""
    site_port = settings.port
    runner = web.AppRunner(create_app(settings), shutdown_timeout=1, access_log=None)
    await runner.setup()
    try:
        site = web.TCPSite(runner, settings.host, site_port)
        await site.start()
    except OSError:
        await runner.cleanup()
        raise
    return runner, int(runner.addresses[0][1])


async def until_stopped() -> None:
    """Returns on Ctrl-C or SIGTERM."""
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):
            loop.add_signal_handler(number, stopped.set)
    await stopped.wait()


async def _serve(settings: Settings) -> None:
    runner, port = await listen(settings)
    print(f"sandbox: http://{settings.host}:{port}/", flush=True)
    try:
        await until_stopped()
    finally:
        await runner.cleanup()


def main(argv: list[str] | None = None) -> int:
    """0 when stopped, 1 when it could not start; argparse leaves with 2 on bad use."""
    args = _parser().parse_args(argv)
    try:
        settings = _settings(args)
        asyncio.run(_serve(settings))
    except (OSError, ValueError) as error:
        print(f"sandbox: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
