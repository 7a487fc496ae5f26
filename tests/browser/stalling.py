"""A way to the server that takes what is asked and then says nothing more: neither cut off nor answered."""

import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from urllib.parse import urlsplit

PIECE = 65_536
_UNLESS_CHANGED = re.compile(rb"(?i)\r\nif-(none-match|modified-since):[^\r]*")


@dataclass
class Stalling:
    """What is asked at an address that holds one of `words` is not answered, or (`begun`) its first bytes alone are."""

    url: str
    words: tuple[bytes, ...] = ()
    begun: bool = False
    held: list[bytes] = field(default_factory=list)
    """The first line of each request that was left without its answer."""

    def holds(self, asked: bytes) -> bool:
        line = asked.partition(b"\r\n")[0]
        if not line.endswith(b"HTTP/1.1") or not any(word in line for word in self.words):
            return False
        self.held.append(line)
        return True


@contextmanager
def stalling(url: str) -> Iterator[Stalling]:
    """Stands before the server at `url`; at first it lets everything through."""
    there = urlsplit(url)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        way = Stalling(f"http://127.0.0.1:{listener.getsockname()[1]}")
        ends: list[socket.socket] = []

        def accept() -> None:
            with suppress(OSError):
                while True:
                    browser = listener.accept()[0]
                    server = socket.create_connection((there.hostname or "", there.port or 80))
                    ends.extend((browser, server))
                    threading.Thread(target=_carry, args=(way, browser, server), daemon=True).start()

        threading.Thread(target=accept, daemon=True).start()
        yield way
        listener.shutdown(socket.SHUT_RDWR)
        for end in ends:
            end.close()


def _carry(way: Stalling, browser: socket.socket, server: socket.socket) -> None:
    """A browser asks one thing at a time on a connection, so the answer that comes is that of what was asked last."""
    held = threading.Event()

    def back() -> None:
        with suppress(OSError):
            while piece := server.recv(PIECE):
                if held.is_set():
                    if way.begun:
                        browser.sendall(piece[: piece.index(b"\r\n\r\n") + 5])
                    return
                browser.sendall(piece)
            browser.shutdown(socket.SHUT_RDWR)

    threading.Thread(target=back, daemon=True).start()
    with suppress(OSError):
        while asked := browser.recv(PIECE):
            if way.holds(asked):
                held.set()
                asked = _UNLESS_CHANGED.sub(b"", asked)  # an answer without a body has nothing to stop within
            server.sendall(asked)
        server.shutdown(socket.SHUT_RDWR)
