"""What a debtor takes to its bank: one pain.001 for each debtor, and a table that lists those too who have no IBAN.

Made from the instruction in the log and the bank details that it froze, so the same version gives the same bytes.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from network.bank_details import BankDetails, find_details
from network.banking import ids
from network.banking.instructions import (
    EUR_AMOUNT_MAX,
    PaymentBatch,
    PaymentInstruction,
    batches,
    instruction,
    remittance_of,
)
from network.banking.pain001 import payment_file
from network.banking.payment_table import TableParty, TableRow, table_of_rows
from network.coalitions import OpenCoalition
from network.domain.errors import NoPaymentFile, WindowNotFound, WindowStateForbids
from network.domain.merchant import Merchant
from network.domain.payout import Payout
from network.domain.postings import own_parties
from network.domain.window import Window, window_id_of
from network.unit import Unit, WorkingSet

WHY = {
    "debtor_iban_missing": "its bank details were not known when it was instructed",
    "creditor_iban_missing": "the bank details of who receives were not known when it was instructed",
    "same_iban": "both sides have the same IBAN",
    "amount_too_large": "the amount is more than one bank transfer can be",
    "nothing_owed": "it pays nothing in this window",
}
"""Why a payment is made without a bank file, in words."""


@dataclass(frozen=True, slots=True)
class PaymentPapers:
    """What one window asked for, with names and bank details as they were then."""

    coalition_id: UUID
    number: int
    version: int
    created_at: datetime
    due_on: date
    currency: str
    payouts: tuple[Payout, ...]
    names: dict[UUID, str]
    details: dict[tuple[UUID, str], BankDetails]

    def debtors(self) -> list[UUID]:
        """Who pays."""
        return sorted({one.debtor for one in self.payouts})

    def why_not(self, one: Payout) -> str | None:
        """A key of WHY for a payment that no bank file holds; None for one that the debtor's file holds."""
        debtor, creditor = self._of(one.debtor, one.debtor_details), self._of(one.creditor, one.creditor_details)
        if debtor is None or creditor is None:
            return "debtor_iban_missing" if debtor is None else "creditor_iban_missing"
        if debtor.iban == creditor.iban:
            return "same_iban"
        return "amount_too_large" if self.currency == "EUR" and one.amount > EUR_AMOUNT_MAX else None

    def pain001(self, debtor_id: UUID) -> bytes:
        """The debtor's file. Raises: NoPaymentFile."""
        return payment_file(self._batch(debtor_id))

    def table(self, debtor_id: UUID | None = None) -> bytes:
        """What one debtor pays, or everybody: every payment, whether a bank file holds it or not."""
        return table_of_rows(self._rows(debtor_id))

    def _batch(self, debtor_id: UUID) -> PaymentBatch:
        own = [one for one in self.payouts if one.debtor == debtor_id]
        reasons = [why for one in own if (why := self.why_not(one)) is not None]
        instructions = [self._instruction(one) for one in own if self.why_not(one) is None]
        if not instructions:
            raise NoPaymentFile(number=self.number, reason=WHY[reasons[0] if reasons else "nothing_owed"])
        (batch,) = batches(
            instructions,
            coalition_id=self.coalition_id,
            window_number=self.number,
            version=self.version,
            created_at=self.created_at,
            execution_on=self.due_on,
        )
        return batch

    def _instruction(self, one: Payout) -> PaymentInstruction:
        debtor, creditor = self._of(one.debtor, one.debtor_details), self._of(one.creditor, one.creditor_details)
        assert debtor is not None, "why_not was asked"
        assert creditor is not None, "why_not was asked"
        return instruction(
            coalition_id=self.coalition_id,
            window_number=self.number,
            version=self.version,
            debtor=debtor.party(one.debtor),
            creditor=creditor.party(one.creditor),
            amount=one.amount,
            currency=self.currency,
        )

    def _rows(self, debtor_id: UUID | None) -> Iterator[TableRow]:
        for one in sorted(self.payouts, key=lambda one: (one.debtor, one.end_to_end_id)):
            if debtor_id in (None, one.debtor):
                yield TableRow(
                    message_id=ids.message_id(self.coalition_id, self.number, self.version, one.debtor),
                    execution_on=self.due_on,
                    end_to_end_id=one.end_to_end_id,
                    debtor=self._table_party(one.debtor, one.debtor_details),
                    creditor=self._table_party(one.creditor, one.creditor_details),
                    amount=one.amount,
                    currency=self.currency,
                    remittance=remittance_of(self.number, one.end_to_end_id),
                )

    def _table_party(self, party_id: UUID, digest: str | None) -> TableParty:
        found = self._of(party_id, digest)
        if found is None:
            return TableParty(self.names.get(party_id, ""))
        return TableParty(found.holder, found.iban, found.bic or "")

    def _of(self, party_id: UUID, digest: str | None) -> BankDetails | None:
        return self.details.get((party_id, digest)) if digest else None


def papers_of(coalition: OpenCoalition, number: int) -> PaymentPapers:
    """The newest instruction of a window. Raises: WindowNotFound, WindowStateForbids before there is one."""
    with coalition.reading() as recorder:
        stored = recorder.select_events(window_id_of(coalition.coalition_id, number))
        if not stored:
            raise WindowNotFound()
        events = [coalition.mapper.to_domain_event(event) for event in stored]
        instructed = next((event for event in reversed(events) if isinstance(event, Window.Instructed)), None)
        if instructed is None:
            window = None
            for event in events:
                window = event.mutate(window)  # type: ignore[attr-defined]
            raise WindowStateForbids(number=number, state=window.state.value)  # type: ignore[union-attr]
        asked = instructed.payouts
        parties = {party for one in asked for party in (one.debtor, one.creditor)}
        working = WorkingSet(recorder, coalition.mapper, {})
        working.load({coalition.coalition_id, *parties})
        unit = Unit(working, coalition_id=coalition.coalition_id, at=instructed.timestamp)
        names = {party: _name(unit, party) for party in parties}
        currency = unit.coalition.currency
    wanted = {(one.debtor, one.debtor_details) for one in asked if one.debtor_details}
    wanted |= {(one.creditor, one.creditor_details) for one in asked if one.creditor_details}
    return PaymentPapers(
        coalition_id=coalition.coalition_id,
        number=number,
        version=instructed.version,
        created_at=instructed.timestamp,
        due_on=date.fromisoformat(instructed.due_on),
        currency=currency,
        payouts=asked,
        names=names,
        details=find_details(coalition, wanted),
    )


def _name(unit: Unit, party_id: UUID) -> str:
    merchant = unit.find(Merchant, party_id)
    names = ("Pool", unit.coalition.name, "Deposits")
    own = dict(zip(own_parties(unit.coalition.id), names, strict=True))
    return merchant.name if merchant else own.get(party_id, "")
