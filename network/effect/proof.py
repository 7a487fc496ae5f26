"""Count over seeded worlds with a known truth: how often intervals hold, nothing is claimed, and effects are found."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from network.effect.adjustment import adjusted_revenue
from network.effect.contrast import KEPT_BACK, RevenueContrast, VisitContrast, contrast_revenues, contrast_visits
from network.effect.distributions import Numbers, normal_quantile
from network.effect.neighbourhoods import Neighbourhood, truth_of
from network.effect.sequence import Mixture
from network.effect.worlds import Worlds, draw_worlds

ALPHA = 0.05
_MIXTURE = Mixture(tuned_at=848, tuned_for=ALPHA)
CHUNK = 50
"""Worlds in memory at a time."""


@dataclass(slots=True)
class Tally:
    """Worlds, of one outcome in one neighbourhood, in which something was so.

    Several arms count together: a world holds if all their intervals (each at alpha / arms) hold, and claims if any
    arm does. An interval that was withheld for want of payers neither holds nor fails.
    """

    worlds: int = 0
    known_at_horizon: int = 0
    held_at_horizon: int = 0
    """Of `known_at_horizon`."""
    ever_known: int = 0
    held_at_every_look: int = 0
    """Of `ever_known`, by the confidence sequence."""
    claimed_at_horizon: int = 0
    claimed_at_any_look: int = 0
    """By the confidence sequence."""
    claimed_by_peeking: int = 0
    """By the fixed-size interval, looked at every day, which it is not made for."""


@dataclass(slots=True)
class Proof:
    """Both outcomes of one neighbourhood."""

    place: Neighbourhood
    visits: Tally = field(default_factory=Tally)
    revenue: Tally = field(default_factory=Tally)


class _Course:
    """What was seen of one outcome in a chunk of worlds so far; one entry a world."""

    def __init__(self, worlds: int) -> None:
        self.known, self.held, self.held_always = (np.ones(worlds, dtype=bool) for _ in range(3))
        self.ever_known, self.claimed, self.claimed_always, self.peeked = (
            np.zeros(worlds, dtype=bool) for _ in range(4)
        )

    def forget(self) -> None:
        """Begin another look: these three count only at the last one."""
        self.known[:], self.held[:], self.claimed[:] = True, True, False

    def note(self, found: VisitContrast | RevenueContrast, effect: float, alpha: float, critical: Numbers) -> None:
        """One arm at this look; `effect` is the true one."""
        once = -normal_quantile(KEPT_BACK * alpha / 2)
        off, claim = np.abs(found.normal_score(effect)), np.abs(found.normal_score(0.0))
        known = found.is_known
        self.known &= known
        self.ever_known |= known
        self.held &= ~(known & (off > once))
        self.held_always &= ~(known & (off > critical))
        self.claimed |= known & (claim > once)
        self.claimed_always |= known & (claim > critical)
        self.peeked |= self.claimed

    def add_to(self, tally: Tally) -> None:
        """Count the worlds after their last look."""
        tally.worlds += len(self.known)
        tally.known_at_horizon += int(self.known.sum())
        tally.held_at_horizon += int((self.known & self.held).sum())
        tally.ever_known += int(self.ever_known.sum())
        tally.held_at_every_look += int((self.ever_known & self.held_always).sum())
        tally.claimed_at_horizon += int(self.claimed.sum())
        tally.claimed_at_any_look += int(self.claimed_always.sum())
        tally.claimed_by_peeking += int(self.peeked.sum())


def prove(
    place: Neighbourhood, *, worlds: int, seed: Sequence[int], advance: Callable[[int], None], daily: bool = True
) -> Proof:
    """Look at every world each day until the horizon (or only then); `advance` is told of finished worlds."""
    truth, random, proof = truth_of(place), np.random.default_rng(seed), Proof(place)
    effects = np.stack([truth.visit_effects(), truth.revenue_effects()])
    days = range(1 if daily else place.days, place.days + 1)
    for start in range(0, worlds, CHUNK):
        size = min(CHUNK, worlds - start)
        drawn = draw_worlds(place, truth, worlds=size, random=random)
        visits, revenue = _Course(size), _Course(size)
        for day in days:
            guests = day * place.guests_per_day
            _look(_first(drawn, guests), place.arms, effects[:, :, guests - 1], visits, revenue)
        visits.add_to(proof.visits)
        revenue.add_to(proof.revenue)
        advance(size)
    return proof


def _first(drawn: Worlds, guests: int) -> Worlds:
    return Worlds(
        drawn.arm[:, :guests],
        drawn.probability[:, :guests],
        drawn.visited[:, :guests],
        drawn.revenue[:, :guests],
        drawn.pre_revenue[:, :guests],
    )


def _look(seen: Worlds, arms: int, effects: Numbers, visits: _Course, revenue: _Course) -> None:
    """One look at every world; `effects` are the true ones, by outcome and treated arm."""
    weights = [seen.weights(arm) for arm in range(arms)]
    adjusted, _, _ = adjusted_revenue(weights, seen.revenue, seen.pre_revenue)
    visits.forget()
    revenue.forget()
    for arm in range(1, arms):
        compared = (weights[0] > 0).sum(axis=-1) + (weights[arm] > 0).sum(axis=-1)
        alpha = ALPHA / (arms - 1)
        critical = _MIXTURE.critical_value(np.maximum(compared, 1), alpha)
        with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
            came = contrast_visits(weights[arm], weights[0], seen.visited)
            visits.note(came, effects[0, arm - 1], alpha, critical)
            paid = contrast_revenues(weights[arm], weights[0], seen.revenue, adjusted)
            revenue.note(paid, effects[1, arm - 1], alpha, critical)
