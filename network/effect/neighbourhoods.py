"""Simulated neighbourhoods: who lives there, what certificates truly do, and how they are drawn.

A guest visits within the horizon by habit (those who come anyway), by season, because of a certificate, or because the
friend who was drawn next to them came and told them. What a certificate truly changes is known exactly: the difference
of a guest's own arms, averaged over everybody else's draws. Word of mouth makes the friend's visit part of both arms.
"""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from network.effect.distributions import Numbers

SHARES: Final = np.array([0.1, 0.3, 0.6])
"""Regulars, occasional guests and passers-by."""
HABITS: Final = np.array([10.0, 3.0, 0.5])
"""How often each kind comes, up to a factor."""
BILL_TIMES: Final = np.array([1.5, 1.2, 1.0])
"""What a visitor of each kind spends within the horizon, up to a factor."""
BILL_MINOR: Final = 2_500.0
_SEASON_DAYS = 40
_ROUNDS = 60


@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """One street, its certificates and how they are drawn."""

    name: str
    guests_per_day: int
    """Even: friends are drawn on one day."""
    control_rate: float
    treated_rates: tuple[float, ...]
    odds: tuple[tuple[tuple[float, ...], ...], ...]
    """The probability of each arm, control first, for each kind of guest, in each half of the period."""
    days: int = 60
    season: float = 0.4
    word_of_mouth: float = 0.15
    """The probability that a guest who came brings the friend who was drawn next to them."""
    bill_spread: float = 0.8
    """Of the logarithm of one guest's bills; guests differ by another 0.6."""

    @property
    def guests(self) -> int:
        """Drawn until the horizon."""
        return self.guests_per_day * self.days

    @property
    def arms(self) -> int:
        """Control and treated."""
        return 1 + len(self.treated_rates)

    def without_effect(self) -> "Neighbourhood":
        """The same street, where certificates change nothing."""
        rates = (self.control_rate,) * len(self.treated_rates)
        return replace(self, treated_rates=rates)


@dataclass(frozen=True, slots=True)
class Truth:
    """What is so in every world of a neighbourhood. Axes: arm, kind of guest, place in the order of the draws."""

    odds: Numbers
    alone: Numbers
    """The probability of a visit without the friend's word."""
    rates: Numbers
    """The probability of a visit."""

    def visit_effects(self) -> Numbers:
        """Each treated arm's visits less the control's, over the guests until each place."""
        return _until_each(np.tensordot(SHARES, self.rates[1:] - self.rates[:1], axes=(0, 1)))

    def revenue_effects(self) -> Numbers:
        """As `visit_effects`, in minor units."""
        spent = SHARES * BILL_TIMES * BILL_MINOR
        return _until_each(np.tensordot(spent, self.rates[1:] - self.rates[:1], axes=(0, 1)))


def truth_of(place: Neighbourhood) -> Truth:
    """Habits and pulls such that the arms' mean visit rates are those the neighbourhood names."""
    habit = HABITS / (SHARES @ HABITS) * place.control_rate
    pulls = np.array([rate - place.control_rate for rate in place.treated_rates])
    for _ in range(_ROUNDS):
        truth = _truth(place, habit, pulls)
        means = np.tensordot(SHARES, truth.rates, axes=(0, 1)).mean(axis=-1)
        habit = habit * place.control_rate / means[0]
        wanted, got = np.array(place.treated_rates) - place.control_rate, means[1:] - means[0]
        pulls = np.where(wanted == 0, 0.0, pulls * wanted / np.where(got == 0, 1.0, got))
    return truth


def _truth(place: Neighbourhood, habit: Numbers, pulls: Numbers) -> Truth:
    order = np.arange(place.guests)
    season = 1 + place.season * np.sin(2 * np.pi * (order // place.guests_per_day) / _SEASON_DAYS)
    half = order * 2 // place.guests
    odds = np.moveaxis(np.array(place.odds)[half], 0, -1).swapaxes(0, 1)
    anyway = np.clip(habit[:, None] * season, 0.0, 1.0)
    pulled = np.clip(np.concatenate([[0.0], pulls])[:, None, None] * season, 0.0, 1.0)
    alone = anyway + (1 - anyway) * pulled
    told = place.word_of_mouth * np.tensordot(SHARES, (odds * alone).sum(axis=0), axes=(0, 0))
    friend = order ^ 1
    return Truth(odds, alone, 1 - (1 - alone) * (1 - told[friend]))


def _until_each(effects: Numbers) -> Numbers:
    return np.asarray(np.cumsum(effects, axis=-1) / np.arange(1, effects.shape[-1] + 1), dtype=np.float64)


def _everywhere(*odds: float) -> tuple[tuple[tuple[float, ...], ...], ...]:
    return ((odds,) * len(SHARES),) * 2


NEIGHBOURHOODS: Final = (
    Neighbourhood("quiet street, 1 % against 4 %", 14, 0.01, (0.04,), _everywhere(0.5, 0.5)),
    Neighbourhood("café of regulars", 30, 0.20, (0.25,), _everywhere(0.5, 0.5), season=0.6),
    Neighbourhood("neutral arm of 15 %", 40, 0.10, (0.16,), _everywhere(0.15, 0.85)),
    Neighbourhood(
        "draws steered by habit",
        40,
        0.08,
        (0.12,),
        (((0.25, 0.75), (0.5, 0.5), (0.6, 0.4)), ((0.2, 0.8), (0.3, 0.7), (0.4, 0.6))),
    ),
    Neighbourhood("three partners", 40, 0.05, (0.08, 0.05, 0.11), _everywhere(0.25, 0.25, 0.25, 0.25)),
)

WILD_BILLS: Final = Neighbourhood(
    "neutral arm of 10 %, wild bills", 66, 0.10, (0.10,), _everywhere(0.1, 0.9), bill_spread=1.2
)
"""At the edge of what the estimate of revenue is good for: the mean of some 400 control guests, 40 of whom pay, hangs
on a few bills. It is shown, and not counted among the bars."""

POWER_SIZES: Final = (200, 424, 1_000)
"""Guests an arm."""


def power_street(guests_per_arm: int) -> Neighbourhood:
    """Visits of 4 % against 1 % at even odds, without season: the case that `planning` has a formula for."""
    per_day, days = {200: (8, 50), 424: (16, 53), 1_000: (40, 50)}[guests_per_arm]
    odds = _everywhere(0.5, 0.5)
    return Neighbourhood(f"{guests_per_arm} guests an arm", per_day, 0.01, (0.04,), odds, days, season=0.0)
