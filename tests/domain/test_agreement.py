"""Offers and acceptances: each side acts for itself alone, and what is in force stays until both want other terms."""

from collections.abc import Callable
from typing import Any

import pytest

from network.domain.agreement import Agreement, State
from network.domain.errors import (
    AgreementNotActive,
    AgreementStateForbids,
    CannotAcceptForTheOther,
    Invalid,
    InvalidTerms,
    NotAParty,
    Refusal,
    VersionNotPending,
)
from network.domain.terms import FaceValue, Terms
from tests.domain.given import (
    AGREEMENT,
    BAKERY,
    IN_PARTS,
    NOON,
    RESTAURANT,
    SALON,
    SIMPLE,
    again,
    agreement,
    facts,
    only_event,
    topics,
)

WORTHLESS = Terms(face=FaceValue())


def propose(**other: Any) -> Agreement:
    details: dict[str, Any] = {"issuer_id": SALON, "acceptor_id": RESTAURANT, "terms": SIMPLE, "by": SALON}
    return Agreement.propose(agreement_id=AGREEMENT, at=NOON, **(details | other))


def offered() -> Agreement:
    return agreement(accepted=False)


def active() -> Agreement:
    return agreement()


def paused() -> Agreement:
    past = agreement()
    past.pause(by=SALON, at=NOON)
    return again(past)


def ended() -> Agreement:
    past = agreement()
    past.end(by=SALON, reason="enough", at=NOON)
    return again(past)


def reoffered() -> Agreement:
    """In force, with other terms waiting that the restaurant offered."""
    past = agreement()
    past.propose_version(terms=IN_PARTS, by=RESTAURANT, at=NOON)
    return again(past)


class TestProposing:
    @pytest.mark.parametrize("by", [SALON, RESTAURANT])
    def test_either_side_offers_and_accepts_its_own_offer(self, by: Any) -> None:
        new = propose(by=by)

        assert facts(only_event(new), "issuer_id", "acceptor_id", "terms", "by") == {
            "issuer_id": SALON,
            "acceptor_id": RESTAURANT,
            "terms": SIMPLE,
            "by": by,
        }
        assert (new.state, new.current, new.pending) == (State.PROPOSED, None, 1)

    @pytest.mark.parametrize(
        ("asked", "refusal"),
        [
            ({"by": BAKERY},         NotAParty),
            ({"acceptor_id": SALON}, Invalid),
            ({"terms": WORTHLESS},   InvalidTerms),
        ],
    )  # fmt: skip
    def test_refuses(self, asked: dict[str, Any], refusal: type[Refusal]) -> None:
        with pytest.raises(refusal):
            propose(**asked)


class TestOtherTerms:
    @pytest.mark.parametrize("given", [offered, active, paused])
    def test_an_offer_waits_and_what_is_in_force_stays(self, given: Callable[[], Agreement]) -> None:
        past = given()
        in_force = past.current

        version = past.propose_version(terms=IN_PARTS, by=SALON, at=NOON)

        assert (version, past.pending, past.current) == (2, 2, in_force)
        assert facts(only_event(past), "agreement_version", "terms", "by") == {
            "agreement_version": 2,
            "terms": IN_PARTS,
            "by": SALON,
        }

    def test_a_later_offer_takes_the_place_of_the_waiting_one(self) -> None:
        past = reoffered()

        past.propose_version(terms=SIMPLE, by=SALON, at=NOON)
        again(past)

        with pytest.raises(VersionNotPending):
            past.accept(version=2, by=SALON, at=NOON)
        past.accept(version=3, by=RESTAURANT, at=NOON)
        assert past.terms_in_force() == (3, SIMPLE)

    @pytest.mark.parametrize(
        ("given", "by", "terms", "refusal"),
        [
            (active, BAKERY, IN_PARTS,  NotAParty),
            (active, SALON,  WORTHLESS, InvalidTerms),
            (ended,  SALON,  IN_PARTS,  AgreementStateForbids),
        ],
    )  # fmt: skip
    def test_refuses(self, given: Callable[[], Agreement], by: Any, terms: Terms, refusal: type[Refusal]) -> None:
        past = given()

        with pytest.raises(refusal):
            past.propose_version(terms=terms, by=by, at=NOON)

        assert topics(past) == []


