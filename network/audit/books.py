"""What the log amounts to, in plain dictionaries, and the entries of money that every reader posts."""

from collections import Counter, defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from sys import intern
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

from network.audit import arithmetic
from network.audit.arithmetic import Entry, Parties, Terms
from network.audit.report import AuditReport

Facts = dict[str, Any]


@dataclass(slots=True)
class Redemption:
    """One deduction, as the log tells it. `offline`: what ranks it, if a till without a network took it."""

    amount: int
    released: int
    owed: list[Entry]
    rewarded: bool
    stands: bool = True
    refunded: int = 0
    offline: tuple[Any, ...] | None = None


@dataclass(slots=True)
class Certificate:
    """One certificate, as the log tells it. `lapsed` is what expired or was revoked, by which of the two.
    `displaced`: the rank of an acceptance that has just given way to an earlier one.
    """

    issuer: str
    acceptor: str
    agreement: str
    payment: str
    replaces: str | None
    face: int
    terms: Terms
    parties: Parties
    holder: str | None
    expires_at: datetime
    outstanding: int
    state: str = "active"
    epoch: int = 0
    is_live: bool = False
    proved_at: datetime | None = None
    hops: int = 0
    redemptions: dict[str, Redemption] = field(default_factory=dict)
    lapsed: dict[str, int] = field(default_factory=lambda: {"expired": 0, "revoked": 0})
    claimed: int = 0
    passed_on: int = 0
    reversed: list[int] = field(default_factory=list)
    refunded: list[int] = field(default_factory=list)
    conflicted: dict[str, int] = field(default_factory=dict)
    displaced: tuple[Any, ...] | None = None
    has_expired: bool = False

    @property
    def standing(self) -> list[Redemption]:
        """Redemptions that were not undone."""
        return [one for one in self.redemptions.values() if one.stands]


CHANGES_KEPT = 256


class Lately:
    """A figure as it was at the positions just behind: views that a draw looked at are a little late."""

    def __init__(self) -> None:
        self._changes: deque[tuple[int, int]] = deque([(0, 0)], maxlen=CHANGES_KEPT)

    def add(self, position: int, change: int) -> None:
        """It is another one from this position on."""
        self._changes.append((position, self._changes[-1][1] + change))

    def at(self, position: int) -> int | None:
        """What it was there; None when that is too long ago."""
        return next((value for since, value in reversed(self._changes) if since <= position), None)


