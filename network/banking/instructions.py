"""What a debtor's bank is asked to pay: parties, instructions, and one batch per debtor.

Values that no bank would take are refused when they are made, so what exists can be written. Each debtor pays from
its own bank account and signs at its own bank, so a batch has one debtor: a bank refuses a file that
draws on accounts of others, and no partner should see what its neighbours owe.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import groupby
from typing import Final
from uuid import UUID

from network.banking import ids
from network.banking.characters import is_sepa_text, sepa_text
from network.banking.iban import checked_bic, checked_iban
from network.banking.refusals import PaymentInvalid
from network.domain.units import MINOR_MAX, Minor, is_currency

NAME_LENGTH_MAX: Final = 70
REMITTANCE_LENGTH_MAX: Final = 140
EUR_AMOUNT_MAX: Final[Minor] = 999_999_999_99
"""The largest SEPA credit transfer (EPC125-05, the scheme's rulebook)."""


@dataclass(frozen=True, slots=True)
class PostalAddress:
    """Structured, as banks demand (EPC153-22): town and country are the least. No free lines exist."""

    town: str
    country: str
    street: str = ""
    building: str = ""
    postcode: str = ""

    def __post_init__(self) -> None:
        if not (
            len(self.country) == 2 and self.country.isascii() and self.country.isalpha() and self.country.isupper()
        ):
            raise PaymentInvalid(reason="A country of an address is two capital letters, as LV.")
        if not _says_something(self.town):
            raise PaymentInvalid(reason="An address needs a town.")


@dataclass(frozen=True, slots=True)
class Party:
    """A partner as banks know it. `party_id` makes ids and is never written; IBAN and BIC are checked and compacted."""

    party_id: UUID
    name: str
    iban: str
    bic: str | None = None
    address: PostalAddress | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "iban", checked_iban(self.iban))
        if self.bic is not None:
            object.__setattr__(self, "bic", checked_bic(self.bic))
        if not _says_something(self.name):
            raise PaymentInvalid(reason="A name needs at least one letter that banks can print.")


@dataclass(frozen=True, slots=True)
class PaymentInstruction:
    """The debtor pays the creditor `amount` of `currency`, with a text for the creditor's statement."""

    end_to_end_id: str
    debtor: Party
    creditor: Party
    amount: Minor
    currency: str
    remittance: str

    def __post_init__(self) -> None:
        if not is_currency(self.currency):
            raise PaymentInvalid(reason="The currency is not one that shops settle in.")
        if not 0 < self.amount <= (EUR_AMOUNT_MAX if self.currency == "EUR" else MINOR_MAX):
            raise PaymentInvalid(reason="The amount is not positive, or more than one bank transfer can be.")
        if self.debtor.iban == self.creditor.iban:
            raise PaymentInvalid(reason="Debtor and creditor have the same IBAN, so there is nothing to pay.")
        _check_id(self.end_to_end_id)

    @property
    def debtor_iban(self) -> str:
        """Where it leaves."""
        return self.debtor.iban

    @property
    def creditor_iban(self) -> str:
        """Where it arrives."""
        return self.creditor.iban


@dataclass(frozen=True, slots=True)
class ExpectedPayment:
    """A payment that banks may tell of, although one side's IBAN, or both, are not known here."""

    end_to_end_id: str
    debtor_iban: str | None
    creditor_iban: str | None
    amount: Minor
    currency: str


@dataclass(frozen=True, slots=True)
class PaymentBatch:
    """One file for one debtor's bank. The times are the caller's, so its bytes can be made again."""

    message_id: str
    payment_id: str
    created_at: datetime
    execution_on: date
    instructions: tuple[PaymentInstruction, ...]

    def __post_init__(self) -> None:
        if not self.instructions:
            raise PaymentInvalid(reason="There is nothing to pay.")
        if self.created_at.tzinfo is None:
            raise PaymentInvalid(reason="The time of creation needs a time zone.")
        if len({(one.debtor, one.currency) for one in self.instructions}) > 1:
            raise PaymentInvalid(reason="One payment file has one debtor and one currency.")
        if len({one.end_to_end_id for one in self.instructions}) < len(self.instructions):
            raise PaymentInvalid(reason="Two payments of one file have the same id.")
        for one in (self.message_id, self.payment_id):
            _check_id(one)
        object.__setattr__(self, "created_at", self.created_at.astimezone(UTC))

    @property
    def debtor(self) -> Party:
        """Who pays."""
        return self.instructions[0].debtor

    @property
    def currency(self) -> str:
        """What it pays in."""
        return self.instructions[0].currency

    @property
    def total(self) -> Minor:
        """The control sum."""
        return sum(one.amount for one in self.instructions)


def instruction(
    *,
    coalition_id: UUID,
    window_number: int,
    version: int,
    debtor: Party,
    creditor: Party,
    amount: Minor,
    currency: str,
) -> PaymentInstruction:
    """One debt of a settled window as an instruction; same facts, same ids and text.

    The text repeats the id: who pays by hand copies the text, and the payment is still found.
    """
    reference = ids.end_to_end_id(coalition_id, window_number, version, debtor.party_id, creditor.party_id)
    return PaymentInstruction(
        end_to_end_id=reference,
        debtor=debtor,
        creditor=creditor,
        amount=amount,
        currency=currency,
        remittance=remittance_of(window_number, reference),
    )


def remittance_of(window_number: int, reference: str) -> str:
    """The text for the creditor's statement, which holds the id too."""
    return f"Pollen window {window_number} {reference}"


def batches(
    instructions: Iterable[PaymentInstruction],
    *,
    coalition_id: UUID,
    window_number: int,
    version: int,
    created_at: datetime,
    execution_on: date,
) -> tuple[PaymentBatch, ...]:
    """One batch per debtor, by its IBAN; instructions by their id. The order they come in does not matter.

    Raises PaymentInvalid, also for a debtor with two IBANs: both files would have one id, and a bank takes one of them.
    """
    instructions = list(instructions)
    ibans = {(one.debtor.party_id, one.debtor.iban) for one in instructions}
    if len(ibans) > len({party_id for party_id, _ in ibans}):
        raise PaymentInvalid(reason="A debtor pays one window from one bank account.")
    ordered = sorted(instructions, key=lambda one: (one.debtor.iban, str(one.debtor.party_id), one.end_to_end_id))
    return tuple(
        PaymentBatch(
            message_id=ids.message_id(coalition_id, window_number, version, debtor_id),
            payment_id=ids.payment_id(coalition_id, window_number, version, debtor_id),
            created_at=created_at,
            execution_on=execution_on,
            instructions=tuple(mine),
        )
        for (_, debtor_id), mine in groupby(ordered, key=lambda one: (one.debtor.iban, one.debtor.party_id))
    )


def _says_something(text: str) -> bool:
    return any(symbol.isalnum() for symbol in sepa_text(text, NAME_LENGTH_MAX))


def _check_id(text: str) -> None:
    # EPC230-15: identifications are in the set, neither start nor end with a slash, and hold no two in a row.
    fits = 0 < len(text) <= ids.ID_LENGTH_MAX and is_sepa_text(text) and text == text.strip()
    if not fits or text.startswith("/") or text.endswith("/") or "//" in text:
        raise PaymentInvalid(reason="A payment id is outside what banks carry: 35 letters and digits.")
