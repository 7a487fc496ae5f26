"""The money of DOMAIN 4 once more, in whole numbers that nothing is lost from, and no cleverness."""

from fractions import Fraction
from math import floor
from typing import Any
from uuid import UUID, uuid5

Terms = dict[str, Any]
Entry = tuple[str, str, int, str]
"""`(debtor, creditor, amount, kind)`."""

WHOLE = 10_000


def terms_of(stored: Terms) -> Terms:
    """Terms with what older ones do not say."""
    unsaid = {"campaign_id": None, "offline_ceiling": 0, "use": {"as_payment": False, "tax_rate": None}}
    return unsaid | {"offline_liability": "acceptor"} | stored


def half_up(exact: Fraction) -> int:
    """The nearest whole unit; half a unit goes up."""
    return floor(exact + Fraction(1, 2))


def half_up_share(amount: int, part: int, whole: int) -> int:
    """The same of `amount * part / whole`, without making a fraction: an audit does this for every posting."""
    units, rest = divmod(amount * part, whole)
    return units + (2 * rest >= whole)


def split(amount: int, terms: Terms) -> list[int]:
    """What issuer, pool and acceptor bear of `amount`: each unit left over goes to the largest remainder, the later
    party first among equals.
    """
    issuer, pool = terms["funding"]["issuer"], terms["funding"]["pool"]
    rates = (issuer, pool, WHOLE - issuer - pool)
    parts = [amount * rate // WHOLE for rate in rates]
    for _ in range(amount - sum(parts)):
        wanting = [amount * rate - WHOLE * part for rate, part in zip(rates, parts, strict=True)]
        parts[max((each, place) for place, each in enumerate(wanting))[1]] += 1
    return parts


class Parties:
    """Whom the postings of one certificate name."""

    def __init__(self, coalition_id: str, issuer: str, acceptor: str) -> None:
        self.issuer = issuer
        self.acceptor = acceptor
        self.pool = str(uuid5(UUID(coalition_id), "pool"))
        self.organizer = str(uuid5(UUID(coalition_id), "organizer"))


def reserve_entries(terms: Terms, parties: Parties, before: int, after: int) -> list[Entry]:
    """How the reserve moves when the outstanding value goes from `before` to `after`."""
    entries = []
    for place, funder in enumerate((parties.issuer, parties.pool)):
        change = split(after, terms)[place] - split(before, terms)[place]
        if change:
            entries.append((funder, parties.acceptor, abs(change), "reserved" if change > 0 else "released"))
    return entries


def redemption_entries(
    terms: Terms, parties: Parties, *, deducted: int, bill: int | None, guest: str, first: bool
) -> list[Entry]:
    """What is owed because of one redemption."""
    by_issuer, by_pool, _ = split(deducted, terms)
    entries: list[Entry] = [
        (parties.issuer, parties.acceptor, by_issuer, "value"),
        (parties.pool, parties.acceptor, by_pool, "value"),
    ]
    if terms["commission"] is not None:
        reward = terms["commission"][guest if guest in ("new", "lapsed") else "returning"]
        over = max(0, bill - deducted) if bill is not None else 0
        thanks = half_up_share(over, reward["share"], WHOLE) + (reward["fixed"] if first else 0)
        entries.append((parties.acceptor, parties.issuer, thanks, "commission"))
    if terms["fee"] is not None:
        fee = half_up_share(deducted, terms["fee"]["share"], WHOLE) + terms["fee"]["fixed"]
        payer = parties.issuer if terms["fee"]["payer"] == "issuer" else parties.acceptor
        entries.append((payer, parties.organizer, fee, "fee"))
    return [entry for entry in entries if entry[2]]


def opposite(entries: list[Entry]) -> list[Entry]:
    """What undoes the owed part of a redemption."""
    return [(creditor, debtor, amount, kind) for debtor, creditor, amount, kind in entries if is_owed(kind)]


def refund_entries(entries: list[Entry], *, part: int, whole: int, already: int) -> list[Entry]:
    """What is taken back of the value entries when `part` of a deduction comes back, after `already`."""
    taken = []
    for debtor, creditor, amount, kind in entries:
        if kind == "value":
            due = half_up_share(amount, already + part, whole) - half_up_share(amount, already, whole)
            if due:
                taken.append((creditor, debtor, due, kind))
    return taken


def is_owed(kind: str) -> bool:
    """Whether an entry moves what is owed, not only a reserve."""
    return kind not in ("reserved", "released")
