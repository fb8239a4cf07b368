"""Becomes the command it is given, bound to the process that started it: `bound.py PARENT COMMAND…`.

When the parent dies, also by SIGKILL, Linux sends the command SIGTERM (prctl(2), PR_SET_PDEATHSIG; it outlives
exec). Elsewhere there is no such bond, and the command just runs. A script of its own: between fork and exec of
a process with threads no Python may run.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1
"""linux/prctl.h"""


def main(parent: str, *command: str) -> None:
    """Returns only when the parent is gone already."""
    if sys.platform == "linux":
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.prctl(PR_SET_PDEATHSIG, int(signal.SIGTERM), 0, 0, 0):
            raise OSError(ctypes.get_errno(), "prctl")
        if os.getppid() != int(parent):  # it died before we asked: no signal will come
            return
    os.execv(command[0], command)  # noqa: S606 - no shell wanted


if __name__ == "__main__":
    main(*sys.argv[1:])
