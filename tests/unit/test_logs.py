"""Nothing secret reaches a log, whoever writes the line."""

import io
import json
import logging

import pytest
import structlog

from config.logs import Masker, _renderers, configure_logs
from core.storage.engines import make_engine

CANARY = "Canary/Secret+4711="
ENCODED = "Canary%2FSecret%2B4711%3D"


@pytest.fixture
def lines() -> io.StringIO:
    out = io.StringIO()
    configure_logs([CANARY], stream=out)
    return out


def test_our_lines_are_json_with_chinese_as_written(lines: io.StringIO) -> None:
    """A line is one JSON object a log collector can read, and Chinese stays readable."""
    structlog.get_logger("voidbot").warning("started", customer_count=3, where="上海")
    line = json.loads(lines.getvalue())
    assert (line["event"], line["level"], line["customer_count"]) == ("started", "warning", 3)
    assert "上海" in lines.getvalue()


@pytest.mark.parametrize("logger", ["aiohttp.access", "apscheduler.scheduler", "alembic.runtime.migration", "x"])
def test_a_library_cannot_leak_a_secret(lines: io.StringIO, logger: str) -> None:
    """The canary is masked in messages, arguments and tracebacks of any library."""
    log = logging.getLogger(logger)
    log.warning("GET /cgi-bin/gettoken?corpid=ww1&corpsecret=%s HTTP/1.1", ENCODED)
    log.warning("plain %s", CANARY)
    try:
        int(CANARY)
    except ValueError:
        log.exception("failed")
    structlog.get_logger(logger).error("own", token=CANARY, nested={"deep": [CANARY]})
    seen = lines.getvalue()
    assert seen.count("\n") == 4
    assert "Canary" not in seen
    assert "ValueError" in seen


@pytest.mark.parametrize(
    ("said", "hidden"),
    [
        ("https://qyapi/cgi-bin/message/send?access_token=AbC-123&debug=1", "AbC-123"),
        ("GET /wecom/callback?msg_signature=5f3a&timestamp=1&echostr=Q0Z%2B", "Q0Z"),
        ('{"errcode":0,"access_token":"zzTOPzz","expires_in":7200}', "zzTOPzz"),
        ("{'response_code': 'rc-99'}", "rc-99"),
        ("Authorization: Bearer abc.def.ghi", "abc.def"),
        ("postgresql+psycopg://bot:hunter2@db/voidbot", "hunter2"),
        ("contact 13812345678", "81234567"),
        ("wrote to wang.wu@example.com", "wang.wu"),
    ],
)
def test_tokens_we_never_saw_before_are_masked_by_shape(said: str, hidden: str) -> None:
    """Access tokens, one-use codes, passwords in addresses, mobile numbers and mail addresses do not appear."""
    masked = Masker()(said)
    assert hidden not in masked
    assert "***" in masked


def test_ordinary_lines_stay_whole() -> None:
    """Masking does not eat times, operation numbers or counts."""
    said = '{"event": "finished", "operation": 312, "at": "2026-11-22T07:00:00.123456Z", "n": 1700000000123456}'
    assert Masker(["ab"])(said) == said


def test_a_traceback_on_a_terminal_shows_no_local_values() -> None:
    """On a terminal too, a traceback shows no values of local variables, as they may hold customers."""
    [renderer] = _renderers(as_json=False, colors=False)
    assert renderer._exception_formatter is structlog.dev.plain_traceback


@pytest.mark.parametrize("url", ["sqlite:///any.db", "postgresql://nobody@127.0.0.1:1/none"])
def test_a_database_error_names_no_values(url: str) -> None:
    """The error of a failed statement does not hold its values, such as a customer's name."""
    assert make_engine(url).hide_parameters
