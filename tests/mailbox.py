"""A mail server for tests: real SMTP on a free port, and what was sent to it."""

import re
import socketserver
import threading
from email import message_from_bytes, policy
from email.message import EmailMessage
from queue import Empty, Queue


class Mailbox(socketserver.ThreadingTCPServer):
    """A mail server on a free port of this machine: it takes every message (RFC 5321) and keeps it."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Session)
        self.taken: Queue[EmailMessage] = Queue()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.server_address[1]}"

    def next(self) -> EmailMessage:
        return self.taken.get(timeout=10)

    def is_empty(self) -> bool:
        try:
            self.taken.get(timeout=0.3)
        except Empty:
            return True
        return False


class _Session(socketserver.StreamRequestHandler):
    server: Mailbox

    def handle(self) -> None:
        self.wfile.write(b"220 mailbox\r\n")
        while line := self.rfile.readline():
            word = line[:4].upper()
            if word == b"DATA":
                self.wfile.write(b"354 go on\r\n")
                read = iter(self.rfile.readline, b".\r\n")
                raw = b"".join(part[1:] if part.startswith(b"..") else part for part in read)
                message = message_from_bytes(raw, policy=policy.default)
                assert isinstance(message, EmailMessage)
                self.server.taken.put(message)
            elif word == b"RCPT" and b"refused@" in line:
                self.wfile.write(b"550 nobody here\r\n")
                continue
            elif word == b"QUIT":
                self.wfile.write(b"221 bye\r\n")
                return
            self.wfile.write(b"250 ok\r\n")


def code_in(message: EmailMessage) -> str:
    found = re.search(r"code is (\S+)\.", message.get_content())
    assert found is not None
    return found[1]
