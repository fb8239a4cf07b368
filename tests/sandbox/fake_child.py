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


def serve(port: int) -> int:
    try:
        server = TCPServer(("127.0.0.1", port), Ready)
    except OSError:
        sys.stderr.write(f"Cannot listen on 127.0.0.1:{port}\n")
        return 1
    NOTES.with_name("pid").write_text(str(os.getpid()), encoding="ascii")
    sys.stdout.write(f"voidbot: http://127.0.0.1:{server.server_address[1]}\n")
    sys.stdout.flush()
    server.serve_forever()
    return 0


def main(*arguments: str) -> int:
    with NOTES.open("a", encoding="utf-8") as file:
        file.write(" ".join(arguments) + "\n")
    if NOTES.with_name(f"fail-{arguments[0]}").exists():
        sys.stderr.write(f"cannot {arguments[0]}: as the test asked\n")
        return 1
    if arguments[0] == "serve":
        return serve(int(os.environ["VOIDBOT_PORT"]))
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
