"""`python -m benchmarks.windows`: does cutting and stating a window cost more when there is more history?

Two coalitions of 500 partners on one server trade the same between pairs, with value, commission and fee: three lines a
redemption; some are undone, also across a cut. One has a single window of 50 000 lines behind it, the other a hundred
of them (`--scale 1`: 5 000 000 lines). The first window is traded by the real code, the later ones repeat its rows in
SQL and are cut and stated by the real commands. Then both close windows of the same size in turn, so that whatever else
the machine does slows down both.
"""

import argparse
import json
import os
import shutil
import sys
from dataclasses import asdict, fields
from pathlib import Path
from statistics import median
from tempfile import mkdtemp
from time import perf_counter

import psycopg
from rich.console import Console
from rich.progress import Progress

from benchmarks.circle import PARTNERS, Circle, Seconds
from network.coalitions import Coalitions
from network.store.embedded import EmbeddedPostgres
from network.store.migrations import migrate_all

LINES_A_WINDOW, WINDOWS, LINES_A_ROUND, ROUNDS = 50_000, 100, 10_000, 9
LEAST_RATIO = 1.5


def measured(coalitions: Coalitions, windows: int, progress: Progress) -> dict[int, Seconds]:
    """`{lines of history: medians}` of a coalition with little history, and of one with a lot."""
    task = progress.add_task(f"{windows} windows of {LINES_A_WINDOW:_} lines", total=windows + 1 + 2 * ROUNDS)
    circles = [Circle(coalitions, slug) for slug in ("little", "much")]
    for circle in circles:
        circle.first_window(LINES_A_WINDOW)
        progress.advance(task)
    circles[1].lengthen(windows - 1, lambda: progress.advance(task))
    with psycopg.connect(coalitions.database_url, autocommit=True) as connection:
        connection.execute("CHECKPOINT")  # what writing the past still owes the disk
    lines = [circle.lines for circle in circles]
    rounds: list[list[Seconds]] = [[], []]
    for turn in range(ROUNDS):
        for place in (0, 1) if turn % 2 else (1, 0):
            rounds[place].append(circles[place].round(LINES_A_ROUND))
            progress.advance(task)
    for circle in circles:
        circle.end()
    return {after: _median(taken) for after, taken in zip(lines, rounds, strict=True)}


def _median(taken: list[Seconds]) -> Seconds:
    return Seconds(**{one.name: median(getattr(each, one.name) for each in taken) for one in fields(Seconds)})


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
                found = measured(coalitions, max(2, round(WINDOWS * options.scale)), progress)
        finally:
            coalitions.close()
    postgres.erase()
    shutil.rmtree(folder, ignore_errors=True)
    (little, short), (much, long) = sorted(found.items())
    ratios = {one.name: getattr(long, one.name) / getattr(short, one.name) for one in fields(Seconds)}
    for lines, cost in found.items():
        print(f"after {lines:_} lines: " + ", ".join(f"{n} {s * 1000:.1f} ms" for n, s in asdict(cost).items()))
    for name, ratio in ratios.items():
        print(f"{name}: {ratio:.2f} times as long after {much / little:.0f} times the history")
    print(f"{PARTNERS} partners, {ROUNDS} windows each, {perf_counter() - began:.0f} s in all")
    if options.json:
        figures = {"costs": {lines: asdict(cost) for lines, cost in found.items()}, "ratios": ratios}
        options.json.write_text(json.dumps(figures, indent=1) + "\n")
    return 0 if max(ratios.values()) <= LEAST_RATIO else 1


if __name__ == "__main__":
    sys.exit(main())
