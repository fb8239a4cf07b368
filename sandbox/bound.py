"""Replaces itself by a command that ends with the process that started it: `bound.py PARENT COMMAND…`.

When the parent dies, even by SIGKILL, Linux sends SIGTERM to the command (prctl(2), PR_SET_PDEATHSIG, which stays
over exec). Other systems have no such signal; there the command just runs. It is a script of its own because a
process with threads must not run Python between fork and exec.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1
"""The option's number in linux/prctl.h."""


def main(parent: str, *command: str) -> None:
    """Becomes the command; it returns only when the parent is gone already."""
    if sys.platform == "linux":
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.prctl(PR_SET_PDEATHSIG, int(signal.SIGTERM), 0, 0, 0):
            raise OSError(ctypes.get_errno(), "prctl")
        if os.getppid() != int(parent):  # the parent died before prctl was called: no signal will come
            return
    os.execv(command[0], command)  # noqa: S606 - no shell wanted


if __name__ == "__main__":
    main(*sys.argv[1:])
