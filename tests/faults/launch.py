"""Starts bots on request, each as a process of its own, in a few milliseconds: `python -m tests.faults.launch`.

It loads the bot once and forks, so that a bot does what `python -m bot serve` does after its imports. A line of
JSON on standard input starts a bot; lines of JSON on standard output tell that it has started and how it ended.
When standard input closes, all bots are killed.
"""

import gc
import json
import os
import select
import signal
import sys
from typing import Any

import core.storage.migrate  # noqa: F401  # loaded here so that no bot has to
from bot.__main__ import main as bot_main
from tests.faults.hooks import Plan, put_on

LOOK_SECONDS = 0.01


def run_bot(request: dict[str, Any]) -> int:
    """Runs in the forked child: sets its files and environment, then runs the command line as people do."""
    log = os.open(request["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(log, 1)
    os.dup2(log, 2)
    os.chdir(request["folder"])
    os.environ.update(request["environment"])
    put_on(Plan(**request["plan"]))
    return bot_main(["serve"])


def start(request: dict[str, Any]) -> None:
    child = os.fork()
    if child:
        tell(started=child, request=request["id"])
        return
    status = 70  # of a bot that raised
    try:
        status = run_bot(request)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)  # the child must never go on with the launcher's own loop


def tell(**what: Any) -> None:
    os.write(1, (json.dumps(what) + "\n").encode())


def reap(alive: bool = True) -> None:
    while alive:
        try:
            child, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if not child:
            return
        tell(ended=child, status=os.waitstatus_to_exitcode(status))


def end_all() -> None:
    """Kills all bots and this process, which form one process group."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    os.killpg(os.getpgrp(), signal.SIGCONT)
    os.killpg(os.getpgrp(), signal.SIGKILL)


def main() -> None:
    os.setpgid(0, 0)
    gc.freeze()  # a collection in a child would write to, and so copy, the pages it shares with us
    waiting = b""
    tell(ready=os.getpid())
    while True:
        readable, _, _ = select.select([0], [], [], LOOK_SECONDS)
        if readable:
            read = os.read(0, 65536)
            if not read:
                end_all()
            *lines, waiting = (waiting + read).split(b"\n")
            for line in lines:
                start(json.loads(line))
        reap()


if __name__ == "__main__":
    main()
