"""Commands that are decided together: each sees those before it, and none suffers from a neighbour."""

import logging
from typing import Any
from uuid import UUID, uuid4

import pytest

from network.application import Request
from network.application.issuing import Choice
from network.coalitions import Coalitions
from network.committer import Busy
from network.domain.certificate import Certificate
from network.domain.errors import (
    AllotmentExhausted,
    CertificateRedeemed,
    InvalidAmount,
    NotAParty,
    NotCombinable,
    Refusal,
)
from network.domain.terms import FaceValue, Terms
from network.unit import Unit
from tests.support import HandClock, Neighbourhood, found

IN_PARTS = Terms(face=FaceValue(fixed=500), partial_redemption=True)


def issue(street: Neighbourhood, salon: UUID, *choices: Choice) -> dict[str, Any]:
    return {"merchant_id": salon, "payment_id": street.paid(salon), "choices": choices, "holder_id": None}


def test_two_tills_with_one_certificate_in_one_batch(street: Neighbourhood) -> None:
    salon, restaurant = street.merchant("Salon"), street.merchant("Restaurant")
    certificate_id = street.issued(salon, street.agreement(salon, restaurant))

    with street.one_batch():
        first, second = (
            street.ask("redeem_certificate", **street.redemption(certificate_id, restaurant)) for _ in range(2)
        )

    assert first.result().facts()["deducted"] == 500
    with pytest.raises(CertificateRedeemed):
        second.result().facts()


def test_a_command_sees_what_the_one_before_it_made(street: Neighbourhood) -> None:
    salon, restaurant, wallet = street.merchant("Salon"), street.merchant("Restaurant"), uuid4()
    certificate_id = uuid4()
    details = issue(street, salon, Choice(certificate_id, street.agreement(salon, restaurant)))
    position = street.head()

    with street.one_batch():
        asked = [
            street.ask("open_wallet", wallet_id=wallet),
            street.ask("issue_certificates", **details),
            street.ask("claim_certificate", certificate_id=certificate_id, epoch=0, wallet_id=wallet),
            street.ask("redeem_certificate", **street.redemption(certificate_id, restaurant, epoch=1)),
        ]

    assert [bool(one.result().facts()) for one in asked] == [True] * 4
    assert street.topics(position) == [
        "Wallet.Opened",
        "Payment.IssueDecided",
        "Certificate.Issued",
        "Certificate.Claimed",
        "Certificate.Redeemed",
        "Payment.Announced",
    ]
    assert [one.result().position - position for one in asked] == [1, 3, 4, 6]


def test_a_command_refused_halfway_leaves_nothing_behind(street: Neighbourhood) -> None:
    """The refused one has already decided a payment and taken from a stock when its second certificate fails."""
    salon, restaurant, bakery = (street.merchant(name) for name in ("Salon", "Restaurant", "Bakery"))
    terms = Terms(face=FaceValue(fixed=500), combinable=True)
    worthless = Terms(face=FaceValue(share=1), combinable=True)
    agreement, other = street.agreement(salon, restaurant, terms), street.agreement(salon, bakery, worthless)
    stock = uuid4()
    street.do(
        "set_allotment_aside",
        allotment_id=stock,
        acceptor_id=restaurant,
        agreement_id=agreement,
        number=2,
        face=500,
        last_on="2027-01-01",
    )
    bills = [issue(street, salon, Choice(uuid4(), agreement, stock)) for _ in range(3)]
    failing = bills[1] | {"choices": (Choice(uuid4(), agreement, stock), Choice(uuid4(), other))}

    with street.one_batch():
        first = street.ask("issue_certificates", **bills[0])
        refused = street.ask("issue_certificates", **failing)
        second = street.ask("issue_certificates", **bills[2])
        third = street.ask("issue_certificates", **bills[1])

    assert first.result().facts()
    with pytest.raises(InvalidAmount):
        refused.result().facts()
    assert second.result().facts()
    with pytest.raises(AllotmentExhausted):
        third.result().facts()
    plain = bills[1] | {"choices": (Choice(uuid4(), agreement),)}
    assert street.do("issue_certificates", **plain)["certificates"], "the refused decision was not one"
    handed_out = [event for event in street.log() if event.__class__.__name__ == "HandedOut"]
    assert len(handed_out) == 2


@pytest.mark.parametrize("between", [0, 1], ids=["the first of its batch", "after a neighbour changed the same"])
def test_what_a_refused_command_touched_is_as_it_was_for_the_next_one(street: Neighbourhood, between: int) -> None:
    salon, restaurant = street.merchant("Salon"), street.merchant("Restaurant")
    certificate_id = street.issued(salon, street.agreement(salon, restaurant, IN_PARTS))

    def redeem_and_refuse(unit: Unit) -> object:
        certificate = unit.get(Certificate, certificate_id)
        certificate.expires_at = unit.at  # a change without an event must not survive either
        certificate.revoke(by="organizer", reason="", at=unit.at)
        raise NotAParty

    with street.one_batch():
        earlier = [
            street.ask("redeem_certificate", **street.redemption(certificate_id, restaurant, amount=100))
            for _ in range(between)
        ]
        refused = street.application.committer.submit(Request("test", str(uuid4()), b""), redeem_and_refuse)
        later = street.ask("redeem_certificate", **street.redemption(certificate_id, restaurant))

    assert all(one.result().facts()["deducted"] == 100 for one in earlier)
    with pytest.raises(NotAParty):
        refused.result().facts()
    assert later.result().facts()["deducted"] == 500 - 100 * between