class TestAccepting:
    def test_the_other_side_puts_it_in_force(self) -> None:
        past = offered()

        past.accept(version=1, by=RESTAURANT, at=NOON)

        assert facts(only_event(past), "agreement_version", "by") == {"agreement_version": 1, "by": RESTAURANT}
        assert (past.state, past.terms_in_force(), past.pending) == (State.ACTIVE, (1, SIMPLE), None)

    def test_new_terms_in_a_pause_do_not_end_the_pause(self) -> None:
        past = paused()
        past.propose_version(terms=IN_PARTS, by=SALON, at=NOON)

        past.accept(version=2, by=RESTAURANT, at=NOON)

        assert (past.state, past.current) == (State.PAUSED, 2)

    @pytest.mark.parametrize(
        ("given", "version", "by", "refusal"),
        [
            (offered,   1, SALON,      CannotAcceptForTheOther),
            (offered,   1, BAKERY,     NotAParty),
            (offered,   2, RESTAURANT, VersionNotPending),
            (active,    1, RESTAURANT, VersionNotPending),
            (reoffered, 1, SALON,      VersionNotPending),
            (reoffered, 2, RESTAURANT, CannotAcceptForTheOther),
            (ended,     1, RESTAURANT, VersionNotPending),
        ],
    )  # fmt: skip
    def test_refuses(self, given: Callable[[], Agreement], version: int, by: Any, refusal: type[Refusal]) -> None:
        past = given()

        with pytest.raises(refusal):
            past.accept(version=version, by=by, at=NOON)

        assert topics(past) == []

    def test_what_waited_when_it_ended_can_no_longer_be_accepted(self) -> None:
        past = reoffered()
        past.end(by=SALON, reason="enough", at=NOON)
        again(past)

        with pytest.raises(VersionNotPending):
            past.accept(version=2, by=SALON, at=NOON)


STEPS: dict[str, dict[str, Any]] = {"pause": {}, "resume": {}, "end": {"reason": "enough"}}


@pytest.mark.parametrize(
    ("given", "step", "by", "outcome"),
    [
        (active,  "pause",  SALON,      "Agreement.Paused"),
        (active,  "pause",  RESTAURANT, "Agreement.Paused"),
        (active,  "pause",  BAKERY,     NotAParty),
        (offered, "pause",  SALON,      AgreementStateForbids),
        (paused,  "pause",  SALON,      AgreementStateForbids),
        (ended,   "pause",  SALON,      AgreementStateForbids),
        (paused,  "resume", SALON,      "Agreement.Resumed"),
        (paused,  "resume", RESTAURANT, AgreementStateForbids),
        (paused,  "resume", BAKERY,     NotAParty),
        (active,  "resume", SALON,      AgreementStateForbids),
        (ended,   "resume", SALON,      AgreementStateForbids),
        (offered, "end",    RESTAURANT, "Agreement.Ended"),
        (active,  "end",    RESTAURANT, "Agreement.Ended"),
        (paused,  "end",    RESTAURANT, "Agreement.Ended"),
        (active,  "end",    BAKERY,     NotAParty),
        (ended,   "end",    SALON,      AgreementStateForbids),
    ],
)  # fmt: skip
def test_pauses_resumes_and_ends(
    given: Callable[[], Agreement], step: str, by: Any, outcome: str | type[Refusal]
) -> None:
    past = given()

    if isinstance(outcome, str):
        getattr(past, step)(by=by, at=NOON, **STEPS[step])
        assert topics(past) == [outcome]
    else:
        with pytest.raises(outcome):
            getattr(past, step)(by=by, at=NOON, **STEPS[step])
        assert topics(past) == []


@pytest.mark.parametrize("given", [offered, paused, ended])
def test_certificates_are_issued_only_while_it_is_in_force(given: Callable[[], Agreement]) -> None:
    with pytest.raises(AgreementNotActive):
        given().terms_in_force()


def test_it_is_in_force_again_after_a_pause() -> None:
    past = paused()
    past.resume(by=SALON, at=NOON)

    assert past.terms_in_force() == (1, SIMPLE)
