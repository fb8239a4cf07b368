"""Limits the memory that reading a file may take.

The directory of an XLSX file does not tell how much memory its content needs: a hundred bytes of XML become a
kilobyte of objects, and the file itself says which part is read as what. So the operating system sets the limit.
"""

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_STATM = Path("/proc/self/statm")
"""A file that begins with the size of the address space in pages (proc(5)). Only Linux has it; on other systems
nothing is limited.
"""


@contextmanager
def bounded_memory(growth: int) -> Iterator[None]:
    """Lets the process grow by at most `growth` bytes within the block; beyond that it raises MemoryError."""
    if not _STATM.exists():
        yield
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    most = int(_STATM.read_text(encoding="ascii").split()[0]) * resource.getpagesize() + growth
    # A lower limit that is set already stays.
    within = [limit for limit in (soft, hard) if limit != resource.RLIM_INFINITY]
    resource.setrlimit(resource.RLIMIT_AS, (min([most, *within]), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
