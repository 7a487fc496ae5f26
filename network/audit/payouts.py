"""Reads what followed an agreement: what was asked for, confirmed, returned and left open, recomputed line by line."""

import hashlib
from collections import Counter
from datetime import date, datetime

from network.audit.books import Books, Facts, Readers

_CONSONANTS = "BCDFGHJKLMNPQRSTXZ"


def payment_id(coalition: str, number: int, version: int, debtor: str, creditor: str) -> str:
    """The end-to-end id that these five give, computed once more from the description in docs/banking.md."""
    said = f"instruction|{number}|{version}|{coalition}|{debtor}|{creditor}"
    rest = int.from_bytes(hashlib.sha256(said.encode()).digest(), "big")
    symbols = ""
    for _ in range(20):
        rest, place = divmod(rest, len(_CONSONANTS))
        symbols += _CONSONANTS[place]
    return f"W{number}V{version}-{symbols}"


def _consented(books: Books, key: str, facts: Facts, at: datetime) -> None:
    window = books.windows[facts["number"] - 1]
    books.must(window["state"] == "stated", "partners consent to what is stated and not yet agreed")
    books.must(facts["merchant_id"] in window["nets"], "who consents is of the window")
    window["consents"].add(facts["merchant_id"])


def _instructed(books: Books, key: str, facts: Facts, at: datetime) -> None:
    window = books.windows[facts["number"] - 1]
    books.must(window["state"] == "agreed", "only an agreed window is instructed, and once")
    books.must(facts["version"] not in window["asked"], "a version is instructed once")
    asked = Counter({(one["debtor"], one["creditor"]): one["amount"] for one in facts["payouts"]})
    books.must(len(asked) == len(facts["payouts"]), "a version asks for one payment of a pair")
    books.must(asked == window["due"], "what is instructed is what was stated to be paid")
    books.must(facts["version"] == window["version"], "the newest version is instructed")
    books.must(not window["waiting"], "a line that is withheld waits for a version of its own")
    window["state"] = "instructed"
    window["asked"][facts["version"]] = [one["end_to_end_id"] for one in facts["payouts"]]
    for one in facts["payouts"]:
        expected = payment_id(books.coalition, facts["number"], facts["version"], one["debtor"], one["creditor"])
        books.must(one["end_to_end_id"] == expected, "a payment's id follows from window, version and pair")
        _known_details(books, one["debtor"], one["debtor_details"])
        _known_details(books, one["creditor"], one["creditor_details"])
        kept = {"number": facts["number"], "version": facts["version"], "due_on": facts["due_on"], "lines": {}}
        books.payouts[one["end_to_end_id"]] = one | kept


def _known_details(books: Books, party: str, digest: str | None) -> None:
    books.must(books.bank_details.get(party) == digest, "a payment goes to the bank details that were set last")


def _line(books: Books, facts: Facts, sign: int) -> None:
    payout = _of_payout(books, facts)
    books.must(facts["amount"] > 0, "an amount that was confirmed or came back is above zero")
    books.must(facts["side"] in ("creditor", "debtor", "hand"), "a bank or a person says that money moved")
    books.must(facts["side"] != "hand" or facts["by"] != "bank", "a bank does not speak by hand")
    books.must(facts["line"] not in books.lines_booked, "one line of a bank pays one debt, once")
    books.lines_booked[facts["line"]] = facts["end_to_end_id"]
    before = figures(payout)["paid"]
    payout["lines"][facts["line"]] = (facts["side"], sign * facts["amount"], facts["by"])
    _go_on(books, facts, figures(payout)["paid"] - before)


def _confirmed(books: Books, key: str, facts: Facts, at: datetime) -> None:
    _line(books, facts, 1)


def _returned(books: Books, key: str, facts: Facts, at: datetime) -> None:
    _line(books, facts, -1)


def _withdrawn(books: Books, key: str, facts: Facts, at: datetime) -> None:
    payout = _of_payout(books, facts)
    before = figures(payout)["paid"]
    known = payout["lines"].pop(facts["line"], None)
    books.must(known is not None, "what is withdrawn was booked")
    books.must(known is None or known[2] != "bank", "a bank's own line is not withdrawn")
    books.lines_booked.pop(facts["line"], None)
    _go_on(books, facts, figures(payout)["paid"] - before)


def _go_on(books: Books, facts: Facts, change: int) -> None:
    """Money that came back, or never came, opens a settled window again. Limits count what is not paid."""
    books.must(facts["change"] == change, "a booking says by how much what the creditor has changed")
    for one, other, amount in (
        (facts["debtor_id"], facts["creditor_id"], -change),
        (facts["creditor_id"], facts["debtor_id"], change),
    ):
        books.expose(f"pair:{one}:{other}", "", amount)
        books.expose(f"debtor:{one}", "", amount)
    window = books.windows[facts["number"] - 1]
    if window["state"] == "settled" and open_amount(books, window):
        window["state"] = "instructed"


