"""The notebook's pages, and what every rule does with them. `now` is set from outside before each command."""

from collections import defaultdict
from datetime import UTC, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from tests.simulation.notebook.sums import No, Outcome, Plain, funded


class Pages:
    def __init__(
        self,
        coalition: UUID,
        pool: UUID,
        organizer: UUID,
        time_zone: str,
        currency: str,
        secret: bytes,
        lots: tuple[Any, Any],
    ) -> None:
        self.secret, (self.pulled, self.drawn) = secret, lots
        self.draw_rules: dict[UUID, Plain] = {}
        self.coalition, self.pool, self.organizer = coalition, pool, organizer
        self.zone = ZoneInfo(time_zone)
        self.currency = currency
        self.now = datetime.min.replace(tzinfo=UTC)
        self.shops: dict[UUID, str] = {}
        self.wallets: set[UUID] = set()
        self.agreements: dict[UUID, Plain] = {}
        self.bills: dict[tuple[UUID, str], Plain] = {}
        self.certificates: dict[UUID, Plain] = {}
        self.stocks: dict[UUID, Plain] = {}
        self.tills: dict[UUID, Plain] = {}
        self.caps: dict[str, int] = {}
        self.raises: dict[UUID, Plain] = {}
        self.use: defaultdict[tuple[str, str], int] = defaultdict(int)
        self.owed: defaultdict[tuple[UUID, UUID], int] = defaultdict(int)
        self.reserve: defaultdict[tuple[UUID, UUID], int] = defaultdict(int)
        self.visits: dict[tuple[UUID, UUID], datetime] = {}
        self.touched: set[UUID] = set()
        self.moved: set[tuple[str, str]] = set()

    def act(self, command: str, details: Plain) -> Outcome:
        """Decide one command. What is refused leaves no trace."""
        self.touched, self.moved = set(), set()
        try:
            return "done", getattr(self, command)(**details)
        except No as refusal:
            return str(refusal), {}

    @staticmethod
    def _want(allowed: bool, otherwise: str) -> None:
        if not allowed:
            raise No(otherwise)

    def _must_trade(self, merchant_id: UUID) -> None:
        self._want(merchant_id in self.shops, "merchant_not_found")
        self._want(self.shops[merchant_id] == "admitted", "merchant_not_admitted")

    def _taken(self, new: UUID) -> bool:
        return any(
            new in known for known in (self.shops, self.wallets, self.agreements, self.certificates, self.stocks)
        )

    def _certificate(self, certificate_id: UUID) -> Plain:
        self._want(certificate_id in self.certificates, "certificate_not_found")
        return self.certificates[certificate_id]

    def _must_not_have_ended(self, certificate: Plain) -> None:
        self._want(certificate["state"] == "active", f"certificate_{certificate['state']}")

    def _must_live(self, certificate: Plain) -> None:
        self._must_not_have_ended(certificate)
        self._want(self.now < certificate["expires"], "certificate_expired")

    def _must_count(self, certificate: Plain, epoch: int) -> None:
        if epoch in certificate["dead"]:
            raise No(certificate["dead"][epoch])
        self._want(epoch == certificate["epoch"], "certificate_copy_unknown")
        self._must_live(certificate)

    def _next_epoch(self, certificate_id: UUID, why: str, holder: UUID | None, key: str | None = None) -> None:
        certificate = self._touch(certificate_id)
        certificate["dead"][certificate["epoch"]] = why
        certificate["dead_at"][certificate["epoch"]] = self.now
        certificate |= {"epoch": certificate["epoch"] + 1, "holder": holder, "key": key, "proved": None}

    def _end(self, certificate_id: UUID, state: str) -> None:
        certificate = self.certificates[certificate_id]
        certificate["lapsed"] += certificate["outstanding"] if state == "expired" else 0
        self._set_outstanding(certificate_id, 0)
        certificate |= {"state": state, "ended_at": self.now, "over": certificate["over"] or state == "expired"}

    def _touch(self, certificate_id: UUID) -> Plain:
        self.touched.add(certificate_id)
        return self.certificates[certificate_id]

    def _set_outstanding(self, certificate_id: UUID, outstanding: int) -> None:
        """The reserve follows: each funder's share of what is outstanding."""
        certificate = self._touch(certificate_id)
        held = funded(certificate["terms"], certificate["outstanding"])
        needed = funded(certificate["terms"], outstanding)
        certificate["outstanding"] = outstanding
        for funder, was, becomes in zip(self.funders(certificate), held, needed, strict=True):
            self.reserve[funder, certificate["acceptor"]] += becomes - was
            self._use(f"pair:{funder}:{certificate['acceptor']}", "", becomes - was)
            self._use(f"debtor:{funder}", "", becomes - was)

    def _owe(self, debtor: UUID, creditor: UUID, amount: int) -> None:
        self.owed[debtor, creditor] += amount
        for one, other, sign in ((debtor, creditor, 1), (creditor, debtor, -1)):
            self._use(f"pair:{one}:{other}", "", sign * amount)
            self._use(f"debtor:{one}", "", sign * amount)

    def _use(self, scope: str, key: str, amount: int) -> None:
        if amount:
            self.use[scope, key] += amount
            self.moved.add((scope, key))

    def funders(self, certificate: Plain) -> tuple[UUID, UUID]:
        """Who bears the value besides the acceptor."""
        return certificate["issuer"], self.pool
