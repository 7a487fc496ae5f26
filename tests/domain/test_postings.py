from collections import Counter
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from network.domain.postings import (
    Kind,
    Parties,
    Posting,
    redemption_postings,
    refund_postings,
    reserve_postings,
)
from network.domain.terms import Commission, FaceValue, Fee, Funding, Guest, Reward, Side, Terms
from network.domain.units import WHOLE
from tests.domain.given import COALITION, POOL, RESTAURANT, SALON

PARTIES = Parties.of(issuer_id=SALON, acceptor_id=RESTAURANT, coalition_id=COALITION)
amounts = st.integers(1, 10**9)
rewards = st.builds(Reward, share=st.integers(0, WHOLE), fixed=st.integers(0, 1_000))


@st.composite
def any_terms(draw: st.DrawFn) -> Terms:
    issuer = draw(st.sampled_from([0, 1, 3_333, 5_000, 9_999, WHOLE]))
    return Terms(
        face=FaceValue(fixed=500),
        funding=Funding(issuer=issuer, pool=draw(st.integers(0, WHOLE - issuer))),
        commission=draw(st.none() | st.builds(Commission, new=rewards, lapsed=rewards, returning=rewards)),
        fee=draw(
            st.none()
            | st.builds(
                Fee, payer=st.sampled_from(list(Side)), share=st.integers(0, WHOLE), fixed=st.integers(0, 1_000)
            )
        ),
    )


def balances(*postings: Posting) -> Counter[tuple[UUID, str]]:
    """What each party is owed (positive) or owes, and holds in reserve; nothing where it is zero."""
    found: Counter[tuple[UUID, str]] = Counter()
    for posting in postings:
        if posting.owed:
            found[posting.creditor, "owed"] += posting.amount
            found[posting.debtor, "owed"] -= posting.amount
        else:
            found[posting.debtor, "reserve"] += posting.amount if posting.kind is Kind.RESERVED else -posting.amount
    return Counter({key: amount for key, amount in found.items() if amount})


@given(any_terms(), amounts, st.none() | amounts, st.sampled_from(list(Guest)), st.booleans())
def test_the_value_adds_up_and_every_posting_balances(
    terms: Terms, deducted: int, bill: int | None, guest: Guest, first: bool
) -> None:
    posted = redemption_postings(terms, PARTIES, deducted=deducted, bill=bill, guest=guest, first=first)

    borne = sum(posting.amount for posting in posted if posting.kind is Kind.VALUE)
    rate = terms.funding.issuer + terms.funding.pool
    assert all(posting.amount > 0 and posting.debtor != posting.creditor for posting in posted)
    assert 0 <= borne <= deducted
    assert abs(borne * WHOLE - deducted * rate) < WHOLE, "the acceptor bears the rest, off by less than a unit"
    assert sum(balances(*posted).values()) == 0


@given(any_terms(), amounts, st.none() | amounts, st.sampled_from(list(Guest)))
def test_a_reversal_is_equal_and_opposite(terms: Terms, deducted: int, bill: int | None, guest: Guest) -> None:
    posted = redemption_postings(terms, PARTIES, deducted=deducted, bill=bill, guest=guest, first=True)
    posted += reserve_postings(terms, PARTIES, before=deducted, after=0)

    undone = [posting.reversed() for posting in posted]

    assert balances(*posted, *undone) == Counter()
    assert [posting.reversed() for posting in undone] == list(posted)


@given(any_terms(), amounts, st.data())
def test_refunds_in_any_number_of_steps_take_back_each_value_entry_once(
    terms: Terms, deducted: int, data: st.DataObject
) -> None:
    posted = redemption_postings(terms, PARTIES, deducted=deducted, bill=deducted, guest=Guest.NEW, first=True)
    already, taken = 0, []

    while already < deducted and len(taken) < 30:
        part = data.draw(st.integers(1, deducted - already)) if len(taken) < 6 else deducted - already
        step = refund_postings(posted, part=part, whole=deducted, already=already)
        assert all(posting.amount > 0 and posting.kind is Kind.VALUE for posting in step)
        taken += step
        already += part

    value = [posting for posting in posted if posting.kind is Kind.VALUE]
    assert balances(*value, *taken) == Counter()


@given(any_terms(), st.lists(st.integers(0, 10**6), min_size=1, max_size=8))
def test_the_reserve_follows_what_is_outstanding_on_every_path(terms: Terms, path: list[int]) -> None:
    steps = [0, *path]

    moved = [
        posting
        for before, after in zip(steps, path, strict=False)
        for posting in reserve_postings(terms, PARTIES, before=before, after=after)
    ]

    direct = reserve_postings(terms, PARTIES, before=0, after=path[-1])
    assert balances(*moved) == balances(*direct)
    assert all(posting.debtor in (SALON, POOL) and posting.creditor == RESTAURANT for posting in moved)


@given(any_terms(), amounts)
def test_what_is_reserved_is_what_using_it_whole_will_owe(terms: Terms, face: int) -> None:
    """So a cap that holds for reserves holds for what they become."""
    reserved = reserve_postings(terms, PARTIES, before=0, after=face)
    owed = redemption_postings(terms, PARTIES, deducted=face, bill=None, guest=Guest.NEW, first=False)

    by_funder = {posting.debtor: posting.amount for posting in reserved}
    assert by_funder == {posting.debtor: posting.amount for posting in owed if posting.kind is Kind.VALUE}
