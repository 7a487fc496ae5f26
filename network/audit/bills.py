"""Reads the events of bills: what was paid, deducted, decided and refunded."""

from datetime import datetime
from uuid import UUID, uuid5

from network.audit.books import Books, Facts, Readers


def _recorded(books: Books, key: str, facts: Facts, at: datetime) -> None:
    _bill(books, key, facts)
    books.payments[key]["amount"] = facts["amount"]
    books.visit(facts["merchant_id"], facts["customer_id"], at)


def _announced(books: Books, key: str, facts: Facts, at: datetime) -> None:
    _bill(books, key, facts)
    _deducted(books, key, facts, at)


def _bill(books: Books, key: str, facts: Facts) -> None:
    books.must(key not in books.payments, "the same bill is on record twice")
    named = str(uuid5(UUID(facts["merchant_id"]), facts["bill_reference"]))
    books.must(key == named, "the bill's id does not follow from its reference")
    books.payments[key] = {
        "merchant": facts["merchant_id"],
        "amount": None,
        "taken": {},
        "returned": {},
        "refunded": 0,
        "cash": 0,
        "decided": set(),
        "customer": facts.get("customer_id"),
        "draw": None,
    }


def _deducted(books: Books, key: str, facts: Facts, at: datetime) -> None:
    bill = books.payments[key]
    bill["taken"][facts["redemption_id"]] = facts["deducted"]
    certificate = books.certificates[facts["certificate_id"]]
    redemption = certificate.redemptions.get(facts["redemption_id"])
    books.must(
        facts["deducted"] == (redemption.amount if redemption else certificate.conflicted[facts["redemption_id"]]),
        "the bill and the certificate disagree on the deduction",
    )
    books.must(bill["amount"] is None or sum(bill["taken"].values()) <= bill["amount"], "more off than the bill")


def _deduction_reversed(books: Books, key: str, facts: Facts, at: datetime) -> None:
    del books.payments[key]["taken"][facts["redemption_id"]]


def _completed(books: Books, key: str, facts: Facts, at: datetime) -> None:
    bill = books.payments[key]
    books.must(bill["amount"] is None, "a bill is paid once")
    books.must(sum(bill["taken"].values()) <= facts["amount"], "more was deducted than the whole bill")
    bill |= {"amount": facts["amount"], "customer": facts["customer_id"]}
    books.visit(facts["merchant_id"], facts["customer_id"], at)


def _issue_decided(books: Books, key: str, facts: Facts, at: datetime) -> None:
    decided = books.payments[key]["decided"]
    books.must(facts["campaign"] not in decided, "one bill leads to one issue decision")
    decided.add(facts["campaign"])


def _payment_refunded(books: Books, key: str, facts: Facts, at: datetime) -> None:
    bill = books.payments[key]
    bill["refunded"] += facts["amount"]
    bill["cash"] += facts["cash"]
    for part in facts["returned"]:
        redemption = part["redemption_id"]
        bill["returned"][redemption] = bill["returned"].get(redemption, 0) + part["amount"]
    back = sum(bill["returned"].values())
    books.must(bill["refunded"] <= bill["amount"], "more is refunded than the bill")
    books.must(bill["cash"] + back == bill["refunded"], "cash and certificates do not make up the refund")
    books.must(bill["cash"] <= bill["amount"] - sum(bill["taken"].values()), "more cash back than was paid")


READERS: Readers = {
    "Payment.Recorded": _recorded,
    "Payment.Announced": _announced,
    "Payment.Deducted": _deducted,
    "Payment.DeductionReversed": _deduction_reversed,
    "Payment.Completed": _completed,
    "Payment.IssueDecided": _issue_decided,
    "Payment.Refunded": _payment_refunded,
}
