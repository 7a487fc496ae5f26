"""The lines of statements once more: which posting is in which window and section, and what they add up to."""

from network.audit.books import Books, Facts

REDEEMED = "Certificate.Redeemed"
UNDOES = ("Certificate.RedemptionReversed", "Certificate.RedemptionRefunded")
CONFLICTED = "Certificate.OfflineConflicted"
DECIDES = ("Dispute.Upheld", "Dispute.Rejected", "Default.Recovered")
UNKNOWN_RATE = -1
_COUNTED = ("value", "commission", "fee", "adjustment")
_CAUSES = {REDEEMED: "redeemed", UNDOES[0]: "reversed", UNDOES[1]: "refunded"}


def note(books: Books, topic: str, key: str, facts: Facts) -> None:
    """Put an event's postings where the next cut will find them."""
    if topic not in (REDEEMED, CONFLICTED, *UNDOES, *DECIDES):
        return
    window = len(books.windows) + 1
    if topic == REDEEMED:
        books.redeemed_in[facts["redemption_id"]] = window
    was = window if topic in (CONFLICTED, *DECIDES) else books.redeemed_in[facts["redemption_id"]]
    if topic in _CAUSES:
        sign = 1 if topic == REDEEMED else -1
        adjusts = was if was < window else None
        books.statement_causes[books.position] = (window, _CAUSES[topic], key, sign * facts["amount"], adjusts)
        _supply(books, window, topic, facts)
    for entry, posting in enumerate(facts["postings"]):
        if posting["kind"] in _COUNTED:
            adjusts_earlier = was < window or topic in DECIDES
            section = "adjustment" if adjusts_earlier else posting["kind"]
            pair = (posting["debtor"], posting["creditor"])
            books.statement_lines[books.position, entry] = (window, *pair, posting["kind"], section, posting["amount"])
            amount, entries = books.statement_totals.get((window, *pair, section), (0, 0))
            books.statement_totals[window, *pair, section] = (amount + posting["amount"], entries + 1)


def _supply(books: Books, window: int, topic: str, facts: Facts) -> None:
    """What came off the bill, by tax rate: taken back as it was supplied, whole or as the refund says."""
    sign = 1 if topic == REDEEMED else -1
    if topic == REDEEMED and facts.get("supply") is not None:
        books.supplies[facts["redemption_id"]] = facts["supply"]
    supply = books.supplies.get(facts["redemption_id"])
    parts = supply["parts"] if supply else []
    if topic == UNDOES[1]:
        parts = facts.get("supply", []) if supply else []
    sides = window, facts["issuer_id"], facts["acceptor_id"]
    left = facts["amount"]
    for part in parts:
        rate = UNKNOWN_RATE if part["rate"] is None else part["rate"]
        kind = (supply["instrument"], supply["country"] or "", rate) if supply else ("", "", rate)
        books.statement_supplies[(*sides, *kind)] += sign * part["amount"]
        left -= part["amount"]
    books.statement_supplies[(*sides, "", "", UNKNOWN_RATE)] += sign * left
