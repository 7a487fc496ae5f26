"""A dispute from an owner's desk to the organizer's decision, and a default with its drill, over HTTP."""

from typing import Any
from uuid import UUID

import pytest

from network.settlement.closing import cut_window, state_window
from tests.api.street import Street


@pytest.fixture(scope="module")
def stated(street: Street) -> list[int]:
    """Window 1, in which the salon owes the restaurant 500 three times; the positions of its lines."""
    for _ in range(3):
        street.done("POST", "/v1/redemptions", street.restaurant.till, street.redeeming(token=street.paper()["token"]))
    coalition = street.server.app.state.service.coalitions.open(street.slug)
    cut_window(coalition, 1).facts()
    state_window(coalition, 1).facts()
    with coalition.reading() as recorder:
        notifications = recorder.select_notifications(None, 100_000)
    street.position = int(notifications[-1].id)
    return [int(one.id) for one in notifications if one.topic == "Certificate.Redeemed"]


def seen(street: Street) -> dict[str, str]:
    return {"Pollen-Position": str(street.position)}


def disputing(street: Street, position: int, **other: Any) -> dict[str, Any]:
    asked = {"position": position, "counterparty_id": street.restaurant.id, "kind": "value", "reason": "not_ours"}
    return asked | other


def refusal(street: Street, path: str, secret: str, json: Any) -> tuple[int, str]:
    answer = street.call("POST", path, secret, json)
    return answer.status_code, answer.json()["code"]


@pytest.fixture(scope="module")
def decided(street: Street, stated: list[int]) -> dict[str, Any]:
    """What each was answered with on a dispute's way: raised by the salon, contested, decided for the restaurant."""
    asked = disputing(street, stated[0], reason="other", note="the guest never came in")
    raised = street.done("POST", "/v1/disputes", street.salon.owner, asked)
    path = f"/v1/disputes/{raised['dispute_id']}"
    return {
        "path": path,
        "raised": raised,
        "too early": refusal(street, f"{path}/decision", street.organizer, {"uphold": True}),
        "not asked": refusal(street, f"{path}/answer", street.salon.owner, {"agree": True}),
        "contested": street.done("POST", f"{path}/answer", street.restaurant.owner, {"agree": False, "note": "he did"}),
        "recomputed": street.done("POST", "/v1/windows/1/recomputation", street.organizer),
        "decided": street.done(
            "POST", f"{path}/decision", street.organizer, {"uphold": False, "note": "the slip is signed"}
        ),
        "again": refusal(street, "/v1/windows/1/recomputation", street.organizer, None),
    }


def test_a_dispute_from_raising_to_decision(street: Street, decided: dict[str, Any]) -> None:
    raised, recomputed = decided["raised"], decided["recomputed"]
    assert (raised["state"], raised["withheld"], raised["amount"]) == ("raised", True, 500)
    assert decided["too early"] == (409, "dispute_state_forbids")
    assert decided["not asked"] == (403, "not_the_other_side")
    assert (decided["contested"]["state"], decided["decided"]["state"]) == ("contested", "rejected")
    assert (recomputed["version"], recomputed["to_pay"]) == (2, 1_000)
    for secret in (street.salon.owner, street.restaurant.owner, street.organizer):
        shown = street.done("GET", decided["path"], secret, headers=seen(street))
        assert (shown["note"], shown["answer_note"], shown["rule"]) == (
            "the guest never came in", "he did", "decided",
        )  # fmt: skip
    assert decided["again"] == (409, "figures_changed")


def test_what_cannot_be_disputed_says_why(street: Street, stated: list[int]) -> None:
    for secret, asked, expected in (
        (street.restaurant.owner, disputing(street, stated[1]), (403, "not_the_debtor")),
        (street.salon.owner, disputing(street, 1), (404, "line_not_found")),
        (street.salon.owner, disputing(street, stated[1], amount=501), (422, "invalid_amount")),
        (street.salon.owner, disputing(street, stated[1], reason="other"), (422, "invalid")),
        (street.salon.owner, disputing(street, stated[1], reason="envy"), (422, "invalid_request")),
        (street.salon.owner, disputing(street, stated[1], note="call 26 123 456"), (422, "invalid")),
    ):
        assert refusal(street, "/v1/disputes", secret, asked) == expected


