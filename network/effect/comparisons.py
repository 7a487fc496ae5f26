"""Several arms at once: the p-values that remain after looking at all of them."""

from collections.abc import Sequence


def holm(p_values: Sequence[float | None]) -> list[float | None]:
    """Holm's step-down adjustment (Scandinavian Journal of Statistics 6 (1979) 65-70), in the given order.

    A comparison without a p-value stays without and counts, for it was asked.
    """
    adjusted: list[float | None] = [None] * len(p_values)
    least = 0.0
    known = sorted((p, place) for place, p in enumerate(p_values) if p is not None)
    for rank, (p, place) in enumerate(known):
        least = max(least, min(1.0, (len(p_values) - rank) * p))
        adjusted[place] = least
    return adjusted
