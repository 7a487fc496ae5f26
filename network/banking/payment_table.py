"""Instructions as CSV, for a bank without file import and for an accountant's eyes."""

import csv
import io
from collections.abc import Iterable
from typing import Final

from network.banking.amounts import decimal_text
from network.banking.characters import sepa_text
from network.banking.instructions import NAME_LENGTH_MAX, REMITTANCE_LENGTH_MAX, PaymentBatch

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


def payment_table(batches: Iterable[PaymentBatch]) -> bytes:
    """The instructions as RFC 4180 in UTF-8: a header, a row each, the same texts and order as in the XML files."""
    written = io.StringIO(newline="")
    table = csv.writer(written, lineterminator="\r\n")
    table.writerow(COLUMNS)
    for batch in batches:
        for one in batch.instructions:
            table.writerow(
                (
                    batch.message_id,
                    batch.execution_on.isoformat(),
                    one.end_to_end_id,
                    _cell(sepa_text(one.debtor.name, NAME_LENGTH_MAX)),
                    one.debtor.iban,
                    one.debtor.bic or "",
                    _cell(sepa_text(one.creditor.name, NAME_LENGTH_MAX)),
                    one.creditor.iban,
                    one.creditor.bic or "",
                    decimal_text(one.amount, one.currency),
                    one.currency,
                    _cell(sepa_text(one.remittance, REMITTANCE_LENGTH_MAX)),
                )
            )
    return written.getvalue().encode("utf-8")


def _cell(text: str) -> str:
    """Text that a spreadsheet would calculate ("+1+cmd") is kept text by an apostrophe (OWASP, CSV injection)."""
    return f"'{text}" if text.startswith(("+", "-", "=", "@")) else text