def _reminded(books: Books, key: str, facts: Facts, at: datetime) -> None:
    payout = _of_payout(books, facts)
    paid = figures(payout)["paid"]
    books.must(facts["missing"] == payout["amount"] - paid > 0, "a reminder names what is missing")
    books.must(facts["due_on"] == payout["due_on"], "a reminder names the day on which it was due")
    step = facts["step"]
    early = step is not None and (date.fromisoformat(facts["on"]) - date.fromisoformat(facts["due_on"])).days < step
    books.must(not early, "a reminder does not come before its day")


def _of_payout(books: Books, facts: Facts) -> Facts:
    payout: Facts = books.payouts[facts["end_to_end_id"]]
    told = (facts["number"], facts["version"], facts["debtor_id"], facts["creditor_id"])
    asked = (payout["number"], payout["version"], payout["debtor"], payout["creditor"])
    books.must(asked == told, "a booking names its payment's window and parties")
    return payout


def figures(payout: Facts) -> dict[str, int]:
    """What is paid, missing and too much: the creditor's bank is believed before the debtor's, hands come on top."""
    sides: dict[str, list[int]] = {"creditor": [], "debtor": [], "hand": []}
    for side, amount, _ in payout["lines"].values():
        sides[side].append(amount)
    paid = max(0, sum(sides["creditor"] or sides["debtor"]) + sum(sides["hand"]))
    amount = payout["amount"]
    return {"paid": paid, "missing": max(0, amount - paid), "surplus": max(0, paid - amount)}


def open_amount(books: Books, window: Facts) -> int:
    """What of a window's newest version is not paid."""
    return sum(figures(books.payouts[one])["missing"] for one in window["asked"].get(window["version"], ()))


def prepaid(books: Books, window: Facts) -> Counter[tuple[str, str, str]]:
    """What was paid since the version before: the next one keeps it as a debt back to who paid."""
    found: Counter[tuple[str, str, str]] = Counter()
    for one in (books.payouts[name] for names in window["asked"].values() for name in names):
        if {one["debtor"], one["creditor"]} & window["defaulters"]:
            continue
        paid = figures(one)["paid"]
        amount, one["taken_in"] = paid - one.get("taken_in", 0), paid
        sides = (one["creditor"], one["debtor"]) if amount > 0 else (one["debtor"], one["creditor"])
        if amount:
            found["prepaid", *sides] += abs(amount)
    return found


def totals(books: Books, window: Facts) -> tuple[int | None, int | None]:
    """What of the newest version is paid and missing; None before payments were asked for."""
    asked = window["asked"].get(window["version"])
    if asked is None:
        return None, None
    return sum(figures(books.payouts[one])["paid"] for one in asked), open_amount(books, window)


def state_of(books: Books, window: Facts) -> str:
    """How far the window is."""
    paid, _ = totals(books, window)
    return "part_paid" if window["state"] == "instructed" and paid else str(window["state"])


def _details_of_merchant(books: Books, key: str, facts: Facts, at: datetime) -> None:
    books.bank_details[key] = facts["digest"]


def _details_of_party(books: Books, key: str, facts: Facts, at: datetime) -> None:
    books.bank_details[facts["party_id"]] = facts["digest"]


def _loaded(books: Books, key: str, facts: Facts, at: datetime) -> None:
    books.must(facts["digest"] not in books.bank_files, "the same bank file is loaded once")
    books.bank_files.add(facts["digest"])
    parts = facts["matched"] + facts["known"] + facts["unmatched"]
    books.must(facts["lines"] == parts, "every line of a bank file is matched, known or unmatched")


def _assigned(books: Books, key: str, facts: Facts, at: datetime) -> None:
    books.must(facts["end_to_end_id"] in books.payouts, "a line is assigned to a payment that was asked for")


def _released(books: Books, key: str, facts: Facts, at: datetime) -> None:
    books.must(facts["line"] not in books.lines_booked, "a line waits again only when it counts for nothing")


READERS: Readers = {
    "Window.ConsentGiven": _consented,
    "Window.Instructed": _instructed,
    "Window.PaymentConfirmed": _confirmed,
    "Window.PaymentReturned": _returned,
    "Window.BookingWithdrawn": _withdrawn,
    "Window.Reminded": _reminded,
    "Merchant.BankDetailsSet": _details_of_merchant,
    "Coalition.BankDetailsSet": _details_of_party,
    "BankFile.Loaded": _loaded,
    "BankFile.LineAssigned": _assigned,
    "BankFile.LineReleased": _released,
}
