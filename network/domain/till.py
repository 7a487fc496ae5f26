"""A till's device keys, and the journal of receipts that it signs with each while it has no network."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID, uuid5

from network.domain.aggregate import Aggregate, Created, Event
from network.domain.errors import JournalNotBlocked, JournalNotFound, TillBlocked, TillKeyRevoked

START = "0" * 64
"""What a journal's first receipt names as the hash of the one before it."""


class KeyState(StrEnum):
    """Receipts of a replaced key still count; those of a revoked one do not."""

    ACTIVE = "active"
    REPLACED = "replaced"
    REVOKED = "revoked"


class Place(StrEnum):
    """Where a receipt is in its journal. GAP: one before it is missing. FORK: another one is in its place."""

    NEW = "new"
    KNOWN = "known"
    BLOCKED = "blocked"
    GAP = "journal_gap"
    FORK = "journal_fork"


@dataclass(frozen=True, slots=True)
class Entry:
    """A receipt that was taken in. `certificate_id` None: it was refused, nothing is known by that name."""

    receipt: str
    status: str
    code: str | None
    certificate_id: UUID | None
    redemption_id: UUID | None


@dataclass(slots=True)
class Journal:
    """The receipts under one key, numbered from 1, each naming the hash of the one before. `resumes_at`: from which
    sequence a person let it go on, so that what is missing before it is not asked for.
    """

    number: int
    key: str
    state: KeyState = KeyState.ACTIVE
    next_sequence: int = 1
    previous: str = START
    blocked: tuple[str, int] | None = None
    resumes_at: int | None = None
    last_taken_at: datetime | None = None
    entries: dict[int, Entry] = field(default_factory=dict)

    def place(self, *, sequence: int, receipt: str, previous: str) -> Place:
        """Where a receipt belongs. The one that a gap waits for ends it."""
        known = self.entries.get(sequence)
        if known is not None:
            return Place.KNOWN if known.receipt == receipt else Place.FORK
        is_next = sequence == self.next_sequence and previous == self.previous
        if self.blocked is not None:
            return Place.NEW if is_next and self.blocked[0] == Place.GAP else Place.BLOCKED
        if sequence > self.next_sequence:
            return Place.GAP
        skipped = sequence < self.next_sequence  # a person went on without it, and here it is
        return Place.NEW if is_next or skipped or sequence == self.resumes_at else Place.FORK


def till_stream(till_id: UUID) -> UUID:
    """The stream of the till with this credential: clients make credential ids, which could be those of others."""
    return uuid5(till_id, "till")


