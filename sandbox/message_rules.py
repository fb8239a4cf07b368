"""Checks the bodies of all message kinds but cards (path/90236): what is refused, and what is cut silently."""

import re
from collections.abc import Callable
from typing import Any

from sandbox.errors import ApiError
from sandbox.world import World

PARAMETER = 40058
TEXT_BYTES = 2048
URL_BYTES = 2048
_SCHEME = re.compile(r"https?://\S+", re.IGNORECASE)


def cut(text: str, limit: int = TEXT_BYTES) -> str:
    """Returns the first `limit` bytes of UTF-8, without half a character at the end; so WeCom cuts silently."""
    return text.encode()[:limit].decode(errors="ignore")


def _string(body: dict[str, Any], name: str, *, required: bool = False, chars: int = 0, octets: int = 0) -> str:
    value = body.get(name)
    if value is None or value == "":
        if required:
            raise ApiError(PARAMETER, f"{name} is missing")
        return ""
    if not isinstance(value, str):
        raise ApiError(PARAMETER, f"{name} must be a string")
    if (chars and len(value) > chars) or (octets and len(value.encode()) > octets):
        raise ApiError(45002, f"{name} is too long")
    return value


def _link(body: dict[str, Any], name: str, *, required: bool) -> str:
    url = _string(body, name, required=required, octets=URL_BYTES)
    if url and not _SCHEME.fullmatch(url):
        raise ApiError(45034, f"{name} has no http or https scheme")
    return url


def _text(_: World, body: dict[str, Any]) -> dict[str, Any]:
    content = body.get("content")
    if content is not None and not isinstance(content, str):
        raise ApiError(PARAMETER, "content must be a string")
    if not content:
        raise ApiError(44004, "content is empty")
    return {"content": cut(content)}


def _markdown(_: World, body: dict[str, Any]) -> dict[str, Any]:
    # Too long a markdown is refused, while a text is cut (path/90236).
    content = body.get("content")
    if not isinstance(content, str) or not content:
        raise ApiError(44004, "content is empty")
    if len(content.encode()) > TEXT_BYTES:
        raise ApiError(45002, "content is longer than 2048 bytes")
    return {"content": content}


def _textcard(_: World, body: dict[str, Any]) -> dict[str, Any]:
    return {
        "title": _string(body, "title", required=True, chars=128),
        "description": _string(body, "description", required=True, chars=512),
        "url": _link(body, "url", required=True),
        "btntxt": _string(body, "btntxt", chars=4) or "详情",
    }


def _articles(body: dict[str, Any]) -> list[dict[str, Any]]:
    articles = body.get("articles")
    if not isinstance(articles, list) or not all(isinstance(item, dict) for item in articles):
        raise ApiError(PARAMETER, "articles must be a list of objects")
    if not 1 <= len(articles) <= 8:
        raise ApiError(PARAMETER, "1 to 8 articles")
    return articles


def _news(_: World, body: dict[str, Any]) -> dict[str, Any]:
    return {
        "articles": [
            {
                "title": _string(item, "title", required=True, chars=128),
                "description": _string(item, "description", chars=512),
                "url": _link(item, "url", required=not item.get("appid")),
                "picurl": _string(item, "picurl"),
            }
            for item in _articles(body)
        ]
    }


def _mpnews(world: World, body: dict[str, Any]) -> dict[str, Any]:
    kept = []
    for item in _articles(body):
        _need_media(world, item.get("thumb_media_id"), {"image"})
        kept.append(
            {
                "title": _string(item, "title", required=True, chars=128),
                "author": _string(item, "author", octets=64),
                "content": _string(item, "content", required=True, octets=666 * 1024),
                "digest": _string(item, "digest", chars=512),
            }
        )
    return {"articles": kept}


def _need_media(world: World, media_id: Any, kinds: set[str]) -> dict[str, Any]:
    media = world.live_media(media_id)
    if media is None or media.kind not in kinds:
        raise ApiError(40007, "invalid media_id: unknown, expired or of another kind")
    return {"media_id": media.media_id, "file_name": media.file_name, "size": len(media.data)}


def _of_media(kind: str) -> Callable[[World, dict[str, Any]], dict[str, Any]]:
    return lambda world, body: _need_media(world, body.get("media_id"), {kind})


def _video(world: World, body: dict[str, Any]) -> dict[str, Any]:
    return {
        **_need_media(world, body.get("media_id"), {"video"}),
        "title": _string(body, "title", octets=128),
        "description": _string(body, "description", octets=512),
    }


KINDS: dict[str, Callable[[World, dict[str, Any]], dict[str, Any]]] = {
    "text": _text,
    "markdown": _markdown,
    "textcard": _textcard,
    "news": _news,
    "mpnews": _mpnews,
    "image": _of_media("image"),
    "voice": _of_media("voice"),
    "file": _of_media("file"),
    "video": _video,
}
"""The kinds of messages and their checks. It leaves out miniprogram_notice on purpose: only an app that belongs to
a mini program may send it (40008 here).
"""


def content_of(world: World, kind: str, request: dict[str, Any]) -> dict[str, Any]:
    """Returns the body of a message of that kind, checked and cut. Raises ApiError when WeCom would refuse it."""
    body = request.get(kind)
    if not isinstance(body, dict):
        raise ApiError(PARAMETER, f"{kind} is missing")
    return KINDS[kind](world, body)
