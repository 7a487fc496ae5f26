"""A load of HTTP requests over keep-alive connections, from a process of its own.

The client shares the machine with what it measures, so it does as little as it can: it sends bytes that were made
before, and of an answer it reads the status and where it ends.
"""

import asyncio
import pickle
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import cast


@dataclass(frozen=True, slots=True)
class Measured:
    """What one load met. Latencies in milliseconds."""

    clients: int
    requests: int
    failed: int
    per_second: float
    p50: float
    p95: float
    p99: float


def request(path: str, body: bytes, *, secret: str = "", key: str = "") -> bytes:
    """The bytes of one POST."""
    lines = [
        f"POST {path} HTTP/1.1",
        "Host: bench",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
        *([f"Authorization: Bearer {secret}"] if secret else []),
        *([f"Idempotency-Key: {key}"] if key else []),
    ]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def load(port: int, requests: list[bytes], clients: int) -> tuple[Measured, list[bytes]]:
    """Send all requests from `clients` connections in a second process; the answers' bodies in the same order."""
    with TemporaryDirectory() as folder:
        wanted, got = Path(folder, "wanted"), Path(folder, "got")
        wanted.write_bytes(pickle.dumps((port, requests, clients)))
        subprocess.run([sys.executable, "-m", "benchmarks.load", str(wanted), str(got)], check=True)
        measured, bodies = pickle.loads(got.read_bytes())
    return Measured(**measured), bodies


class _Connection(asyncio.Protocol):
    def __init__(self) -> None:
        self._received = b""
        self._answer: asyncio.Future[tuple[int, bytes]] | None = None
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is one in all but name

    def ask(self, wanted: bytes) -> "asyncio.Future[tuple[int, bytes]]":
        self._answer = asyncio.get_running_loop().create_future()
        assert self._transport is not None
        self._transport.write(wanted)
        return self._answer

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, found, rest = self._received.partition(b"\r\n\r\n")
        if not found:
            return
        at = head.lower().index(b"content-length:") + 15
        length = int(head[at : head.find(b"\r\n", at) if head.find(b"\r\n", at) > 0 else len(head)])
        if len(rest) >= length:
            self._received = b""
            assert self._answer is not None
            self._answer.set_result((int(head[9:12]), rest[:length]))

    def connection_lost(self, error: Exception | None) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(error or ConnectionResetError())


async def _run(port: int, requests: list[bytes], clients: int) -> tuple[Measured, list[bytes]]:
    waiting = iter(enumerate(requests))
    bodies: list[bytes] = [b""] * len(requests)
    latencies: list[float] = []
    failed = 0

    async def client() -> None:
        nonlocal failed
        _, connection = await asyncio.get_running_loop().create_connection(_Connection, "127.0.0.1", port)
        for place, wanted in waiting:
            began = time.perf_counter()
            status, bodies[place] = await connection.ask(wanted)
            latencies.append(time.perf_counter() - began)
            failed += status >= 400

    began = time.perf_counter()
    await asyncio.gather(*(client() for _ in range(clients)))
    took = time.perf_counter() - began
    latencies.sort()
    p50, p95, p99 = (1000 * latencies[min(len(latencies) - 1, int(len(latencies) * q))] for q in (0.5, 0.95, 0.99))
    return Measured(clients, len(requests), failed, len(requests) / took, p50, p95, p99), bodies


def main() -> None:
    import uvloop  # noqa: PLC0415  only the process that sends needs it

    wanted, got = map(Path, sys.argv[1:3])
    port, requests, clients = pickle.loads(wanted.read_bytes())
    measured, bodies = uvloop.run(_run(port, requests, clients))
    got.write_bytes(pickle.dumps((asdict(measured), bodies)))


if __name__ == "__main__":
    main()
