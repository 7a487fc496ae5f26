"""`python -m benchmarks.windows`: does cutting and stating a window cost more when there is more history?

500 partners, pairs between them, and redemptions with value, commission and fee: three lines each. The redemptions are
decided by the real aggregate and written by the real append function in batches, past the queue of commands: no request
keys, no guards. Everything else is what runs in production. `--scale 1` is 5 000 000 lines and takes long; a tenth
shows the same.
"""

import argparse
import json
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from statistics import median
from tempfile import mkdtemp
from time import perf_counter
from uuid import UUID

from rich.console import Console
from rich.progress import Progress

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
from network.store.embedded import EmbeddedPostgres
from network.store.migrations import migrate_all
from network.store.recorder import Batch, CoalitionRecorder

PARTNERS, PAIRS, LINES, LINES_BEFORE, WINDOW, LINES_EACH = 500, 1_000, 5_000_000, 50_000, 10_000, 3
ROUNDS, AT_ONCE = 5, 2_000
VIEWS = (coalition.PROJECTION, merchants.PROJECTION, statement_lines.PROJECTION, windows.PROJECTION)
LEAST_RATIO = 1.5
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
class Cost:
    """Seconds: median of the rounds after so many lines of history."""

    lines: int
    cut: float
    view: float
    state: float
    statement: float


class Bench:
    """One coalition that trades more and more."""

    def __init__(self, coalitions: Coalitions, scale: float, progress: Progress) -> None:
        self.random = Random(20_261_122)
        self.progress = progress
        self.scale = scale
        self.window = self.lines = 0
        opened = coalitions.found(
            coalition_id=self._id(), slug="windows", name="Windows", currency="EUR", time_zone="Europe/Riga"
        )
        self.opened: OpenCoalition = opened
        self.partners = [self._id() for _ in range(PARTNERS)]
        self.certificates: list[Certificate] = []
        self._connection = open_connection(coalitions.database_url, timeout="60s")
        self._recorder = CoalitionRecorder(self._connection, opened.schema)
        self._follower = Follower(self._connection, opened.schema, VIEWS, batch_events=2_000)
        self._set_up()

    def run(self) -> tuple[Cost, Cost]:
        """The cost after a little history, and after a lot."""
        costs = []
        for lines in (LINES_BEFORE, LINES):
            self._trade(int(lines * self.scale) - self.lines, f"history of {int(lines * self.scale):_} lines")
            self._close()
            rounds = [self._round() for _ in range(ROUNDS)]
            costs.append(Cost(self.lines, *(median(column) for column in zip(*rounds, strict=True))))
        return costs[0], costs[1]

    def _round(self) -> tuple[float, float, float, float]:
        """A window of the same size each time. The view's time is what following this window's lines takes."""
        self._trade(max(3_000, int(WINDOW * self.scale)), "one window", follow=False)
        view = _timed(self._follow)
        cut = _timed(lambda: cut_window(self.opened, self.window + 1).facts())
        self._follow()
        state = _timed(lambda: state_window(self.opened, self.window + 1).facts())
        self.window += 1
        return cut, view, state, _timed(self._one_statement)

    def _one_statement(self) -> None:
        with stated_window(self.opened, self.window) as reading:
            reading.statement(self.partners[0])

    def _close(self) -> None:
        cut_window(self.opened, self.window + 1).facts()
        self._follow()
        state_window(self.opened, self.window + 1).facts()
        self.window += 1

    def _trade(self, lines: int, what: str, *, follow: bool = True) -> None:
        task = self.progress.add_task(what, total=lines)
        left = lines
        while left > 0:
            some = min(AT_ONCE, -(-left // LINES_EACH))
            self._redeem(some)
            left -= some * LINES_EACH
            self.lines += some * LINES_EACH
            self.progress.update(task, completed=lines - left)
            if follow:
                self._follow()
        self.progress.remove_task(task)

    def _redeem(self, count: int) -> None:
        events: list[object] = []
        bases: dict[UUID, int] = {}
        for certificate in self.random.choices(self.certificates, k=count):
            bases.setdefault(certificate.id, certificate.version)
            certificate.redeem(
                redemption_id=self._id(),
                acceptor_id=certificate.acceptor_id,
                epoch=0,
                bill_reference=f"table {self.random.randrange(99)}",
                bill=(bill := self.random.randrange(1_000, 9_000)),
                bill_left=bill,
                requested=self.random.randrange(200, 900),
                guest=Guest.UNKNOWN,
                at=datetime.now(UTC),
            )
            events += certificate.collect_events()
            certificate.redemptions.clear()  # a million of them are of no use here; the fixed commission is zero
        stored = [self.opened.mapper.to_stored_event(event) for event in events]  # type: ignore[arg-type]
        assert self._recorder.append(Batch(bases=bases, events=stored)) is not None, "nobody else writes"

    def _follow(self) -> None:
        while self._follower.step():
            pass

    def _set_up(self) -> None:
        names = self.partners
        self._all("apply_to_join", [{"merchant_id": p, "name": f"Shop {n}", "category": "x", "address": "y"}
                                    for n, p in enumerate(names)])  # fmt: skip
        self._all("admit_merchant", [{"merchant_id": p} for p in names])
        pairs = [tuple(self.random.sample(names, 2)) for _ in range(PAIRS)]
        pairs = list(dict.fromkeys(pairs))
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
        self._follow()

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


def _ratios(short: Cost, long: Cost) -> Iterator[tuple[str, float]]:
    for name in ("cut", "view", "state", "statement"):
        yield name, getattr(long, name) / getattr(short, name)


def main() -> int:
    """Exit code 0 when no step of a closing grows with history, 1 when one does."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.windows", description=__doc__)
    parser.add_argument("--scale", type=float, default=0.1, help="a part of 5 000 000 lines (%(default)s)")
    parser.add_argument("--json", type=Path, help="write the figures there")
    options = parser.parse_args()
    folder = Path(mkdtemp(prefix="pollen-bench-"))
    os.chmod(folder, 0o755)
    postgres = EmbeddedPostgres(folder / "postgres")
    began = perf_counter()
    with postgres as url:
        migrate_all(url)
        coalitions = Coalitions(url, os.urandom(32))
        try:
            with Progress(console=Console(stderr=True)) as progress:
                short, long = Bench(coalitions, options.scale, progress).run()
        finally:
            coalitions.close()
    postgres.erase()
    ratios = dict(_ratios(short, long))
    for cost in (short, long):
        print(f"after {cost.lines} lines: " + ", ".join(f"{n} {getattr(cost, n) * 1000:.1f} ms" for n in ratios))
    for name, ratio in ratios.items():
        print(f"{name}: {ratio:.2f} times as long after {long.lines / short.lines:.0f} times the history")
    print(f"{PARTNERS} partners, {perf_counter() - began:.0f} s in all")
    if options.json:
        figures = {"short": vars(short), "long": vars(long), "ratios": ratios}
        options.json.write_text(json.dumps(figures, indent=1) + "\n")
    return 0 if max(ratios["cut"], ratios["state"]) <= LEAST_RATIO else 1


if __name__ == "__main__":
    sys.exit(main())
