"""Reads disputes: whether the line was there, who may say what when, and what money has to move at the end."""

from datetime import datetime, time, timedelta

from network.audit.arithmetic import Entry
from network.audit.books import Books, Facts, Reader, Readers

_DISPUTABLE = ("value", "commission", "fee", "adjustment")
"""Of what happened to a certificate: how a dispute ended, or what came back after a default, is the last word."""


def _raised(books: Books, key: str, facts: Facts, at: datetime) -> None:
    debtor, creditor, amount = facts["debtor_id"], facts["creditor_id"], facts["amount"]
    line = books.lines[facts["position"]][facts["entry"]]  # only what happened to certificates is kept there
    books.must(line[:2] == (debtor, creditor) and line[3] == facts["kind"], "a dispute names the two of its line")
    books.must(0 < amount <= line[2] and line[3] in _DISPUTABLE, "at most a whole line of trade is disputed")
    covering = next(n for n, one in enumerate(books.windows, 1) if one["position"] >= facts["position"])
    window = books.windows[covering - 1]
    books.must(facts["window_number"] == covering, "a dispute names the window of its line")
    books.must(at < _days_later(books, window["stated_at"], 30), "a line is disputed within 30 days")
    answer_by = datetime.fromisoformat(facts["answer_by"])
    books.must(answer_by == _days_later(books, at, 5), "the other side has 5 days")
    withheld = window["withheld"].get(key)
    books.must(withheld in (None, (debtor, creditor, amount)), "what is withheld is what is disputed")
    left_out = window["state"] in ("stated", "agreed")
    books.must((withheld is not None) == left_out, "a line leaves the payable until its payment is asked for")
    books.must(key not in books.disputes, "a line is disputed once")
    books.enter(facts, [(creditor, debtor, amount, "withheld")] if withheld else [])
    books.disputes[key] = {"sides": (debtor, creditor), "amount": amount, "withheld": withheld is not None}
    books.disputes[key] |= {"state": "raised", "answer_by": answer_by, "window": covering}
    _against(books, key, amount)


def _contested(books: Books, key: str, facts: Facts, at: datetime) -> None:
    dispute = books.disputes[key]
    books.must(dispute["state"] == "raised" and at < dispute["answer_by"], "a dispute is contested in time")
    dispute["state"] = "contested"


def _ended(upheld: bool) -> Reader:
    def read(books: Books, key: str, facts: Facts, at: datetime) -> None:
        dispute = books.disputes[key]
        debtor, creditor = dispute["sides"]
        amount = dispute["amount"]
        said = (facts["debtor_id"], facts["creditor_id"]), facts["amount"], facts["window_number"]
        books.must(said == (dispute["sides"], amount, dispute["window"]), "an end repeats what was disputed")
        books.must(dispute["state"] in _before(facts["rule"]), f"it cannot be {facts['rule']} now")
        books.must(facts["rule"] != "silence" or at >= dispute["answer_by"], "silence upholds when the time is over")
        books.must(upheld or facts["rule"] in ("decided", "withdrawn"), "silence and consent uphold")
        dispute["state"] = "ended"
        entries: list[Entry] = []
        if upheld and not dispute["withheld"]:
            entries = [(creditor, debtor, amount, "adjustment")]
        elif dispute["withheld"] and not upheld:
            entries = [(debtor, creditor, amount, "adjustment")]
        books.enter(facts, entries)
        _against(books, key, -amount)

    return read


def _before(rule: str) -> tuple[str, ...]:
    return {"silence": ("raised",), "decided": ("contested",)}.get(rule, ("raised", "contested"))


def _against(books: Books, key: str, change: int) -> None:
    """An open dispute counts against both sides: against one by its entries, against the other by itself."""
    debtor, creditor = books.disputes[key]["sides"]
    one, other = (debtor, creditor) if books.disputes[key]["withheld"] else (creditor, debtor)
    books.expose(f"pair:{one}:{other}", "", change)
    books.expose(f"debtor:{one}", "", change)


def _days_later(books: Books, at: datetime, days: int) -> datetime:
    day = at.astimezone(books.zone).date() + timedelta(days=days + 1)
    return datetime.combine(day, time.min, books.zone)


READERS: Readers = {
    "Dispute.Raised": _raised,
    "Dispute.Contested": _contested,
    "Dispute.Upheld": _ended(upheld=True),
    "Dispute.Rejected": _ended(upheld=False),
}
