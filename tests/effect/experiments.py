"""Small experiments for tests."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from network.effect.distributions import Numbers
from network.effect.sample import Sample

HEADER = "customer_ref,arm,probability,visited,revenue_minor"


def one(value: float) -> Numbers:
    """A number as the arrays that the functions take."""
    return np.asarray(float(value))


def sample_of(
    arms: Sequence[str],
    probability: Sequence[float],
    revenue: Sequence[float],
    pre_revenue: Sequence[float] | None = None,
    visited: Sequence[float] | None = None,
) -> Sample:
    """One entry a customer; who spent has visited."""
    names = tuple(dict.fromkeys(arms))
    came = np.asarray(revenue, dtype=np.float64) > 0 if visited is None else visited
    return Sample(
        arms=names,
        arm=np.array([names.index(arm) for arm in arms]),
        probability=np.asarray(probability, dtype=np.float64),
        visited=np.asarray(came, dtype=np.float64),
        revenue=np.asarray(revenue, dtype=np.float64),
        pre_revenue=None if pre_revenue is None else np.asarray(pre_revenue, dtype=np.float64),
    )


def drawn_sample(seed: int, *, guests: int = 600, odds: Sequence[float] = (0.4, 0.3, 0.3), lift: float = 0.1) -> Sample:
    """Fixed odds; a fifth of the control visits, `lift` more of each treated arm; who spent before spends again."""
    random = np.random.default_rng(seed)
    arm = random.choice(len(odds), size=guests, p=odds)
    taste = np.exp(random.normal(size=guests))
    visited = random.random(guests) < 0.2 + lift * (arm > 0)
    return Sample(
        arms=("none", "sauna", "cafe", "nails")[: len(odds)],
        arm=arm,
        probability=np.array(odds)[arm],
        visited=visited.astype(np.float64),
        revenue=np.round(visited * taste * 1_000),
        pre_revenue=np.round(taste * 1_000 * (random.random(guests) < 0.6)),
    )


def written(path: Path, *rows: str, header: str = HEADER) -> Path:
    """A file of these lines."""
    path.write_text("\n".join([header, *rows]) + "\n")
    return path
