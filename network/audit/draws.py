"""Draws every draw again: from the recorded figures to the chances, and from the seed to the arm."""

import hashlib
import hmac
from datetime import datetime
from fractions import Fraction
from typing import Any
from uuid import UUID

from network.audit import arithmetic
from network.audit.books import Books, Facts, Readers

_DEFAULTS: Facts = {"policy_version": 0, "rules": {"neutral": 500, "exploration": 2_000, "partners": []}}
_LINE = 1_000_000


def _rules_set(books: Books, key: str, facts: Facts, at: datetime) -> None:
    books.draw_rules[facts["merchant_id"]] = {"policy_version": 1, "rules": facts["rules"]}


def _rules_changed(books: Books, key: str, facts: Facts, at: datetime) -> None:
    before = books.draw_rules[facts["merchant_id"]]["policy_version"]
    books.must(facts["policy_version"] == before + 1, "versions of the draw's rules are numbered one by one")
    books.draw_rules[facts["merchant_id"]] = {"policy_version": facts["policy_version"], "rules": facts["rules"]}


def _assigned(books: Books, key: str, facts: Facts, at: datetime) -> None:
    bill = books.payments[key]
    books.must(bill["draw"] is None, "one bill is drawn for once")
    books.must(bill["amount"] is not None and "" not in bill["decided"], "only a paid, undecided bill is drawn for")
    books.must(facts["customer_id"] == bill["customer"], "the draw names another guest than the bill")
    books.must(facts["merchant_id"] == bill["merchant"], "the draw names another shop than the bill")
    books.must(facts["rule"] == 1, "the draw follows a formula that this auditor does not know")
    bill["draw"] = facts
    _rules_hold(books, facts)
    _seed_follows(books, key, facts)
    _figures_hold(books, bill, facts)
    _chances_follow(books, facts)


def _rules_hold(books: Books, facts: Facts) -> None:
    policy = books.draw_rules.get(facts["merchant_id"], _DEFAULTS)
    rules = policy["rules"]
    stated = (facts["policy_version"], facts["neutral"], facts["exploration"])
    books.must(
        stated == (policy["policy_version"], rules["neutral"], rules["exploration"]), "other rules were in force"
    )
    hands = {one["acceptor_id"]: (one["hand"], one["share"]) for one in rules["partners"]}
    for chance in facts["chances"]:
        one = chance["candidate"]
        hand = hands.get(one["acceptor_id"], ("free", 0))
        books.must((one["hand"], one["share"]) == hand and hand[0] != "excluded", "the merchant's hand was another")


def _seed_follows(books: Books, key: str, facts: Facts) -> None:
    if books.draw_key is not None:
        seed = hmac.new(books.draw_key, UUID(key).bytes, hashlib.sha256).digest()[:16].hex()
        books.must(facts["seed"] == seed, "the seed does not follow from the bill")


def _figures_hold(books: Books, bill: Facts, facts: Facts) -> None:
    """What went in is what the log said where the views stood; figures too long ago to remember are not judged."""
    seen, issuer = facts["seen_at"], facts["merchant_id"]
    books.must(seen < books.position, "the draw saw what had not happened")
    paid = bill["amount"] - sum(bill["taken"].values())
    named = {one["agreement_id"] for one in facts["passed_over"]}
    for one in (chance["candidate"] for chance in facts["chances"]):
        named.add(one["agreement_id"])
        agreement = books.agreements[one["agreement_id"]]
        terms = agreement["versions"][agreement["in_force"]]
        fits = agreement["state"] == "active" and agreement["issuer"] == issuer
        fits = fits and books.merchants[one["acceptor_id"]] == "admitted" and paid >= terms["smallest_bill_to_issue"]
        books.must(fits and agreement["acceptor"] == one["acceptor_id"], "an agreement was drawn that does not fit")
        books.must(one["agreement_version"] == agreement["in_force"], "another version of the terms was in force")
        books.must(one["face"] == _face(terms, paid), "the face value does not follow from the terms")
        books.must(one["adds"] == _adds(terms, one["face"]), "what a redemption adds does not follow from the terms")
        known = (
            (one["gave"], books.gave[one["acceptor_id"]]),
            (one["received"], books.received[one["acceptor_id"]]),
            (one["owed"], books.owed_net[issuer, one["acceptor_id"]]),
        )
        books.must(all(lately.at(seen) in (None, value) for value, lately in known), "a partner stood otherwise")
    for key in books.agreements_of.get(issuer, ()):
        agreement = books.agreements[key]
        listed = agreement["state"] == "active" and agreement["proposed_at"] <= seen
        books.must(not listed or key in named, "an agreement in force was left out of the draw")


