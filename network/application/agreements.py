"""Commands on the terms between two partners."""

from concurrent.futures import Future
from uuid import UUID

from network.application.base import Answer, Commands, Facts, Request
from network.domain.agreement import Agreement
from network.domain.errors import AgreementConflict
from network.domain.merchant import Merchant
from network.domain.terms import Terms
from network.unit import Unit


class AgreementCommands(Commands):
    """`by` is the partner that acts; each side acts for itself alone."""

    def propose_agreement(
        self, *, request: Request, agreement_id: UUID, issuer_id: UUID, acceptor_id: UUID, terms: Terms, by: UUID
    ) -> Future[Answer]:
        """Offer first terms. Raises: AgreementConflict, InvalidTerms, NotAParty, MerchantNotAdmitted,
        CampaignNotFound.
        """

        def decide(unit: Unit) -> Facts:
            if not unit.is_free(agreement_id):
                raise AgreementConflict(agreement_id=agreement_id)
            for merchant_id in (issuer_id, acceptor_id):
                unit.get(Merchant, merchant_id).must_trade()
            unit.coalition.must_have_campaign(terms.campaign_id)
            agreement = Agreement.propose(
                agreement_id=agreement_id,
                issuer_id=issuer_id,
                acceptor_id=acceptor_id,
                terms=terms,
                by=by,
                at=unit.at,
            )
            unit.add(agreement)
            return _agreement(agreement)

        return self._simple(request, decide, agreement_id, issuer_id, acceptor_id)

    def propose_version(self, *, request: Request, agreement_id: UUID, terms: Terms, by: UUID) -> Future[Answer]:
        """Offer other terms. Raises: AgreementNotFound, NotAParty, InvalidTerms, AgreementStateForbids,
        CampaignNotFound.
        """

        def decide(unit: Unit) -> Facts:
            agreement = unit.get(Agreement, agreement_id)
            unit.coalition.must_have_campaign(terms.campaign_id)
            agreement.propose_version(terms=terms, by=by, at=unit.at)
            return _agreement(agreement)

        return self._simple(request, decide, agreement_id)

    def accept_version(self, *, request: Request, agreement_id: UUID, version: int, by: UUID) -> Future[Answer]:
        """Put the waiting version in force. Raises: AgreementNotFound, NotAParty, VersionNotPending,
        CannotAcceptForTheOther.
        """

        def decide(unit: Unit) -> Facts:
            agreement = unit.get(Agreement, agreement_id)
            agreement.accept(version=version, by=by, at=unit.at)
            return _agreement(agreement)

        return self._simple(request, decide, agreement_id)

    def pause_agreement(self, *, request: Request, agreement_id: UUID, by: UUID) -> Future[Answer]:
        """Raises: AgreementNotFound, NotAParty, AgreementStateForbids."""

        def decide(unit: Unit) -> Facts:
            agreement = unit.get(Agreement, agreement_id)
            agreement.pause(by=by, at=unit.at)
            return _agreement(agreement)

        return self._simple(request, decide, agreement_id)

    def resume_agreement(self, *, request: Request, agreement_id: UUID, by: UUID) -> Future[Answer]:
        """Raises: AgreementNotFound, NotAParty, AgreementStateForbids."""

        def decide(unit: Unit) -> Facts:
            agreement = unit.get(Agreement, agreement_id)
            agreement.resume(by=by, at=unit.at)
            return _agreement(agreement)

        return self._simple(request, decide, agreement_id)

    def end_agreement(self, *, request: Request, agreement_id: UUID, by: UUID, reason: str) -> Future[Answer]:
        """Raises: AgreementNotFound, NotAParty, AgreementStateForbids."""

        def decide(unit: Unit) -> Facts:
            agreement = unit.get(Agreement, agreement_id)
            agreement.end(by=by, reason=reason, at=unit.at)
            return _agreement(agreement)

        return self._simple(request, decide, agreement_id)


def _agreement(agreement: Agreement) -> Facts:
    return {
        "agreement_id": agreement.id,
        "issuer_id": agreement.issuer_id,
        "acceptor_id": agreement.acceptor_id,
        "state": agreement.state,
        "version_in_force": agreement.current,
        "version_waiting": agreement.pending,
    }
