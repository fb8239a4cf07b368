"""Sets up one log format for our lines and those of all libraries, with secrets masked in the finished line."""

import logging
import re
import sys
from collections.abc import Iterable
from typing import Any, TextIO
from urllib.parse import quote

import structlog

MASK = "***"
_SHORTEST = 6
"""The length of the shortest secret that is masked: a shorter one may well be a part of ordinary words."""
_NOISY = ("apscheduler.executors", "apscheduler.scheduler", "alembic.runtime")
_PATTERNS = (
    # WeCom's credentials are part of the URL, so clients, errors and proxies would log them.
    (
        re.compile(
            r"(?i)([?&](?:access_token|corpsecret|secret|token|key|code|echostr|msg_signature)=)[^&\s\"'\\]+"
        ),
        1,
    ),
    (
        re.compile(
            r"(?i)((?:access_token|corpsecret|response_code|password)\\?[\"']?\s*[:=]\s*\\?[\"']?)[^\s\"',}\\&]+"
        ),
        1,
    ),
    (
        re.compile(
            r"(?i)(authorization\\?[\"']?\s*[:=]\s*\\?[\"']?(?:bearer |basic |zoho-oauthtoken )?)[^\s\"',}\\]+"
        ),
        1,
    ),
    (re.compile(r"(://[^/\s:@]*:)[^@\s/]+(?=@)"), 1),
    (
        re.compile(r"(?<!\d)(1[3-9]\d)\d{6}(?=\d{2}(?!\d))"),
        1,
    ),  # mobile numbers: the ends are enough to recognise one
    (re.compile(r"([\w.+-]?)[\w.+-]*(?=@[\w-]+\.[\w.-]+)"), 1),
)


class Masker:
    """Hides the known secrets, and whatever looks like a secret, a mobile number or an e-mail address."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        # In a URL a secret appears percent-encoded.
        known = {
            form for secret in secrets if len(secret) >= _SHORTEST for form in (secret, quote(secret, safe=""))
        }
        longest_first = sorted(known, key=len, reverse=True)  # a secret may begin with another one
        self._known = re.compile("|".join(map(re.escape, longest_first))) if known else None

    def __call__(self, text: str) -> str:
        if self._known:
            text = self._known.sub(MASK, text)
        for pattern, group in _PATTERNS:
            text = pattern.sub(lambda found: found[group] + MASK, text)  # noqa: B023  # called before the loop goes on
        return text


def _as_one_line(record: logging.LogRecord) -> bool:
    """Turns a malformed HTTP request into one line of the log, without a traceback and without its bytes."""
    error = record.exc_info[0] if record.exc_info else None
    # A filter of the logging module: it changes the record in place, and True keeps it.
    if error is not None and error.__module__ == "aiohttp.http_exceptions":
        record.msg, record.args, record.exc_info = f"malformed request: {error.__name__}", (), None
        record.levelno, record.levelname = logging.WARNING, "WARNING"
    return True


class _MaskingFormatter(structlog.stdlib.ProcessorFormatter):
    """Masks the finished line, so that no message, value or traceback of any origin escapes the masking."""

    def __init__(self, masker: Masker, **rest: Any) -> None:
        super().__init__(**rest)
        self._masker = masker

    def format(self, record: logging.LogRecord) -> str:
        return self._masker(super().format(record))


def configure_logs(
    secrets: Iterable[str] = (),
    *,
    stream: TextIO | None = None,
    level: int = logging.INFO,
    json: bool | None = None,
) -> None:
    """Configures all logging: JSON lines, or coloured text when `stream` (standard error) is a terminal.

    It may be called again.
    """
    out = stream or sys.stderr
    as_json = not out.isatty() if json is None else json
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = _handler(secrets, shared, out, as_json=as_json)
    root = logging.getLogger()
    # Only our own handler is replaced; a test run has others.
    for old in [held for held in root.handlers if isinstance(held.formatter, _MaskingFormatter)]:
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(level)
    logging.getLogger("aiohttp.server").addFilter(_as_one_line)
    for name in _NOISY:
        logging.getLogger(name).setLevel(max(level, logging.WARNING))


def _handler(secrets: Iterable[str], shared: list[Any], out: TextIO, *, as_json: bool) -> logging.Handler:
    handler = logging.StreamHandler(out)
    handler.setFormatter(
        _MaskingFormatter(
            Masker(secrets),
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                *_renderers(as_json, out.isatty()),
            ],
        )
    )
    return handler


def _renderers(as_json: bool, colors: bool) -> list[Any]:
    if not as_json:
        # structlog's own choice, where `rich` is installed, would print the values of local variables.
        plain = structlog.dev.plain_traceback
        return [structlog.dev.ConsoleRenderer(colors=colors, exception_formatter=plain)]
    return [
        structlog.processors.format_exc_info,
        structlog.processors.JSONRenderer(ensure_ascii=False, sort_keys=True),
    ]
