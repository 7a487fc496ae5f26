"""Every route with no credential, with each wrong role, and with another coalition's credentials and this one's ids."""

from typing import Any

import pytest

from network.api.app import OPERATIONS as ALL
from network.api.operations import EVERYBODY, WALLET, Operation
from network.contacts.consents import TEXT_VERSION
from tests.api.phones import Phone
from tests.api.street import Street, an_id
from tests.banking.world import iban_of

OPERATIONS = [one for one in ALL if one.who]
NAMES = [f"{one.method} {one.path}" for one in OPERATIONS]


def bodies(street: Street) -> dict[str, Any]:
    """A body for each route that takes one, about things of `street`."""
    paper = street.paper()
    terms, reason = {"face": {"fixed": 100}}, {"reason": "because"}
    return {
        "/v1/redemptions": street.redeeming(token=paper["token"]),
        "/v1/margin": {"margin": 6_000},
        "/v1/reports/what-if": {"issuer_id": street.salon.id, "face": {"fixed": 700}},
        "/v1/presented": {"token": paper["token"]},
        "/v1/claims": {"token": paper["token"]},
        "/v1/qr.png": {"token": paper["token"]},
        "/v1/qr.svg": {"token": paper["token"]},
        "/v1/payments": {"bill_reference": "b", "amount": 1, "currency": "XXX"},
        "/v1/payments/{payment_id}/certificates": {"choices": []},
        "/v1/payments/{payment_id}/proposal/acceptance": {"certificate_id": an_id()},
        "/v1/draw-rules": {"partners": [{"acceptor_id": street.restaurant.id, "hand": "pinned"}]},
        "/v1/draw-rules/outlook": {"bill": 2_400},
        "/v1/payments/{payment_id}/refunds": {"refund_id": an_id(), "amount": 1},
        "/v1/certificates/{certificate_id}/redemptions/{redemption_id}/reversal": reason,
        "/v1/certificates/{certificate_id}/revocation": reason,
        "/v1/merchants/{merchant_id}/suspension": reason,
        "/v1/merchants/{merchant_id}/leaving": reason,
        "/v1/merchants/{merchant_id}/keys/rotation": {"leaked": False},
        "/v1/credentials": {
            "credential_id": an_id(), "role": "owner", "subject_id": street.salon.id, "label": "x",
        },
        "/v1/agreements": {
            "agreement_id": an_id(), "issuer_id": street.salon.id, "acceptor_id": street.restaurant.id, "terms": terms,
        },
        "/v1/certificates/{certificate_id}/binding": {"holder_key": Phone().key},
        "/v1/agreements/{agreement_id}/versions": {"terms": terms},
        "/v1/agreements/{agreement_id}/end": reason,
        "/v1/allotments": {
            "allotment_id": an_id(), "agreement_id": street.agreement_id, "number": 1, "face": 1,
            "last_on": "2099-01-01",
        },
        "/v1/allotments/{allotment_id}/returns": {"number": 1},
        "/v1/allotments/{allotment_id}/transfers": {
            "to_allotment_id": an_id(), "to_agreement_id": street.agreement_id, "number": 1,
        },
        "/v1/merchants/{merchant_id}/profile": {"category": "food", "address": "Elm Street 2"},
        "/v1/merchants/{merchant_id}/tax": {"country": "LV", "rates": [2_100], "valid_from": "2026-01-01"},
        "/v1/campaigns": {"campaign_id": an_id(), "name": "Spring"},
        "/v1/caps/raises": {"raise_id": an_id(), "scope": "customer", "limit": 1_000, "reason": "x"},
        "/v1/caps/raises/{raise_id}/withdrawal": reason,
        "/v1/reports/limited-network/limit": {"limit": 9, "source": "ECB", "rate_on": "2026-11-20"},
        "/v1/caps": {"scope": "customer", "limit": 1_000, "reason": "x"},
        "/v1/disputes": {"position": 1, "counterparty_id": street.restaurant.id, "kind": "value", "reason": "not_ours"},
        "/v1/disputes/{dispute_id}/answer": {"agree": True},
        "/v1/disputes/{dispute_id}/withdrawal": {},
        "/v1/disputes/{dispute_id}/decision": {"uphold": True},
        "/v1/deposits": {"merchant_id": street.salon.id, "amount": 1, "held_by": "a notary"},
        "/v1/deposits/{merchant_id}/returns": {"amount": 1, "reason": "x"},
        "/v1/defaults": {"window": 1, "merchant_id": street.salon.id, "reason": "x"},
        "/v1/defaults/{default_id}/recoveries": {"amount": 1, "reason": "x"},
        "/v1/webhooks": {"webhook_id": an_id(), "url": "https://example.org/hook"},
        "/v1/windows/{number}/cut": {"review_days": 3},
        "/v1/windows/{number}/instruction": {},
        "/v1/settlement-schedule": {"cadence": "monthly"},
        "/v1/payouts/{reference}/confirmations": {"confirmation_id": an_id(), "amount": 1, "cause": "cash"},
        "/v1/payouts/{reference}/withdrawals": {"line": an_id(), "reason": "x"},
        "/v1/bank-details/{party_id}": {"iban": iban_of(1)},
        "/v1/bank-files": {},
        "/v1/wallet/contact": {
            "address": "guest@example.org", "purposes": ["recovery"], "text_version": TEXT_VERSION, "language": "en",
        },
        "/v1/wallet/contact/confirmation": {"code": "12345678"},
        "/v1/till/key": {"key": Phone().key, "signature": "A" * 86},
        "/v1/till/receipts": {"receipts": ["AAAA"]},
        "/v1/tills/{till_id}/key-revocation": reason,
        "/v1/tills/{till_id}/resumption": {"journal": 1, "sequence": 1, **reason},
        "/v1/bank-lines/{line}/assignment": {"end_to_end_id": "W1V1-BBBBBBBBBBBBBBBBBBBB"},
    }  # fmt: skip


