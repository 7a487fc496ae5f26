"""The normal, Student and chi-square distributions of scipy, with types: the only file that imports scipy."""

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import special  # type: ignore[import-untyped]

Numbers: TypeAlias = NDArray[np.float64]


def normal_below(value: Numbers | float) -> Numbers:
    """The chance that a standard normal is at most `value`."""
    return np.asarray(special.ndtr(value), dtype=np.float64)


def normal_quantile(chance: Numbers | float) -> Numbers:
    """The value that a standard normal stays below with this chance."""
    return np.asarray(special.ndtri(chance), dtype=np.float64)


def student_below(value: Numbers, freedom: Numbers) -> Numbers:
    """The chance that Student's t with so many degrees of freedom is at most `value`."""
    return np.asarray(special.stdtr(freedom, value), dtype=np.float64)


def student_quantile(chance: Numbers | float, freedom: Numbers) -> Numbers:
    """The value that Student's t stays below with this chance."""
    return np.asarray(special.stdtrit(freedom, chance), dtype=np.float64)


def chi_square_above(value: float, freedom: int) -> float:
    """The chance that a chi-square with so many degrees of freedom exceeds `value`."""
    return float(special.chdtrc(freedom, value))


def lambert_lower(value: float) -> float:
    """The lower real branch of Lambert's W: the solution w <= -1 of w exp(w) = value, for -1/e <= value < 0."""
    return float(special.lambertw(value, k=-1).real)
