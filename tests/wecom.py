"""Plays WeCom's side of the callback envelope, written from the documents (path/90968) and not from our code."""

import base64
import hashlib
import os
import struct
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlencode

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

NOW = datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)
"""The Unix second 1,700,000,000, which is the CreateTime of the payloads in `tests/data/wecom`."""


def sha1_signature(*parts: str) -> str:
    return hashlib.sha1("".join(sorted(parts)).encode()).hexdigest()


@dataclass(frozen=True)
class WeComSide:
    token: str = "tokenForTests0123"
    aes_key: str = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
    corp_id: str = "ww0corp"
    agent_id: str = "1000002"

    def encrypt_bytes(self, padded: bytes) -> str:
        key = base64.b64decode(self.aes_key + "=")
        encryptor = Cipher(algorithms.AES(key), modes.CBC(key[:16])).encryptor()
        return base64.b64encode(encryptor.update(padded) + encryptor.finalize()).decode()

    def encrypt(self, message: bytes, random16: bytes = b"", receive_id: str | None = None) -> str:
        receiver = (self.corp_id if receive_id is None else receive_id).encode()
        content = (random16 or os.urandom(16)) + struct.pack(">I", len(message)) + message + receiver
        pad = 32 - len(content) % 32
        return self.encrypt_bytes(content + bytes([pad]) * pad)

    def query(self, encrypt: str, at: datetime = NOW, nonce: str = "1372623149") -> dict[str, str]:
        timestamp = str(int(at.timestamp()))
        signature = sha1_signature(self.token, timestamp, nonce, encrypt)
        return {"msg_signature": signature, "timestamp": timestamp, "nonce": nonce}

    def body(self, encrypt: str) -> bytes:
        return (
            f"<xml><ToUserName><![CDATA[{self.corp_id}]]></ToUserName>"
            f"<Encrypt><![CDATA[{encrypt}]]></Encrypt>"
            f"<AgentID><![CDATA[{self.agent_id}]]></AgentID></xml>"
        ).encode()

    def post(self, xml: str | bytes, at: datetime = NOW) -> tuple[bytes, str]:
        """Returns body and query string of a callback."""
        encrypt = self.encrypt(xml if isinstance(xml, bytes) else xml.encode())
        return self.body(encrypt), urlencode(self.query(encrypt, at))

    def text_xml(
        self,
        content: str = "hello",
        *,
        sender: str = "ZhangSan",
        message_id: str = "4561255354251345929",
        at: datetime = NOW,
        extra: str = "",
    ) -> str:
        return (
            f"<xml><ToUserName><![CDATA[{self.corp_id}]]></ToUserName>"
            f"<FromUserName><![CDATA[{sender}]]></FromUserName><CreateTime>{int(at.timestamp())}</CreateTime>"
            f"<MsgType><![CDATA[text]]></MsgType><Content><![CDATA[{content}]]></Content>"
            f"<MsgId>{message_id}</MsgId><AgentID>{self.agent_id}</AgentID>{extra}</xml>"
        )
