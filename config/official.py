"""Knows WeCom's own address."""

from urllib.parse import urlsplit

OFFICIAL_API = "https://qyapi.weixin.qq.com"


def is_official(base_url: str) -> bool:
    """Returns whether this is WeCom's own API, whose clock is never followed (docs/decisions/0006)."""
    parts = urlsplit(base_url)
    return (parts.scheme, parts.hostname) == ("https", "qyapi.weixin.qq.com") and parts.port in (None, 443)