def _chances_follow(books: Books, facts: Facts) -> None:
    chances = facts["chances"]
    ones = [chance["candidate"] for chance in chances]
    books.must(ones == sorted(ones, key=lambda one: one["agreement_id"]), "candidates stand in the order of their ids")
    weights = [_weight(one) for one in ones]
    books.must([chance["weight"] for chance in chances] == weights, "a weight does not follow from its figures")
    pins = any(one["hand"] == "pinned" for one in ones)
    neutral = 0 if pins else facts["neutral"] * 100
    books.must(facts["neutral_probability"] == neutral, "the neutral arm has another probability")
    expected = _split(_LINE - neutral, _parts(ones, weights, facts["exploration"]))
    stated = [chance["probability"] for chance in chances]
    books.must(stated == expected, f"the figures give the chances {expected}, the event has {stated}")
    arm, place = None, int(facts["seed"], 16) * _LINE // 2**128
    for one, probability in zip(ones, stated, strict=True):
        if neutral <= place < neutral + probability:
            arm = one["agreement_id"]
        neutral += probability
    books.must(facts["agreement_id"] == arm, "the arm does not follow from the seed")
    certain = _LINE in (facts["neutral_probability"], *stated)
    books.must(facts["randomised"] is not certain, "whether it was random does not follow from the chances")


def _weight(one: Facts) -> int:
    toward = one["owed"] if one["adds"] > 0 else -one["owed"] if one["adds"] < 0 else 0
    factors = (
        (1_000, one["room"], 10_000),
        (2_500, Fraction(10_000 * (one["gave"] + 10), one["received"] + 10), 40_000),
        (5_000, 10_000 - Fraction(10_000 * toward, 20 * one["face"]), 20_000),
        (2_500, 10_000 + 20 * (one["lift"] or 0), 20_000),
    )
    weight = Fraction(10_000)
    for least, factor, most in factors:
        weight *= Fraction(max(least, min(most, arithmetic.half_up(Fraction(factor)))), 10_000)
    return max(1, arithmetic.half_up(weight))


def _parts(ones: list[Facts], weights: list[int], exploration: int) -> list[Fraction]:
    """The part of what is handed out that each candidate gets."""
    pins = [one["hand"] == "pinned" for one in ones]
    if any(pins):
        return _weighed(ones, weights, exploration, pins)
    agreements = [sum(other["acceptor_id"] == one["acceptor_id"] for other in ones) for one in ones]
    fixed = [Fraction(one["share"], 10_000 * number) for one, number in zip(ones, agreements, strict=True)]
    free = [one["hand"] == "free" for one in ones]
    if not any(free):
        return [share / sum(fixed) for share in fixed]
    left = 1 - sum(fixed)
    weighed = _weighed(ones, weights, exploration, free)
    return [share + left * part for share, part in zip(fixed, weighed, strict=True)]


def _weighed(ones: list[Facts], weights: list[int], exploration: int, among: list[bool]) -> list[Fraction]:
    together = sum(weight for weight, counts in zip(weights, among, strict=True) if counts)
    parts = []
    for weight, counts in zip(weights, among, strict=True):
        evenly = Fraction(exploration, 10_000 * sum(among))
        parts.append(evenly + Fraction((10_000 - exploration) * weight, 10_000 * together) if counts else Fraction(0))
    return parts


def _split(amount: int, parts: list[Fraction]) -> list[int]:
    whole = [int(amount * part) for part in parts]
    left = [amount * part - unit for part, unit in zip(parts, whole, strict=True)]
    while sum(whole) < amount:
        first = left.index(max(left))
        whole[first] += 1
        left[first] = Fraction(-1)
    return whole


def _face(terms: Any, paid: int) -> int:
    rule = terms["face"]
    if rule["fixed"]:
        return int(rule["fixed"])
    share = arithmetic.half_up_share(paid, rule["share"], arithmetic.WHOLE)
    return share if rule["at_most"] is None else min(share, int(rule["at_most"]))


def _adds(terms: Any, face: int) -> int:
    commission = terms["commission"]["new"]["fixed"] if terms["commission"] else 0
    return arithmetic.half_up_share(face, terms["funding"]["issuer"], arithmetic.WHOLE) - int(commission)


def _overridden(books: Books, key: str, facts: Facts, at: datetime) -> None:
    drawn = books.payments[key]["draw"]
    books.must(drawn is not None and drawn["agreement_id"] == facts["drawn"], "nothing like that was drawn")
    books.must(set(facts["given"]) != {facts["drawn"]} - {None}, "what was drawn was given, and yet overridden")


READERS: Readers = {
    "DrawPolicy.Set": _rules_set,
    "DrawPolicy.Changed": _rules_changed,
    "Payment.Assigned": _assigned,
    "Payment.Overridden": _overridden,
}
