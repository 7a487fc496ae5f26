"""What tax asks: the kind of instrument at issue, the supply behind a redemption, and how it comes back."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from network.domain.errors import InvalidTax, RedemptionConflict
from network.domain.merchant import Merchant
from network.domain.tax import AtRate, Instrument, TaxRecord, issue_tax, less, taken_back, tax_within
from network.domain.terms import FaceValue, Funding, Terms, Use
from tests.domain.given import NOON, SALON, again, certificate, only_event, redeem, stored, topics

OWN = Terms(face=FaceValue(fixed=500))
ISSUERS = replace(OWN, funding=Funding(issuer=6_000))
POOLS = replace(OWN, funding=Funding(pool=1))
PAYMENT, AT_FIVE = Use(as_payment=True), Use(as_payment=True, tax_rate=500)
ONE = TaxRecord("LV", (2_100,), "2026-01-01")
TWO = TaxRecord("LV", (2_100, 500), "2026-01-01")


@pytest.mark.parametrize(
    ("terms", "seller", "kind"),
    [
        (OWN,                          None, "discount"),
        (OWN,                          ONE,  "discount"),
        (ISSUERS,                      ONE,  "third_party_funded"),
        (POOLS,                        None, "third_party_funded"),
        (replace(OWN, use=PAYMENT),    ONE,  "single_purpose_voucher"),
        (replace(ISSUERS, use=PAYMENT), ONE, "single_purpose_voucher"),
        (replace(OWN, use=PAYMENT),    TWO,  "multi_purpose_voucher"),
        (replace(OWN, use=PAYMENT),    None, "multi_purpose_voucher"),
        (replace(OWN, use=AT_FIVE),    TWO,  "single_purpose_voucher"),
        (replace(OWN, use=AT_FIVE),    ONE,  "multi_purpose_voucher"),
        (replace(OWN, use=AT_FIVE),    None, "multi_purpose_voucher"),
    ],
)  # fmt: skip
def test_the_kind_follows_from_who_pays_what_for_and_what_is_known(
    terms: Terms, seller: TaxRecord | None, kind: str
) -> None:
    tax = issue_tax(terms, seller)

    assert (tax.instrument.value, tax.consideration) == (kind, 0)
    assert (tax.country, tax.rates) == ((seller.country, seller.rates) if seller else (None, ()))


def supply(terms: Terms, **more: object) -> object:
    past = certificate(terms)
    redeem(past, **more)
    return only_event(past).supply  # type: ignore[attr-defined]


class TestSupply:
    def test_is_gross_though_others_pay_part_of_it(self) -> None:
        found = supply(ISSUERS, seller=ONE)

        assert (found.instrument, found.country) == (Instrument.THIRD_PARTY_FUNDED, "LV")
        assert (found.funded, found.parts) == (300, (AtRate(2_100, 500),))

    def test_is_split_like_the_bill_that_the_till_told(self) -> None:
        sold = (AtRate(2_100, 1_300), AtRate(500, 500))

        assert supply(OWN, seller=TWO, sold=sold).parts == (AtRate(2_100, 361), AtRate(500, 139))

    def test_leaves_the_rate_open_when_nobody_told_it(self) -> None:
        assert supply(OWN, seller=TWO).parts == (AtRate(None, 500),)
        assert supply(OWN).parts == (AtRate(None, 500),)

    @pytest.mark.parametrize(
        ("seller", "sold"),
        [
            (None, (AtRate(2_100, 1_800),)),
            (ONE,  (AtRate(500, 1_800),)),
            (TWO,  (AtRate(2_100, 1_799),)),
            (TWO,  (AtRate(2_100, 900), AtRate(2_100, 900))),
            (TWO,  (AtRate(2_100, 1_900), AtRate(500, -100))),
        ],
    )  # fmt: skip
    def test_refuses_a_split_that_cannot_be_true(self, seller: TaxRecord | None, sold: tuple[AtRate, ...]) -> None:
        past = certificate(OWN)

        with pytest.raises(InvalidTax):
            redeem(past, seller=seller, sold=sold)

    def test_a_retry_repeats_the_split_too(self) -> None:
        past = certificate(OWN)
        sold = (AtRate(2_100, 1_300), AtRate(500, 500))
        redeem(past, seller=TWO, sold=sold)
        past = again(past)

        redeem(past, epoch=0, seller=TWO, sold=sold)

        assert topics(past) == []
        with pytest.raises(RedemptionConflict):
            redeem(past, epoch=0, seller=TWO)


@given(
    st.lists(st.integers(1, 10_000), min_size=1, max_size=4),
    st.lists(st.floats(0, 1, exclude_min=True), min_size=1, max_size=6),
)
def test_refunds_in_any_steps_take_back_each_part_once(amounts: list[int], steps: list[float]) -> None:
    left = tuple(AtRate(rate, amount) for rate, amount in enumerate(amounts))
    for step in [*steps, 1]:
        whole = sum(one.amount for one in left)
        part = max(1, int(step * whole)) if whole else 0
        back = taken_back(left, part)
        assert sum(one.amount for one in back) == part
        left = less(left, back)
        assert all(one.amount > 0 for one in left)

    assert left == ()


@pytest.mark.parametrize(
    ("gross", "rate", "tax"),
    [(121, 2_100, 21), (100, 2_100, 17), (0, 2_100, 0), (500, 0, 0), (-121, 2_100, -21), (105, 500, 5), (3, 10_000, 2)],
)
def test_the_tax_within_a_sum(gross: int, rate: int, tax: int) -> None:
    assert tax_within(gross, rate) == tax


class TestRecord:
    def merchant(self) -> Merchant:
        return Merchant.apply_to_join(
            merchant_id=SALON, name="Salon", category="beauty", address="Elm Street 1", number=1, at=NOON
        )

    def test_counts_from_its_day_until_the_next(self) -> None:
        salon = self.merchant()
        for record in (TWO, TaxRecord("LV", (2_200,), "2026-07-01")):
            salon.record_tax(record=record, by="owner", at=NOON)
        salon = stored(salon)

        days = ("2025-12-31", "2026-01-01", "2026-06-30", "2026-07-01")
        assert [one and one.rates for one in map(salon.tax_on, days)] == [None, (2_100, 500), (2_100, 500), (2_200,)]

    def test_is_told_anew_for_its_day_and_the_same_again_changes_nothing(self) -> None:
        salon = self.merchant()
        for record in (TWO, TWO, ONE):
            salon.record_tax(record=record, by="owner", at=NOON)

        assert topics(salon) == ["Merchant.Applied", *["Merchant.TaxRecorded"] * 2]
        assert stored(salon).tax_records == [ONE]

    @pytest.mark.parametrize(
        "record",
        [
            TaxRecord("XX", (2_100,), "2026-01-01"),
            TaxRecord("LV", (), "2026-01-01"),
            TaxRecord("LV", (2_100, 2_100), "2026-01-01"),
            TaxRecord("LV", (10_001,), "2026-01-01"),
            TaxRecord("LV", (2_100,), "2026-02-30"),
            TaxRecord("LV", (2_100,), "20260101"),
        ],
    )
    def test_refuses_what_cannot_be(self, record: TaxRecord) -> None:
        with pytest.raises(InvalidTax):
            self.merchant().record_tax(record=record, by="owner", at=NOON)