class Till(Aggregate):
    """A device at a merchant's counter, named by its credential."""

    TOPIC = "Till"

    class KeyRegistered(Created):
        """The device has a key of its own: journal 1 begins."""

        TOPIC = "Till.KeyRegistered"
        till_id: UUID
        merchant_id: UUID
        key: str

    class KeyReplaced(Event):
        """The device has another key: another journal begins. Receipts under the one before still come in."""

        TOPIC = "Till.KeyReplaced"
        till_id: UUID
        merchant_id: UUID
        journal: int
        key: str

        def apply(self, till: "Till") -> None:
            if till.journal.state is KeyState.ACTIVE:
                till.journal.state = KeyState.REPLACED
            till.journals[self.journal] = Journal(self.journal, self.key)

    class KeyRevoked(Event):
        """The device is lost or not trusted: what comes in under its key from now on does not count."""

        TOPIC = "Till.KeyRevoked"
        till_id: UUID
        merchant_id: UUID
        journal: int
        by: str
        reason: str

        def apply(self, till: "Till") -> None:
            till.journals[self.journal].state = KeyState.REVOKED

    class ReceiptTaken(Event):
        """A receipt came in, in its place. `receipt` is its SHA-256; `status`: booked, conflicted, refused, and `code`
        why, as of that moment.
        """

        TOPIC = "Till.ReceiptTaken"
        till_id: UUID
        merchant_id: UUID
        journal: int
        sequence: int
        receipt: str
        taken_at: datetime
        status: str
        code: str | None
        certificate_id: UUID | None
        redemption_id: UUID | None

        def apply(self, till: "Till") -> None:
            journal = till.journals[self.journal]
            journal.entries[self.sequence] = Entry(
                self.receipt, self.status, self.code, self.certificate_id, self.redemption_id
            )
            journal.last_taken_at = max(self.taken_at, journal.last_taken_at or self.taken_at)
            if self.sequence >= journal.next_sequence:
                journal.next_sequence, journal.previous = self.sequence + 1, self.receipt
                journal.blocked = journal.resumes_at = None

    class Blocked(Event):
        """A receipt is missing, or two claim one place. Nothing more of this journal counts until a person decides."""

        TOPIC = "Till.Blocked"
        till_id: UUID
        merchant_id: UUID
        journal: int
        sequence: int
        receipt: str
        code: str

        def apply(self, till: "Till") -> None:
            till.journals[self.journal].blocked = self.code, self.sequence

    class Resumed(Event):
        """A person decided to go on from `sequence`, whatever is missing before it."""

        TOPIC = "Till.Resumed"
        till_id: UUID
        merchant_id: UUID
        journal: int
        sequence: int
        by: str
        reason: str

        def apply(self, till: "Till") -> None:
            journal = till.journals[self.journal]
            journal.blocked = None
            journal.next_sequence = journal.resumes_at = max(self.sequence, journal.next_sequence)

    def __init__(self, till_id: UUID, merchant_id: UUID, key: str) -> None:
        self.till_id = till_id
        self.merchant_id = merchant_id
        self.journals: dict[int, Journal] = {1: Journal(1, key)}

    @property
    def journal(self) -> Journal:
        """That of its newest key."""
        return self.journals[max(self.journals)]

    @classmethod
    def register(cls, *, till_id: UUID, merchant_id: UUID, key: str, at: datetime) -> "Till":
        """A device with its first key."""
        return cls._create(
            cls.KeyRegistered, id=till_stream(till_id), timestamp=at, till_id=till_id, merchant_id=merchant_id, key=key
        )

    def register_key(self, *, key: str, at: datetime) -> Journal:
        """Its key from now on; the same again changes nothing. Raises: TillKeyRevoked, TillBlocked while one of its
        journals waits for a person: a new key is no way around that.
        """
        for journal in self.journals.values():
            if journal.key == key:
                if journal.state is KeyState.REVOKED:
                    raise TillKeyRevoked()
                return journal
        for journal in self.journals.values():
            if journal.blocked is not None and journal.state is not KeyState.REVOKED:
                raise TillBlocked(journal=journal.number, sequence=journal.blocked[1])
        number = self.journal.number + 1
        self._record(self.KeyReplaced, at, journal=number, key=key)
        return self.journals[number]

    def revoke_keys(self, *, by: str, reason: str, at: datetime) -> None:
        """None of its keys counts any more. Again, it changes nothing."""
        for journal in self.journals.values():
            if journal.state is not KeyState.REVOKED:
                self._record(self.KeyRevoked, at, journal=journal.number, by=by, reason=reason)

    def take(
        self,
        journal: Journal,
        *,
        sequence: int,
        receipt: str,
        taken_at: datetime,
        status: str,
        code: str | None = None,
        certificate_id: UUID | None = None,
        redemption_id: UUID | None = None,
        at: datetime,
    ) -> None:
        """Put a receipt in its place, with what became of it."""
        self._record(
            self.ReceiptTaken,
            at,
            journal=journal.number,
            sequence=sequence,
            receipt=receipt,
            taken_at=taken_at,
            status=status,
            code=code,
            certificate_id=certificate_id,
            redemption_id=redemption_id,
        )

    def block(self, journal: Journal, place: Place, *, sequence: int, receipt: str, at: datetime) -> None:
        """Stop this journal until a person decides."""
        if journal.blocked is None:
            self._record(self.Blocked, at, journal=journal.number, sequence=sequence, receipt=receipt, code=place.value)

    def resume(self, *, journal: int, sequence: int, by: str, reason: str, at: datetime) -> None:
        """Go on from `sequence`. Raises: JournalNotFound, JournalNotBlocked."""
        found = self.journals.get(journal)
        if found is None:
            raise JournalNotFound()
        if found.blocked is None:
            raise JournalNotBlocked()
        self._record(self.Resumed, at, journal=journal, sequence=sequence, by=by, reason=reason)

    def _record(self, event: type[Event], at: datetime, **facts: object) -> None:
        self.trigger_event(event, timestamp=at, till_id=self.till_id, merchant_id=self.merchant_id, **facts)
