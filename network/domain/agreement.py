"""Versioned terms between an issuer and an acceptor, in force once both sides have accepted them."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from network.domain.aggregate import Aggregate, Created, Event
from network.domain.errors import (
    AgreementNotActive,
    AgreementStateForbids,
    CannotAcceptForTheOther,
    Invalid,
    NotAParty,
    VersionNotPending,
)
from network.domain.terms import UNSAID, UNSAID_OF_LOSSES, Terms


class State(StrEnum):
    """Where an agreement stands: waiting for its first acceptance, in force, paused, ended."""

    PROPOSED = "proposed"
    ACTIVE = "active"
    PAUSED = "paused"
    ENDED = "ended"


class Agreement(Aggregate):
    """What one partner's guests get at another. Terms change by new versions; issued certificates keep theirs."""

    TOPIC = "Agreement"

    class Proposed(Created):
        """One side offers the first terms, and so accepts them itself."""

        TOPIC = "Agreement.Proposed"
        issuer_id: UUID
        acceptor_id: UUID
        terms: Terms
        by: UUID
        class_version = 3

        @staticmethod
        def upcast_v1_v2(state: dict[str, Any]) -> None:
            state["terms"] |= UNSAID

        @staticmethod
        def upcast_v2_v3(state: dict[str, Any]) -> None:
            state["terms"] |= UNSAID_OF_LOSSES

    class VersionProposed(Event):
        """One side offers other terms. The version in force stays in force."""

        TOPIC = "Agreement.VersionProposed"
        agreement_version: int
        terms: Terms
        by: UUID
        class_version = 3

        @staticmethod
        def upcast_v1_v2(state: dict[str, Any]) -> None:
            state["terms"] |= UNSAID

        @staticmethod
        def upcast_v2_v3(state: dict[str, Any]) -> None:
            state["terms"] |= UNSAID_OF_LOSSES

        def apply(self, agreement: "Agreement") -> None:
            agreement.versions[self.agreement_version] = self.terms
            agreement.pending = self.agreement_version
            agreement.pending_by = self.by

    class Accepted(Event):
        """The other side accepts: the version is in force."""

        TOPIC = "Agreement.Accepted"
        agreement_version: int
        by: UUID

        def apply(self, agreement: "Agreement") -> None:
            agreement.current = self.agreement_version
            agreement.pending = None
            agreement.pending_by = None
            if agreement.state is State.PROPOSED:
                agreement.state = State.ACTIVE

    class Paused(Event):
        """One side stops new certificates for a while."""

        TOPIC = "Agreement.Paused"
        by: UUID

        def apply(self, agreement: "Agreement") -> None:
            agreement.state = State.PAUSED
            agreement.paused_by = self.by

    class Resumed(Event):
        """The side that paused lets it go on."""

        TOPIC = "Agreement.Resumed"
        by: UUID

        def apply(self, agreement: "Agreement") -> None:
            agreement.state = State.ACTIVE
            agreement.paused_by = None

    class Ended(Event):
        """One side stops new certificates for good."""

        TOPIC = "Agreement.Ended"
        by: UUID
        reason: str

        def apply(self, agreement: "Agreement") -> None:
            agreement.state = State.ENDED
            agreement.pending = None

    def __init__(self, issuer_id: UUID, acceptor_id: UUID, terms: Terms, by: UUID) -> None:
        self.issuer_id = issuer_id
        self.acceptor_id = acceptor_id
        self.state = State.PROPOSED
        self.versions: dict[int, Terms] = {1: terms}
        self.current: int | None = None
        self.pending: int | None = 1
        self.pending_by: UUID | None = by
        self.paused_by: UUID | None = None

    @classmethod
    def propose(
        cls, *, agreement_id: UUID, issuer_id: UUID, acceptor_id: UUID, terms: Terms, by: UUID, at: datetime
    ) -> "Agreement":
        """Offer the first terms. Raises: InvalidTerms, NotAParty, Invalid when a partner deals with itself."""
        if issuer_id == acceptor_id:
            raise Invalid(reason="An agreement needs two different partners.")
        if by not in (issuer_id, acceptor_id):
            raise NotAParty()
        terms.check()
        return cls._create(
            cls.Proposed,
            id=agreement_id,
            timestamp=at,
            issuer_id=issuer_id,
            acceptor_id=acceptor_id,
            terms=terms,
            by=by,
        )

    def propose_version(self, *, terms: Terms, by: UUID, at: datetime) -> int:
        """Offer other terms, in place of a waiting offer. Raises: NotAParty, InvalidTerms, AgreementStateForbids."""
        self._must_be_party(by)
        self._must_be(State.PROPOSED, State.ACTIVE, State.PAUSED)
        terms.check()
        version = len(self.versions) + 1
        self.trigger_event(self.VersionProposed, agreement_version=version, terms=terms, by=by, timestamp=at)
        return version

    def accept(self, *, version: int, by: UUID, at: datetime) -> None:
        """Accept the waiting version for the side that did not offer it.

        Raises: NotAParty, VersionNotPending, CannotAcceptForTheOther.
        """
        self._must_be_party(by)
        if version != self.pending:
            raise VersionNotPending(version=version)
        if by == self.pending_by:
            raise CannotAcceptForTheOther()
        self.trigger_event(self.Accepted, agreement_version=version, by=by, timestamp=at)

    def pause(self, *, by: UUID, at: datetime) -> None:
        """Raises: NotAParty, AgreementStateForbids."""
        self._must_be_party(by)
        self._must_be(State.ACTIVE)
        self.trigger_event(self.Paused, by=by, timestamp=at)

    def resume(self, *, by: UUID, at: datetime) -> None:
        """Only the side that paused resumes. Raises: NotAParty, AgreementStateForbids."""
        self._must_be_party(by)
        self._must_be(State.PAUSED)
        if by != self.paused_by:
            raise AgreementStateForbids(state="paused by the other partner")
        self.trigger_event(self.Resumed, by=by, timestamp=at)

    def end(self, *, by: UUID, reason: str, at: datetime) -> None:
        """Raises: NotAParty, AgreementStateForbids."""
        self._must_be_party(by)
        self._must_be(State.PROPOSED, State.ACTIVE, State.PAUSED)
        self.trigger_event(self.Ended, by=by, reason=reason, timestamp=at)

    def terms_in_force(self) -> tuple[int, Terms]:
        """The version new certificates are issued under. Raises: AgreementNotActive."""
        if self.state is not State.ACTIVE or self.current is None:
            raise AgreementNotActive(state=self.state.value)
        return self.current, self.versions[self.current]

    def _must_be_party(self, merchant_id: UUID) -> None:
        if merchant_id not in (self.issuer_id, self.acceptor_id):
            raise NotAParty()

    def _must_be(self, *states: State) -> None:
        if self.state not in states:
            raise AgreementStateForbids(state=self.state.value)
