"""The naive fold: one event's JSON into the books."""

import json
from datetime import datetime

from network.audit import bills, certificates, defaults, disputes, draws, lines, offline, partners, payouts, windows
from network.audit.books import Books, Facts
from network.audit.chain import Row

READERS = (
    partners.READERS
    | bills.READERS
    | draws.READERS
    | certificates.READERS
    | offline.READERS
    | windows.READERS
    | payouts.READERS
    | disputes.READERS
    | defaults.READERS
)
_UNREADABLE = (LookupError, TypeError, ValueError, ArithmeticError, AttributeError)


def apply(books: Books, row: Row) -> None:
    """Take one event in. What cannot be read is a finding, not a crash."""
    books.position, books.hash = row.position, row.hash.hex()
    reader = READERS.get(row.topic)
    if reader is None:
        books.report.find("events", row.position, f"{row.topic} is no event that this auditor knows")
        return
    try:
        facts: Facts = json.loads(row.state)
        reader(books, row.originator_id, facts, datetime.fromisoformat(facts["timestamp"]))
        lines.note(books, row.topic, row.originator_id, facts)
    except _UNREADABLE as error:
        books.report.find("events", row.position, f"{row.topic} does not fit what came before: {error!r}")