@pytest.fixture(scope="module")
def sent(street: Street) -> dict[str, Any]:
    return bodies(street)


def filled(path: str, street: Street) -> str:
    ids = {
        "merchant_id": street.salon.id, "agreement_id": street.agreement_id, "payment_id": street.bill(),
        "certificate_id": street.paper()["certificate_id"], "version": "1", "party_id": street.salon.id,
        "number": "999", "reference": "W999V1-BBBBBBBBBBBBBBBBBBBB", "line": "a" * 32,
    }  # fmt: skip
    some_ids = (
        "redemption_id",
        "credential_id",
        "allotment_id",
        "raise_id",
        "webhook_id",
        "dispute_id",
        "default_id",
        "till_id",
    )
    for name in some_ids:
        ids[name] = an_id()
    return path.format(**ids)


def secret_of(street: Street, role: str) -> str:
    return {
        "organizer": street.organizer,
        "owner": street.salon.owner,
        "till": street.salon.till,
        "wallet": street.wallet,
    }[role]


@pytest.mark.parametrize("one", OPERATIONS, ids=NAMES)
def test_a_route_takes_no_other_role(street: Street, sent: dict[str, Any], one: Operation) -> None:
    path = filled(one.path, street)

    nobody = street.call(one.method, path, None, sent.get(one.path))
    forged = street.call(one.method, path, f"pollen_organizer_{street.slug}_{'a' * 52}", sent.get(one.path))
    others = [
        street.call(one.method, path, secret_of(street, role), sent.get(one.path))
        for role in EVERYBODY
        if role not in one.who
    ]

    assert (nobody.status_code, nobody.json()["code"]) == (401, "credential_missing")
    assert (forged.status_code, forged.json()["code"]) == (401, "credential_unknown")
    assert {(answer.status_code, answer.json()["code"]) for answer in others} <= {(403, "role_not_allowed")}


