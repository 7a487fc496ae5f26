"""Two implementations of the money of DOMAIN 4, which share no code, agree on every figure."""

from fractions import Fraction
from typing import Any
from uuid import UUID

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from network.audit import arithmetic
from network.domain.postings import (
    Parties,
    Posting,
    redemption_postings,
    refund_postings,
    reserve_postings,
)
from network.domain.terms import Commission, FaceValue, Fee, Funding, Guest, Reward, Side, Terms

COALITION, ISSUER, ACCEPTOR = (UUID(int=i) for i in (1, 2, 3))
theirs = Parties.of(issuer_id=ISSUER, acceptor_id=ACCEPTOR, coalition_id=COALITION)
ours = arithmetic.Parties(str(COALITION), str(ISSUER), str(ACCEPTOR))

amounts = st.integers(1, 10**12)
rewards = st.builds(Reward, share=st.integers(0, 10_000), fixed=st.integers(0, 10**6))
funding = st.integers(0, 10_000).flatmap(
    lambda issuer: st.builds(Funding, issuer=st.just(issuer), pool=st.integers(0, 10_000 - issuer))
)
terms_of_any_kind = st.builds(
    Terms,
    face=st.just(FaceValue(fixed=1)),
    funding=funding,
    commission=st.none() | st.builds(Commission, new=rewards, lapsed=rewards, returning=rewards),
    fee=st.none() | st.builds(Fee, payer=st.sampled_from(Side), share=st.integers(0, 10_000), fixed=st.integers(0, 99)),
)


@given(terms_of_any_kind, amounts, st.none() | amounts, st.sampled_from(Guest), st.booleans())
def test_redemptions_are_posted_alike(terms, deducted, bill, guest, first):
    posted = redemption_postings(terms, theirs, deducted=deducted, bill=bill, guest=guest, first=first)

    expected = arithmetic.redemption_entries(
        _plain(terms), ours, deducted=deducted, bill=bill, guest=guest.value, first=first
    )

    assert _entries(posted) == expected


@given(terms_of_any_kind, st.integers(0, 10**12), st.integers(0, 10**12))
def test_reserves_are_moved_alike(terms, before, after):
    posted = reserve_postings(terms, theirs, before=before, after=after)

    assert _entries(posted) == arithmetic.reserve_entries(_plain(terms), ours, before, after)


@given(terms_of_any_kind, amounts, st.data())
def test_refunds_take_back_alike_and_all_of_it_in_the_end(terms, whole, data):
    part = data.draw(st.integers(1, whole))
    posted = redemption_postings(terms, theirs, deducted=whole, bill=None, guest=Guest.NEW, first=True)
    owed = arithmetic.redemption_entries(_plain(terms), ours, deducted=whole, bill=None, guest="new", first=True)

    steps = [(part, 0)] + ([(whole - part, part)] if part < whole else [])
    taken = [refund_postings(posted, part=each, whole=whole, already=already) for each, already in steps]
    expected = [arithmetic.refund_entries(owed, part=each, whole=whole, already=already) for each, already in steps]

    assert [_entries(each) for each in taken] == expected
    assert sum(each[2] for step in expected for each in step) == sum(e[2] for e in owed if e[3] == "value")


@given(st.integers(0, 10**12), terms_of_any_kind)
def test_the_parts_of_a_split_add_up(amount, terms):
    assert sum(arithmetic.split(amount, _plain(terms))) == amount


@given(st.integers(-(10**12), 10**12), st.integers(0, 10_000), st.integers(1, 10**6))
def test_a_share_is_rounded_as_its_exact_fraction_is(amount, part, whole):
    assert arithmetic.half_up_share(amount, part, whole) == arithmetic.half_up(Fraction(amount * part, whole))


def _plain(terms: Terms) -> dict[str, Any]:
    plain: dict[str, Any] = msgspec.to_builtins(terms)
    return plain


def _entries(postings: tuple[Posting, ...]) -> list[arithmetic.Entry]:
    return [(str(p.debtor), str(p.creditor), p.amount, p.kind.value) for p in postings]
