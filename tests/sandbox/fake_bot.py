"""A tiny bot for the sandbox's own tests: verifies with wechatpy, remembers what came, answers as told."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from xml.etree import ElementTree as ET

from aiohttp import web
from wechatpy.enterprise.crypto import WeChatCrypto
from wechatpy.exceptions import InvalidSignatureException

from sandbox.settings import Settings


def leaf(root: ET.Element, path: str) -> str:
    return (root.findtext(path) or "").strip()


@dataclass
class FakeBot:
    """`reply` makes the inner XML of a passive reply (None = empty body); `plan` overrides statuses.

    `hang` is how many seconds the next answer takes.
    """

    settings: Settings
    heard: list[ET.Element] = field(default_factory=list)
    queries: list[dict[str, str]] = field(default_factory=list)
    refused: int = 0
    plan: list[int] = field(default_factory=list)
    hang: float = 0.0
    reply: Callable[[ET.Element], str | None] = lambda _: None
    raw_body: str | None = None

    def __post_init__(self) -> None:
        self.crypto = WeChatCrypto(self.settings.token, self.settings.aes_key, self.settings.corp_id)

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_get("/wecom/callback", self._verify)
        app.router.add_post("/wecom/callback", self._receive)
        return app

    async def _verify(self, request: web.Request) -> web.Response:
        query = request.query
        text = self.crypto.check_signature(
            query["msg_signature"], query["timestamp"], query["nonce"], query["echostr"]
        )
        return web.Response(text=text if isinstance(text, str) else text.decode())

    async def _receive(self, request: web.Request) -> web.Response:
        query = dict(request.query)
        self.queries.append(query)
        try:
            text = self.crypto.decrypt_message(
                await request.text(), query["msg_signature"], query["timestamp"], query["nonce"]
            )
        except InvalidSignatureException:
            self.refused += 1
            return web.Response(status=403)
        root = ET.fromstring(text)
        self.heard.append(root)
        pause, self.hang = self.hang, 0.0
        await asyncio.sleep(pause)
        status = self.plan.pop(0) if self.plan else 200
        if self.raw_body is not None:
            return web.Response(status=status, text=self.raw_body)
        inner = self.reply(root)
        return web.Response(status=status, text=self.seal(inner) if inner else "")

    def seal(self, inner: str) -> str:
        return str(self.crypto.encrypt_message(inner, "424242", "1700000000"))

    def words(self) -> list[str]:
        return [leaf(root, "Content") for root in self.heard]
