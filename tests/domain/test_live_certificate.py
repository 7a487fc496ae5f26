"""A certificate that is bound to a phone: shown live, with growing times, or not at all."""

from datetime import timedelta

import pytest

from network.domain.certificate import Certificate, Proof
from network.domain.errors import (
    CertificateClaimed,
    CertificatePrinted,
    CertificateRebound,
    CertificateRedeemed,
    NotTheHolder,
    ProofMissing,
    ProofStale,
    ProofUsed,
    Refusal,
)
from network.domain.terms import Terms
from tests.domain.given import (
    ANNA,
    BORIS,
    DAY,
    FIRST,
    HOUR,
    IN_PARTS,
    NOON,
    SECOND,
    SIMPLE,
    again,
    certificate,
    redeem,
    topics,
)

KEY, OTHER_KEY = "pAECIAEhWCA", "pAECIAEhWCB"
T = NOON + HOUR
ONE_SECOND = timedelta(seconds=1)


def in_a_phone(terms: Terms = SIMPLE) -> Certificate:
    """Claimed with a key at noon, an hour before it is shown; epoch 1."""
    past = certificate(terms, holder_id=None)
    past.claim(epoch=0, holder_id=ANNA, status_index=8, holder_key=KEY, at=NOON)
    return again(past)


def shown(seconds_ago: float = 0) -> Proof:
    return Proof(T - timedelta(seconds=seconds_ago), 45)


@pytest.mark.parametrize(
    ("proof", "refusal"),
    [
        (None,         ProofMissing),
        (shown(45.1),  ProofStale),
        (shown(-45.1), ProofStale),
        (shown(3600),  ProofStale),
    ],
    ids=str,
)  # fmt: skip
def test_counts_only_as_the_phone_shows_it_now(proof: Proof | None, refusal: type[Refusal]) -> None:
    past = in_a_phone()

    with pytest.raises(refusal):
        redeem(past, epoch=1, proof=proof, at=T)

    assert topics(past) == []


@pytest.mark.parametrize("seconds_ago", [0, 45, -45])
def test_a_phones_clock_may_be_45_seconds_off(seconds_ago: int) -> None:
    past = in_a_phone()

    redeem(past, epoch=1, proof=shown(seconds_ago), at=T)

    assert topics(past) == ["Certificate.Redeemed"]
    assert past.proved_at == T - timedelta(seconds=seconds_ago)


@pytest.mark.parametrize("later", [timedelta(0), -ONE_SECOND])
def test_a_proof_is_used_once_and_none_before_it_any_more(later: timedelta) -> None:
    past = in_a_phone(IN_PARTS)
    redeem(past, redemption_id=FIRST, epoch=1, requested=300, proof=shown(), at=T)

    with pytest.raises(ProofUsed):
        redeem(past, redemption_id=SECOND, epoch=1, requested=300, proof=Proof(T + later, 45), at=T)


def test_the_next_proof_pays_the_next_part() -> None:
    past = in_a_phone(IN_PARTS)
    redeem(past, redemption_id=FIRST, epoch=1, requested=300, proof=shown(), at=T)

    redeem(past, redemption_id=SECOND, epoch=1, requested=300, proof=Proof(T + ONE_SECOND, 45), at=T)

    assert past.outstanding == 400


def test_an_undone_redemption_does_not_bring_its_proof_back() -> None:
    past = in_a_phone()
    redeem(past, redemption_id=FIRST, epoch=1, proof=shown(), at=T)
    past.reverse(redemption_id=FIRST, by="acceptor", reason="a slip", at=T)

    with pytest.raises(ProofUsed):
        redeem(past, redemption_id=SECOND, epoch=1, proof=shown(), at=T)


def test_a_retry_of_the_same_redemption_is_answered_although_its_proof_is_old() -> None:
    past = in_a_phone()
    first = redeem(past, redemption_id=FIRST, epoch=1, proof=shown(), at=T)

    repeated = redeem(past, redemption_id=FIRST, epoch=1, proof=shown(), at=T + DAY)

    assert repeated == first


def test_a_bearers_copy_needs_no_proof_and_keeps_none() -> None:
    past = certificate()

    redeem(past, proof=shown(), at=T)

    assert past.proved_at is None


def test_a_new_key_kills_the_copy_before_and_the_same_key_nothing() -> None:
    past = in_a_phone()

    past.rebind(holder_id=ANNA, holder_key=KEY, status_index=9, at=T)
    past.rebind(holder_id=ANNA, holder_key=OTHER_KEY, status_index=9, at=T)

    assert topics(past) == ["Certificate.Rebound"]
    with pytest.raises(CertificateRebound, match="2026-03-02 13:00"):
        past.must_count(1, T)
    past.must_count(2, T)


def test_only_the_holder_binds_and_prints() -> None:
    past = in_a_phone()

    with pytest.raises(NotTheHolder):
        past.rebind(holder_id=BORIS, holder_key=OTHER_KEY, status_index=9, at=T)
    with pytest.raises(NotTheHolder):
        past.put_on_paper(holder_id=BORIS, status_index=9, at=T)


def test_what_has_ended_is_neither_bound_nor_printed() -> None:
    past = in_a_phone()
    redeem(past, epoch=1, proof=shown(), at=T)

    with pytest.raises(CertificateRedeemed):
        past.rebind(holder_id=ANNA, holder_key=OTHER_KEY, status_index=9, at=T)
    with pytest.raises(CertificateRedeemed):
        past.put_on_paper(holder_id=ANNA, status_index=9, at=T)


def test_paper_is_a_bearers_and_the_phones_copy_is_dead() -> None:
    past = in_a_phone()

    past.put_on_paper(holder_id=ANNA, status_index=9, at=T)

    with pytest.raises(CertificatePrinted, match="2026-03-02 13:00"):
        redeem(past, epoch=1, proof=shown(), at=T)
    past.claim(epoch=2, holder_id=BORIS, status_index=10, holder_key=OTHER_KEY, at=T)
    with pytest.raises(CertificateClaimed):
        past.must_count(2, T)


def test_a_passed_on_link_is_a_bearers_again() -> None:
    past = in_a_phone()

    past.pass_on(holder_id=ANNA, status_index=9, at=T)

    redeem(past, epoch=2, at=T)
    assert past.holder_key is None
