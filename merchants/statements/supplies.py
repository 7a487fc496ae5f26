"""What was supplied for certificates, gross and by tax rate: made again where it follows from terms and bill."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from merchants.statements.archive import Facts
from merchants.statements.rules import WHOLE, Entry, half_up, split

_VOUCHERS = ("single_purpose_voucher", "multi_purpose_voucher")
Part = tuple[int | None, int]
"""`(rate, amount)`; the rate in 10 000, None when nobody told it."""


@dataclass(frozen=True, slots=True)
class Supply:
    """Below zero: taken back. Without parts nothing is on record."""

    instrument: str = ""
    country: str | None = None
    parts: tuple[Part, ...] = ()

    def with_parts(self, parts: Iterable[Part], sign: int = 1) -> "Supply":
        """The same certificate, other sums."""
        return Supply(self.instrument, self.country, tuple((rate, sign * amount) for rate, amount in parts))


NOTHING = Supply()


def told(facts: Facts) -> Supply:
    """The supply that a redemption has on record."""
    supply = facts.get("supply")
    return Supply(supply["instrument"], supply["country"], parts_of(supply["parts"])) if supply else NOTHING


def parts_of(stored: Iterable[Facts]) -> tuple[Part, ...]:
    """As an event has them."""
    return tuple((part["rate"], part["amount"]) for part in stored)


def problems(terms: Facts, facts: Facts, entries: Iterable[Entry]) -> Iterator[str]:
    """What a redemption's supply should be otherwise. The rate itself is the shop's own word."""
    supply = facts.get("supply")
    if not supply:
        return
    if supply["instrument"] not in (expected := _instruments(terms)):
        yield f"the supply is a {supply['instrument']}, the terms make it a {' or '.join(expected)}"
    funded = sum(entry.amount for entry in entries if entry.kind == "value")
    if supply["funded"] != funded:
        yield f"others pay {supply['funded']} of the supply, the terms give {funded}"
    parts, sold = parts_of(supply["parts"]), parts_of(facts.get("sold") or ())
    if sold and parts != shared(sold, facts["amount"]):
        yield f"the supply by rate is {list(parts)}, the bill gives {list(shared(sold, facts['amount']))}"
    if not sold and [amount for _, amount in parts] != [facts["amount"]]:
        yield f"the supply is {list(parts)}, and {facts['amount']} was taken off a bill that was not split by rate"


def shared(parts: tuple[Part, ...], amount: int) -> tuple[Part, ...]:
    """The amount in proportion to the parts, by largest remainder."""
    if not parts:
        return ()
    shares = split(amount, [weight for _, weight in parts])
    return tuple((rate, share) for (rate, _), share in zip(parts, shares, strict=True) if share)


def less(parts: tuple[Part, ...], back: tuple[Part, ...]) -> tuple[Part, ...]:
    """What is left."""
    by_rate = dict(back)
    left = ((rate, amount - by_rate.get(rate, 0)) for rate, amount in parts)
    return tuple((rate, amount) for rate, amount in left if amount)


def totals(supplies: Iterable[Supply]) -> list[Facts]:
    """As a statement prints them: gross by instrument, country and rate, with the tax that each sum contains."""
    sums: dict[tuple[str, str | None, int | None], int] = {}
    for supply in supplies:
        for rate, amount in supply.parts:
            key = (supply.instrument, supply.country, rate)
            sums[key] = sums.get(key, 0) + amount
    ordered = sorted(sums.items(), key=lambda one: (one[0][0], one[0][1] or "", -1 if one[0][2] is None else one[0][2]))
    return [
        {"instrument": key[0], "country": key[1], "rate": key[2], "gross": gross, "tax": _tax(gross, key[2])}
        for key, gross in ordered
        if gross
    ]


def _tax(gross: int, rate: int | None) -> int | None:
    if rate is None:
        return None
    tax = half_up(abs(gross), rate, WHOLE + rate)
    return tax if gross >= 0 else -tax


def _instruments(terms: Facts) -> tuple[str, ...]:
    if terms.get("use", {}).get("as_payment"):
        return _VOUCHERS
    funding = terms["funding"]
    return ("third_party_funded",) if funding["issuer"] + funding["pool"] else ("discount",)
