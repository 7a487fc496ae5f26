"""From a paid bill to what was drawn for it, over HTTP: one draw, a reason, and the merchant's own hand."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from network.audit import audit
from network.coalitions import draw_key_of
from tests.api.street import Server, Street, an_id
from tests.support import rows

FREE = {"face": {"fixed": 400}}


@pytest.fixture(scope="module")
def drawn_street(server: Server) -> Iterator[Street]:
    """A salon whose guests may go to the restaurant, the bakery or the car wash."""
    street = Street.found(server, "draws")
    for name in ("bakery", "wash"):
        street.shops[name] = street.join(name)
        street.agree("salon", name, FREE)
    _seen(street)
    yield street
    street.http.close()


def _seen(street: Street) -> None:
    """Until views show what was done so far: the draw asks them which agreements there are."""
    street.done("GET", "/v1/agreements", street.salon.owner, headers={"Pollen-Position": str(street.position)})


def rule(street: Street, **rules: Any) -> Any:
    return street.done("PUT", "/v1/draw-rules", street.salon.owner, rules)


def propose(street: Street, payment_id: str, **options: Any) -> Any:
    return street.done("POST", f"/v1/payments/{payment_id}/proposal", street.salon.till, **options)


def accept(street: Street, payment_id: str, **more: Any) -> Any:
    asked = {"certificate_id": an_id(), **more}
    return street.done("POST", f"/v1/payments/{payment_id}/proposal/acceptance", street.salon.till, asked)


def events(street: Street, topic: str, secret: str | None = None) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    after = 0
    while True:
        page = street.done("GET", f"/v1/events?after={after}&limit=500", secret or street.organizer)
        found += [one["facts"] for one in page["events"] if one["topic"] == topic]
        if (after := page["next_after"]) >= page["head"]:
            return found


def test_one_call_proposes_with_a_reason_and_one_hands_it_out(drawn_street: Street) -> None:
    rule(drawn_street, neutral=0)
    payment_id = drawn_street.bill()

    proposal = propose(drawn_street, payment_id)
    again = propose(drawn_street, payment_id)
    issued = accept(drawn_street, payment_id, holder_id=drawn_street.wallet_id)

    assert again == proposal
    offered, reason = proposal["certificate"], proposal["reason"]
    assert offered["acceptor_name"] in reason["detail"]
    assert (reason["code"], reason["partners"]) == ("by_lot", 3)
    (certificate,) = issued["certificates"]
    assert (certificate["acceptor_name"], certificate["face"]) == (offered["acceptor_name"], offered["face"])
    assert certificate["token"]
    assert certificate["in_wallet"]


def test_handing_out_draws_when_nobody_asked_before_and_answers_a_retry_the_same(drawn_street: Street) -> None:
    path = f"/v1/payments/{drawn_street.bill()}/proposal/acceptance"
    asked, key = {"certificate_id": an_id()}, an_id()

    first = drawn_street.call("POST", path, drawn_street.salon.till, asked, key=key)
    again = drawn_street.call("POST", path, drawn_street.salon.till, asked, key=key)
    other = drawn_street.call("POST", path, drawn_street.salon.till, {"certificate_id": an_id()})

    assert (first.status_code, again.content) == (200, first.content)
    assert (other.status_code, other.json()["code"]) == (409, "issue_already_decided")


def test_the_draw_is_spread_over_all_partners_and_none(drawn_street: Street) -> None:
    rule(drawn_street, neutral=2_500)

    got = [accept(drawn_street, drawn_street.bill()) for _ in range(60)]

    names = {one["certificate"]["acceptor_name"] if one["certificate"] else None for one in got}
    assert names == {"restaurant", "bakery", "wash", None}
    nothing = next(one for one in got if one["certificate"] is None)
    assert (nothing["certificates"], nothing["reason"]["code"]) == ([], "none_this_time")
    assert "control" not in nothing["reason"]["detail"]


def test_a_bill_that_no_agreement_fits_is_no_draw(drawn_street: Street) -> None:
    rule(drawn_street, partners=[{"acceptor_id": drawn_street.shops[name].id, "hand": "excluded"}
                                 for name in ("bakery", "wash")])  # fmt: skip
    before = len(events(drawn_street, "Payment.Assigned"))

    proposal = propose(drawn_street, drawn_street.bill(1_000))

    assert (proposal["certificate"], proposal["reason"]["code"]) == (None, "nothing_fits")
    assert len(events(drawn_street, "Payment.Assigned")) == before


def test_a_pinned_partner_is_always_taken_and_not_called_random(drawn_street: Street) -> None:
    wash = drawn_street.shops["wash"].id
    ruled = rule(drawn_street, neutral=5_000, partners=[{"acceptor_id": wash, "hand": "pinned"}])

    got = [accept(drawn_street, drawn_street.bill()) for _ in range(5)]

    assert {one["certificate"]["acceptor_id"] for one in got} == {wash}
    assert {one["reason"]["code"] for one in got} == {"pinned"}
    last = events(drawn_street, "Payment.Assigned")[-1]
    assert (last["randomised"], last["policy_version"]) == (False, ruled["policy_version"])
    assert drawn_street.done("GET", "/v1/draw-rules", drawn_street.salon.till)["partners"][0]["hand"] == "pinned"


def test_a_cashier_gives_another_and_the_draw_stays_on_record(drawn_street: Street) -> None:
    wash = drawn_street.shops["wash"].id
    rule(drawn_street, partners=[{"acceptor_id": wash, "hand": "pinned"}])
    payment_id = drawn_street.bill()
    proposal = propose(drawn_street, payment_id)
    choice = {"certificate_id": an_id(), "agreement_id": drawn_street.agreement_id}

    given = {"choices": [choice], "override_reason": "allergic to car washes"}
    drawn_street.done("POST", f"/v1/payments/{payment_id}/certificates", drawn_street.salon.till, given)

    overridden = events(drawn_street, "Payment.Overridden")[-1]
    assert overridden["drawn"] == proposal["certificate"]["agreement_id"]
    assert (overridden["given"], overridden["reason"]) == ([drawn_street.agreement_id], "allergic to car washes")


def test_what_was_drawn_given_by_hand_is_no_override(drawn_street: Street) -> None:
    rule(drawn_street, neutral=0)
    payment_id = drawn_street.bill()
    drawn = propose(drawn_street, payment_id)["certificate"]["agreement_id"]
    before = len(events(drawn_street, "Payment.Overridden"))

    given = {"choices": [{"certificate_id": an_id(), "agreement_id": drawn}]}
    drawn_street.done("POST", f"/v1/payments/{payment_id}/certificates", drawn_street.salon.till, given)

    assert len(events(drawn_street, "Payment.Overridden")) == before


def test_a_full_limit_and_a_paused_agreement_take_a_partner_out(drawn_street: Street) -> None:
    rule(drawn_street, neutral=0)
    bakery, wash = drawn_street.shops["bakery"].id, drawn_street.shops["wash"].id
    cap = {"scope": f"intake:{bakery}", "limit": 0, "reason": "full"}
    drawn_street.done("PUT", "/v1/caps", drawn_street.organizer, cap)
    drawn_street.done("POST", f"/v1/agreements/{drawn_street.agreement_id}/pause", drawn_street.restaurant.owner)

    proposal = propose(drawn_street, drawn_street.bill())
    drawn_street.lift(cap["scope"])
    drawn_street.done("POST", f"/v1/agreements/{drawn_street.agreement_id}/resumption", drawn_street.restaurant.owner)

    assert (proposal["certificate"]["acceptor_id"], proposal["reason"]["code"]) == (wash, "only_partner")
    over = {one["acceptor_id"]: one["reason"] for one in events(drawn_street, "Payment.Assigned")[-1]["passed_over"]}
    assert over == {bakery: "cap_reached", drawn_street.restaurant.id: "agreement_not_active"}


def test_a_guest_who_had_enough_today_is_not_drawn_for(drawn_street: Street) -> None:
    rule(drawn_street, neutral=0)
    wallet_id, _ = drawn_street.open_wallet()
    accept(drawn_street, drawn_street.bill(), holder_id=wallet_id)
    drawn_street.done("PUT", "/v1/caps", drawn_street.organizer, {"scope": "customer", "limit": 1, "reason": "daily"})
    bill = {"bill_reference": an_id(), "amount": 2_400, "currency": "EUR", "customer_id": wallet_id}
    payment_id = drawn_street.done("POST", "/v1/payments", drawn_street.salon.till, bill)["payment_id"]

    proposal = propose(drawn_street, payment_id)
    drawn_street.lift("customer")

    assert proposal["reason"]["code"] == "nothing_fits"


def test_rules_are_refused_in_words(drawn_street: Street) -> None:
    pins = [{"acceptor_id": drawn_street.shops[name].id, "hand": "pinned"} for name in ("bakery", "wash")]

    refused = drawn_street.call("PUT", "/v1/draw-rules", drawn_street.salon.owner, {"partners": pins})

    assert (refused.status_code, refused.json()["code"]) == (422, "invalid_draw_rules")
    assert refused.json()["detail"] == "One partner at most is pinned."


def test_only_the_shop_that_draws_sees_the_draw(drawn_street: Street) -> None:
    own = events(drawn_street, "Payment.Assigned", drawn_street.salon.owner)

    assert own == events(drawn_street, "Payment.Assigned")
    assert events(drawn_street, "Payment.Assigned", drawn_street.shops["wash"].owner) == []


def test_the_auditor_agrees_with_every_draw_of_this_street(drawn_street: Street, module_database_url: str) -> None:
    used = drawn_street.paper()
    drawn_street.done("POST", "/v1/redemptions", drawn_street.restaurant.till,
                      drawn_street.redeeming(token=used["token"]))  # fmt: skip
    _seen(drawn_street)
    accept(drawn_street, drawn_street.bill())
    ((schema, coalition_id),) = rows(
        module_database_url, "SELECT schema_name, coalition_id FROM pollen.coalitions WHERE slug = 'draws'"
    )

    with psycopg.connect(module_database_url, autocommit=True) as connection:
        report = audit(connection, schema, draw_key=draw_key_of(b"k" * 32, coalition_id))

    assert report.findings == []
    last = events(drawn_street, "Payment.Assigned")[-1]
    by_partner = {one["candidate"]["acceptor_id"]: one["candidate"] for one in last["chances"]}
    assert by_partner[drawn_street.restaurant.id]["received"] == 1
    assert by_partner[drawn_street.restaurant.id]["owed"] == 500
