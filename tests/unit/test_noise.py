"""Trouble that Python only prints fails the test run."""

import io
import logging

import pytest

from tests.noise import Complaints, listening


def test_a_line_that_cannot_be_written_is_a_failure() -> None:
    """A log that still writes to a closed stream fails the run instead of printing a traceback."""
    stream, log = io.StringIO(), logging.getLogger("voidbot.noise")
    handler = logging.StreamHandler(stream)
    stream.close()
    log.addHandler(handler)
    try:
        with (
            pytest.raises(AssertionError, match="could not be written: 'too late'"),
            listening(),
        ):
            log.error("too late")
    finally:
        log.removeHandler(handler)


def test_what_asyncio_finds_forgotten_is_a_failure(complaints: Complaints) -> None:
    """Tasks and connections that were never ended, which asyncio reports to its log, are complaints."""
    with pytest.raises(AssertionError, match="Task was destroyed but it is pending"), listening():
        logging.getLogger("asyncio").error("Task was destroyed but it is pending!")
    complaints.heard.clear()  # those of the run heard it too


def test_silence_is_no_failure() -> None:
    """Ordinary log lines, and errors that a test provokes in other loggers, are no complaints."""
    with listening():
        logging.getLogger("voidbot.noise").error("as the test wanted")
