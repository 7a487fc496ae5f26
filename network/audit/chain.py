"""Walks the hash chain: every event is the one that was appended, none is missing and none was slipped in."""

import hashlib
from dataclasses import dataclass

from network.audit.report import AuditReport

GENESIS = hashlib.sha256(b"pollen").digest()


@dataclass(frozen=True, slots=True)
class Row:
    """One event as it is stored."""

    position: int
    originator_id: str
    version: int
    topic: str
    state: bytes
    hash: bytes


class Chain:
    """The walk from the first event to the head. The formula is the one of ddl/0001_log.sql."""

    def __init__(self, report: AuditReport, expected: tuple[int, bytes] | None) -> None:
        self._report = report
        self._expected = expected
        self._versions: dict[str, int] = {}
        self.position = 0
        self.hash = GENESIS

    def follow(self, row: Row) -> None:
        """The next event must be the next position, the next version of its stream, and hash as it is stored."""
        report = self._report
        if row.position != self.position + 1:
            report.find("positions", row.position, f"positions {self.position + 1} to {row.position - 1} are missing")
        version = self._versions.get(row.originator_id, 0) + 1
        if row.version != version:
            report.find("versions", row.position, f"{row.originator_id}: version {row.version}, expected {version}")
        if link(self.hash, row) != row.hash:
            report.find("chain", row.position, f"{row.topic} is not the event that was appended here")
        self._versions[row.originator_id] = row.version
        self.position, self.hash = row.position, row.hash  # so that each break is named once
        if self._expected is not None and self._expected[0] == row.position and self._expected[1] != row.hash:
            report.find("expected head", row.position, f"was {self._expected[1].hex()}, is {row.hash.hex()}")

    def end(self, *, head_position: int, head_hash: bytes, promised: int) -> None:
        """The head must be the last event, and no answer or view may speak of an event after it (`promised`)."""
        report = self._report
        report.same("head position", self.position, log=self.position, stored=head_position)
        report.same("head hash", self.position, log=self.hash.hex(), stored=head_hash.hex())
        if promised > self.position:
            report.find("head position", self.position, f"a caller was answered with position {promised}")
        if self._expected is not None and self._expected[0] > self.position:
            report.find("expected head", self._expected[0], f"the log ends at {self.position}")
        if self._expected is not None and self._expected[0] == 0 and self._expected[1] != GENESIS:
            report.find("expected head", 0, "position 0 has the hash that every log begins with")


def link(previous: bytes, row: Row) -> bytes:
    """`sha256(previous, id, version, length of topic, topic, state)`."""
    topic = row.topic.encode()
    numbers = row.version.to_bytes(4, "big", signed=True), len(topic).to_bytes(4, "big", signed=True)
    return hashlib.sha256(
        previous + bytes.fromhex(row.originator_id.replace("-", "")) + numbers[0] + numbers[1] + topic + row.state
    ).digest()
