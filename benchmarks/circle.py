"""A coalition of 500 partners that trades and closes windows, to measure what a closing costs."""

import os
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random
from time import perf_counter
from uuid import UUID, uuid4

from benchmarks.past import Past
from benchmarks.street import in_flight
from network.application import Request
from network.application.issuing import Choice
from network.coalitions import Coalitions, OpenCoalition, open_connection
from network.domain.certificate import Certificate
from network.domain.payment import payment_id_of
from network.domain.terms import Commission, FaceValue, Fee, Funding, Guest, Reward, Side, Terms
from network.domain.units import MINOR_MAX
from network.projections import coalition, merchants, statement_lines, windows
from network.projections.batches import Follower
from network.settlement.closing import cut_window, state_window
from network.settlement.reading import stated_window
from network.store.recorder import Batch, CoalitionRecorder

PARTNERS, PAIRS, LINES_EACH, AT_ONCE, UNDONE = 500, 1_000, 3, 2_000, 20
VIEWS = (coalition.PROJECTION, merchants.PROJECTION, statement_lines.PROJECTION, windows.PROJECTION)
TERMS = Terms(
    face=FaceValue(fixed=MINOR_MAX),
    validity_days=1_000,
    partial_redemption=True,
    funding=Funding(issuer=6_000),
    commission=Commission(Reward(1_000), Reward(700), Reward(300)),
    fee=Fee(Side.ACCEPTOR, 100, 1),
    combinable=True,
)


@dataclass(frozen=True)
class Seconds:
    """What the steps of one closing took."""

    cut: float
    view: float
    state: float
    statement: float


