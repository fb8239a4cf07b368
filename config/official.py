"""WeCom's own address."""

from urllib.parse import urlsplit

OFFICIAL_API = "https://qyapi.weixin.qq.com"


def is_official(base_url: str) -> bool:
    """Whether this is WeCom's own API, whose word about the time of day we never need."""
    parts = urlsplit(base_url)
    return (parts.scheme, parts.hostname) == ("https", "qyapi.weixin.qq.com") and parts.port in (None, 443)
