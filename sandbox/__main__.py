"""Runs the pretend WeCom: alone by `python -m sandbox`, with bot and sample data by `python -m sandbox demo`."""

import argparse
import asyncio
import dataclasses
import sys

from sandbox import demo
from sandbox.child import ROOT, Failed
from sandbox.serving import listen, stop_event
from sandbox.settings import Settings, from_environment, without_limits


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
    parser.add_argument("--no-limits", action="store_true", help="no frequency limits, for load tests")
    parser.add_argument("--language", choices=("zh", "en"), help="language of the page's own words")
    return parser


def _settings(args: argparse.Namespace) -> Settings:
    given = {name: getattr(args, name) for name in ("host", "port", "callback", "language")}
    settings = dataclasses.replace(from_environment(), **{k: v for k, v in given.items() if v is not None})
    return without_limits(settings) if args.no_limits else settings


async def _serve(settings: Settings) -> None:
    runner, port = await listen(settings)
    print(f"sandbox: http://{settings.host}:{port}/", flush=True)
    try:
        await stop_event().wait()
    finally:
        await runner.cleanup()


def main(argv: list[str] | None = None) -> int:
    """Returns 0 when stopped, 1 when it could not start or the bot failed. argparse exits with 2 on bad use."""
    args = _parser().parse_args(argv)
    try:
        if args.command == "demo":
            asyncio.run(demo.run(ROOT / "var", port=8700 if args.port is None else args.port))
        else:
            asyncio.run(_serve(_settings(args)))
    except (OSError, ValueError, Failed) as error:
        print(f"sandbox: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
