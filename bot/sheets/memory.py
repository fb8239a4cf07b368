"""A bound on the memory that reading a file may take.

What a sheet will take once it is unpacked cannot be told from its directory: a hundred bytes of XML become a
kilobyte of objects, and which part is read as what is for the file itself to say. So the system is asked to
refuse.
"""

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_STATM = Path("/proc/self/statm")
"""First number: the address space in pages (proc(5)). Only Linux has it; elsewhere there is no bound."""


@contextmanager
def bounded_memory(growth: int) -> Iterator[None]:
    """Inside, the process gets at most `growth` bytes more: then MemoryError."""
    if not _STATM.exists():
        yield
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    most = int(_STATM.read_text(encoding="ascii").split()[0]) * resource.getpagesize() + growth
    within = [limit for limit in (soft, hard) if limit != resource.RLIM_INFINITY]
    resource.setrlimit(resource.RLIMIT_AS, (min([most, *within]), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
