"""Reads deposits and defaults: each step of a waterfall once more, with exact fractions."""

from collections import Counter
from datetime import datetime
from fractions import Fraction
from math import floor
from uuid import UUID, uuid5

from network.audit.books import Books, Facts, Readers


def _put_up(books: Books, key: str, facts: Facts, at: datetime) -> None:
    merchant = facts["merchant_id"]
    books.must(merchant in books.merchants and facts["amount"] > 0, "a deposit is put up by a partner")
    books.deposits[merchant] = books.deposits.get(merchant, 0) + facts["amount"]


def _taken(books: Books, key: str, facts: Facts, at: datetime) -> None:
    books.deposits[facts["merchant_id"]] -= facts["amount"]
    books.must(books.deposits[facts["merchant_id"]] >= 0, "a deposit gives no more than was put up")


def _used(books: Books, key: str, facts: Facts, at: datetime) -> None:
    window = books.windows[facts["window_number"] - 1]
    window["deposit"] = books.deposits[facts["merchant_id"]], facts["amount"]
    _taken(books, key, facts, at)


def _declared(books: Books, key: str, facts: Facts, at: datetime) -> None:
    """A window's new version stands before it in the log; here is why it is so."""
    window, of, defaulter = books.windows[facts["window_number"] - 1], facts["waterfall"], facts["defaulter_id"]
    books.must(facts["version"] == window["version"], "a default names the version that takes it in")
    books.must(defaulter in window["defaulters"] - window["earlier"], "a version names who is in default")
    held, used = window.pop("deposit", (books.deposits.get(defaulter, 0), 0))
    books.must((of["held"], of["deposit"]) == (held, used), "a waterfall begins with the deposit that is there")
    _claims(books, window, of, defaulter)
    _steps(books, of)
    entries = [
        (str(uuid5(UUID(books.coalition), "deposits")), of["deposit"]),
        (str(uuid5(UUID(books.coalition), "pool")), of["pool"]),
        *((share["party"], share["lost"]) for share in of["shares"]),
    ]
    books.enter(facts, [(payer, defaulter, amount, "defaulted") for payer, amount in entries if amount])
    taken: Counter[tuple[str, str]] = Counter()
    for payer, amount in entries:
        taken[payer, defaulter] += amount
    books.must(+taken == window["defaulted"], "a version takes in what its default says")
    window["defaulted"] = Counter()
    losses: Counter[str] = Counter({share["party"]: share["lost"] for share in of["shares"]})
    losses[facts["pool_id"]] += of["pool"]
    books.must(facts["pool_id"] == entries[1][0], "the pool is the coalition's")
    books.defaults[key] = dict(+losses)


def _claims(books: Books, window: Facts, of: Facts, defaulter: str) -> None:
    """A first default: what is owed net between each two. A later one: only the whole can be told from the debts."""
    nets: Counter[str] = Counter()
    taken_off = [(pair, -amount) for pair, amount in window["carried"].items()] if window["opened"] else []
    for (debtor, creditor), amount in [*window["before"].items(), *taken_off]:
        if debtor == defaulter:
            nets[creditor] += amount
        elif creditor == defaulter:
            nets[debtor] -= amount
    said = {share["party"]: share["claim"] for share in of["shares"]}
    books.must(of["claimed"] - of["owed_to"] == sum(nets.values()), "a default is of what the window says")
    if not window["earlier"]:
        books.must(said == {party: net for party, net in nets.items() if net > 0}, "a claim is what is owed net")


def _steps(books: Books, of: Facts) -> None:
    left = {share["party"]: share["claim"] for share in of["shares"]}
    for name, there in (("deposit", of["held"]), ("set_off", of["owed_to"]), ("pool", of["pool"])):
        given = _proportional(min(there, sum(left.values())), left)
        said = {share["party"]: share[f"from_{name}"] for share in of["shares"]}
        books.must(said == given and sum(said.values()) == of[name], f"{name} is shared in proportion")
        left = {party: amount - given[party] for party, amount in left.items()}
    books.must({share["party"]: share["lost"] for share in of["shares"]} == left, "what nothing covers is lost")
    books.must(of["lost"] == sum(left.values()), "losses add up")
    books.must(of["left_to"] == of["owed_to"] - of["set_off"], "what is not set off is the defaulter's")


def _proportional(amount: int, weights: dict[str, int]) -> dict[str, int]:
    whole = sum(weights.values())
    exact = {party: Fraction(amount * weight, whole) if whole else Fraction(0) for party, weight in weights.items()}
    parts = {party: floor(share) for party, share in exact.items()}
    while sum(parts.values()) < amount:
        chosen = max(sorted(exact), key=lambda party: exact[party] - parts[party])
        parts[chosen] += 1
    return parts


def _recovered(books: Books, key: str, facts: Facts, at: datetime) -> None:
    losses, amount, receiver = books.defaults[key], facts["amount"], facts["paid_to"]
    books.must(0 < amount <= sum(losses.values()), "no more comes back than was lost")
    shares = {party: part for party, part in _proportional(amount, losses).items() if part}
    said = {one["party"]: one["amount"] for one in facts["shares"]}
    books.must(said == shares, "what comes back is shared in proportion to what is lost")
    books.defaults[key] = {party: lost - shares.get(party, 0) for party, lost in losses.items()}
    books.enter(facts, [(receiver, party, part, "adjustment") for party, part in shares.items() if party != receiver])


READERS: Readers = {
    "Deposit.PutUp": _put_up,
    "Deposit.Increased": _put_up,
    "Deposit.Returned": _taken,
    "Deposit.Used": _used,
    "Default.Declared": _declared,
    "Default.Recovered": _recovered,
}
