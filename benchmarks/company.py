"""Describes a pretend company for load tests: its keys, its people, and callbacks signed beforehand."""

import base64
import hashlib
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from tests.wecom import WeComSide

# None of these is a secret: the company does not exist.
CORP, AGENT, SECRET, TOKEN, AES_KEY = "wwbench01", 1000002, "bench-secret", "benchToken42", "b" * 43
KEY = base64.b64encode(hashlib.sha256(b"only for benchmarks").digest()).decode()
WECOM = WeComSide(token=TOKEN, aes_key=AES_KEY, corp_id=CORP, agent_id=str(AGENT))
PATH = "/wecom/callback"
REPS = 500
"""The number of people in the roles file, `rep0` to `rep499`."""
GUESTS = 997
"""The number of members who are not in the bot's roles file, `guest0` to `guest996`."""


def write_roles(path: Path, *, guests: bool) -> None:
    """Writes a roles file: without the guests for the bot, with them for the pretend WeCom."""
    people = [f'[people.rep{n}]\nname = "销售{n}"\nroles = ["rep"]\nleader = "boss"\n' for n in range(REPS)]
    boss = '[people.boss]\nname = "主管"\nroles = ["lead", "approver"]\n'
    if guests:
        people += [f'[people.guest{n}]\nname = "同事{n}"\nroles = ["rep"]\n' for n in range(GUESTS)]
    path.write_text("\n".join([boss, *people]), encoding="utf-8")


def environment(folder: Path, database_url: str, wecom: str, port: int) -> dict[str, str]:
    """Returns the environment of the bot; `pretend_wecom` uses it too, with people of its own."""
    roles = folder / "roles.toml"
    write_roles(roles, guests=False)
    values: dict[str, str | int | Path] = {
        "HOST": "127.0.0.1",
        "PORT": port,
        "DATABASE_URL": database_url,
        "WECOM_API_BASE": wecom,
        "WECOM_CORP_ID": CORP,
        "WECOM_AGENT_ID": AGENT,
        "WECOM_SECRET": SECRET,
        "WECOM_TOKEN": TOKEN,
        "WECOM_AES_KEY": AES_KEY,
        "SEAL_KEY": KEY,
        "VAULT_KEY": KEY,
        "VAULT_DIR": folder / "vault",
        "ROLES_FILE": roles,
    }
    return {f"VOIDBOT_{name}": str(value) for name, value in values.items()}


class Callbacks:
    """Makes whole HTTP requests. Each is a message with an id of its own; the senders take turns."""

    def __init__(self, sender: Callable[[int], str], words: Callable[[int], str]) -> None:
        self._sender = sender
        self._words = words
        self._made = 0

    def make(self, count: int) -> list[bytes]:
        """Makes the next `count` requests. They are signed now, so the bot accepts them for five minutes."""
        now = datetime.now(UTC)
        first = self._made
        self._made += count
        return [self._request(number, now) for number in range(first, self._made)]

    def _request(self, number: int, now: datetime) -> bytes:
        xml = WECOM.text_xml(
            self._words(number), sender=self._sender(number), message_id=str(10**15 + number), at=now
        )
        body, query = WECOM.post(xml, now)
        head = f"POST {PATH}?{query} HTTP/1.1\r\nHost: bench\r\nContent-Type: text/xml\r\n"
        return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body
