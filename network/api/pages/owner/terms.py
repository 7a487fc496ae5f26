"""Terms as an owner types them, as they are told in words, and what they come to in one example."""

from dataclasses import dataclass
from typing import Annotated, Any, Final
from uuid import UUID

from pydantic import Field, StringConstraints, ValidationError

from network.api.pages.forms import (
    FieldProblem,
    WithCommand,
    amount_of,
    share_of,
    typed_amount,
    typed_share,
)
from network.api.pages.texts import N_, Reader
from network.api.terms import AgreementTerms
from network.domain.postings import Parties, redemption_postings
from network.domain.terms import VALIDITY_DAYS_MAX, Guest, Terms
from network.domain.units import exponent

Typed = Annotated[str, StringConstraints(max_length=20)]
Tick = Annotated[str, StringConstraints(pattern="^(yes)?$")]


class TermsForm(WithCommand):
    """One version of an agreement. Percents and amounts as people type them; what is left empty is nothing."""

    kind: Annotated[str, StringConstraints(pattern="^(fixed|share)$")]
    fixed: Typed = ""
    share: Typed = ""
    at_most: Typed = ""
    smallest_to_issue: Typed = ""
    smallest_to_redeem: Typed = ""
    days: Annotated[int, Field(ge=0, le=VALIDITY_DAYS_MAX)] = 30
    issuer_pays: Typed = ""
    pool_pays: Typed = ""
    new_fixed: Typed = ""
    new_share: Typed = ""
    lapsed_fixed: Typed = ""
    lapsed_share: Typed = ""
    returning_fixed: Typed = ""
    returning_share: Typed = ""
    transferable: Tick = ""
    partial: Tick = ""
    combinable: Tick = ""
    reversal_hours: Annotated[int, Field(ge=0, le=720)] = 24
    offline: Typed = ""
    offline_loss: Annotated[str, StringConstraints(pattern="^(acceptor|issuer|pool)?$")] = ""

    def meant(self, currency: str, base: dict[str, Any]) -> AgreementTerms:
        """As they are sent. What the form does not ask stays as in `base`. Raises: FieldProblem."""

        def money(name: str) -> int:
            typed = getattr(self, name)
            return amount_of(typed, currency, name) if typed.strip(" 0.,") else 0

        def part(name: str) -> int:
            return share_of(getattr(self, name), name)

        kinds = ("new", "lapsed", "returning")
        thanks = {kind: {"fixed": money(f"{kind}_fixed"), "share": part(f"{kind}_share")} for kind in kinds}
        thanked = any(one["fixed"] or one["share"] for one in thanks.values())
        facts = base | {
            "face": {"fixed": money("fixed")} if self.kind == "fixed" else {
                "share": part("share"), "at_most": money("at_most") or None},
            "smallest_bill_to_issue": money("smallest_to_issue"),
            "smallest_bill_to_redeem": money("smallest_to_redeem"),
            "validity_days": self.days,
            "funding": {"issuer": part("issuer_pays"), "pool": part("pool_pays")},
            "commission": thanks if thanked else None,
            "transferable": bool(self.transferable),
            "partial_redemption": bool(self.partial),
            "combinable": bool(self.combinable),
            "reversal_hours": self.reversal_hours,
            "offline_ceiling": money("offline"),
        }  # fmt: skip
        if self.offline_loss:
            facts["offline_liability"] = self.offline_loss
        self._must_be_worth_something(facts["face"])
        try:
            return AgreementTerms.model_validate(facts, strict=False)
        except ValidationError:
            raise FieldProblem("kind", N_("This does not look right. Check it again.")) from None

    def _must_be_worth_something(self, face: dict[str, Any]) -> None:
        if not face.get("fixed") and not face.get("share"):
            raise FieldProblem(self.kind, N_("Say how much a certificate is worth."))


class Proposing(TermsForm):
    """A new agreement: with whom, and whose guests go where."""

    other: UUID
    way: Annotated[str, StringConstraints(pattern="^(give|take)$")]


def typed(terms: dict[str, Any], currency: str) -> dict[str, str]:
    """Terms as they stand in the form."""

    def money(amount: int | None) -> str:
        return typed_amount(amount, currency) if amount else ""

    face, funding, commission = terms["face"], terms["funding"], terms["commission"] or {}
    told = {
        "kind": "fixed" if face["fixed"] else "share",
        "fixed": money(face["fixed"]),
        "share": typed_share(face["share"]),
        "at_most": money(face["at_most"]),
        "smallest_to_issue": money(terms["smallest_bill_to_issue"]),
        "smallest_to_redeem": money(terms["smallest_bill_to_redeem"]),
        "days": str(terms["validity_days"]),
        "issuer_pays": typed_share(funding["issuer"]),
        "pool_pays": typed_share(funding["pool"]),
        "transferable": "yes" if terms["transferable"] else "",
        "partial": "yes" if terms["partial_redemption"] else "",
        "combinable": "yes" if terms["combinable"] else "",
        "reversal_hours": str(terms["reversal_hours"]),
        "offline": money(terms["offline_ceiling"]),
        "offline_loss": terms.get("offline_liability", "acceptor"),
    }
    for kind, reward in commission.items():
        told |= {f"{kind}_fixed": money(reward["fixed"]), f"{kind}_share": typed_share(reward["share"])}
    return told


