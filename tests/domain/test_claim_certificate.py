from collections.abc import Callable

import pytest

from network.domain.certificate import Certificate
from network.domain.errors import (
    AlreadyHeld,
    CertificateClaimed,
    CertificateExpired,
    CertificatePassedOn,
    CertificateRevoked,
    Refusal,
    UnknownEpoch,
)
from tests.domain.given import ANNA, BORIS, EXPIRES, HOUR, NOON, again, certificate, facts, only_event, topics

LATER = NOON + 2 * HOUR


def claim(past: Certificate, *, epoch: int, holder_id: object = BORIS, at: object = LATER) -> None:
    past.claim(epoch=epoch, holder_id=holder_id, status_index=9, at=at)  # type: ignore[arg-type]


def paper() -> Certificate:
    return certificate(holder_id=None)


def given_away() -> Certificate:
    past = certificate()
    past.pass_on(holder_id=ANNA, status_index=8, at=NOON + HOUR)
    return again(past)


def taken() -> Certificate:
    past = given_away()
    claim(past, epoch=1)
    return again(past)


def revoked() -> Certificate:
    past = paper()
    past.revoke(by="issuer", reason="a slip", at=NOON)
    return again(past)


def test_the_paper_dies_and_the_wallet_holds_the_next_copy() -> None:
    past = paper()

    claim(past, epoch=0)

    assert facts(only_event(past), "holder_id", "epoch", "status_index") == {
        "holder_id": BORIS,
        "epoch": 1,
        "status_index": 9,
    }
    assert (past.holder_id, past.epoch, past.hops) == (BORIS, 1, 0)


def test_whoever_opens_the_link_first_takes_it() -> None:
    past = given_away()

    claim(past, epoch=1)

    assert (past.holder_id, past.epoch, past.hops) == (BORIS, 2, 1)


@pytest.mark.parametrize("epoch", [1, 2])
def test_its_own_holder_claiming_again_changes_nothing(epoch: int) -> None:
    past = taken()

    claim(past, epoch=epoch)

    assert past.pending_events == []


@pytest.mark.parametrize(
    ("given", "epoch", "refusal"),
    [
        (paper,       1,  UnknownEpoch),
        (paper,       -1, UnknownEpoch),
        (certificate, 0,  AlreadyHeld),
        (given_away,  0,  CertificatePassedOn),
        (given_away,  2,  UnknownEpoch),
        (taken,       0,  CertificatePassedOn),
        (revoked,     0,  CertificateRevoked),
    ],
)  # fmt: skip
def test_refuses(given: Callable[[], Certificate], epoch: int, refusal: type[Refusal]) -> None:
    past = given()

    with pytest.raises(refusal):
        claim(past, epoch=epoch)

    assert past.pending_events == []


def test_a_link_that_somebody_else_opened_says_when() -> None:
    past = taken()

    with pytest.raises(CertificateClaimed) as refused:
        claim(past, epoch=1, holder_id=ANNA)

    assert refused.value.facts == {"claimed_at": "2026-03-02T14:00:00+00:00"}


@pytest.mark.parametrize("holder_id", [ANNA, BORIS])
def test_nobody_claims_after_the_last_day_not_even_its_holder(holder_id: object) -> None:
    past = taken()

    with pytest.raises(CertificateExpired):
        claim(past, epoch=2, holder_id=holder_id, at=EXPIRES)


def test_refusing_leaves_no_trace() -> None:
    past = certificate()

    with pytest.raises(AlreadyHeld):
        claim(past, epoch=0)

    assert (topics(past), past.holder_id, past.epoch) == ([], ANNA, 0)
