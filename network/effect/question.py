"""What is asked of an experiment, beyond its rows."""

from dataclasses import dataclass


class QuestionRefused(ValueError):
    """What these rows cannot answer; its text says why."""


@dataclass(frozen=True, slots=True)
class Question:
    """The defaults are those of `scripts/effect estimate`."""

    control: str
    alpha: float = 0.05
    smallest_visit_effect: float = 0.03
    """The smallest difference of visit rates worth knowing: 0.03 is 4 % against 1 %."""
    smallest_revenue_effect: float | None = None
    """As above, minor units a guest; if none is given, so many more visits at the mean bill of those who paid."""
    together: int = 1
    """So many such questions are answered side by side, and the intervals of all arms hold for all of them."""
    tuned_at: int = 848
    """Guests in two arms at which the always-valid interval is shortest. Choose it before the first look."""