# What these answer is the caller's own: nothing of the path or the body leads anywhere.
OWN = {
    "/v1/me", "/v1/merchants", "/v1/agreements", "/v1/allotments", "/v1/caps", "/v1/caps/raises", "/v1/campaigns",
    "/v1/credentials", "/v1/webhooks", "/v1/events", "/v1/wallet/certificates", "/v1/reports/limited-network",
    "/v1/reports/obligations", "/v1/reports/balances", "/v1/reports/reserves", "/v1/reports/flows", "/v1/draw-rules",
    "/v1/reports/effect", "/v1/reports/open",
}  # fmt: skip
OWN |= {
    "/v1/wallet/contact", "/v1/till", "/v1/till/kit", "/v1/till/receipts", "/v1/tills/offline", "/v1/offline-conflicts",
}  # fmt: skip
OWN |= {"/v1/reports/street", "/v1/reports/street/csv", "/v1/reports/street/pdf"}
OWN |= {
    "/v1/windows", "/v1/netting", "/v1/settlement-schedule", "/v1/payouts", "/v1/windows/{number}/payouts",
    "/v1/bank-files", "/v1/bank-lines", "/v1/disputes", "/v1/deposits", "/v1/defaults", "/v1/drill",
}  # fmt: skip
NAMES_NOTHING = {
    ("POST", "/v1/webhooks"),
    ("PUT", "/v1/caps"),
    ("PUT", "/v1/margin"),
    ("POST", "/v1/draw-rules/outlook"),
    ("POST", "/v1/campaigns"),
    ("POST", "/v1/caps/raises"),
    ("PUT", "/v1/reports/limited-network/limit"),
    ("POST", "/v1/wallet/recovery"),
    ("DELETE", "/v1/wallet"),
    ("POST", "/v1/wallet/cookie"),
    ("DELETE", "/v1/wallet/contact"),
    ("PUT", "/v1/settlement-schedule"),
}


@pytest.mark.parametrize("one", OPERATIONS, ids=NAMES)
def test_another_coalition_is_out_of_reach(
    street: Street, elsewhere: Street, sent: dict[str, Any], one: Operation
) -> None:
    path = filled(one.path, street)
    known = (street.salon.id, street.restaurant.id, street.agreement_id, street.wallet_id)

    for role in one.who:
        secret = elsewhere.open_wallet()[1] if role == WALLET else secret_of(elsewhere, role)
        answer = elsewhere.call(one.method, path, secret, sent.get(one.path))

        if one.path in OWN and one.method == "GET":
            assert answer.status_code == 200
            assert not any(name in answer.text for name in known)
        elif (one.method, one.path) not in NAMES_NOTHING:
            assert answer.status_code in (403, 404, 409, 422), answer.text


def test_a_merchant_sees_no_other_merchants_things(street: Street) -> None:
    bakery = street.join("bakery")
    paper = street.paper()

    refused = [
        street.call("GET", f"/v1/agreements/{street.agreement_id}", bakery.owner),
        street.call("GET", f"/v1/certificates/{paper['certificate_id']}/history", bakery.owner),
        street.call("GET", f"/v1/payments/{street.bill()}/options", bakery.till),
        street.call("POST", f"/v1/agreements/{street.agreement_id}/pause", bakery.owner),
        street.call("POST", f"/v1/merchants/{street.salon.id}/leaving", bakery.owner, {"reason": "x"}),
        street.call("POST", f"/v1/merchants/{street.salon.id}/keys/rotation", bakery.owner, {"leaked": True}),
        street.call("POST", f"/v1/certificates/{paper['certificate_id']}/revocation", bakery.till, {"reason": "x"}),
        street.call("POST", "/v1/redemptions", bakery.till, street.redeeming(token=paper["token"])),
        street.call("POST", "/v1/redemptions", bakery.till, street.redeeming(typed_code=paper["typed_code"])),
    ]

    assert [answer.status_code for answer in refused] == [404, 404, 404, 403, 403, 403, 403, 403, 404]
    assert street.done("GET", "/v1/agreements", bakery.owner)["agreements"] == []
    assert street.done("GET", "/v1/reports/obligations", bakery.owner)["obligations"] == []


def test_a_wallet_sees_only_what_it_holds(street: Street) -> None:
    paper = street.paper()
    held = street.call("POST", "/v1/claims", street.wallet, {"token": paper["token"]})
    _, stranger = street.open_wallet()
    path = f"/v1/certificates/{held.json()['certificate_id']}"

    refused = [
        street.call("GET", f"{path}/copy", stranger),
        street.call("GET", f"{path}/history", stranger, headers=street.at(held)),
        street.call("POST", f"{path}/passing", stranger),
    ]

    assert [answer.status_code for answer in refused] == [403, 404, 403]
    assert street.done("GET", "/v1/wallet/certificates", stranger)["certificates"] == []
