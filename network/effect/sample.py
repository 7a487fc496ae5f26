"""The rows of an experiment as one sample: each customer once, arms by name. Intention to treat counts people."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from network.effect.distributions import Numbers
from network.effect.lines import read_blocks, split
from network.effect.rows import Rows, read_rows


@dataclass(frozen=True, slots=True)
class Sample:
    """What `estimate` reads; one entry a customer."""

    arms: tuple[str, ...]
    """In the order in which they first appear; `arm` counts them from 0."""
    arm: NDArray[np.int64]
    probability: Numbers
    visited: Numbers
    revenue: Numbers
    pre_revenue: Numbers | None


def read_sample(path: Path) -> tuple[Sample, Rows]:
    """The good rows, and what is wrong with the others. Raises: FileRefused."""
    rows = read_rows(path)
    repeated = _repeated(path, rows)
    for line, reason in repeated.items():
        rows.refuse(line, reason)
    kept = ~np.isin(np.array(rows.line), np.array(list(repeated), dtype=np.int64))
    sample = Sample(
        arms=tuple(rows.arms),
        arm=np.array(rows.arm)[kept],
        probability=np.array(rows.probability)[kept],
        visited=np.array(rows.visited)[kept],
        revenue=np.array(rows.revenue)[kept],
        pre_revenue=np.array(rows.pre_revenue)[kept] if rows.has_pre_revenue else None,
    )
    return sample, rows


def _repeated(path: Path, rows: Rows) -> dict[int, str]:
    """`{line: reason}` for each customer's rows after the first.

    Only hashes are kept while reading. Where two agree, the file is read again to see whether the customers do.
    """
    hashes, counts = np.unique(np.array(rows.customer), return_counts=True)
    if not (suspects := set(hashes[counts > 1].tolist())):
        return {}
    lines = {line for line, customer in zip(rows.line, rows.customer, strict=True) if customer in suspects}
    first: dict[str, int] = {}
    repeated = {}
    for line, customer in _customers(path, lines):
        if (earlier := first.setdefault(customer, line)) != line:
            repeated[line] = f"customer_ref {customer[:40]!r} is on line {earlier} already; a customer counts once"
    return repeated


def _customers(path: Path, wanted: set[int]) -> list[tuple[int, str]]:
    place, found = None, []
    for number, lines in read_blocks(path):
        for line, text in enumerate(lines, start=number):
            if place is None:
                place = [column.strip() for column in split(text)].index("customer_ref")
            elif line in wanted:
                found.append((line, split(text)[place].strip()))
    return found
