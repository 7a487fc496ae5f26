"""Reads the closings: each window once more from the obligations between its cuts, held against what was stated."""

from collections import Counter
from datetime import datetime

from network.audit import payouts
from network.audit.books import Books, Facts, Readers

Pair = tuple[str, str]

OF_A_STATED_WINDOW = ("withheld", "defaulted")
"""Kinds of entries that belong to a new version of an earlier window, not to the one that is open."""


def _cut(books: Books, key: str, facts: Facts, at: datetime) -> None:
    earlier = books.windows[-1] if books.windows else None
    books.must(facts["number"] == len(books.windows) + 1, "windows are numbered one by one")
    books.must(facts["predecessor_id"] == (earlier and earlier["key"]), "a window names the one before it")
    owed: Counter[Pair] = Counter()
    for (debtor, creditor, kind), (amount, _) in books.obligations.items():
        if kind not in OF_A_STATED_WINDOW:
            owed[debtor, creditor] += amount
    own = owed - (earlier["owed_until_then"] if earlier else Counter())
    books.windows.append(
        {"key": key, "position": books.position, "hash": books.hash, "own": own, "owed_until_then": owed}
        | {"threshold": facts["terms"]["threshold"], "carried": None, "state": "cut", "version": 0}
        | {"waiting": Counter(), "withheld": {}, "defaulters": set(), "defaulted": Counter()}
        | {"asked": {}, "due": Counter(), "nets": {}, "consents": set()}
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
    window |= {"carried": _dues(facts["carried"]), "state": "stated", "version": 1, "stated_at": at}
    window["gross"] = sum((own + opening).values())
    window["debts"] = own + opening
    books.must(key == window["key"], "a statement is of the window whose number it has")
    books.must(facts["position"] == window["position"], "a statement speaks for the position of its cut")
    books.must(facts["chain_hash"] == window["hash"], "a statement names the hash of the log at its cut")
    books.must(+own == +window["own"], "a statement's debts are what was posted between the cuts")
    books.must(+opening == +earlier["carried"], "a window opens with what the one before it carried over")
    _netted(books, facts, own + opening, window)
    _thresholds(books, facts, window)
    window["dues"] = _dues(facts["payments"]) + window["carried"]
    _expose(books, own + opening, -1)
    _expose(books, window["dues"], 1)


def _expose(books: Books, debts: Counter[Pair], sign: int) -> None:
    """What counts against the limits of pairs: their debts give way to what netting left. No party's sum moves."""
    for (debtor, creditor), amount in debts.items():
        books.expose(f"pair:{debtor}:{creditor}", "", sign * amount)
        books.expose(f"pair:{creditor}:{debtor}", "", -sign * amount)


def _thresholds(books: Books, facts: Facts, window: Facts) -> None:
    payments = _dues(facts["payments"])
    books.must(all(amount >= window["threshold"] for amount in payments.values()), "payments reach the threshold")
    books.must(all(amount < window["threshold"] for amount in window["carried"].values()), "only less rolls over")


def _netted(books: Books, facts: Facts, debts: Counter[Pair], window: Facts) -> None:
    payments = _dues(facts["payments"])
    books.must(_nets(payments + window["carried"]) == _nets(debts), "netting keeps every net position")
    said = {one["party"]: one["net"] for one in facts["parties"] if one["net"]}
    books.must(said == _nets(debts), "a statement's nets are those of its debts")
    window["due"] = payments
    window["nets"] = {one["party"]: one["net"] for one in facts["parties"]}


def _dues(dues: list[Facts]) -> Counter[Pair]:
    owed: Counter[Pair] = Counter()
    for due in dues:
        owed[due["debtor"], due["creditor"]] += due["amount"]
    return owed


def _nets(debts: Counter[Pair]) -> dict[str, int]:
    nets: Counter[str] = Counter()
    for (debtor, creditor), amount in debts.items():
        nets[debtor] -= amount
        nets[creditor] += amount
    return {party: net for party, net in nets.items() if net}


def _line_withheld(books: Books, key: str, facts: Facts, at: datetime) -> None:
    window = books.windows[facts["number"] - 1]
    books.must(window["state"] in ("stated", "agreed"), "a line is withheld before its payment is asked for")
    window["withheld"][facts["dispute_id"]] = facts["debtor"], facts["creditor"], facts["amount"]
    window["waiting"]["withheld", facts["creditor"], facts["debtor"]] += facts["amount"]


def _recomputed(books: Books, key: str, facts: Facts, at: datetime) -> None:
    window = books.windows[facts["number"] - 1]
    later = books.windows[facts["number"]] if facts["number"] < len(books.windows) else None
    window["waiting"] += payouts.prepaid(books, window)
    changes: Counter[tuple[str, str, str]] = Counter()
    defaulted: Counter[Pair] = Counter()
    for one in facts["changes"]:
        if one["cause"] == "defaulted":
            defaulted[one["debtor"], one["creditor"]] += one["amount"]
        else:
            changes[one["cause"], one["debtor"], one["creditor"]] += one["amount"]
            window["debts"][one["debtor"], one["creditor"]] += one["amount"]
        _expose(books, Counter({(one["debtor"], one["creditor"]): one["amount"]}), -1)
    books.must(not window["defaulted"], "what a default changes is of a default that was declared")
    window |= {"before": Counter(window["debts"]), "defaulted": defaulted, "earlier": window["defaulters"]}
    window |= {"defaulters": set(facts["defaulters"]), "opened": later is not None and later["version"] > 0}
    window["debts"] += defaulted
    paying = {one["debtor"] for one in facts["payments"]}
    books.must(not paying & window["defaulters"], "who is in default is not asked to pay")
    books.must(facts["version"] == window["version"] + 1, "versions of a settlement are numbered one by one")
    books.must(changes == window["waiting"], "a version takes in what has come to its window, and nothing else")
    before, window["carried"] = window["carried"], _dues(facts["carried"])
    if later is not None and later["version"]:
        books.must(before == window["carried"], "what the next window opened with stays")
    else:
        _thresholds(books, facts, window)
    _netted(books, facts, window["debts"], window)
    books.must(_dues(facts["replaced"]) == window["dues"], "a version names what it replaces")
    _expose(books, window["dues"], -1)
    window["dues"] = _dues(facts["payments"]) + window["carried"]
    _expose(books, window["dues"], 1)
    window |= {"version": facts["version"], "waiting": Counter()}
    if window["state"] != "stated":
        window["state"] = "agreed"


def _agreed(books: Books, key: str, facts: Facts, at: datetime) -> None:
    window = books.windows[facts["number"] - 1]
    books.must(window["state"] == "stated", "only a stated window is agreed")
    window["state"] = "agreed"
    if facts["rule"] == "all parties consented":
        own = set(books.merchants) & set(window["nets"])
        books.must(own <= window["consents"], "what all agreed to by word, all have said")


def _settled(books: Books, key: str, facts: Facts, at: datetime) -> None:
    window = books.windows[facts["number"] - 1]
    if facts["rule"] == "nothing to pay":
        at_once = window["state"] in ("stated", "agreed") and not window["due"]
        books.must(at_once, "a window without payments settles at once")
    else:
        books.must(window["state"] == "instructed", "payments are asked for before they settle a window")
        books.must(payouts.open_amount(books, window) == 0, "a window is settled when nothing of it is open")
    window["state"] = "settled"


READERS: Readers = {
    "Window.Cut": _cut,
    "Window.Stated": _stated,
    "Window.Agreed": _agreed,
    "Window.LineWithheld": _line_withheld,
    "Window.Recomputed": _recomputed,
    "Window.Settled": _settled,
}
