"""Serves callbacks with aiohttp and wechatpy alone; the bot is compared with it.

It checks, decrypts and parses a message and answers with an encrypted echo. It stores nothing.
"""

import sys

from aiohttp import web
from wechatpy.enterprise import create_reply, parse_message
from wechatpy.enterprise.crypto import WeChatCrypto

from benchmarks.company import AES_KEY, CORP, PATH, TOKEN

crypto = WeChatCrypto(TOKEN, AES_KEY, CORP)


async def echo(request: web.Request) -> web.Response:
    query = request.query
    timestamp, nonce = query["timestamp"], query["nonce"]
    message = parse_message(crypto.decrypt_message(await request.text(), query["msg_signature"], timestamp, nonce))
    reply = create_reply(message.content, message).render()
    return web.Response(text=crypto.encrypt_message(reply, nonce, timestamp), content_type="application/xml")


async def alive(_request: web.Request) -> web.Response:
    return web.Response()


def main() -> None:
    app = web.Application()
    app.router.add_post(PATH, echo)
    app.router.add_get("/healthz", alive)
    web.run_app(app, host="127.0.0.1", port=int(sys.argv[1]), print=None, access_log=None)


if __name__ == "__main__":
    main()