class Circle:
    """One coalition. Redemptions are decided by the aggregate and written by the append function in batches, past the
    queue of commands: no request keys, no guards.
    """

    def __init__(self, coalitions: Coalitions, slug: str) -> None:
        self.random = Random(20_261_122)
        self.window = self.lines = 0
        self.opened: OpenCoalition = coalitions.found(
            coalition_id=uuid4(), slug=slug, name=slug, currency="EUR", time_zone="Europe/Riga"
        )
        self.partners = [self._id() for _ in range(PARTNERS)]
        self.certificates: list[Certificate] = []
        self._standing: list[tuple[Certificate, UUID]] = []
        self._events: list[object] = []
        self._bases: dict[UUID, int] = {}
        self._url = coalitions.database_url
        self._connection = open_connection(coalitions.database_url, timeout="60s")
        self._recorder = CoalitionRecorder(self._connection, self.opened.schema)
        self._follower = Follower(self._connection, self.opened.schema, VIEWS, batch_events=2_000)
        self._set_up()

    def first_window(self, lines: int) -> None:
        """Trade and close the window that later ones repeat."""
        self._before = {one.id: one.version for one in self.certificates}
        self._after = self._head()
        self.trade(lines)
        self.follow()
        self._until = self._head()
        self.close()

    def lengthen(self, copies: int, done: Callable[[], None]) -> None:
        """As many more windows like the first, each closed by the real commands."""
        names = [one.name for one in VIEWS]
        grown = Counter({one.id: one.version - self._before[one.id] for one in self.certificates})
        lines = (self._until - self._after) * LINES_EACH
        past = Past(self._url, self.opened.schema, names, after=self._after, until=self._until)
        for _ in range(copies):
            past.repeat(self.window + 1)
            self.lines += lines
            self.close()
            done()
        past.close()
        for one in self.certificates:
            one.version += copies * grown[one.id]

    def round(self, lines: int) -> Seconds:
        """Trade a window and close it. The view's time is what following this window's lines takes."""
        self.trade(lines)
        view = _timed(self.follow)
        cut = _timed(self._cut)
        self.follow()
        state = _timed(self._state)
        return Seconds(cut, view, state, _timed(self._one_statement))

    def trade(self, lines: int) -> None:
        """So many lines, not followed by the views yet; some undo what the batch before redeemed, be it of an earlier
        window.
        """
        left = lines
        while left > 0:
            some = min(AT_ONCE, -(-left // LINES_EACH))
            undone = self._undo()
            self._redeem(some - undone)
            left -= some * LINES_EACH
            self.lines += some * LINES_EACH

    def close(self) -> None:
        """Cut and state the open window."""
        self._cut()
        self.follow()
        self._state()

    def follow(self) -> None:
        """Bring the views to the end of the log."""
        while self._follower.step():
            pass

    def end(self) -> None:
        """Close what it opened itself."""
        self._connection.close()

    def _cut(self) -> None:
        cut_window(self.opened, self.window + 1).facts()

    def _state(self) -> None:
        state_window(self.opened, self.window + 1).facts()
        self.window += 1

    def _one_statement(self) -> None:
        with stated_window(self.opened, self.window) as reading:
            reading.statement(self.partners[0])

    def _head(self) -> int:
        return self._follower.places()[1]

    def _undo(self) -> int:
        undone = self._standing[:UNDONE]
        for certificate, redemption_id in undone:
            self._decide(certificate, lambda one, of=redemption_id: one.reverse(  # type: ignore[misc]
                redemption_id=of, by="organizer", reason="a slip", at=datetime.now(UTC)))  # fmt: skip
        self._write()
        for certificate, _ in self._standing:
            certificate.redemptions.clear()  # a million of them are of no use here; the fixed commission is zero
        self._standing = []
        return len(undone)

    def _redeem(self, count: int) -> None:
        for certificate in self.random.choices(self.certificates, k=count):
            redemption_id = self._id()
            self._decide(certificate, lambda one, of=redemption_id: one.redeem(  # type: ignore[misc]
                redemption_id=of,
                acceptor_id=one.acceptor_id,
                epoch=0,
                bill_reference=f"table {self.random.randrange(99)}",
                bill=(bill := self.random.randrange(1_000, 9_000)),
                bill_left=bill,
                requested=self.random.randrange(200, 900),
                guest=Guest.UNKNOWN,
                at=datetime.now(UTC),
            ))  # fmt: skip
            self._standing.append((certificate, redemption_id))
        self._write()

    def _decide(self, certificate: Certificate, command: Callable[[Certificate], object]) -> None:
        self._bases.setdefault(certificate.id, certificate.version)
        command(certificate)
        self._events += certificate.collect_events()

    def _write(self) -> None:
        stored = [self.opened.mapper.to_stored_event(event) for event in self._events]  # type: ignore[arg-type]
        assert self._recorder.append(Batch(bases=self._bases, events=stored)) is not None, "nobody else writes"
        self._events, self._bases = [], {}

    def _set_up(self) -> None:
        names = self.partners
        self._all("apply_to_join", [{"merchant_id": p, "name": f"Shop {n}", "category": "x", "address": "y"}
                                    for n, p in enumerate(names)])  # fmt: skip
        self._all("admit_merchant", [{"merchant_id": p} for p in names])
        pairs = list(dict.fromkeys(tuple(self.random.sample(names, 2)) for _ in range(PAIRS)))
        offers = [(self._id(), self._id(), *pair) for pair in pairs]
        self._all("propose_agreement", [{"agreement_id": a, "issuer_id": i, "acceptor_id": c, "terms": TERMS, "by": i}
                                        for a, _, i, c in offers])  # fmt: skip
        self._all("accept_version", [{"agreement_id": a, "version": 1, "by": c} for a, _, _, c in offers])
        self._all("record_payment", [{"merchant_id": i, "bill_reference": str(a), "amount": 2_400, "currency": "EUR",
                                      "customer_id": None} for a, _, i, _ in offers])  # fmt: skip
        self._all("issue_certificates", [{"merchant_id": i, "payment_id": payment_id_of(i, str(a)), "holder_id": None,
                                          "choices": (Choice(k, a),)} for a, k, i, _ in offers])  # fmt: skip
        for _, certificate_id, _, _ in offers:
            certificate = None
            for stored in self._recorder.select_events(certificate_id):
                certificate = self.opened.mapper.to_domain_event(stored).mutate(certificate)  # type: ignore[attr-defined]
            self.certificates.append(certificate)  # type: ignore[arg-type]
        self.follow()

    def _all(self, command: str, details: list[dict[str, object]]) -> None:
        ask: Callable[..., object] = getattr(self.opened.application, command)
        in_flight([lambda d=d: ask(request=_request(), **d) for d in details], 256)  # type: ignore[misc]

    def _id(self) -> UUID:
        return UUID(int=self.random.getrandbits(128), version=4)


def _timed(do: Callable[[], object]) -> float:
    began = perf_counter()
    do()
    return perf_counter() - began


def _request() -> Request:
    return Request(caller="bench", key=os.urandom(12).hex(), fingerprint=b"bench")
