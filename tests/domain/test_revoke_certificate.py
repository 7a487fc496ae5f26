from collections.abc import Callable

import pytest

from network.domain.certificate import Certificate, State
from network.domain.errors import (
    CertificateExpired,
    CertificateRedeemed,
    CertificateRevoked,
    CertificateUsed,
    Refusal,
)
from network.domain.postings import Kind, Posting
from tests.domain.given import (
    ANNA,
    EXPIRES,
    FIRST,
    HOUR,
    IN_PARTS,
    NOON,
    POOL,
    RESTAURANT,
    SALON,
    again,
    certificate,
    facts,
    only_event,
    redeemed,
    topics,
)

LATER = NOON + 2 * HOUR


def claimed() -> Certificate:
    past = certificate(holder_id=None)
    past.claim(epoch=0, holder_id=ANNA, status_index=8, at=NOON)
    return again(past)


def partly_used() -> Certificate:
    return redeemed(IN_PARTS, requested=400)


def undone() -> Certificate:
    past = redeemed()
    past.reverse(redemption_id=FIRST, by="acceptor", reason="a slip", at=LATER)
    return again(past)


def passed_on() -> Certificate:
    past = certificate()
    past.pass_on(holder_id=ANNA, status_index=8, at=LATER)
    return again(past)


def revoked() -> Certificate:
    past = certificate()
    past.revoke(by="issuer", reason="a slip", at=NOON)
    return again(past)


def expired() -> Certificate:
    past = certificate()
    past.expire(at=EXPIRES)
    return again(past)


def test_what_is_left_lapses_and_the_reserve_is_released() -> None:
    past = partly_used()

    past.revoke(by="organizer", reason="fraud", at=LATER)

    assert facts(only_event(past), "amount", "by", "reason") == {"amount": 600, "by": "organizer", "reason": "fraud"}
    assert only_event(past).postings == (
        Posting(SALON, RESTAURANT, 180, Kind.RELEASED),
        Posting(POOL, RESTAURANT, 120, Kind.RELEASED),
    )
    assert (past.state, past.outstanding) == (State.REVOKED, 0)


@pytest.mark.parametrize(
    ("given", "by", "refusal"),
    [
        (certificate, "issuer",    None),
        (claimed,     "issuer",    None),
        (undone,      "issuer",    None),
        (partly_used, "issuer",    CertificateUsed),
        (passed_on,   "issuer",    CertificateUsed),
        (partly_used, "organizer", None),
        (passed_on,   "organizer", None),
        (redeemed,    "organizer", CertificateRedeemed),
        (revoked,     "organizer", CertificateRevoked),
        (expired,     "organizer", CertificateExpired),
    ],
)  # fmt: skip
def test_the_issuer_while_unused_with_the_first_holder_the_organizer_until_the_end(
    given: Callable[[], Certificate], by: str, refusal: type[Refusal] | None
) -> None:
    past = given()

    if refusal is None:
        past.revoke(by=by, reason="a slip", at=LATER)
        assert topics(past) == ["Certificate.Revoked"]
    else:
        with pytest.raises(refusal):
            past.revoke(by=by, reason="a slip", at=LATER)
        assert topics(past) == []
