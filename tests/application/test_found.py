"""Bugs found in the committer and the application, each as the rule that it broke."""

import logging
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from network.application import Answer, Request
from network.application.issuing import Choice
from network.coalitions import Coalitions
from network.domain.certificate import Certificate
from network.domain.errors import BillAlreadyPaid, CertificateRevoked, Refusal
from network.domain.payment import Payment, payment_id_of
from network.domain.terms import Commission, FaceValue, Fee, Funding, Reward, Side, Terms
from network.unit import Unit
from tests.support import HandClock, Neighbourhood, coalitions_of, found

QUICK = 20


def outcome(future: Future[Answer]) -> str:
    """`done`, the code of a refusal, or the name of an error that should not have been."""
    try:
        future.result(QUICK).facts()
    except Refusal as refusal:
        return refusal.code
    except Exception as error:  # noqa: BLE001  (what it is, is what we ask)
        return f"{type(error).__name__}: {error}"
    return "done"


@pytest.fixture(autouse=True)
def _quiet(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    with caplog.at_level(logging.CRITICAL):
        yield


def issue(street: Neighbourhood, salon: UUID, agreement: UUID, **other: Any) -> dict[str, Any]:
    return {
        "merchant_id": salon,
        "payment_id": street.paid(salon),
        "choices": (Choice(uuid4(), agreement),),
        "holder_id": None,
    } | other


class TestCapsInABatch:
    def test_an_issue_and_the_lowering_of_its_cap_may_share_a_batch(self, street: Neighbourhood) -> None:
        salon, restaurant = street.merchant("Salon"), street.merchant("Restaurant")
        agreement = street.agreement(salon, restaurant)
        details = issue(street, salon, agreement)

        with street.one_batch():
            issued = street.ask("issue_certificates", **details)
            lowered = street.ask("set_cap", scope=f"debtor:{salon}", limit=0, by="organizer", reason="careful")
            refused = street.ask("issue_certificates", **issue_later(details, salon, agreement, street))

        assert [outcome(issued), outcome(lowered), outcome(refused)] == ["done", "done", "payment_not_found"]

    def test_an_issue_that_fills_a_cap_and_a_fee_beyond_it_may_share_a_batch(self, street: Neighbourhood) -> None:
        salon, restaurant = street.merchant("Salon"), street.merchant("Restaurant")
        terms = Terms(face=FaceValue(fixed=500), funding=Funding(issuer=10_000), fee=Fee(payer=Side.ISSUER, fixed=10))
        agreement = street.agreement(salon, restaurant, terms)
        earlier = street.issued(salon, agreement)
        street.do("set_cap", scope=f"debtor:{salon}", limit=1_000, by="organizer", reason="careful")
        details, use = issue(street, salon, agreement), street.redemption(earlier, restaurant)

        with street.one_batch():
            issued = street.ask("issue_certificates", **details)
            redeemed = street.ask("redeem_certificate", **use)

        assert [outcome(issued), outcome(redeemed)] == ["done", "done"]


def issue_later(details: dict[str, Any], salon: UUID, agreement: UUID, street: Neighbourhood) -> dict[str, Any]:
    return details | {"payment_id": uuid4(), "choices": (Choice(uuid4(), agreement),)}


class TestOnesBugIsItsOwn:
    @pytest.mark.parametrize(
        "poison",
        [
            pytest.param({"key": "a\0b"}, id="a key that PostgreSQL cannot write"),
            pytest.param({"name": "\ud800"}, id="a name that is no text"),
            pytest.param({"key": "\ud800"}, id="a key that is no text"),
        ],
    )
    def test_a_command_that_cannot_be_written_leaves_its_neighbours_alone(
        self, street: Neighbourhood, poison: dict[str, Any]
    ) -> None:
        def joining(name: str) -> dict[str, Any]:
            return {"merchant_id": uuid4(), "name": name, "category": "shop", "address": "Elm Street 1"}

        with street.one_batch():
            before = street.ask("apply_to_join", **joining("Salon"))
            broken = street.ask("apply_to_join", **(joining("Broken") | poison))
            after = street.ask("apply_to_join", **joining("Restaurant"))

        assert [outcome(before), outcome(after)] == ["done", "done"]
        assert outcome(broken) not in ("done", "")

    def test_a_sum_beyond_what_a_row_holds_leaves_its_neighbours_alone(self, street: Neighbourhood) -> None:
        salon, restaurant = street.merchant("Salon"), street.merchant("Restaurant")
        terms = Terms(face=FaceValue(fixed=500), commission=Commission(returning=Reward(share=1_000)))
        agreement = street.agreement(salon, restaurant, terms)
        one, other = street.issued(salon, agreement), street.issued(salon, agreement)

        with street.one_batch():
            huge = street.ask("redeem_certificate", **street.redemption(one, restaurant, bill=10**30))
            usual = street.ask("redeem_certificate", **street.redemption(other, restaurant))

        assert [outcome(huge), outcome(usual)] == ["invalid_amount", "done"]

    def test_a_refund_id_that_comes_again_under_a_new_key_pays_nothing_twice(self, street: Neighbourhood) -> None:
        salon, restaurant = street.merchant("Salon"), street.merchant("Restaurant")
        certificate = street.issued(salon, street.agreement(salon, restaurant))
        street.redeem(certificate, restaurant, bill_reference="dinner", bill=1_800)
        street.do(
            "record_payment",
            merchant_id=restaurant,
            bill_reference="dinner",
            amount=1_800,
            currency="EUR",
            customer_id=None,
        )
        refund = {
            "merchant_id": restaurant,
            "payment_id": payment_id_of(restaurant, "dinner"),
            "refund_id": uuid4(),
            "amount": 900,
        }
        first = street.do("refund_payment", **refund)

        with street.one_batch():
            again = street.ask("refund_payment", **refund)
            neighbour = street.ask("open_wallet", wallet_id=uuid4())

        assert outcome(neighbour) == "done"
        assert outcome(again) in ("done", "refund_conflict")
        if outcome(again) == "done":
            assert again.result().facts() == first


class TestWhatRunsAfterTheCommit:
    def test_a_hint_that_fails_does_not_change_an_answer(self, module_database_url: str, clock: HandClock) -> None:
        def hint(slug: str, position: int) -> None:
            if position > 1:
                raise RuntimeError("nobody listens")

        with coalitions_of(module_database_url, clock, appended=hint) as coalitions:
            street = found(coalitions, clock)

            opened = street.ask("open_wallet", wallet_id=uuid4())

            assert outcome(opened) == "done"

    def test_a_command_that_changes_nothing_answers_with_the_position_of_what_it_saw(
        self, street: Neighbourhood
    ) -> None:
        salon = street.merchant("Salon")
        bill = {
            "merchant_id": salon,
            "bill_reference": "1",
            "amount": 2_400,
            "currency": "EUR",
            "customer_id": None,
        }

        with street.one_batch():
            first = street.ask("record_payment", **bill)
            again = street.ask("record_payment", **bill)

        assert again.result(QUICK).position >= first.result(QUICK).position


class TestBills:
    def test_a_paid_bill_is_not_lowered_by_a_certificate_even_if_its_sum_is_not_named(
        self, street: Neighbourhood
    ) -> None:
        salon, restaurant = street.merchant("Salon"), street.merchant("Restaurant")
        certificate = street.issued(salon, street.agreement(salon, restaurant))
        street.do(
            "record_payment",
            merchant_id=restaurant,
            bill_reference="snack",
            amount=300,
            currency="EUR",
            customer_id=None,
        )

        with pytest.raises(BillAlreadyPaid):
            street.redeem(certificate, restaurant, bill_reference="snack", bill=None)

    def test_refunding_the_cause_revokes_the_unused_replacement_too(self, street: Neighbourhood) -> None:
        salon, restaurant = street.merchant("Salon"), street.merchant("Restaurant")
        agreement = street.agreement(salon, restaurant)
        cause = street.paid(salon)
        certificate = uuid4()
        street.do(
            "issue_certificates",
            merchant_id=salon,
            payment_id=cause,
            choices=(Choice(certificate, agreement),),
            holder_id=None,
        )
        street.redeem(certificate, restaurant, bill_reference="supper")
        street.do(
            "record_payment",
            merchant_id=restaurant,
            bill_reference="supper",
            amount=1_800,
            currency="EUR",
            customer_id=None,
        )
        supper = payment_id_of(restaurant, "supper")
        refunded = street.do(
            "refund_payment", merchant_id=restaurant, payment_id=supper, refund_id=uuid4(), amount=1_800
        )
        replacement = UUID(refunded["certificates"][0]["certificate_id"])

        street.do("refund_payment", merchant_id=salon, payment_id=cause, refund_id=uuid4(), amount=2_400)

        with pytest.raises(CertificateRevoked):
            street.redeem(replacement, restaurant)


class TestFounding:
    def test_a_misspelt_currency_does_not_use_up_the_name(self, coalitions: Coalitions) -> None:
        coalition_id = uuid4()
        details = {
            "coalition_id": coalition_id,
            "slug": f"typo-{coalition_id.hex[:8]}",
            "name": "Elm Street",
            "time_zone": "Europe/Riga",
        }
        with pytest.raises(Refusal, match="EURO"):
            coalitions.found(**details, currency="EURO")

        founded = coalitions.found(**details, currency="EUR")

        assert founded.coalition_id == coalition_id


class TestTornReads:
    def test_a_command_that_saw_two_moments_of_the_log_is_decided_again(
        self, street: Neighbourhood, module_database_url: str, clock: HandClock
    ) -> None:
        """Certificate and payment are loaded by two queries; between them another process may append."""
        salon, restaurant = street.merchant("Salon"), street.merchant("Restaurant")
        certificate_id = street.issued(salon, street.agreement(salon, restaurant))
        use = street.redemption(certificate_id, restaurant)
        loaded, redeemed = threading.Event(), threading.Event()

        def both_or_neither(unit: Unit) -> dict[str, object]:
            certificate = unit.get(Certificate, certificate_id)
            loaded.set()
            assert redeemed.wait(QUICK)
            payment = unit.find(Payment, payment_id_of(restaurant, use["bill_reference"]))
            assert bool(certificate.redemptions) == (payment is not None), "a torn read"
            return {}

        with coalitions_of(module_database_url, clock) as other:
            rival = Neighbourhood(other.open(street.opened.entry.slug), clock)
            asked = street.application.committer.submit(Request("test", str(uuid4()), b""), both_or_neither)
            assert loaded.wait(QUICK)
            rival.do("redeem_certificate", **use)
            redeemed.set()

            assert outcome(asked) == "done"


class TestGuests:
    def test_an_old_payment_in_the_batch_does_not_hide_a_later_one_on_record(self, street: Neighbourhood) -> None:
        salon, restaurant = street.merchant("Salon"), street.merchant("Restaurant")
        guest = street.wallet()
        paper = street.issued(salon, street.agreement(salon, restaurant))
        bill = {"merchant_id": restaurant, "amount": 900, "currency": "EUR", "customer_id": guest}
        street.do("record_payment", bill_reference="this morning", **bill)
        long_ago = Request("file", "line 1", b"line 1", street.clock() - timedelta(days=400))

        with street.one_batch():
            street.application.record_payment(request=long_ago, bill_reference="long ago", **bill)
            street.ask("claim_certificate", certificate_id=paper, epoch=0, wallet_id=guest)
            redeemed = street.ask("redeem_certificate", **street.redemption(paper, restaurant, epoch=1))

        assert outcome(redeemed) == "done"
        assert [e.guest for e in street.log() if isinstance(e, Certificate.Redeemed)] == ["returning"]


class TestRefunds:
    def test_a_reversal_after_payment_says_what_the_guest_now_owes_in_money(self, street: Neighbourhood) -> None:
        """1 300 in money and a certificate of 500 paid 1 800. Undone, 500 more are due, and a refund is of money."""
        salon, restaurant = street.merchant("Salon"), street.merchant("Restaurant")
        certificate_id = street.issued(salon, street.agreement(salon, restaurant))
        use = street.redemption(certificate_id, restaurant, bill_reference="lunch")
        street.do("redeem_certificate", **use)
        street.do(
            "record_payment",
            merchant_id=restaurant,
            bill_reference="lunch",
            amount=1_800,
            currency="EUR",
            customer_id=None,
        )
        undo = {
            "certificate_id": certificate_id,
            "redemption_id": use["redemption_id"],
            "acceptor_id": restaurant,
            "reason": "a slip",
        }
        lunch = payment_id_of(restaurant, "lunch")
        back = {"merchant_id": restaurant, "payment_id": lunch, "refund_id": uuid4(), "amount": 1_800}

        undone = street.do("reverse_redemption", **undo)
        refund = street.do("refund_payment", **back)

        assert undone["to_pay"] == 500
        assert (refund["cash"], refund["certificates"]) == (1_800, [])

    def test_a_certificate_that_an_earlier_refund_revoked_is_not_said_to_stand(self, street: Neighbourhood) -> None:
        salon, restaurant = street.merchant("Salon"), street.merchant("Restaurant")
        terms = Terms(face=FaceValue(fixed=500), smallest_bill_to_issue=2_000)
        details = issue(street, salon, street.agreement(salon, restaurant, terms))
        street.do("issue_certificates", **details)
        refund = {"merchant_id": salon, "payment_id": details["payment_id"]}

        first = street.do("refund_payment", **refund, refund_id=uuid4(), amount=1_000)
        second = street.do("refund_payment", **refund, refund_id=uuid4(), amount=1_400)

        assert (len(first["revoked"]), first["standing"]) == (1, [])
        assert (second["revoked"], second["standing"]) == ([], [])


def test_a_short_name_that_cannot_be_is_a_refusal(coalitions: Coalitions) -> None:
    with pytest.raises(Refusal):
        coalitions.found(coalition_id=uuid4(), slug="Elm Street", name="Elm", currency="EUR", time_zone="Europe/Riga")
