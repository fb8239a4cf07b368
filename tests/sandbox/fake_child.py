"""Stands in for the bot's command line in the demo's test: writes down each command, serves /readyz."""

import os
import sys
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from socketserver import TCPServer

NOTES = Path(os.environ["VOIDBOT_ROLES_FILE"]).with_name("commands.txt")


class Ready(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()


def main(*arguments: str) -> int:
    with NOTES.open("a", encoding="utf-8") as file:
        file.write(" ".join(arguments) + "\n")
    if NOTES.with_name(f"fail-{arguments[0]}").exists():
        sys.stderr.write(f"cannot {arguments[0]}: as the test asked\n")
        return 1
    if arguments[0] == "serve":
        TCPServer(("127.0.0.1", int(os.environ["VOIDBOT_PORT"])), Ready).serve_forever()
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
