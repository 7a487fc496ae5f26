"""Intervals that hold at every look: an asymptotic confidence sequence.

Source: I. Waudby-Smith, D. Arbour, R. Sinha, E. Kennedy, A. Ramdas, "Time-uniform central limit theory and asymptotic
confidence sequences", Annals of Statistics 52 (2024) 2613-2640, arXiv 2103.06476, theorem 2.2, with s the standard
deviation of one guest and n the guests so far:

    estimate  +/-  s sqrt( 2 (n r² + 1) / (n² r²)  log( sqrt(n r² + 1) / alpha ) )

In standard errors s / sqrt(n) that is sqrt( (m + 1) / m  log( (m + 1) / alpha² ) ), m = n r². It replaces 1.96 in the
very statistics of the fixed-size interval, so that both look at the same thing and this one is always the wider. The
probability that it ever leaves out the truth tends to at most alpha as the first look is later; early looks are checked
by `scripts/effect prove`. Where the effect changes with the season it speaks for the guests so far (proposition 2.5).
"""

from dataclasses import dataclass

import numpy as np

from network.effect.distributions import Numbers, lambert_lower


@dataclass(frozen=True, slots=True)
class Mixture:
    """Where the sequence is shortest: chosen before the first look, it may not depend on what is seen."""

    tuned_at: float
    """Guests in the two arms."""
    tuned_for: float
    """The alpha it is shortest for; it holds at any other."""

    def critical_value(self, guests: Numbers | float, alpha: float) -> Numbers:
        """How many standard errors the sequence reaches after so many guests."""
        clock = self._clock(guests)
        return np.asarray(np.sqrt((clock + 1) / clock * np.log((clock + 1) / alpha**2)), dtype=np.float64)

    def p_value(self, normal_score: Numbers, guests: Numbers | float) -> Numbers:
        """The smallest alpha at which the sequence excludes no effect.

        Without an effect it is ever below some level with at most that probability, however often one looks.
        """
        clock = self._clock(guests)
        chance = np.sqrt(clock + 1) * np.exp(-np.square(normal_score) / 2 * clock / (clock + 1))
        return np.asarray(np.minimum(1.0, chance), dtype=np.float64)

    def _clock(self, guests: Numbers | float) -> Numbers:
        """n r²: its value at `tuned_at` makes the reach there the shortest (the paper's appendix)."""
        shortest = -lambert_lower(-(self.tuned_for**2) / np.e) - 1
        return np.asarray(guests, dtype=np.float64) * shortest / self.tuned_at
