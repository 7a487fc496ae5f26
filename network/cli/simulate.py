"""`scripts/simulate`: trade for days against a naive model, and stop at the first difference."""

import argparse
import importlib
import logging
import sys
import tempfile
from pathlib import Path
from typing import Any

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from network.cli.steps import ROOT
from network.store.embedded import EmbeddedPostgres
from network.store.migrations import migrate_all

COLUMNS = (
    TextColumn("seed {task.fields[seed]}"),
    BarColumn(),
    MofNCompleteColumn(),
    TextColumn("day {task.fields[days]}, {task.fields[events]} events"),
    TimeElapsedColumn(),
    TimeRemainingColumn(),
)


def main() -> int:
    """Run until the steps or the days are over; the exit code is 1 when network and model disagreed."""
    parser = argparse.ArgumentParser(prog="scripts/simulate", description=__doc__)
    parser.add_argument("--seed", type=int, default=1, help="the same seed trades the same, save for who wins a race")
    parser.add_argument("--steps", type=int, default=10_000, help="how many things happen (10 000)")
    parser.add_argument("--days", type=int, help="stop earlier, when so many days have passed in the neighbourhood")
    parser.add_argument("--verbose", action="store_true", help="count every command and its outcome at the end")
    options = parser.parse_args()

    # The simulation cuts connections on purpose; that the network comes back is its business, not news.
    logging.getLogger("network").setLevel(logging.ERROR)
    # Without fsync: the machine does not fail, and the data is thrown away.
    folder = tempfile.TemporaryDirectory(prefix="pollen-simulation-")
    with folder as path, EmbeddedPostgres(Path(path), durable=False) as database_url:
        migrate_all(database_url)
        trading = _new_trading(database_url, options.seed)
        try:
            return _trade(trading, options)
        finally:
            trading.close()
            if options.verbose:
                for (command, outcome), times in sorted(trading.seen.items()):
                    print(f"{times:8} {command}: {outcome}")


def _new_trading(database_url: str, seed: int) -> Any:
    """The simulation is a part of the tests, which no package of ours may import by name."""
    sys.path.insert(0, str(ROOT))
    return importlib.import_module("tests.simulation.trading").Trading(database_url, seed)


def _trade(trading: Any, options: argparse.Namespace) -> int:
    with Progress(*COLUMNS) as progress:
        task = progress.add_task("", total=options.steps, seed=options.seed, days=0, events=0)
        try:
            while trading.steps < options.steps and (options.days is None or trading.days < options.days):
                trading.step()
                progress.update(task, completed=trading.steps, days=trading.days, events=trading.observed.position)
            trading.check_everything()
        except AssertionError as difference:
            progress.stop()
            print(difference, *getattr(difference, "__notes__", ()), sep="\n", file=sys.stderr)
            return 1
    print(f"{trading.steps} steps, {trading.days} days: network and model agree")
    return 0


if __name__ == "__main__":
    sys.exit(main())
