"""A reverse proxy that serves the app under a path and takes this path away from each request."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from socketserver import StreamRequestHandler, ThreadingTCPServer
from urllib.parse import urlsplit

PREFIX = "/lab"


@contextmanager
def proxied(app: str) -> Iterator[str]:
    """The address under which a proxy serves the app at the address ``app``."""
    place = urlsplit(app)

    class Handler(StreamRequestHandler):
        def handle(self) -> None:
            """Forward one request, and everything that follows if it becomes a web socket."""
            head = b"".join(iter(self.rfile.readline, b"\r\n")).decode("latin-1")
            if not head.partition(" ")[2].startswith(PREFIX):
                self.wfile.write(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
                return
            lines = head.replace(PREFIX, "", 1).splitlines()
            if "upgrade: websocket" not in head.lower():
                lines = [*(line for line in lines if not line.lower().startswith("connection:")), "Connection: close"]
            with socket.create_connection((place.hostname or "", place.port or 80)) as back:
                back.sendall("\r\n".join([*lines, "", ""]).encode("latin-1"))
                threading.Thread(target=copied, args=(self.connection, back), daemon=True).start()
                copied(back, self.connection)

    class Server(ThreadingTCPServer):
        daemon_threads = True
        block_on_close = False

    with Server(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}{PREFIX}"
        server.shutdown()


def copied(source: socket.socket, target: socket.socket) -> None:
    """Send on what ``source`` sends, until it ends."""
    with suppress(OSError):
        while data := source.recv(65_536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
