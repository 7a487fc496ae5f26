from collections.abc import Callable

import pytest

from network.domain.certificate import Certificate
from network.domain.errors import (
    CertificateExpired,
    CertificatePassedOn,
    CertificateRedeemed,
    NotTheHolder,
    NotTransferable,
    Refusal,
)
from network.domain.terms import FaceValue, Terms
from tests.domain.given import ANNA, BORIS, EXPIRES, HOUR, IN_PARTS, NOON, again, certificate, facts, only_event, redeem

LATER = NOON + HOUR


def pass_on(past: Certificate, *, holder_id: object = ANNA, at: object = LATER) -> None:
    past.pass_on(holder_id=holder_id, status_index=8, at=at)  # type: ignore[arg-type]


def paper() -> Certificate:
    return certificate(holder_id=None)


def used_up() -> Certificate:
    past = certificate()
    redeem(past, at=NOON)
    return again(past)


def kept() -> Certificate:
    return certificate(Terms(face=FaceValue(fixed=500), transferable=False))


def given_away() -> Certificate:
    past = certificate()
    pass_on(past)
    return again(past)


def test_the_givers_copy_dies_at_once() -> None:
    past = certificate()

    pass_on(past)

    assert facts(only_event(past), "from_id", "epoch", "status_index") == {
        "from_id": ANNA,
        "epoch": 1,
        "status_index": 8,
    }
    with pytest.raises(CertificatePassedOn):
        past.must_count(0, LATER)


def test_a_partly_used_one_goes_with_what_is_left() -> None:
    past = certificate(IN_PARTS)
    redeem(past, requested=400, at=NOON)
    again(past)

    pass_on(past)

    assert (past.outstanding, past.epoch, past.holder_id) == (600, 1, None)


def test_the_old_copy_is_told_when_but_never_to_whom() -> None:
    past = given_away()
    past.claim(epoch=1, holder_id=BORIS, status_index=9, at=LATER)

    with pytest.raises(CertificatePassedOn) as refused:
        past.must_count(0, LATER)

    assert refused.value.facts == {"passed_on_at": "2026-03-02T13:00:00+00:00"}


@pytest.mark.parametrize(
    ("given", "holder_id", "at", "refusal"),
    [
        (certificate, BORIS, LATER,   NotTheHolder),
        (paper,       ANNA,  LATER,   NotTheHolder),
        (given_away,  ANNA,  LATER,   NotTheHolder),
        (kept,        ANNA,  LATER,   NotTransferable),
        (used_up,     ANNA,  LATER,   CertificateRedeemed),
        (certificate, ANNA,  EXPIRES, CertificateExpired),
    ],
)  # fmt: skip
def test_refuses(given: Callable[[], Certificate], holder_id: object, at: object, refusal: type[Refusal]) -> None:
    past = given()

    with pytest.raises(refusal):
        pass_on(past, holder_id=holder_id, at=at)

    assert past.pending_events == []
