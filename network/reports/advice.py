"""What to change: stated rules on figures, each with the figures that set it off. Nothing follows from small counts."""

from collections.abc import Iterator
from dataclasses import dataclass

from network.domain.units import BasisPoints, Minor, pro_rata_rounded_half_up, share_rounded_half_up
from network.reports.reading import Sums

ENOUGH = 20
"""Uses, visits or ends below which nothing is advised."""
NEW_ENOUGH = 5


@dataclass(frozen=True, slots=True)
class Advice:
    """`code` names the sentence of `words.ADVICE`. Facts by unit, as the sentence names them."""

    code: str
    counts: dict[str, int]
    money: dict[str, Minor]
    shares: dict[str, BasisPoints]


def advise(
    received: Sums, given: Sums, *, cost: Minor, margin: BasisPoints | None, limit_used: BasisPoints | None
) -> list[Advice]:
    """`received`: sums of what neighbours sent, `given`: of what it sent them. Most pressing first, four at most."""
    found = list(_rules(received, given, cost, margin, limit_used))
    if not found:
        enough = received.get("visits_count", 0) >= ENOUGH or given.get("used_count", 0) >= ENOUGH
        found.append(_advice("keep_on" if enough else "too_early"))
    if margin is None:
        found.append(_advice("tell_margin"))
    return found[:4]


def _rules(
    received: Sums, given: Sums, cost: Minor, margin: BasisPoints | None, limit_used: BasisPoints | None
) -> Iterator[Advice]:
    got, gave = received.get("used_count", 0), given.get("used_count", 0)
    if limit_used is not None and limit_used >= 8_000:
        yield Advice("limit_reached", {}, {}, {"percent": limit_used})
    if gave >= ENOUGH and gave > 3 * got:
        yield _advice("gives_more", given=gave, received=got)
    if got >= ENOUGH and got > 3 * gave:
        yield _advice("gets_more", given=gave, received=got)
    ended = got + received.get("unused_count", 0)
    if ended >= ENOUGH and 10 * got <= 3 * ended:
        yield _advice("hardly_used", used=got, ended=ended)
    new, billed = received.get("new_count", 0), received.get("new_billed_count", 0)
    if margin is not None and new >= NEW_ENOUGH and billed >= NEW_ENOUGH and cost > 0:
        each = pro_rata_rounded_half_up(cost, 1, new)
        bill = pro_rata_rounded_half_up(max(0, received["new_bill_value"]), 1, billed)
        left = share_rounded_half_up(bill, margin)
        if each > left:
            yield Advice("dear_new_guests", {}, {"cost": each, "margin": left, "bill": bill}, {})
    known, again = received.get("matured_90", 0), received.get("returned_90", 0)
    if known >= ENOUGH and 10 * again < known:
        yield _advice("nobody_returns", again=again, known=known)
    visits, unknown = received.get("visits_count", 0), received.get("unknown_count", 0)
    if visits >= ENOUGH and 2 * unknown >= visits:
        yield _advice("unknown_guests", unknown=unknown, visits=visits)


def _advice(code: str, **counts: int) -> Advice:
    return Advice(code, counts, {}, {})
