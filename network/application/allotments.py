"""Commands on stocks of certificates between partners."""

from concurrent.futures import Future
from uuid import UUID

from network.application.base import Answer, Commands, Facts, Request
from network.domain.agreement import Agreement
from network.domain.allotment import Allotment
from network.domain.errors import AllotmentConflict, NotAParty, WrongAcceptor
from network.domain.merchant import Merchant
from network.unit import Unit


class AllotmentCommands(Commands):
    """A stock belongs to one partner at a time and can never be handed out beyond its number."""

    def set_allotment_aside(
        self,
        *,
        request: Request,
        allotment_id: UUID,
        acceptor_id: UUID,
        agreement_id: UUID,
        number: int,
        face: int,
        last_on: str,
    ) -> Future[Answer]:
        """The acceptor gives the issuer of an agreement a stock. Raises: NotAParty, AgreementNotActive, InvalidAmount,
        AllotmentConflict, MerchantNotAdmitted.
        """

        def decide(unit: Unit) -> Facts:
            agreement = unit.get(Agreement, agreement_id)
            if agreement.acceptor_id != acceptor_id:
                raise NotAParty()
            _, terms = agreement.terms_in_force()
            unit.get(Merchant, acceptor_id).must_trade()
            if not unit.is_free(allotment_id):
                raise AllotmentConflict(allotment_id=allotment_id)
            allotment = Allotment.set_aside(
                allotment_id=allotment_id,
                acceptor_id=acceptor_id,
                partner_id=agreement.issuer_id,
                agreement_id=agreement_id,
                number=number,
                face=face,
                last_on=last_on,
                transferable=terms.allotment_transferable,
                at=unit.at,
            )
            unit.add(allotment)
            return _allotment(allotment)

        return self._simple(request, decide, allotment_id, acceptor_id, agreement_id)

    def return_allotment(
        self, *, request: Request, allotment_id: UUID, partner_id: UUID, number: int
    ) -> Future[Answer]:
        """Give unused ones back. Raises: AllotmentNotFound, OnlyTheIssuer, AllotmentExhausted, InvalidAmount."""

        def decide(unit: Unit) -> Facts:
            allotment = unit.get(Allotment, allotment_id)
            allotment.give_back(partner_id=partner_id, number=number, at=unit.at)
            return _allotment(allotment)

        return self._simple(request, decide, allotment_id)

    def transfer_allotment(
        self,
        *,
        request: Request,
        allotment_id: UUID,
        partner_id: UUID,
        to_allotment_id: UUID,
        to_agreement_id: UUID,
        number: int,
    ) -> Future[Answer]:
        """Move part of a stock to the partner that has its own agreement with the same acceptor.

        Raises: AllotmentNotTransferable, OnlyTheIssuer, AllotmentExhausted, WrongAcceptor, AgreementNotActive.
        """

        def decide(unit: Unit) -> Facts:
            allotment = unit.get(Allotment, allotment_id)
            agreement = unit.get(Agreement, to_agreement_id)
            agreement.terms_in_force()
            if agreement.acceptor_id != allotment.acceptor_id:
                raise WrongAcceptor()
            unit.get(Merchant, agreement.issuer_id).must_trade()
            if not unit.is_free(to_allotment_id):
                raise AllotmentConflict(allotment_id=to_allotment_id)
            received = allotment.transfer(
                partner_id=partner_id,
                to_allotment_id=to_allotment_id,
                to_partner_id=agreement.issuer_id,
                to_agreement_id=to_agreement_id,
                number=number,
                at=unit.at,
            )
            unit.add(received)
            return {"from": _allotment(allotment), "to": _allotment(received)}

        return self._simple(request, decide, allotment_id, to_agreement_id, to_allotment_id)


def _allotment(allotment: Allotment) -> Facts:
    return {
        "allotment_id": allotment.id,
        "acceptor_id": allotment.acceptor_id,
        "partner_id": allotment.partner_id,
        "agreement_id": allotment.agreement_id,
        "face": allotment.face,
        "left": allotment.left,
        "last_on": allotment.last_on,
        "transferable": allotment.transferable,
    }