FRESH: Final = {
    "kind": "fixed", "days": "30", "transferable": "yes", "reversal_hours": "24", "offline_loss": "acceptor",
}  # fmt: skip
"""What stands in an empty form."""
BEARERS: Final = {
    "acceptor": N_("the shop that takes it"),
    "issuer": N_("the shop that hands it out"),
    "pool": N_("the common pool"),
}
_GUESTS: Final = {
    "new": N_("For a guest who was never there before"),
    "lapsed": N_("For a guest who was away for half a year"),
    "returning": N_("For a guest who comes there anyway"),
}


def told(terms: dict[str, Any], reader: Reader) -> list[tuple[str, str]]:
    """Terms in words, line by line, always the same lines: so versions can stand side by side."""
    say, money = reader.gettext, reader.money
    funding, commission, fee = terms["funding"], terms["commission"] or {}, terms["fee"]
    lines = [
        (say(N_("Worth")), worth(terms, reader)),
        (say(N_("Handed out from a bill of")), _or_any(terms["smallest_bill_to_issue"], reader)),
        (say(N_("Counts for a bill of at least")), _or_any(terms["smallest_bill_to_redeem"], reader)),
        (say(N_("Valid for")), _days(terms["validity_days"], reader)),
        (say(N_("Who hands it out pays of the value")), _percent(funding["issuer"], reader)),
        (say(N_("The common pool pays of the value")), _percent(funding["pool"], reader)),
        (say(N_("Who takes it pays of the value")), _percent(10_000 - funding["issuer"] - funding["pool"], reader)),
    ]
    for kind, label in _GUESTS.items():
        lines.append((_thanks_label(say(label), reader), _reward(commission.get(kind), reader)))
    yes_no = {True: say(N_("yes")), False: say(N_("no"))}
    return [
        *lines,
        (say(N_("Fee to the network")), _reward(fee, reader)),
        (say(N_("May be passed on to a friend")), yes_no[terms["transferable"]]),
        (say(N_("May be used in parts")), yes_no[terms["partial_redemption"]]),
        (say(N_("May be given together with others")), yes_no[terms["combinable"]]),
        (say(N_("A mistake can be undone for")), reader.ngettext("%(n)s hour", "%(n)s hours", terms["reversal_hours"])),
        (say(N_("Taken without a network up to")), money(terms["offline_ceiling"])),
        (
            say(N_("What was used elsewhere too is borne by")),
            say(BEARERS[terms.get("offline_liability", "acceptor")]),
        ),
    ]


def worth(terms: dict[str, Any], reader: Reader) -> str:
    """The face value in words."""
    face = terms["face"]
    if face["fixed"]:
        return reader.money(face["fixed"])
    share = _percent(face["share"], reader)
    if face["at_most"]:
        return reader.gettext(N_("%(share)s of the bill, at most %(amount)s"), share=share,
                              amount=reader.money(face["at_most"]))  # fmt: skip
    return reader.gettext(N_("%(share)s of the bill"), share=share)


def _days(days: int, reader: Reader) -> str:
    return reader.ngettext("%(n)s day", "%(n)s days", days) if days else reader.gettext("until the same evening")


def _thanks_label(label: str, reader: Reader) -> str:
    return reader.gettext(N_("Thanks to the sender. %(guest)s"), guest=label)


def _reward(reward: dict[str, Any] | None, reader: Reader) -> str:
    if not reward or not (reward["fixed"] or reward["share"]):
        return reader.gettext(N_("nothing"))
    parts = [reader.money(reward["fixed"])] if reward["fixed"] else []
    return " + ".join([*parts, _percent(reward["share"], reader)] if reward["share"] else parts)


def _or_any(amount: int, reader: Reader) -> str:
    return reader.money(amount) if amount else reader.gettext(N_("any bill"))


def _percent(share: int, reader: Reader) -> str:
    return reader.percent(share / 10_000)


@dataclass(frozen=True, slots=True)
class Example:
    """`bill` at the one who hands out gives `face`; `bill_there` is paid with it. Rows: guest, what it costs each.

    A cost below zero is what the side gets. `most`: the dearest of these for the reader, and of the value alone.
    """

    bill: int
    face: int
    bill_there: int
    rows: list[tuple[str, int, int]]


def example(terms: Terms, reader: Reader) -> Example:
    """By the same rules as every redemption."""
    unit = 10 ** exponent(reader.currency)
    bill = max(24 * unit, terms.smallest_bill_to_issue)
    face = terms.face.of(bill)
    bill_there = max(3 * face, terms.smallest_bill_to_redeem)
    parties = Parties(*(UUID(int=n) for n in range(1, 5)))
    rows = []
    for guest, label in zip((Guest.NEW, Guest.LAPSED, Guest.RETURNING), _GUESTS.values(), strict=True):
        costs = {parties.issuer: 0, parties.acceptor: face}
        for entry in redemption_postings(terms, parties, deducted=face, bill=bill_there, guest=guest, first=True):
            for party, sign in ((entry.debtor, 1), (entry.creditor, -1)):
                if party in costs:
                    costs[party] += sign * entry.amount
        rows.append((reader.gettext(label), costs[parties.issuer], costs[parties.acceptor]))
    return Example(bill, face, bill_there, rows)
