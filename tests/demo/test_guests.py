"""What is known of the demo's guests because they are invented: the effect that the demo's pages measure."""

import pytest

from network.demo.guests import BRINGS, GUESTS, LONGEST_DELAY_DAYS, Guests
from network.demo.street import AGREEMENTS, RESTAURANT, SALON, Agreed


@pytest.mark.parametrize("agreed", AGREEMENTS, ids=lambda one: one.name)
def test_a_certificate_brings_as_many_as_it_is_said_to_while_it_is_valid(agreed: Agreed) -> None:
    guests, valid_days = Guests(1), agreed.terms.validity_days or 0
    for guest in range(GUESTS):
        guests.give(guest, agreed.issuer, agreed.acceptor, day=0, valid_days=valid_days)

    brought = [
        day for day in range(LONGEST_DELAY_DAYS + 2) for one in guests.visits(day) if one[1:] == (agreed.acceptor, True)
    ]

    assert len(brought) / GUESTS == pytest.approx(BRINGS[agreed.issuer, agreed.acceptor], abs=0.05)
    assert all(0 < day < valid_days for day in brought)


def test_without_certificates_nobody_is_brought_and_habits_differ() -> None:
    guests = Guests(1)

    month = [one for day in range(30) for one in guests.visits(day)]

    assert not any(brought for _, _, brought in month)
    went = [{guest for guest, at, _ in month if at is shop} for shop in (SALON, RESTAURANT)]
    assert [round(len(one) / GUESTS, 1) for one in went] == [0.2, 0.1]
