"""Finds trouble that Python only prints: lines that a log could not write, tasks and connections never ended.

Here such trouble fails the test that ends next.
"""

import gc
import logging
import traceback
from collections.abc import Iterator
from contextlib import contextmanager

import structlog


class Complaints(logging.Handler):
    """Collects what asyncio reports as never ended, and every line that a log handler could not write."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.heard: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        cause = "".join(traceback.format_exception(*record.exc_info)) if record.exc_info else ""
        self.heard.append(f"{record.getMessage()}\n{cause}")

    def not_written(self, record: logging.LogRecord) -> None:
        """Replaces `logging.Handler.handleError`, which only prints `--- Logging error ---`."""
        self.heard.append(
            f"a line of {record.name} could not be written: {record.msg!r}\n{traceback.format_exc()}"
        )

    def fail_if_any(self) -> None:
        said, self.heard = self.heard, []
        assert not said, "\n".join(["something went wrong beside the tests:", *said])


@contextmanager
def listening() -> Iterator[Complaints]:
    complaints = Complaints()
    asyncios, usual = logging.getLogger("asyncio"), logging.Handler.handleError
    asyncios.addHandler(complaints)
    logging.Handler.handleError = lambda _handler, record: complaints.not_written(record)  # type: ignore[assignment,method-assign]
    try:
        yield complaints
        gc.collect()  # asyncio reports a forgotten task when it is collected
        complaints.fail_if_any()
    finally:
        logging.Handler.handleError = usual  # type: ignore[method-assign]
        asyncios.removeHandler(complaints)


def log_to_pytest() -> None:
    """Sends our own log lines where those of the libraries go.

    By default structlog writes to the standard output of that moment, which a test may have replaced and closed.
    """
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, structlog.stdlib.render_to_log_kwargs],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )


@contextmanager
def logs_put_back() -> Iterator[None]:
    """Restores the log settings, so that a tested command leaves no handler that writes to its standard error."""
    root, settings = logging.getLogger(), structlog.get_config()
    handlers, level = list(root.handlers), root.level
    try:
        yield
    finally:
        for handler in [held for held in root.handlers if held not in handlers]:
            root.removeHandler(handler)
        root.setLevel(level)
        structlog.configure(**settings)
