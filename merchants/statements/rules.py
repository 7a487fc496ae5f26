"""What a redemption costs whom, from the terms frozen into its certificate; with a trace of each rounding."""

from dataclasses import dataclass
from uuid import UUID, uuid5

from merchants.statements.archive import Facts

WHOLE = 10_000


@dataclass(frozen=True, slots=True)
class Entry:
    """`debtor` owes `creditor`. `trace` says by which rule, from which figures, and how it was rounded."""

    debtor: str
    creditor: str
    amount: int
    kind: str
    trace: str

    def undone(self) -> "Entry":
        """The equal and opposite entry."""
        return Entry(self.creditor, self.debtor, self.amount, self.kind, f"undoes: {self.trace}")

    @property
    def plain(self) -> tuple[str, str, int, str]:
        """Without its trace."""
        return self.debtor, self.creditor, self.amount, self.kind


@dataclass(frozen=True, slots=True)
class Sides:
    """Whom a certificate's entries name."""

    issuer: str
    acceptor: str
    coalition_id: str

    @property
    def pool(self) -> str:
        """The party that stands for the coalition's fund."""
        return str(uuid5(UUID(self.coalition_id), "pool"))

    @property
    def organizer(self) -> str:
        """The party that stands for the organizer."""
        return str(uuid5(UUID(self.coalition_id), "organizer"))


def half_up(amount: int, part: int, whole: int) -> int:
    """`amount * part / whole` to the nearest unit; half a unit goes up."""
    return (amount * part * 2 + whole) // (whole * 2)


def split(amount: int, weights: list[int]) -> list[int]:
    """By largest remainder: rounded down, and the units left over go to the largest remainders, the later one first
    among equals.
    """
    whole = sum(weights)
    parts = [amount * weight // whole for weight in weights]
    order = sorted(range(len(weights)), key=lambda n: (-(amount * weights[n] % whole), -n))
    for place in order[: amount - sum(parts)]:
        parts[place] += 1
    return parts


def redemption(terms: Facts, sides: Sides, facts: Facts, *, first: bool) -> list[Entry]:
    """The value by who funds it, the commission for the guest, the network's fee: in this order, and none of zero."""
    return [
        entry
        for entry in (*_value(terms, sides, facts["amount"]), *_rest(terms, sides, facts, first=first))
        if entry.amount
    ]


def _value(terms: Facts, sides: Sides, deducted: int) -> list[Entry]:
    funding = terms["funding"]
    rates = [funding["issuer"], funding["pool"], WHOLE - funding["issuer"] - funding["pool"]]
    by_issuer, by_pool, _ = split(deducted, rates)
    how = f"value: {deducted} split {'/'.join(map(str, rates))} to issuer, pool, acceptor, largest remainder"
    return [
        Entry(sides.issuer, sides.acceptor, by_issuer, "value", f"{how}: {by_issuer} for the issuer"),
        Entry(sides.pool, sides.acceptor, by_pool, "value", f"{how}: {by_pool} for the pool"),
    ]


def _rest(terms: Facts, sides: Sides, facts: Facts, *, first: bool) -> list[Entry]:
    deducted, bill, guest = facts["amount"], facts["bill"], facts["guest"]
    found = []
    if terms["commission"] is not None:
        kind = guest if guest in ("new", "lapsed") else "returning"
        reward = terms["commission"][kind]
        over = max(0, bill - deducted) if bill is not None else 0
        fixed = reward["fixed"] if first else 0
        amount = half_up(over, reward["share"], WHOLE) + fixed
        once = "" if first or not reward["fixed"] else ", fixed sum already due"
        how = f"commission, {kind} guest: {reward['share']} of 10000 of {over} over the certificate, half up, + {fixed}"
        found.append(Entry(sides.acceptor, sides.issuer, amount, "commission", f"{how}{once} = {amount}"))
    if terms["fee"] is not None:
        fee = terms["fee"]
        amount = half_up(deducted, fee["share"], WHOLE) + fee["fixed"]
        payer = sides.issuer if fee["payer"] == "issuer" else sides.acceptor
        how = f"fee, paid by the {fee['payer']}: {fee['share']} of 10000 of {deducted}, half up, + {fee['fixed']}"
        found.append(Entry(payer, sides.organizer, amount, "fee", f"{how} = {amount}"))
    return found


def refund(entries: list[Entry], *, part: int, whole: int, already: int) -> list[Entry]:
    """The value comes back in proportion, rounded on the sum of all refunds so far; commission and fee stand."""
    found = []
    for entry in entries:
        if entry.kind == "value":
            until, before = half_up(entry.amount, already + part, whole), half_up(entry.amount, already, whole)
            how = f"refund: {already + part} of {whole} of {entry.amount}, half up, {until}, less {before} already back"
            found.append(Entry(entry.creditor, entry.debtor, until - before, "value", how))
    return [entry for entry in found if entry.amount]
