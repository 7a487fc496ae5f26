"""The feed: everything, once, in order; a merchant's part of it, without other shops' guests."""

from typing import Any

from tests.api.street import Street


def replay(street: Street, secret: str, limit: int) -> list[dict[str, Any]]:
    after, found = 0, []
    while True:
        page = street.done("GET", f"/v1/events?after={after}&limit={limit}", secret)
        found += page["events"]
        after = page["next_after"]
        if after >= page["head"]:
            return found


def test_a_replay_by_any_page_size_gives_every_event_once(street: Street) -> None:
    street.done("POST", "/v1/claims", street.wallet, {"token": street.paper()["token"]})

    by_three, at_once = replay(street, street.organizer, 3), replay(street, street.organizer, 1_000)

    assert by_three == at_once
    assert [event["position"] for event in at_once] == list(range(1, len(at_once) + 1))
    assert at_once[0]["topic"] == "Coalition.Founded"


def test_an_owner_reads_what_names_its_merchant_and_no_guest(street: Street) -> None:
    bakery = street.join("bakery")
    street.done("POST", f"/v1/merchants/{bakery.id}/suspension", street.organizer, {"reason": street.salon.id})
    bill = {"bill_reference": "known guest", "amount": 2_500, "currency": "EUR", "customer_id": street.wallet_id}
    street.done("POST", "/v1/payments", street.salon.till, bill)
    claimed = street.done("POST", "/v1/claims", street.wallet, {"token": street.paper()["token"]})
    street.done("POST", f"/v1/certificates/{claimed['certificate_id']}/passing", street.wallet)

    salon, restaurant = replay(street, street.salon.owner, 100), replay(street, street.restaurant.owner, 7)

    topics = [event["topic"] for event in salon]
    assert {"Merchant.Applied", "Agreement.Accepted", "Payment.Recorded", "Certificate.Claimed"} <= set(topics)
    assert not any(event["topic"] == "Merchant.Suspended" for event in salon)
    assert not any(event["topic"].startswith("Payment.") for event in restaurant)
    assert street.wallet_id not in str(restaurant)
    with_guest = [event["topic"] for event in salon if street.wallet_id in str(event)]
    assert with_guest == ["Payment.Recorded"]
    assert bakery.id not in str(restaurant)