class Books:
    """What the log amounts to so far. `position` and `hash` are those of the event that is being read."""

    def __init__(self, report: AuditReport, draw_key: bytes | None = None) -> None:
        self.report = report
        self.position = 0
        self.hash = ""
        self.zone = ZoneInfo("UTC")
        self.coalition = ""
        self.merchants: dict[str, str] = {}
        self.campaigns: set[str] = set()
        self.near: dict[str, str] = {}
        self.forgotten: set[str] = set()
        self.raises: dict[str, Facts] = {}
        self.tax: dict[str, dict[str, Facts]] = {}
        self.agreements: dict[str, Facts] = {}
        self.agreements_of: dict[str, list[str]] = {}
        self.payments: dict[str, Facts] = {}
        self.allotments: dict[str, Facts] = {}
        self.certificates: dict[str, Certificate] = {}
        self.tills: dict[str, dict[int, set[int]]] = {}
        self.reserves: dict[tuple[str, str], int] = {}
        self.obligations: dict[tuple[str, str, str], tuple[int, int]] = {}
        self.balances: dict[str, tuple[int, int]] = {}
        self.exposures: dict[tuple[str, str], int] = {}
        self.caps: dict[str, int] = {}
        self.visits: dict[tuple[str, str], datetime] = {}
        self.windows: list[Facts] = []
        self.redeemed_in: dict[str, int] = {}
        self.statement_causes: dict[int, tuple[int, str, str, int, int | None]] = {}
        self.statement_lines: dict[tuple[int, int], tuple[int, str, str, str, str, int]] = {}
        self.statement_totals: dict[tuple[int, str, str, str], tuple[int, int]] = {}
        self.statement_supplies: Counter[tuple[int, str, str, str, str, int]] = Counter()
        self.supplies: dict[str, Facts] = {}
        self.draw_rules: dict[str, Facts] = {}
        self.draw_key = draw_key
        self.gave: defaultdict[str, Lately] = defaultdict(Lately)
        self.received: defaultdict[str, Lately] = defaultdict(Lately)
        self.owed_net: defaultdict[tuple[str, str], Lately] = defaultdict(Lately)
        self.lines: dict[int, tuple[Entry, ...]] = {}
        self.disputes: dict[str, Facts] = {}
        self.deposits: dict[str, int] = {}
        self.defaults: dict[str, dict[str, int]] = {}
        self.payouts: dict[str, Facts] = {}
        self.lines_booked: dict[str, str] = {}
        self.bank_details: dict[str, str | None] = {}
        self.bank_files: set[str] = set()

    def must(self, holds: bool, says: str) -> None:
        """Note a broken rule."""
        if not holds:
            self.report.find("rules", self.position, says)

    def visit(self, merchant: str, customer: str | None, at: datetime) -> None:
        """Remember when a guest last paid at a merchant."""
        if customer is not None:
            self.visits[merchant, customer] = max(at, self.visits.get((merchant, customer), at))

    def post(self, facts: Facts, expected: list[Entry]) -> None:
        """The event's postings must be what the frozen terms give; both are then the books' entries."""
        stored = [(p["debtor"], p["creditor"], p["amount"], p["kind"]) for p in facts["postings"]]
        if sorted(stored) != sorted(expected):
            self.report.find("postings", self.position, f"the terms give {expected}, the event has {stored}")
        self.lines[self.position] = tuple((intern(d), intern(c), amount, intern(kind)) for d, c, amount, kind in stored)
        for debtor, creditor, amount, kind in expected:
            if arithmetic.is_owed(kind):
                self._owe(debtor, creditor, amount, kind)
            else:
                change = amount if kind == "reserved" else -amount
                self.reserves[debtor, creditor] = self.reserves.get((debtor, creditor), 0) + change
                self.expose(f"pair:{debtor}:{creditor}", "", change)
                self.expose(f"debtor:{debtor}", "", change)

    def enter(self, facts: Facts, expected: list[Entry]) -> None:
        """As `post`, for an event that no terms were frozen into."""
        stored = [(p["debtor"], p["creditor"], p["amount"], p["kind"]) for p in facts["postings"]]
        if sorted(stored) != sorted(expected):
            self.report.find("postings", self.position, f"what came before gives {expected}, the event has {stored}")
        for debtor, creditor, amount, kind in expected:
            self._owe(debtor, creditor, amount, kind)

    def _owe(self, debtor: str, creditor: str, amount: int, kind: str) -> None:
        owed, entries = self.obligations.get((debtor, creditor, kind), (0, 0))
        self.obligations[debtor, creditor, kind] = owed + amount, entries + 1
        self.owed_net[debtor, creditor].add(self.position, amount)
        self.owed_net[creditor, debtor].add(self.position, -amount)
        receives, owes = self.balances.get(debtor, (0, 0))
        self.balances[debtor] = receives, owes + amount
        receives, owes = self.balances.get(creditor, (0, 0))
        self.balances[creditor] = receives + amount, owes
        for one, other, change in ((debtor, creditor, amount), (creditor, debtor, -amount)):
            self.expose(f"pair:{one}:{other}", "", change)
            self.expose(f"debtor:{one}", "", change)

    def count_use(self, certificate: Certificate, change: int) -> None:
        """One certificate more, or less, that a guest used."""
        self.gave[certificate.issuer].add(self.position, change)
        self.received[certificate.acceptor].add(self.position, change)

    def expose(self, scope: str, key: str, change: int) -> None:
        """Count something against a limit."""
        self.exposures[scope, key] = self.exposures.get((scope, key), 0) + change


Reader: TypeAlias = Callable[[Books, str, Facts, datetime], None]
Readers: TypeAlias = dict[str, Reader]
"""`{topic: what it does to the books}`."""


def moves_nothing(books: Books, key: str, facts: Facts, at: datetime) -> None:
    """For events that change no figure."""
