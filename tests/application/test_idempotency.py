"""Same id and same details: the same answer, byte for byte. Same id and other details: a refusal."""

from uuid import uuid4

import pytest

from network.application import Answer
from network.application.issuing import Choice
from network.domain.errors import MerchantNotAdmitted, RequestConflict
from tests.support import Neighbourhood, coalitions_of, rows


def same(one: Answer, other: Answer) -> bool:
    return (one.body, one.refused, one.position) == (other.body, other.refused, other.position)


def test_a_repeated_command_is_answered_again_and_has_one_effect(street: Neighbourhood) -> None:
    salon, restaurant = street.merchant("Salon"), street.merchant("Restaurant")
    certificate_id = street.issued(salon, street.agreement(salon, restaurant))
    details = street.redemption(certificate_id, restaurant)
    first = street.answer("redeem_certificate", key="k", **details)
    position = street.head()

    again = street.answer("redeem_certificate", key="k", **details)

    assert same(again, first)
    assert not first.refused
    assert first.position == street.head() == position


def test_a_token_is_the_same_token_again(street: Neighbourhood) -> None:
    """Signing draws lots: only the stored answer can repeat it."""
    salon, restaurant = street.merchant("Salon"), street.merchant("Restaurant")
    choices = (Choice(uuid4(), street.agreement(salon, restaurant)),)
    details = {"merchant_id": salon, "payment_id": street.paid(salon), "choices": choices, "holder_id": None}

    answers = [street.answer("issue_certificates", key="k", **details) for _ in range(2)]

    assert same(*answers)
    assert b'"token":"' in answers[0].body


def test_the_database_does_not_show_a_stored_token(street: Neighbourhood, module_database_url: str) -> None:
    salon, restaurant = street.merchant("Salon"), street.merchant("Restaurant")
    wallet = street.wallet()
    certificate_id = street.issued(salon, street.agreement(salon, restaurant), holder_id=wallet)
    link = street.do("pass_on_certificate", certificate_id=certificate_id, wallet_id=wallet)

    kept = rows(module_database_url, f"SELECT answer FROM {street.opened.schema}.requests")

    secrets = [link["token"].encode(), link["typed_code"].encode(), b'"token"']
    assert len(kept) > 5
    assert not [answer for (answer,) in kept if any(secret in answer for secret in secrets)]


def test_a_refusal_is_repeated_even_after_its_cause_is_gone(street: Neighbourhood) -> None:
    salon = uuid4()
    street.do("apply_to_join", merchant_id=salon, name="Salon", category="shop", address="Elm Street 1")
    bill = {
        "merchant_id": salon,
        "bill_reference": "1",
        "amount": 2_400,
        "currency": "EUR",
        "customer_id": None,
    }
    refused = street.answer("record_payment", key="k", **bill)
    street.do("admit_merchant", merchant_id=salon)

    again = street.answer("record_payment", key="k", **bill)

    assert same(again, refused)
    with pytest.raises(MerchantNotAdmitted):
        again.facts()
    assert street.do("record_payment", key="another", **bill)["paid"] == 2_400


def test_the_same_key_with_other_details_is_a_conflict_and_does_nothing(street: Neighbourhood) -> None:
    salon, restaurant = street.merchant("Salon"), street.merchant("Restaurant")
    certificate_id = street.issued(salon, street.agreement(salon, restaurant))
    details = street.redemption(certificate_id, restaurant)
    first = street.answer("redeem_certificate", key="k", **details)
    position = street.head()

    with pytest.raises(RequestConflict):
        street.do("redeem_certificate", key="k", **(details | {"bill": 1_799}))
    with pytest.raises(RequestConflict):
        street.do("open_wallet", key="k", wallet_id=uuid4())

    assert street.head() == position
    assert same(street.answer("redeem_certificate", key="k", **details), first)


def test_another_callers_key_is_another_key(street: Neighbourhood) -> None:
    street.do("open_wallet", key="k", caller="one phone", wallet_id=uuid4())

    other = uuid4()

    assert street.do("open_wallet", key="k", caller="another phone", wallet_id=other) == {"wallet_id": str(other)}


def test_the_same_key_twice_in_one_batch_has_one_effect(street: Neighbourhood) -> None:
    salon, restaurant = street.merchant("Salon"), street.merchant("Restaurant")
    certificate_id = street.issued(salon, street.agreement(salon, restaurant))
    details = street.redemption(certificate_id, restaurant)
    position = street.head()

    with street.one_batch():
        one, same_again = (street.ask("redeem_certificate", key="k", **details) for _ in range(2))
        other = street.ask("redeem_certificate", key="k", **(details | {"bill": 1_799}))

    assert same(one.result(), same_again.result())
    with pytest.raises(RequestConflict):
        other.result().facts()
    assert street.topics(position) == ["Certificate.Redeemed", "Payment.Announced"]


def test_another_process_answers_with_the_same_bytes(street: Neighbourhood, module_database_url: str) -> None:
    salon = street.merchant("Salon")
    details = {
        "merchant_id": salon,
        "bill_reference": "1",
        "amount": 2_400,
        "currency": "EUR",
        "customer_id": None,
    }
    first = street.answer("record_payment", key="k", **details)

    with coalitions_of(module_database_url, street.clock) as others:
        rival = Neighbourhood(others.open(street.opened.entry.slug), street.clock)
        again = rival.answer("record_payment", key="k", **details)

    assert same(again, first)


def test_a_redemption_id_under_a_new_key_deducts_nothing_more(street: Neighbourhood) -> None:
    salon, restaurant = street.merchant("Salon"), street.merchant("Restaurant")
    certificate_id = street.issued(salon, street.agreement(salon, restaurant))
    details = street.redemption(certificate_id, restaurant)
    first = street.do("redeem_certificate", **details)
    position = street.head()

    again = street.do("redeem_certificate", **details)

    assert again == first
    assert street.head() == position
