from datetime import timedelta

import pytest

from network.domain.certificate import State
from network.domain.errors import CertificateExpired, CertificateRedeemed, NotYetExpired
from network.domain.postings import Kind, Posting
from tests.domain.given import (
    EXPIRES,
    IN_PARTS,
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


def test_names_the_rule_and_releases_the_reserve_of_what_is_left() -> None:
    past = redeemed(IN_PARTS, requested=999)

    past.expire(at=EXPIRES)

    assert facts(only_event(past), "amount", "rule") == {"amount": 1, "rule": "validity_days:30"}
    assert only_event(past).postings == ()  # of the last unit neither funder bears a whole one
    assert (past.state, past.outstanding, past.ended_at) == (State.EXPIRED, 0, EXPIRES)


def test_releases_what_each_funder_holds() -> None:
    past = certificate(IN_PARTS)

    past.expire(at=EXPIRES)

    assert only_event(past).postings == (
        Posting(SALON, RESTAURANT, 300, Kind.RELEASED),
        Posting(POOL, RESTAURANT, 200, Kind.RELEASED),
    )


def test_refuses_before_the_end_of_the_last_day() -> None:
    past = certificate()

    with pytest.raises(NotYetExpired):
        past.expire(at=EXPIRES - timedelta(microseconds=1))

    assert topics(past) == []


def test_a_used_one_does_not_expire() -> None:
    past = redeemed()

    with pytest.raises(CertificateRedeemed):
        past.expire(at=EXPIRES)


def test_it_expires_once() -> None:
    past = certificate()
    past.expire(at=EXPIRES)
    again(past)

    with pytest.raises(CertificateExpired):
        past.expire(at=EXPIRES)
