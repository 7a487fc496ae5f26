"""scripts/bench: everything it needs is started, warmed up, measured in one run, and written as a table and JSON."""

import argparse
import json
import os
import secrets
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from shutil import rmtree
from statistics import median
from tempfile import mkdtemp

from rich.console import Console
from rich.table import Table

import network.committer
from benchmarks import database, history, http, plain_saves, processor, projecting, proposals
from benchmarks.street import Street, in_flight
from network.coalitions import Coalitions
from network.store.embedded import EmbeddedPostgres
from network.store.migrations import migrate_all

IN_FLIGHT = 32
CLIENTS = (1, 8, 32, 128)


@dataclass
class Figures:
    """What the run found. `bars`: name, ratio, the least it should be."""

    http: list[dict[str, object]] = field(default_factory=list)
    proposals: list[dict[str, object]] = field(default_factory=list)
    per_second: dict[str, float] = field(default_factory=dict)
    bars: list[tuple[str, float, float]] = field(default_factory=list)
    budget: processor.Budget | None = None


class Bench:
    """One run on one fresh, durable, embedded PostgreSQL."""

    def __init__(self, database_url: str, scale: float, console: Console) -> None:
        self._url = database_url
        self._scale = scale
        self._console = console
        self._master_key = secrets.token_bytes(32)
        self.figures = Figures()

    def run(self) -> Figures:
        """Measure everything."""
        migrate_all(self._url)
        for say, measure in (
            ("the database's durable inserts", self._database),
            ("issue and redeem over HTTP", self._http),
            ("redemptions of tokens from another process", self._http_cold),
            ("what a cashier is told to offer", self._proposals),
            ("commands in process, with and without group commit", self._in_process),
            ("views", self._views),
            ("a long log", self._long_log),
        ):
            with self._console.status(f"Measuring {say} ..."):
                measure()
        return self.figures

    def _count(self, count: int) -> int:
        return max(100, int(count * self._scale))

    def _database(self) -> None:
        for clients in CLIENTS:
            self.figures.per_second[f"pgbench durable inserts, {clients} clients"] = database.durable_inserts(
                self._url, clients=min(clients, 64), seconds=max(1, round(4 * self._scale))
            )

    def _http(self) -> None:
        with self._coalitions() as coalitions, http.served(self._url, self._master_key) as served:
            shops = http.Shops(Street(coalitions), served.port)
            http.rates(shops, 8, 100)  # warm: plans prepared, aggregates known
            for clients in CLIENTS:
                found = http.rates(shops, clients, self._count(300 if clients == 1 else 1500))
                self.figures.http.append(asdict(found) | {"redeem_to_floor": found.redeem_to_floor})
                if clients == IN_FLIGHT:
                    self.figures.bars.append(
                        ("redeem over HTTP to the HTTP floor, 32 clients", found.redeem_to_floor, 0.5)
                    )
            parts = processor.Parts(served, self._url)
            self.figures.budget = processor.budget(shops, parts, IN_FLIGHT, self._count(3000))

    def _http_cold(self) -> None:
        with (
            self._coalitions() as coalitions,
            http.served(self._url, self._master_key) as here,
            http.served(self._url, self._master_key) as there,
        ):
            street = Street(coalitions)
            issuing, redeeming = http.Shops(street, here.port), http.Shops(street, there.port)
            http.rates(redeeming, 8, 100)
            redeem, floor = http.cold_redeem_to_floor(issuing, redeeming, IN_FLIGHT, self._count(1000))
            self._rate("redeem over HTTP, 32 clients, tokens never seen before", redeem.per_second)
            self._rate("HTTP floor in the same rounds", floor.per_second)

    def _proposals(self) -> None:
        slowest = 0.0
        with self._coalitions() as coalitions, http.served(self._url, self._master_key) as served:
            for neighbours in proposals.NEIGHBOURS:
                corner = proposals.Corner(coalitions, neighbours)
                proposals.proposals(corner, served.port, neighbours, 1, 50)  # warm
                for clients in proposals.CLIENTS:
                    found = proposals.proposals(corner, served.port, neighbours, clients, self._count(400))
                    self.figures.proposals.append({"neighbours": neighbours, **asdict(found)})
                    slowest = max(slowest, found.p99)
        self.figures.bars.append(("a second to the p99 of a proposal", proposals.SECOND_MS / slowest, 1.0))

    def _in_process(self) -> None:
        count, rounds = self._count(2000), []
        with self._coalitions() as coalitions:
            street = Street(coalitions)
            self._redeem(street, 300)
            for _ in range(3):  # in turns, so that a busy moment of the machine meets all three
                grouped = self._redeem(street, count)
                usual, network.committer.BATCH_MAX = network.committer.BATCH_MAX, 1
                alone = self._redeem(street, count // 3)
                network.committer.BATCH_MAX = usual
                plain = plain_saves.redemptions_per_second(self._url, count // 3)
                rounds.append((grouped, alone, plain))
        for place, name in enumerate(("group commit", "a commit each", "plain saves of the library")):
            self._rate(f"redeem in process, {name}", median(one[place] for one in rounds))
        ratio = median(grouped / plain for grouped, _, plain in rounds)
        self.figures.bars.append(("group commit to plain saves", ratio, 4.0))

    def _views(self) -> None:
        with self._coalitions() as coalitions:
            street = Street(coalitions)
            self._redeem(street, self._count(2000))
            one_by_one = projecting.events_per_second(street.coalition, batch_events=1, events_max=self._count(400))
            batched = projecting.events_per_second(street.coalition, batch_events=500, events_max=10**9)
        self._rate("events into all views, in batches of 500", batched)
        self._rate("events into all views, one by one", one_by_one)
        self.figures.bars.append(("batched projections to one by one", batched / one_by_one, 20.0))

    def _long_log(self) -> None:
        rates = {}
        with self._coalitions() as coalitions:
            for events in (10_000, int(1_000_000 * min(1.0, self._scale))):
                street = Street(coalitions)
                entry = street.coalition.entry
                history.lengthen(self._url, entry.schema_name, str(street.salon_id), events)
                self._redeem(street, self._count(500))
                rates[events] = max(self._redeem(street, self._count(1500)) for _ in range(3))
                self._rate(f"redeem in process, {events:_} events in the log".replace("_", " "), rates[events])
        short, long = rates.values()
        self.figures.bars.append(("redeem with the long log to the short one", long / short, 0.9))

    def _redeem(self, street: Street, count: int) -> float:
        certificates = street.issued(count)
        commands: list[Callable[[], object]] = [(lambda c=c: street.redeem(c.hex, c)) for c in certificates]
        return in_flight(commands, IN_FLIGHT)  # type: ignore[arg-type]

    def _rate(self, name: str, per_second: float) -> None:
        self.figures.per_second[name] = per_second

    def _coalitions(self) -> "_Closing":
        return _Closing(Coalitions(self._url, self._master_key))


class _Closing:
    def __init__(self, coalitions: Coalitions) -> None:
        self._coalitions = coalitions

    def __enter__(self) -> Coalitions:
        return self._coalitions

    def __exit__(self, *_: object) -> None:
        self._coalitions.close()


def _print(figures: Figures, console: Console) -> None:
    over_http = Table("clients", "", "per second", "p50 ms", "p95 ms", "p99 ms", title="Over HTTP")
    for row in figures.http:
        for name in ("floor", "redeem", "issue"):
            one = row[name]
            assert isinstance(one, dict)
            over_http.add_row(
                str(row["clients"]), name, f"{one['per_second']:.0f}", *(f"{one[p]:.1f}" for p in ("p50", "p95", "p99"))
            )
    drawn = Table("neighbours", "clients", "per second", "p50 ms", "p95 ms", "p99 ms", title="What to offer")
    for row in figures.proposals:
        times = (f"{row[name]:.1f}" for name in ("p50", "p95", "p99"))
        drawn.add_row(str(row["neighbours"]), str(row["clients"]), f"{row['per_second']:.0f}", *times)
    assert figures.budget is not None
    spent = Table("", "server", "views", "database", "client", "in all", title="Processor time, microseconds of each")
    for name, one in (("floor", figures.budget.floor), ("redeem, views followed", figures.budget.redeem)):
        spent.add_row(name, *(f"{took:.0f}" for took in (*asdict(one).values(), one.total)))
    spent.caption = (
        f"{figures.budget.processors} processors allow redeem {figures.budget.most:.2f} of the floor while views "
        f"follow, {figures.budget.most_without_server:.2f} if the server cost nothing"
    )
    rates = Table("", "per second", title="Beside it")
    for name, rate in figures.per_second.items():
        rates.add_row(name, f"{rate:.0f}")
    bars = Table("", "ratio", "should be", "", title="Ratios of this run")
    for name, ratio, least in figures.bars:
        bars.add_row(name, f"{ratio:.2f}", f">= {least:g}", "ok" if ratio >= least else "MISSED")
    for table in (over_http, spent, drawn, rates, bars):
        console.print(table)


def main() -> int:
    """Exit code 0 when every ratio is met, 1 when one is missed."""
    parser = argparse.ArgumentParser(prog="scripts/bench", description=__doc__)
    parser.add_argument("--json", type=Path, help="write the figures there too")
    parser.add_argument("--scale", type=float, default=1.0, help="a part of the full run, for a quick look: 0.1")
    options = parser.parse_args()
    console = Console()
    folder = Path(mkdtemp(prefix="pollen-bench-"))
    os.chmod(folder, 0o755)
    postgres = EmbeddedPostgres(folder / "postgres")
    with postgres as database_url:
        figures = Bench(database_url, options.scale, console).run()
    postgres.erase()
    rmtree(folder)
    _print(figures, console)
    if options.json:
        options.json.write_text(json.dumps(asdict(figures), indent=1) + "\n")
    return 0 if all(ratio >= least for _, ratio, least in figures.bars) else 1


if __name__ == "__main__":
    sys.exit(main())
