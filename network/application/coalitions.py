"""Commands of the organizer: found the coalition, let partners in and out, set limits."""

from concurrent.futures import Future
from dataclasses import asdict
from datetime import datetime
from uuid import UUID

from network.application.base import Answer, Commands, Facts, Request
from network.domain.coalition import Coalition
from network.domain.errors import Conflict, MerchantConflict
from network.domain.merchant import Merchant
from network.domain.tax import TaxRecord
from network.unit import Unit


class CoalitionCommands(Commands):
    """Who takes part, and how much may be at stake."""

    def found_coalition(
        self, *, request: Request, name: str, currency: str, time_zone: str, number: int
    ) -> Future[Answer]:
        """The first event of a log. Raises: InvalidCurrency, InvalidTimeZone."""

        def decide(unit: Unit) -> Facts:
            if not unit.is_free(self.coalition_id):
                raise Conflict()
            coalition = Coalition.found(
                coalition_id=self.coalition_id,
                name=name,
                currency=currency,
                time_zone=time_zone,
                number=number,
                at=unit.at,
            )
            unit.add(coalition)
            return {"coalition_id": self.coalition_id, "number": number}

        return self._simple(request, decide)

    def apply_to_join(
        self, *, request: Request, merchant_id: UUID, name: str, category: str, address: str
    ) -> Future[Answer]:
        """A business asks to take part. Raises: MerchantConflict."""

        def decide(unit: Unit) -> Facts:
            if not unit.is_free(merchant_id):
                raise MerchantConflict(merchant_id=merchant_id)
            number = unit.coalition.number_merchant(merchant_id=merchant_id, at=unit.at)
            merchant = Merchant.apply_to_join(
                merchant_id=merchant_id, name=name, category=category, address=address, number=number, at=unit.at
            )
            unit.add(merchant)
            return _merchant(merchant)

        return self._simple(request, decide, merchant_id)

    def admit_merchant(self, *, request: Request, merchant_id: UUID) -> Future[Answer]:
        """Raises: MerchantNotFound, MerchantStateForbids."""

        def decide(unit: Unit) -> Facts:
            merchant = unit.get(Merchant, merchant_id)
            merchant.admit(at=unit.at)
            return _merchant(merchant)

        return self._simple(request, decide, merchant_id)

    def suspend_merchant(self, *, request: Request, merchant_id: UUID, reason: str) -> Future[Answer]:
        """Raises: MerchantNotFound, MerchantStateForbids."""

        def decide(unit: Unit) -> Facts:
            merchant = unit.get(Merchant, merchant_id)
            merchant.suspend(reason=reason, at=unit.at)
            return _merchant(merchant)

        return self._simple(request, decide, merchant_id)

    def readmit_merchant(self, *, request: Request, merchant_id: UUID) -> Future[Answer]:
        """Raises: MerchantNotFound, MerchantStateForbids."""

        def decide(unit: Unit) -> Facts:
            merchant = unit.get(Merchant, merchant_id)
            merchant.readmit(at=unit.at)
            return _merchant(merchant)

        return self._simple(request, decide, merchant_id)

    def leave_coalition(self, *, request: Request, merchant_id: UUID, reason: str) -> Future[Answer]:
        """Raises: MerchantNotFound, MerchantStateForbids."""

        def decide(unit: Unit) -> Facts:
            merchant = unit.get(Merchant, merchant_id)
            merchant.leave(reason=reason, at=unit.at)
            return _merchant(merchant)

        return self._simple(request, decide, merchant_id)

    def change_profile(
        self, *, request: Request, merchant_id: UUID, category: str, address: str, by: str
    ) -> Future[Answer]:
        """What guests read of a partner. Raises: MerchantNotFound, MerchantStateForbids."""

        def decide(unit: Unit) -> Facts:
            merchant = unit.get(Merchant, merchant_id)
            merchant.change_profile(category=category, address=address, by=by, at=unit.at)
            return _merchant(merchant)

        return self._simple(request, decide, merchant_id)

    def set_margin(self, *, request: Request, merchant_id: UUID, margin: int | None) -> Future[Answer]:
        """What a partner keeps of a bill, for its own reports alone. Raises: MerchantNotFound, InvalidAmount."""

        def decide(unit: Unit) -> Facts:
            merchant = unit.get(Merchant, merchant_id)
            merchant.set_margin(margin=margin, at=unit.at)
            return {"merchant_id": merchant_id, "margin": merchant.margin}

        return self._simple(request, decide, merchant_id)

    def set_cap(
        self,
        *,
        request: Request,
        scope: str,
        limit: int | None,
        by: str,
        reason: str,
        person_id: UUID | None = None,
    ) -> Future[Answer]:
        """Set a first limit on new issues, or lower one. Raises: RaiseNeedsTwo, Invalid, InvalidAmount."""

        def decide(unit: Unit) -> Facts:
            unit.coalition.set_cap(scope=scope, limit=limit, by=by, reason=reason, person_id=person_id, at=unit.at)
            return {"scope": scope, "limit": limit}

        return self._simple(request, decide)

    def watch_cap(self, *, request: Request, scope: str, key: str) -> Future[Answer]:
        """For the network's own job: tell once that a limit is near, or no longer so, by what counts against it now."""

        def decide(unit: Unit) -> Facts:
            told = unit.coalition.watch_cap(scope=scope, key=key, used=unit.used(scope, key), at=unit.at)
            return {"scope": scope, "key": key, "told": told}

        return self._simple(request, decide)

    def propose_raise(
        self,
        *,
        request: Request,
        raise_id: UUID,
        scope: str,
        limit: int | None,
        person_id: UUID,
        reason: str,
        others: bool,
    ) -> Future[Answer]:
        """Ask for a limit to be raised or lifted (None). `others`: another organizer could confirm.

        Raises: RaiseConflict, SecondPersonNeeded, Invalid, InvalidAmount.
        """

        def decide(unit: Unit) -> Facts:
            proposed = unit.coalition.propose_raise(
                raise_id=raise_id,
                scope=scope,
                limit=limit,
                person_id=person_id,
                reason=reason,
                others=others,
                at=unit.at,
            )
            return {"raise_id": raise_id, **asdict(proposed)}

        return self._simple(request, decide)

    def confirm_raise(self, *, request: Request, raise_id: UUID, person_id: UUID, since: datetime) -> Future[Answer]:
        """The second person agrees: the limit is raised. Raises: RaiseNotFound, RaiseExpired, CannotConfirmOwnRaise,
        CapChangedSince, SecondPersonNeeded.
        """

        def decide(unit: Unit) -> Facts:
            done = unit.coalition.confirm_raise(raise_id=raise_id, person_id=person_id, since=since, at=unit.at)
            return {"scope": done.scope, "limit": done.limit}

        return self._simple(request, decide)

    def withdraw_raise(self, *, request: Request, raise_id: UUID, person_id: UUID, reason: str) -> Future[Answer]:
        """Take a proposal off the table. Raises: RaiseNotFound."""

        def decide(unit: Unit) -> Facts:
            unit.coalition.withdraw_raise(raise_id=raise_id, person_id=person_id, reason=reason, at=unit.at)
            return {"raise_id": raise_id, "state": "withdrawn"}

        return self._simple(request, decide)

    def open_campaign(self, *, request: Request, campaign_id: UUID, name: str, by: str) -> Future[Answer]:
        """Name a budget that agreements can be assigned to. Raises: CampaignConflict."""

        def decide(unit: Unit) -> Facts:
            unit.coalition.open_campaign(campaign_id=campaign_id, name=name, by=by, at=unit.at)
            return {"campaign_id": campaign_id, "name": name}

        return self._simple(request, decide)

    def record_tax(self, *, request: Request, merchant_id: UUID, record: TaxRecord, by: str) -> Future[Answer]:
        """A partner's country and tax rates from a day on. Raises: MerchantNotFound, InvalidTax."""

        def decide(unit: Unit) -> Facts:
            merchant = unit.get(Merchant, merchant_id)
            merchant.record_tax(record=record, by=by, at=unit.at)
            return {"merchant_id": merchant_id, "tax": [asdict(one) for one in merchant.tax_records]}

        return self._simple(request, decide, merchant_id)

    def set_value_limit(
        self, *, request: Request, limit: int, source: str, rate_on: str, person_id: UUID
    ) -> Future[Answer]:
        """What EUR 1 000 000 is in this coalition's money, by a recorded rate. Raises: InvalidAmount."""

        def decide(unit: Unit) -> Facts:
            unit.coalition.set_value_limit(limit=limit, source=source, rate_on=rate_on, person_id=person_id, at=unit.at)
            return {"limit": limit, "source": source, "rate_on": rate_on}

        return self._simple(request, decide)

    def set_bank_details(self, *, request: Request, party_id: UUID, digest: str | None, by: str) -> Future[Answer]:
        """Name the sealed bank details that a partner, the pool or the organizer pays and is paid with; None: no more.

        Raises: PartyNotFound.
        """

        def decide(unit: Unit) -> Facts:
            merchant = unit.find(Merchant, party_id)
            if merchant is not None:
                merchant.set_bank_details(digest=digest, set_by=by, at=unit.at)
            else:
                unit.coalition.set_bank_details(party_id=party_id, digest=digest, set_by=by, at=unit.at)
            return {"party_id": party_id, "known": digest is not None}

        return self._simple(request, decide, party_id)


def _merchant(merchant: Merchant) -> Facts:
    return {
        "merchant_id": merchant.id,
        "name": merchant.name,
        "category": merchant.category,
        "address": merchant.address,
        "number": merchant.number,
        "state": merchant.state,
    }
