"""What tax law makes of a certificate, once more from the log alone."""

from datetime import datetime
from typing import Any

from network.audit import arithmetic
from network.audit.books import Books, Certificate, Facts

Record = dict[str, Any]


def on_record(books: Books, merchant: str, at: datetime) -> Record | None:
    """The newest word on the day, by the day from which it counts."""
    day = at.astimezone(books.zone).date().isoformat()
    told = books.tax.get(merchant, {})
    return told[max(days)] if (days := [one for one in told if one <= day]) else None


def check_issue(books: Books, facts: Facts, at: datetime) -> None:
    """An event that was stored before tax was on record has nothing to check."""
    tax, terms = facts.get("tax"), arithmetic.terms_of(facts["terms"])
    if tax is None or facts["origin"]["replaces_id"] is not None:
        return
    record = on_record(books, facts["acceptor_id"], at)
    expected = {
        "instrument": _instrument(terms, record),
        "country": record["country"] if record else None,
        "rates": record["rates"] if record else [],
        "consideration": 0,
    }
    books.must(tax == expected, f"for tax it is {expected}, the event has {tax}")


def check_supply(books: Books, certificate: Certificate, facts: Facts, at: datetime) -> None:
    """The parts are the deduction, each at a rate of the acceptor; what others pay of it is what they owe."""
    supply = facts.get("supply")
    if supply is None:
        return
    record = on_record(books, certificate.acceptor, at)
    rates = {part["rate"] for part in supply["parts"]}
    funded = sum(p["amount"] for p in facts["postings"] if p["kind"] == "value")
    books.must(sum(p["amount"] for p in supply["parts"]) == facts["amount"], "a supply is as large as the deduction")
    books.must(supply["funded"] == funded, "what others pay of a supply is what they owe for it")
    books.must(rates <= {None, *(record["rates"] if record else ())}, "a supply is at the acceptor's rates")
    if facts["sold"]:
        books.must(sum(part["amount"] for part in facts["sold"]) == facts["bill"], "a bill by rate adds up to the bill")
    else:
        books.must(rates == {_only_rate(certificate.terms, record)}, "the rate is the one that was known, or none")


def _instrument(terms: Facts, record: Record | None) -> str:
    if not terms["use"]["as_payment"]:
        free = terms["funding"]["issuer"] + terms["funding"]["pool"] == 0
        return "discount" if free else "third_party_funded"
    return "multi_purpose_voucher" if _only_rate(terms, record) is None else "single_purpose_voucher"


def _only_rate(terms: Facts, record: Record | None) -> int | None:
    if record is None:
        return None
    agreed = terms["use"]["tax_rate"]
    possible = [rate for rate in record["rates"] if agreed in (None, rate)]
    return possible[0] if len(possible) == 1 else None
