"""The answer to a question about an experiment: the shapes that tables show and JSON carries."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

from network.effect.question import Question
from network.effect.sizes import SizeCheck

Interval: TypeAlias = tuple[float, float]

Verdict: TypeAlias = Literal["at_any_look", "at_one_look", "none_shown", "not_enough_yet"]
"""An effect, however often one looked; an effect, if this is the only look; none, and a large one is excluded; or not
enough guests yet to say."""

POOLED = "all treated"
"""Every treated arm taken as one, each arm counting the same."""


@dataclass(frozen=True, slots=True)
class ArmFigures:
    """One arm by itself; rate and mean are weighted by one over the probability."""

    arm: str
    guests: int
    visits: int
    visit_rate: float
    mean_revenue_minor: float


@dataclass(frozen=True, slots=True)
class Effect:
    """One outcome of one arm less the control's. What cannot be said honestly is none, and `note` says why."""

    difference: float
    interval: Interval | None
    """Holds the truth with probability 1 - alpha, if this is the only look."""
    interval_all_arms: Interval | None
    """As above, for all treated arms together (Bonferroni)."""
    p_value: float | None
    p_value_holm: float | None
    always_valid_interval: Interval | None
    """Holds the truth at every look, with probability 1 - alpha."""
    always_valid_interval_all_arms: Interval | None
    always_valid_p_value: float | None
    always_valid_p_value_holm: float | None
    smallest_effect: float
    verdict: Verdict
    more_guests: int | None
    """Needed in the two arms, at their present shares, to find `smallest_effect` at one look; none if enough."""
    note: str | None


@dataclass(frozen=True, slots=True)
class Adjustment:
    """How past spending was used."""

    slope: float
    """Minor units of revenue per minor unit of past spending, one for all arms; zero if it did not help."""
    variance_removed: float
    """The share of the arms' variance that it took out."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """One treated arm, or all, against the control."""

    arm: str
    guests: int
    """In both arms."""
    visits: Effect
    revenue: Effect


@dataclass(frozen=True, slots=True)
class Answer:
    """Everything that is said of one file."""

    question: Question
    guests: int
    arms: list[ArmFigures]
    sizes: SizeCheck
    probabilities: Literal["fixed", "changing"]
    adjustment: Adjustment | None
    """None without past spending in the file."""
    comparisons: list[Comparison]
    pooled: Comparison | None
    """None if there is a single treated arm."""
