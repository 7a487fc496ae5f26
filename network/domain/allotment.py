"""A stock of certificates that an acceptor sets aside for a partner to hand out."""

from datetime import date, datetime
from uuid import UUID

from network.domain.aggregate import Aggregate, Created, Event
from network.domain.errors import (
    AllotmentEnded,
    AllotmentExhausted,
    AllotmentNotTransferable,
    Invalid,
    InvalidAmount,
    OnlyTheIssuer,
)
from network.domain.units import MINOR_MAX, Minor


class Allotment(Aggregate):
    """`left` can never fall below zero: it lives in one stream, and two tills cannot write one version."""

    TOPIC = "Allotment"

    class SetAside(Created):
        """The acceptor sets `number` certificates of `face` aside; `last_on` is the last local day to hand them out."""

        TOPIC = "Allotment.SetAside"
        acceptor_id: UUID
        partner_id: UUID
        agreement_id: UUID
        number: int
        face: Minor
        last_on: str
        transferable: bool

    class Received(Created):
        """Part of another partner's stock comes over, to be handed out under the receiver's own agreement."""

        TOPIC = "Allotment.Received"
        acceptor_id: UUID
        partner_id: UUID
        agreement_id: UUID
        number: int
        face: Minor
        last_on: str
        transferable: bool
        from_allotment_id: UUID
        from_partner_id: UUID

    class HandedOut(Event):
        """One goes to a guest after a payment."""

        TOPIC = "Allotment.HandedOut"
        acceptor_id: UUID
        partner_id: UUID
        certificate_id: UUID

        def apply(self, allotment: "Allotment") -> None:
            allotment.left -= 1

    class Returned(Event):
        """The partner gives unused ones back to the acceptor."""

        TOPIC = "Allotment.Returned"
        acceptor_id: UUID
        partner_id: UUID
        number: int

        def apply(self, allotment: "Allotment") -> None:
            allotment.left -= self.number

    class Transferred(Event):
        """The partner gives part of its stock to another partner."""

        TOPIC = "Allotment.Transferred"
        acceptor_id: UUID
        partner_id: UUID
        number: int
        to_allotment_id: UUID
        to_partner_id: UUID

        def apply(self, allotment: "Allotment") -> None:
            allotment.left -= self.number

    def __init__(
        self,
        acceptor_id: UUID,
        partner_id: UUID,
        agreement_id: UUID,
        number: int,
        face: Minor,
        last_on: str,
        transferable: bool,
    ) -> None:
        self.acceptor_id = acceptor_id
        self.partner_id = partner_id
        self.agreement_id = agreement_id
        self.face = face
        self.last_on = last_on
        self.transferable = transferable
        self.left = number

    @classmethod
    def set_aside(
        cls,
        *,
        allotment_id: UUID,
        acceptor_id: UUID,
        partner_id: UUID,
        agreement_id: UUID,
        number: int,
        face: Minor,
        last_on: str,
        transferable: bool,
        at: datetime,
    ) -> "Allotment":
        """A new stock. Raises: InvalidAmount, Invalid when `last_on` is not a calendar day like 2026-12-31."""
        if not _is_day(last_on):
            raise Invalid(reason="The last day is a date, such as 2026-12-31.")
        if not 0 < number <= 1_000_000:
            raise InvalidAmount(reason="A stock holds between 1 and 1 000 000 certificates.")
        if not 0 < face <= MINOR_MAX:
            raise InvalidAmount(reason="A certificate is worth more than zero.")
        return cls._create(
            cls.SetAside,
            id=allotment_id,
            timestamp=at,
            acceptor_id=acceptor_id,
            partner_id=partner_id,
            agreement_id=agreement_id,
            number=number,
            face=face,
            last_on=last_on,
            transferable=transferable,
        )

    def hand_out(self, *, partner_id: UUID, certificate_id: UUID, on: str, at: datetime) -> None:
        """Take one for a guest. Raises: OnlyTheIssuer, AllotmentExhausted, AllotmentEnded."""
        self._must_have(partner_id, 1)
        if on > self.last_on:
            raise AllotmentEnded(last_on=self.last_on)
        self._record(self.HandedOut, at, certificate_id=certificate_id)

    def give_back(self, *, partner_id: UUID, number: int, at: datetime) -> None:
        """Return unused ones to the acceptor. Raises: OnlyTheIssuer, AllotmentExhausted, InvalidAmount."""
        self._must_have(partner_id, number)
        self._record(self.Returned, at, number=number)

    def transfer(
        self,
        *,
        partner_id: UUID,
        to_allotment_id: UUID,
        to_partner_id: UUID,
        to_agreement_id: UUID,
        number: int,
        at: datetime,
    ) -> "Allotment":
        """Move part of the stock to another partner; returns the receiver's stock.

        Raises: AllotmentNotTransferable, OnlyTheIssuer, AllotmentExhausted, InvalidAmount.
        """
        if not self.transferable:
            raise AllotmentNotTransferable()
        self._must_have(partner_id, number)
        self._record(self.Transferred, at, number=number, to_allotment_id=to_allotment_id, to_partner_id=to_partner_id)
        return self._create(
            self.Received,
            id=to_allotment_id,
            timestamp=at,
            acceptor_id=self.acceptor_id,
            partner_id=to_partner_id,
            agreement_id=to_agreement_id,
            number=number,
            face=self.face,
            last_on=self.last_on,
            transferable=self.transferable,
            from_allotment_id=self.id,
            from_partner_id=self.partner_id,
        )

    def _must_have(self, partner_id: UUID, number: int) -> None:
        if partner_id != self.partner_id:
            raise OnlyTheIssuer()
        if number <= 0:
            raise InvalidAmount(reason="Name at least one certificate.")
        if number > self.left:
            raise AllotmentExhausted(left=self.left, requested=number)

    def _record(self, event: type[Event], at: datetime, **facts: object) -> None:
        self.trigger_event(event, timestamp=at, acceptor_id=self.acceptor_id, partner_id=self.partner_id, **facts)


def _is_day(text: str) -> bool:
    """Whether it is written as `local_day` writes days, so that they compare as text."""
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