@pytest.mark.usefixtures("decided")
def test_each_owner_lists_its_own(street: Street) -> None:
    baker = street.join("bakery")
    listed = {
        secret: len(street.done("GET", "/v1/disputes", secret, headers=seen(street))["disputes"])
        for secret in (street.salon.owner, street.restaurant.owner, baker.owner, street.organizer)
    }

    assert list(listed.values()) == [1, 1, 0, 1]


@pytest.mark.usefixtures("decided")
def test_a_default_shows_each_what_it_bears(street: Street) -> None:
    salon, restaurant = street.salon, street.restaurant
    put_up = {"merchant_id": salon.id, "amount": 300, "held_by": "a notary"}
    assert street.done("POST", "/v1/deposits", street.organizer, put_up)["balance"] == 300
    given = street.done(
        "POST", f"/v1/deposits/{salon.id}/returns", street.organizer, {"amount": 100, "reason": "agreed"}
    )
    assert given["balance"] == 200
    drilled = street.done("GET", f"/v1/drill?defaulter_id={salon.id}", street.organizer, headers=seen(street))
    own = street.done("GET", "/v1/drill", restaurant.owner, headers=seen(street))
    asked = {"window": 1, "merchant_id": salon.id, "pool": 100, "reason": "closed"}
    assert refusal(street, "/v1/defaults", salon.owner, asked) == (403, "role_not_allowed")

    declared = street.done("POST", "/v1/defaults", street.organizer, asked)

    of = declared["waterfall"]
    assert (of["claimed"], of["deposit"], of["set_off"], of["pool"], of["lost"]) == (1_000, 200, 0, 100, 700)
    (case,) = drilled["cases"]
    assert case["losses"] == [{"party_id": restaurant.id, "lost": 1_300}], "the rejected dispute is owed again"
    assert own["worst"] == [{"merchant_id": restaurant.id, "defaulter_id": salon.id, "lost": 1_300}]
    path = f"/v1/defaults/{declared['default_id']}/recoveries"
    recovered = street.done("POST", path, street.organizer, {"amount": 400, "reason": "the bailiff"})
    assert recovered["still_lost"] == 400
    (shown,) = street.done("GET", "/v1/defaults", restaurant.owner, headers=seen(street))["defaults"]
    assert "reason" not in shown
    assert [(one["party_id"], one["lost"], one["recovered"]) for one in shown["shares"]] == [(restaurant.id, 700, 350)]
    (everything,) = street.done("GET", "/v1/defaults", street.organizer, headers=seen(street))["defaults"]
    assert (everything["recovered"], len(everything["shares"])) == (400, 2)
    (deposit,) = street.done("GET", "/v1/deposits", salon.owner, headers=seen(street))["deposits"]
    assert (deposit["balance"], deposit["held_by"]) == (0, "a notary")
    assert street.done("GET", "/v1/deposits", restaurant.owner, headers=seen(street)) == {"deposits": []}
    version = street.done("GET", "/v1/windows/1/version", restaurant.owner)
    assert (version["version"], version["current"]) == (3, True)
    assert sum(one["amount"] for one in version["payments"] if one["creditor"] == restaurant.id) == 300
    assert UUID(version["defaulters"][0]) == UUID(salon.id)
    assert street.done("GET", "/v1/windows/1/version?version=3", restaurant.owner) == version
    first = street.done("GET", "/v1/windows/1/version?version=1", restaurant.owner)
    assert (first["version"], first["in_force"], first["current"]) == (1, 3, False)
    assert (first["changes"], first["defaulters"]) == ([], [])
    assert sum(one["amount"] for one in first["payments"]) == 1_500
    unknown = street.call("GET", "/v1/windows/1/version?version=4", restaurant.owner)
    assert (unknown.status_code, unknown.json()["code"]) == (404, "version_not_found")
