"""Instructions as CSV, for a bank without file import and for an accountant's eyes."""

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final

from network.banking.amounts import decimal_text
from network.banking.characters import sepa_text
from network.banking.instructions import NAME_LENGTH_MAX, REMITTANCE_LENGTH_MAX, Party, PaymentBatch
from network.domain.units import Minor

COLUMNS: Final = (
    "message_id",
    "execution_on",
    "end_to_end_id",
    "debtor_name",
    "debtor_iban",
    "debtor_bic",
    "creditor_name",
    "creditor_iban",
    "creditor_bic",
    "amount",
    "currency",
    "remittance",
)


@dataclass(frozen=True, slots=True)
class TableParty:
    """Who pays or is paid, as far as it is known; no IBAN: by hand."""

    name: str
    iban: str = ""
    bic: str = ""


@dataclass(frozen=True, slots=True)
class TableRow:
    """One payment of one message."""

    message_id: str
    execution_on: date
    end_to_end_id: str
    debtor: TableParty
    creditor: TableParty
    amount: Minor
    currency: str
    remittance: str


def payment_table(batches: Iterable[PaymentBatch]) -> bytes:
    """The instructions as RFC 4180 in UTF-8: a header, a row each, the same texts and order as in the XML files."""
    return table_of_rows(
        TableRow(
            batch.message_id,
            batch.execution_on,
            one.end_to_end_id,
            _party(one.debtor),
            _party(one.creditor),
            one.amount,
            one.currency,
            one.remittance,
        )
        for batch in batches
        for one in batch.instructions
    )


def table_of_rows(rows: Iterable[TableRow]) -> bytes:
    """The same for payments of which some have no bank: their IBANs are empty, and everything else stands there."""
    written = io.StringIO(newline="")
    table = csv.writer(written, lineterminator="\r\n")
    table.writerow(COLUMNS)
    for one in rows:
        table.writerow(
            (
                one.message_id,
                one.execution_on.isoformat(),
                one.end_to_end_id,
                _cell(sepa_text(one.debtor.name, NAME_LENGTH_MAX)),
                one.debtor.iban,
                one.debtor.bic,
                _cell(sepa_text(one.creditor.name, NAME_LENGTH_MAX)),
                one.creditor.iban,
                one.creditor.bic,
                decimal_text(one.amount, one.currency),
                one.currency,
                _cell(sepa_text(one.remittance, REMITTANCE_LENGTH_MAX)),
            )
        )
    return written.getvalue().encode("utf-8")


def _party(party: Party) -> TableParty:
    return TableParty(party.name, party.iban, party.bic or "")


def _cell(text: str) -> str:
    """Text that a spreadsheet would calculate ("+1+cmd") is kept text by an apostrophe (OWASP, CSV injection)."""
    return f"'{text}" if text.startswith(("+", "-", "=", "@")) else text