def test_a_bug_in_one_command_is_its_own(street: Neighbourhood, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL)
    salon, restaurant = street.merchant("Salon"), street.merchant("Restaurant")
    certificate_id = street.issued(salon, street.agreement(salon, restaurant))

    def redeem_and_fail(unit: Unit) -> object:
        unit.get(Certificate, certificate_id).revoke(by="organizer", reason="", at=unit.at)
        return 1 / 0

    with street.one_batch():
        before = street.ask("open_wallet", wallet_id=uuid4())
        buggy = street.application.committer.submit(Request("test", "bug", b""), redeem_and_fail)
        after = street.ask("redeem_certificate", **street.redemption(certificate_id, restaurant))

    assert before.result().facts()
    with pytest.raises(ZeroDivisionError):
        buggy.result()
    assert after.result().facts()["deducted"] == 500


def test_a_command_that_failed_by_a_bug_may_be_sent_again(
    street: Neighbourhood, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL)
    request = Request("test", "k", b"")
    with pytest.raises(RuntimeError):
        street.application.committer.submit(request, _failing).result(20)

    assert street.application.committer.submit(request, lambda unit: {"done": True}).result(20).facts() == {
        "done": True
    }


def _failing(unit: Unit) -> object:
    raise RuntimeError("a bug")


def test_a_certificate_is_not_handed_out_twice_by_one_decision(street: Neighbourhood) -> None:
    salon, restaurant = street.merchant("Salon"), street.merchant("Restaurant")
    agreement = street.agreement(salon, restaurant)
    position = street.head()
    details = issue(street, salon, Choice(uuid4(), agreement), Choice(uuid4(), agreement))
    recorded = street.head()

    with pytest.raises(NotCombinable):
        street.do("issue_certificates", **details)

    assert street.head() == recorded == position + 1


def test_more_than_one_batch_of_commands_is_answered_in_order(street: Neighbourhood) -> None:
    wallets = [uuid4() for _ in range(300)]

    with street.one_batch():
        asked = [street.ask("open_wallet", wallet_id=wallet) for wallet in wallets]

    positions = [one.result(20).position for one in asked]
    assert positions == sorted(set(positions))
    assert [UUID(str(one.result().facts()["wallet_id"])) for one in asked] == wallets


def test_stopping_answers_what_waits_and_takes_nothing_more(coalitions: Coalitions) -> None:
    street = found(coalitions, HandClock())
    entered = street.ask("open_wallet", wallet_id=uuid4())

    street.application.committer.stop()

    assert entered.result(20).facts()
    with pytest.raises(Busy):
        street.ask("open_wallet", wallet_id=uuid4())


@pytest.mark.parametrize("scope", ["agreement", "intake", "customer", "debtor", "pair"])
def test_a_cap_stops_the_issue_that_would_pass_it(street: Neighbourhood, scope: str) -> None:
    salon, restaurant, guest = street.merchant("Salon"), street.merchant("Restaurant"), street.wallet()
    agreement = street.agreement(salon, restaurant)
    scopes = {
        "agreement": (f"agreement:{agreement}", 1_000),
        "intake": (f"intake:{restaurant}", 2),
        "customer": ("customer", 2),
        "debtor": (f"debtor:{salon}", 1_000),
        "pair": (f"pair:{salon}:{restaurant}", 1_000),
    }
    name, limit = scopes[scope]
    street.do("set_cap", scope=name, limit=limit, by="organizer", reason="careful")
    details = [issue(street, salon, Choice(uuid4(), agreement)) | {"holder_id": guest} for _ in range(4)]

    with street.one_batch():
        asked = [street.ask("issue_certificates", **one) for one in details]

    assert [_code(one.result()) for one in asked] == ["done", "done", "cap_reached", "cap_reached"]
    assert asked[2].result().body.count(b'"available":0') == 1
    street.lift(name)
    assert street.do("issue_certificates", **details[3])


def test_a_day_of_intake_ends_with_the_local_day(street: Neighbourhood) -> None:
    salon, restaurant = street.merchant("Salon"), street.merchant("Restaurant")
    agreement = street.agreement(salon, restaurant)
    street.do("set_cap", scope=f"intake:{restaurant}", limit=1, by="organizer", reason="careful")
    street.issued(salon, agreement)
    with pytest.raises(Refusal, match="limit intake"):
        street.issued(salon, agreement)

    street.clock.move(hours=24)

    assert street.issued(salon, agreement)


def _code(answer: Any) -> str:
    try:
        answer.facts()
    except Refusal as refusal:
        return refusal.code
    return "done"
