"""Reads the closings: each window once more from the obligations between its cuts, held against what was stated."""

from collections import Counter
from datetime import datetime

from network.audit.books import Books, Facts, Readers

Pair = tuple[str, str]


def _cut(books: Books, key: str, facts: Facts, at: datetime) -> None:
    earlier = books.windows[-1] if books.windows else None
    books.must(facts["number"] == len(books.windows) + 1, "windows are numbered one by one")
    books.must(facts["predecessor_id"] == (earlier and earlier["key"]), "a window names the one before it")
    owed: Counter[Pair] = Counter()
    for (debtor, creditor, _), (amount, _) in books.obligations.items():
        owed[debtor, creditor] += amount
    own = owed - (earlier["owed_until_then"] if earlier else Counter())
    books.windows.append(
        {"key": key, "position": books.position, "hash": books.hash, "own": own, "owed_until_then": owed}
        | {"threshold": facts["terms"]["threshold"], "carried": None}
    )


def _stated(books: Books, key: str, facts: Facts, at: datetime) -> None:
    window = books.windows[facts["number"] - 1]
    earlier = books.windows[facts["number"] - 2] if facts["number"] > 1 else {"carried": Counter()}
    opening: Counter[Pair] = Counter()
    own: Counter[Pair] = Counter()
    for debt in facts["debts"]:
        pair = (debt["debtor"], debt["creditor"])
        opening[pair] = debt["opening"]
        own[pair] = debt["value"] + debt["commission"] + debt["fee"] + debt["adjustment"]
    window["carried"] = _dues(facts["carried"])
    window["gross"] = sum((own + opening).values())
    books.must(key == window["key"], "a statement is of the window whose number it has")
    books.must(facts["position"] == window["position"], "a statement speaks for the position of its cut")
    books.must(facts["chain_hash"] == window["hash"], "a statement names the hash of the log at its cut")
    books.must(+own == +window["own"], "a statement's debts are what was posted between the cuts")
    books.must(+opening == +earlier["carried"], "a window opens with what the one before it carried over")
    _netted(books, facts, own + opening, window)
    _expose(books, own + opening, -1)
    _expose(books, _dues(facts["payments"]) + window["carried"], 1)


def _expose(books: Books, debts: Counter[Pair], sign: int) -> None:
    """What counts against the limits of pairs: their debts give way to what netting left. No party's sum moves."""
    for (debtor, creditor), amount in debts.items():
        books.expose(f"pair:{debtor}:{creditor}", "", sign * amount)
        books.expose(f"pair:{creditor}:{debtor}", "", -sign * amount)


def _netted(books: Books, facts: Facts, debts: Counter[Pair], window: Facts) -> None:
    payments = _dues(facts["payments"])
    books.must(_nets(payments + window["carried"]) == _nets(debts), "netting keeps every net position")
    books.must(all(amount >= window["threshold"] for amount in payments.values()), "payments reach the threshold")
    books.must(all(amount < window["threshold"] for amount in window["carried"].values()), "only less rolls over")
    said = {one["party"]: one["net"] for one in facts["parties"] if one["net"]}
    books.must(said == _nets(debts), "a statement's nets are those of its debts")


def _dues(dues: list[Facts]) -> Counter[Pair]:
    return Counter({(due["debtor"], due["creditor"]): due["amount"] for due in dues})


def _nets(debts: Counter[Pair]) -> dict[str, int]:
    nets: Counter[str] = Counter()
    for (debtor, creditor), amount in debts.items():
        nets[debtor] -= amount
        nets[creditor] += amount
    return {party: net for party, net in nets.items() if net}


def _agreed(books: Books, key: str, facts: Facts, at: datetime) -> None:
    window = books.windows[facts["number"] - 1]
    books.must(window["carried"] is not None, "only a stated window is agreed or settled")


READERS: Readers = {
    "Window.Cut": _cut,
    "Window.Stated": _stated,
    "Window.Agreed": _agreed,
    "Window.Settled": _agreed,
}
