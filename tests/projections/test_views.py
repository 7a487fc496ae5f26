"""What wallets, merchants and tills are shown, and what is kept from them."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest

from network.application.issuing import Choice
from network.projections import (
    agreements,
    allotments,
    certificates,
    coalition,
    history,
    merchants,
    payments,
    wallets,
)
from tests.projections.worlds import TERMS, World, catch_up, world


@pytest.fixture
def street(settled_url):
    with world(settled_url) as made:
        yield made


def ask(street: World, query: Any, *asked: object, **more: object) -> Any:
    """The answer of a view that has seen everything."""
    catch_up(street.coalitions.database_url, street.schema)
    with street.opened.reading() as recorder:
        return query(recorder.connection, street.schema, *asked, **more)


def test_a_wallet_sees_what_it_holds_newest_first(street):
    anna = street.wallets[0]
    first, second = (street.issue(street.agreements[0], anna) for _ in range(2))

    held = ask(street, wallets.of_wallet, anna)

    assert [(one.certificate_id, one.state, one.held, one.outstanding) for one in held] == [
        (second, "active", True, 500),
        (first, "active", True, 500),
    ]


def test_a_long_wallet_is_read_page_by_page(street):
    anna = street.wallets[0]
    issued = [street.issue(street.agreements[0], anna) for _ in range(5)]

    pages, before = [], wallets.NEWEST
    while page := ask(street, wallets.of_wallet, anna, before=before, limit=2):
        pages.append([one.certificate_id for one in page])
        before = page[-1].got_position, page[-1].certificate_id

    assert pages == [[issued[4], issued[3]], [issued[2], issued[1]], [issued[0]]]


def test_a_giver_sees_that_and_when_the_gift_was_taken_and_never_by_whom(street):
    anna, boris = street.wallets[:2]
    certificate_id = street.issue(street.agreements[0], anna)
    street.later(minutes=1)
    passed_on_at = street.now
    street.do("pass_on_certificate", certificate_id=certificate_id, wallet_id=anna)
    [waiting] = ask(street, wallets.of_wallet, anna)

    street.later(minutes=1)
    street.do("claim_certificate", certificate_id=certificate_id, epoch=1, wallet_id=boris)
    [taken] = ask(street, wallets.of_wallet, anna)

    assert (waiting.state, waiting.passed_on_at, waiting.taken_at) == ("passed_on", passed_on_at, None)
    assert (taken.state, taken.taken_at) == ("taken", street.now)
    assert str(boris) not in msgspec.json.encode(taken).decode()


def test_a_giver_does_not_see_what_the_next_holder_does_with_the_gift(street):
    anna, boris = street.wallets[:2]
    certificate_id = _given(street, anna, boris)
    before = ask(street, wallets.of_wallet, anna)

    _redeem(street, certificate_id, 2)

    assert ask(street, wallets.of_wallet, anna) == before
    [his] = ask(street, wallets.of_wallet, boris)
    assert (his.state, his.outstanding, his.ended_at) == ("redeemed", 0, street.now)


def test_a_gift_used_from_the_open_link_is_taken_when_it_is_used(street):
    anna = street.wallets[0]
    certificate_id = street.issue(street.agreements[0], anna)
    street.do("pass_on_certificate", certificate_id=certificate_id, wallet_id=anna)

    _redeem(street, certificate_id, 1)

    [given] = ask(street, wallets.of_wallet, anna)
    assert (given.state, given.taken_at) == ("taken", street.now)


def test_a_gift_that_comes_back_is_held_again(street):
    anna, boris = street.wallets[:2]
    certificate_id = _given(street, anna, boris)
    street.do("pass_on_certificate", certificate_id=certificate_id, wallet_id=boris)

    street.do("claim_certificate", certificate_id=certificate_id, epoch=3, wallet_id=anna)

    assert [one.state for one in ask(street, wallets.of_wallet, anna)] == ["active"]
    assert [one.state for one in ask(street, wallets.of_wallet, boris)] == ["taken"]


def test_the_history_of_a_certificate_names_no_wallet(street):
    anna, boris = street.wallets[:2]
    certificate_id = _given(street, anna, boris)
    _redeem(street, certificate_id, 2)

    lines = ask(street, history.of_certificate, certificate_id)

    assert [line.what for line in lines] == ["Issued", "PassedOn", "Claimed", "Redeemed"]
    said = msgspec.json.encode(lines).decode()
    assert not [wallet for wallet in (anna, boris) if str(wallet) in said]


@pytest.mark.parametrize(
    ("deed", "state", "outstanding"),
    [
        ("nothing",            "active",   500),
        ("redeem",             "redeemed", 0),
        ("redeem and reverse", "active",   500),
        ("revoke",             "revoked",  0),
        ("expire",             "expired",  0),
    ],
)  # fmt: skip
def test_a_certificate_shows_the_state_it_is_in(street, deed, state, outstanding):
    certificate_id = street.issue(street.agreements[0], street.wallets[0])

    if deed.startswith("redeem"):
        redemption_id = _redeem(street, certificate_id, 0)
        if deed.endswith("reverse"):
            street.do(
                "reverse_redemption",
                certificate_id=certificate_id,
                redemption_id=redemption_id,
                acceptor_id=None,
                reason="a slip",
            )
    elif deed == "revoke":
        street.do("revoke_certificate", certificate_id=certificate_id, issuer_id=None, reason="fraud")
    elif deed == "expire":
        street.later(days=5)
        street.do("expire_certificate", certificate_id=certificate_id)

    row = ask(street, certificates.find, certificate_id)
    assert (row.state, row.outstanding, row.face) == (state, outstanding, 500)
    assert (row.ended_at is None) == (state == "active")
    assert (row.agreement_id, row.agreement_version) == (street.agreements[0][0], 1)


def test_the_certificates_of_a_bill_are_found_by_it(street):
    certificate_id = street.issue(street.agreements[0])

    payment_id = ask(street, certificates.find, certificate_id).payment_id

    assert [one.certificate_id for one in ask(street, certificates.of_payment, payment_id)] == [certificate_id]
    assert ask(street, payments.find, payment_id).certificates == 1


def test_a_bill_shows_what_was_deducted_and_refunded(street):
    certificate_id = street.issue(street.agreements[0], street.wallets[0])
    _redeem(street, certificate_id, 0, "r1")
    acceptor_id = street.agreements[0][2]
    paid = street.do(
        "record_payment",
        merchant_id=acceptor_id,
        bill_reference="r1",
        amount=2_000,
        currency="EUR",
        customer_id=None,
    )
    payment_id = UUID(paid["payment_id"])

    street.do("refund_payment", merchant_id=acceptor_id, payment_id=payment_id, refund_id=street.id(), amount=1_000)

    bill = ask(street, payments.find, payment_id)
    assert (bill.amount, bill.deducted, bill.refunded, bill.refunded_cash) == (2_000, 500, 1_000, 750)
    [part] = ask(street, payments.deductions, payment_id)
    assert (part.certificate_id, part.deducted, part.returned, part.reversed) == (certificate_id, 500, 250, False)
    assert [one.payment_id for one in ask(street, payments.of_merchant, acceptor_id)] == [payment_id]


def test_partners_are_listed_with_their_state(street):
    street.do("suspend_merchant", merchant_id=street.merchants[1], reason="unpaid fees")

    listed = ask(street, merchants.all)

    assert [(one.number, one.name, one.state, one.reason) for one in listed[:2]] == [
        (1, "Salon", "admitted", None),
        (2, "Restaurant", "suspended", "unpaid fees"),
    ]
    assert ask(street, merchants.all, after=1, limit=1) == listed[1:2]


def test_an_agreement_shows_the_version_in_force_and_the_one_that_waits(street):
    agreement_id, issuer_id, acceptor_id = street.agreements[0]
    street.do("propose_version", agreement_id=agreement_id, terms=TERMS[1], by=acceptor_id)

    row = ask(street, agreements.find, agreement_id)

    assert (row.state, row.version_in_force, row.version_waiting, row.waiting_by) == ("active", 1, 2, acceptor_id)
    first, second = ask(street, agreements.versions, [agreement_id])
    assert (first.accepted_at, second.accepted_at) == (street.now, None)
    assert msgspec.convert(second.terms, type(TERMS[1])) == TERMS[1]
    assert row in ask(street, agreements.of_merchant, issuer_id)


def test_a_stock_shows_where_it_went(street):
    agreement_id, issuer_id, acceptor_id = street.agreements[2]
    other_agreement = street.agree(street.merchants[1], acceptor_id, TERMS[2])
    stock, received = street.id(), street.id()
    street.do(
        "set_allotment_aside",
        allotment_id=stock,
        acceptor_id=acceptor_id,
        agreement_id=agreement_id,
        number=10,
        face=450,
        last_on="2030-01-01",
    )
    payment_id = street.pay(issuer_id, 1_000)
    street.do(
        "issue_certificates",
        merchant_id=issuer_id,
        payment_id=payment_id,
        choices=(Choice(street.id(), agreement_id, stock),),
        holder_id=None,
    )
    street.do("return_allotment", allotment_id=stock, partner_id=issuer_id, number=2)
    street.do(
        "transfer_allotment",
        allotment_id=stock,
        partner_id=issuer_id,
        to_allotment_id=received,
        to_agreement_id=other_agreement,
        number=3,
    )

    here, there = ask(street, allotments.of_merchant, acceptor_id)

    assert (here.remaining, here.handed_out, here.returned, here.transferred) == (4, 1, 2, 3)
    assert (there.partner_id, there.remaining, there.from_allotment_id) == (street.merchants[1], 3, stock)


def test_the_coalition_shows_its_name_and_who_set_which_limit_and_why(street):
    street.do("set_cap", scope="customer", limit=5, by="organizer", reason="prudence")
    person, other = street.id(), street.id()
    asked = {"raise_id": street.id(), "scope": "customer", "limit": None, "reason": "trust", "others": True}
    street.do("propose_raise", **asked, person_id=person)
    street.do("confirm_raise", raise_id=asked["raise_id"], person_id=other, since=street.now)

    assert ask(street, coalition.find).name == "Street"
    [limit] = ask(street, coalition.limits)
    assert (limit.scope, limit.cap, limit.by, limit.reason) == ("customer", None, "organizer", "trust")


def test_due_certificates_come_in_order_page_by_page(street):
    long, short = street.issue(street.agreements[1]), street.issue(street.agreements[0])
    street.issue(street.agreements[0])
    at = street.now + timedelta(days=100)

    first, second = ask(street, certificates.due, at, limit=2)
    rest = ask(street, certificates.due, at, after=(second.expires_at, second.certificate_id))

    assert short in {first.certificate_id, second.certificate_id}
    assert [one.certificate_id for one in rest] == [long]
    assert ask(street, certificates.due, street.now) == []


def _given(street: World, giver: UUID, taker: UUID) -> UUID:
    certificate_id = street.issue(street.agreements[0], giver)
    street.do("pass_on_certificate", certificate_id=certificate_id, wallet_id=giver)
    street.do("claim_certificate", certificate_id=certificate_id, epoch=1, wallet_id=taker)
    return certificate_id


def _redeem(street: World, certificate_id: UUID, epoch: int, bill_reference: str = "r") -> UUID:
    redemption_id = street.id()
    street.do(
        "redeem_certificate",
        certificate_id=certificate_id,
        epoch=epoch,
        redemption_id=redemption_id,
        acceptor_id=street.agreements[0][2],
        bill_reference=bill_reference,
        bill=2_000,
    )
    return redemption_id
