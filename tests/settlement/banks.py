"""Banks for tests: bank details for partners, and files as banks answer with."""

import csv
import io
from datetime import date
from typing import Any
from uuid import UUID

from network.application import Answer
from network.bank_details import BankDetails, keep_details
from network.banking.statement_table import COLUMNS
from network.domain.statement import SettlementTerms
from network.settlement.closing import agree_due
from network.settlement.paying import instruct_window, load_bank_file
from tests.banking.world import iban_of
from tests.projections.worlds import catch_up
from tests.settlement.streets import close, raw_log
from tests.support import Neighbourhood

DAY = date(2026, 3, 16)


def give_iban(street: Neighbourhood, party_id: UUID, number: int, holder: str = "Shop") -> str:
    """Put bank details on record; the IBAN."""
    iban = iban_of(number)
    digest = keep_details(street.opened, party_id, BankDetails.checked(holder=f"{holder} {number}", iban=iban))
    street.do("set_bank_details", party_id=party_id, digest=digest, by="organizer")
    return iban


def instructed(street: Neighbourhood, url: str, number: int = 1, terms: SettlementTerms | None = None) -> list[Any]:
    """Close a window up to its instruction; the payments as the log has them."""
    close(url, street.opened, number, terms)
    catch_up(url, street.opened.schema)
    street.clock.move(days=8)
    agree_due(street.opened, street.clock())
    instruct_window(street.opened, number, by="organizer").facts()
    catch_up(url, street.opened.schema)
    return asked(street, url)


def asked(street: Neighbourhood, url: str) -> list[Any]:
    """The payments of the newest instruction."""
    found = [facts for _, topic, facts in raw_log(url, street.opened.schema) if topic == "Window.Instructed"]
    return list(found[-1]["payouts"])


def row(own: str, amount: str, reference: str = "", *, bank: str = "R-1", text: str = "", other: str = "") -> list[str]:
    reason = "AC04" if bank.startswith("back") else ""
    return [own, DAY.isoformat(), amount, "EUR", other, "Somebody", reference, text, bank, reason]


def table(*rows: list[str]) -> bytes:
    """Our CSV."""
    written = io.StringIO()
    writer = csv.writer(written)
    writer.writerow(COLUMNS)
    writer.writerows(rows)
    return written.getvalue().encode()


def load(street: Neighbourhood, content: bytes) -> Answer:
    return load_bank_file(street.opened, content, currency="EUR", by="organizer")
