"""Sums as the views give them, for reports that are pure functions of them."""

from datetime import date
from uuid import UUID

from network.projections.effects.rows import DAY_SUMS
from network.reports.partner import Heading
from network.reports.period import Period
from network.reports.reading import Group
from network.reports.street import StreetRows

SPRING = Period(date(2026, 3, 1), date(2026, 5, 31), date(2026, 8, 31))
HEADING = Heading("Elm Street", "EUR", "Europe/Riga", 7, SPRING)
SHOPS = tuple(UUID(int=n) for n in range(1, 6))
NAMES = {shop: f"Shop {place}" for place, shop in enumerate(SHOPS)}


def pair(
    issuer: int, acceptor: int, used: int, *, issued: int = 50, begins_on: date | None = None, **other: int
) -> Group:
    """A pair whose guests were all new and spent 20.00 each."""
    sums = dict.fromkeys(DAY_SUMS, 0) | {f"{name}_{n}": 0 for name in _MATURED for n in (30, 60, 90)}
    same = ("used_count", "redemptions_count", "visits_count", "new_count", "billed_count", "new_billed_count")
    sums |= dict.fromkeys(same, used)
    sums |= {"issued_count": issued, "issued_value": 500 * issued, "unused_count": issued - used}
    sums |= {"redeemed_value": 500 * used, "acceptor_value": 500 * used, "bill_value": 2_000 * used}
    sums |= {"billed_redeemed_value": 500 * used, "new_bill_value": 2_000 * used}
    sums |= {"matured_90": used, "returned_90": used // 2, "followed_90_value": 700 * used}
    return Group(SHOPS[issuer], SHOPS[acceptor], None, None, begins_on, sums | other, {3: used} if used else {})


def street_rows(pairs: list[Group], stretches: list[Group]) -> StreetRows:
    return StreetRows(HEADING, NAMES, pairs, stretches, [])


_MATURED = ("matured", "returned", "matured_followed_count", "matured_followed_value")
