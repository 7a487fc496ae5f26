import pytest

from network.domain.certificate import Certificate, Origin, State
from network.domain.errors import InvalidAmount
from network.domain.postings import Kind, Posting
from network.domain.terms import FaceValue, Funding, Terms
from network.domain.units import MINOR_MAX
from tests.domain.given import (
    AGREEMENT,
    ANNA,
    CAUSE,
    CERTIFICATE,
    COALITION,
    EXPIRES,
    NOON,
    POOL,
    RESTAURANT,
    SALON,
    SIMPLE,
    certificate,
    facts,
    only_event,
)


def issue(terms: Terms = SIMPLE, *, face: int = 500) -> Certificate:
    return Certificate.issue(
        certificate_id=CERTIFICATE,
        coalition_id=COALITION,
        issuer_id=SALON,
        acceptor_id=RESTAURANT,
        origin=Origin(CAUSE, AGREEMENT, 1),
        terms=terms,
        face=face,
        currency="EUR",
        holder_id=ANNA,
        expires_at=EXPIRES,
        status_index=7,
        at=NOON,
    )


def test_freezes_the_terms_and_the_cause() -> None:
    new = issue()

    assert facts(only_event(new), "terms", "origin", "face", "holder_id", "expires_at", "timestamp") == {
        "terms": SIMPLE,
        "origin": Origin(CAUSE, AGREEMENT, 1),
        "face": 500,
        "holder_id": ANNA,
        "expires_at": EXPIRES,
        "timestamp": NOON,
    }


def test_starts_active_unused_and_worth_its_face() -> None:
    new = certificate()

    assert (new.state, new.outstanding, new.epoch, new.used, new.hops) == (State.ACTIVE, 500, 0, False, 0)


@pytest.mark.parametrize(
    ("funding", "reserved"),
    [
        (Funding(),                         []),
        (Funding(issuer=10_000),            [(SALON, 500)]),
        (Funding(pool=10_000),              [(POOL, 500)]),
        (Funding(issuer=5_000, pool=5_000), [(SALON, 250), (POOL, 250)]),
        (Funding(issuer=3_333, pool=3_333), [(SALON, 166), (POOL, 167)]),
        (Funding(issuer=1),                 []),
    ],
)  # fmt: skip
def test_reserves_each_funders_share(funding: Funding, reserved: list[tuple[object, int]]) -> None:
    new = issue(Terms(face=FaceValue(fixed=500), funding=funding))

    postings = only_event(new).postings
    assert postings == tuple(Posting(funder, RESTAURANT, amount, Kind.RESERVED) for funder, amount in reserved)


@pytest.mark.parametrize("face", [0, -1, MINOR_MAX + 1])
def test_refuses_a_face_value_that_cannot_be(face: int) -> None:
    with pytest.raises(InvalidAmount):
        issue(face=face)


@pytest.mark.parametrize("face", [1, MINOR_MAX])
def test_allows_the_smallest_and_the_largest_face_value(face: int) -> None:
    assert issue(face=face).outstanding == face
