"""Joining, suspension and leaving: small commands of one noun, in one table."""

from typing import Any

import pytest

from network.domain.errors import InvalidAmount, MerchantNotAdmitted, MerchantStateForbids
from network.domain.merchant import Merchant, State
from tests.domain.given import NOON, SALON, again, facts, only_event, stored, topics

STEPS: dict[str, dict[str, Any]] = {
    "admit": {},
    "suspend": {"reason": "complaints"},
    "readmit": {},
    "leave": {"reason": "moved away"},
}


def applicant(*steps: str) -> Merchant:
    """One that applied, and what happened since."""
    merchant = stored(
        Merchant.apply_to_join(
            merchant_id=SALON, name="Salon", category="beauty", address="Elm Street 1", number=3, at=NOON
        )
    )
    for step in steps:
        getattr(merchant, step)(**STEPS[step], at=NOON)
    return again(merchant)


def test_applies_with_its_number_and_waits() -> None:
    new = Merchant.apply_to_join(
        merchant_id=SALON, name="Salon", category="beauty", address="Elm Street 1", number=3, at=NOON
    )

    assert facts(only_event(new), "name", "category", "address", "number") == {
        "name": "Salon",
        "category": "beauty",
        "address": "Elm Street 1",
        "number": 3,
    }
    assert new.state is State.APPLIED


@pytest.mark.parametrize(
    ("past", "step", "event", "state"),
    [
        ((),                             "admit",   "Merchant.Admitted",   State.ADMITTED),
        ((),                             "suspend", None,                  State.APPLIED),
        ((),                             "readmit", None,                  State.APPLIED),
        ((),                             "leave",   "Merchant.Left",       State.LEFT),
        (("admit",),                     "admit",   None,                  State.ADMITTED),
        (("admit",),                     "suspend", "Merchant.Suspended",  State.SUSPENDED),
        (("admit",),                     "readmit", None,                  State.ADMITTED),
        (("admit",),                     "leave",   "Merchant.Left",       State.LEFT),
        (("admit", "suspend"),           "admit",   None,                  State.SUSPENDED),
        (("admit", "suspend"),           "suspend", None,                  State.SUSPENDED),
        (("admit", "suspend"),           "readmit", "Merchant.Readmitted", State.ADMITTED),
        (("admit", "suspend"),           "leave",   "Merchant.Left",       State.LEFT),
        (("admit", "leave"),             "admit",   None,                  State.LEFT),
        (("admit", "leave"),             "suspend", None,                  State.LEFT),
        (("admit", "leave"),             "readmit", None,                  State.LEFT),
        (("admit", "leave"),             "leave",   None,                  State.LEFT),
    ],
)  # fmt: skip
def test_each_step_has_its_states(past: tuple[str, ...], step: str, event: str | None, state: State) -> None:
    merchant = applicant(*past)

    if event is None:
        with pytest.raises(MerchantStateForbids):
            getattr(merchant, step)(**STEPS[step], at=NOON)
        assert topics(merchant) == []
    else:
        getattr(merchant, step)(**STEPS[step], at=NOON)
        assert topics(merchant) == [event]

    assert merchant.state is state


@pytest.mark.parametrize("past", [(), ("admit", "suspend"), ("admit", "leave")])
def test_only_an_admitted_partner_trades(past: tuple[str, ...]) -> None:
    merchant = applicant(*past)

    with pytest.raises(MerchantNotAdmitted, match="Salon does not take part"):
        merchant.must_trade()

    applicant("admit", "suspend", "readmit").must_trade()


def test_a_margin_is_set_changed_and_taken_back() -> None:
    merchant = applicant("admit")

    merchant.set_margin(margin=6_500, at=NOON)
    merchant.set_margin(margin=6_500, at=NOON)
    merchant.set_margin(margin=None, at=NOON)

    assert topics(merchant) == ["Merchant.MarginSet", "Merchant.MarginSet"]
    assert merchant.margin is None


@pytest.mark.parametrize("margin", [-1, 10_001])
def test_a_margin_is_a_share_of_the_bill(margin: int) -> None:
    with pytest.raises(InvalidAmount):
        applicant("admit").set_margin(margin=margin, at=NOON)


def test_what_guests_read_is_changed_until_it_leaves() -> None:
    merchant = applicant("admit")

    for _ in range(2):
        merchant.change_profile(category="nails", address="Brivibas 12", by="owner", at=NOON)

    assert topics(merchant) == ["Merchant.ProfileChanged"]
    assert (merchant.category, merchant.address) == ("nails", "Brivibas 12")
    merchant.leave(reason="moved away", at=NOON)
    with pytest.raises(MerchantStateForbids):
        merchant.change_profile(category="nails", address="Elsewhere 1", by="owner", at=NOON)
