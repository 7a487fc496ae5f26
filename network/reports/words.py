"""What reports say, in English; `locales/*/reports.po` holds the other languages. Names and methods of every figure."""

from typing import Final

from network.languages import money_text, number_text, percent_text, texts
from network.reports.advice import Advice
from network.reports.figures import Figure, Unit, Why
from network.reports.street import Stance


def _(text: str) -> str:
    """Marks a text for the catalogues; it is looked up when it is said."""
    return text


NAMES: Final = {
    "issued": _("Certificates handed out"),
    "issued_value": _("Their face value"),
    "passed_on": _("Passed on to somebody else"),
    "used": _("Certificates used"),
    "redeemed_value": _("Deducted from bills"),
    "redemption_rate": _("Share that is used"),
    "median_wait": _("Half are used within"),
    "breakage": _("Value that nobody used"),
    "visits": _("Visits with a certificate"),
    "new_guests": _("New guests"),
    "lapsed_guests": _("Guests back after half a year"),
    "returning_guests": _("Returning guests"),
    "unknown_guests": _("Guests nobody knows"),
    "again_30": _("Came again within 30 days"),
    "again_60": _("Came again within 60 days"),
    "again_90": _("Came again within 90 days"),
    "bills": _("Bills of these visits"),
    "spent_over": _("Paid in money over the certificate"),
    "followed_30": _("Paid in the 30 days after"),
    "followed_60": _("Paid in the 60 days after"),
    "followed_90": _("Paid in the 90 days after"),
    "cost": _("Cost"),
    "own_share": _("Your share of the deductions"),
    "commission_paid": _("Thanks to neighbours (commission)"),
    "fees_paid": _("Network fees"),
    "cost_per_new_guest": _("Cost for each new guest"),
    "net_benefit": _("Left after goods and cost"),
    "net_benefit_90": _("The same with 90 days of later visits"),
    "return_on_cost": _("Return on cost"),
    "treat_value": _("Deductions that you paid for"),
    "treat_fees": _("Network fees on them"),
    "commission_got": _("Thanks from neighbours (commission)"),
    "borne_by_issuers": _("Deductions paid by those who sent the guests"),
    "treat_gain": _("Earned or paid (−) for sending guests"),
}

METHODS: Final = {
    "issued": _("By day of issue, replacements after a refund included."),
    "issued_value": _("Face values of the certificates handed out."),
    "passed_on": _("Each time a holder gave one away."),
    "used": _("By the day of the first use that was not undone."),
    "redeemed_value": _("By day of use; less what came back by refunds; uses that were undone do not count."),
    "redemption_rate": _("Used in the period, of those used or run out unused in the period. Those still valid wait."),
    "median_wait": _("From issue to first use, to the hour in the first two days, to the day after."),
    "breakage": _("Value that ran out or was given up with a single use, of all value used, run out or given up."),
    "visits": _("Certificates used on one bill, or by one guest at one moment, are one visit."),
    "new_guests": _("No payment and no use of a certificate there before. Each guest is new once."),
    "lapsed_guests": _("Last seen there 180 days ago or longer."),
    "returning_guests": _("Seen there within the 180 days before."),
    "unknown_guests": _("Used from paper, without a wallet."),
    "again_30": _("Any later visit of the same guest there, of visits whose time to return is over."),
    "again_60": _("Any later visit of the same guest there, of visits whose time to return is over."),
    "again_90": _("Any later visit of the same guest there, of visits whose time to return is over."),
    "bills": _("Whole bills before the deduction, less refunds; a bill with several certificates is divided by them."),
    "spent_over": _("Bills less deductions, where the bill is known."),
    "followed_30": _(
        "Bills of the same guests there without a certificate; each counts once, for the last use before it."
    ),
    "followed_60": _(
        "Bills of the same guests there without a certificate; each counts once, for the last use before it."
    ),
    "followed_90": _(
        "Bills of the same guests there without a certificate; each counts once, for the last use before it."
    ),
    "cost": _("The acceptor's share of the deductions, commission and fees, on the day of use."),
    "own_share": _("Deductions less what issuer and pool bear."),
    "commission_paid": _("As the agreement says, for new, lapsed and returning guests."),
    "fees_paid": _("As the agreement says, where the acceptor pays them."),
    "cost_per_new_guest": _("All cost of the period divided by its new guests."),
    "net_benefit": _(
        "Known bills times your margin, less the cost. It counts what came, not what certificates caused."
    ),
    "net_benefit_90": _("The same, with the bills of the 90 days after, as far as they have passed."),
    "return_on_cost": _("What is left, divided by the cost."),
    "treat_value": _("The issuer's share of the deductions."),
    "treat_fees": _("As the agreement says, where the issuer pays them."),
    "commission_got": _("As the agreement says, for new, lapsed and returning guests."),
    "borne_by_issuers": _("The issuers' shares of the deductions."),
    "treat_gain": _("Commission less the issuer's share and fees: below zero it was paid."),
}

_OF: Final = {
    "used_or_ended": _("of {n} used or run out"),
    "used": _("of {n} used"),
    "value_gone": _("of {money}"),
    "visits": _("of {n} visits"),
    "known_30": _("{n} visits of known guests, 30 days over"),
    "known_60": _("{n} visits of known guests, 60 days over"),
    "known_90": _("{n} visits of known guests, 90 days over"),
    "billed": _("{n} uses with a known bill"),
    "redemptions": _("for {n} uses"),
    "new_guests": _("for {n} new guests"),
    "cost": _("of {money}"),
}

_WHY: Final = {
    Why.NOBODY: _("nothing yet"),
    Why.FEW: _("under 5, not shown"),
    Why.NO_MARGIN: _("tell us your margin"),
    Why.OWNERS_ALONE: _("known to the owner alone"),
}

NOT_MEASURED: Final = _(
    "Not measured yet: nothing was randomised. Guests who used a certificate may have come anyway, so nothing above is "
    "an effect."
)

STANCES: Final = {
    Stance.ONLY_GIVES: _("only gives"),
    Stance.ONLY_GETS: _("only gets"),
    Stance.BOTH: _("gives and gets"),
    Stance.NEITHER: _("neither"),
    Stance.FEW: _("under 5, not shown"),
}

OUTCOMES: Final = {
    "issued_count": _("Certificates handed out"),
    "issued_value": _("Their face value"),
    "uses_count": _("Uses"),
    "redeemed_value": _("Deducted from bills"),
    "bill_value": _("Bills of these visits"),
    "issuer_value": _("The issuers' shares of the deductions"),
    "pool_value": _("The pool's share of the deductions"),
    "commission_value": _("Commission to the issuers"),
    "acceptor_fee_value": _("Network fees of the acceptors"),
    "issuer_fee_value": _("Network fees of the issuers"),
    "reserved_value": _("Reserved for what is still out"),
    "owed": _("Obligations together"),
    "acceptor_cost": _("Cost of the acceptors"),
    "issuer_cost": _("Cost of the issuers"),
    "net_benefit": _("Left after goods and cost"),
}
"""What other terms would have changed."""

PRINTED: Final = {
    "was": _("was"),
    "becomes": _("becomes"),
    "difference": _("difference"),
    "certificates": _("{n} certificates"),
    "refused": _("No longer accepted: {refused}"),
    "standing": _("{name}: sent {given}, got {got}, {stance}"),
    "hidden": _("Pairs under 5, not shown and in no total: {n}"),
}
"""What the command prints around its figures."""

ADVICE: Final = {
    "gives_more": _(
        "You send neighbours many more guests than they send you ({given} against {received}). Ask those you feed for "
        "an agreement the other way, or hand out fewer."
    ),
    "gets_more": _(
        "Neighbours send you many more guests than you send them ({received} against {given}). Hand out more of "
        "theirs, before they ask."
    ),
    "hardly_used": _(
        "Only {used} of {ended} certificates towards you were used. Try a higher value or a longer time, or neighbours "
        "whose guests are closer to yours."
    ),
    "dear_new_guests": _(
        "A new guest costs you {cost} and leaves {margin} of a first bill of {bill}. Lower the face value, raise the "
        "smallest bill, or share the cost with the neighbour."
    ),
    "nobody_returns": _(
        "Only {again} of {known} known guests came again within 90 days. Give them a reason: your own certificate "
        "for the next visit."
    ),
    "unknown_guests": _(
        "{unknown} of {visits} visits came on paper. Ask guests to take the certificate on their phone: only then "
        "you see whether they return."
    ),
    "limit_reached": _("The limit on what you may owe is {percent} used. New certificates stop when it is full."),
    "tell_margin": _("Tell us your margin, and this page says what is left after goods and cost."),
    "too_early": _("There are too few visits for advice yet."),
    "keep_on": _("Nothing stands out. Keep on."),
}


def said(text: str, language: str) -> str:
    """A text in the reader's language."""
    return texts("reports", language).gettext(text) if text else ""


def value_of(figure: Figure, currency: str, language: str) -> str:
    """The value as the reader writes it, or why there is none."""
    if figure.value is None:
        return said(_WHY[figure.why or Why.NOBODY], language)
    match figure.unit:
        case Unit.MONEY:
            return money_text(figure.value, currency, language)
        case Unit.SHARE:
            return percent_text(figure.value / 10_000, language)
        case Unit.HOURS:
            return wait_of(figure.value, language)
        case Unit.COUNT:
            return number_text(figure.value, language)


def advice_text(advice: Advice, currency: str, language: str) -> str:
    """What to change, with the figures that set it off."""
    facts = {name: number_text(count, language) for name, count in advice.counts.items()}
    facts |= {name: money_text(amount, currency, language) for name, amount in advice.money.items()}
    facts |= {name: percent_text(share / 10_000, language) for name, share in advice.shares.items()}
    return said(ADVICE[advice.code], language).format(**facts)


def wait_of(hours: int, language: str) -> str:
    """A median's bin: the wait is somewhere inside it."""
    if hours < 48:
        return said(_("{n} h"), language).format(n=number_text(hours + 1, language))
    return said(_("{n} days"), language).format(n=number_text(hours // 24 + 1, language))


def of_what(figure: Figure, currency: str, language: str) -> str:
    """What the value is a share of, or rests on; empty for a plain sum."""
    if figure.of is None or figure.of_what is None:
        return ""
    facts = {"n": number_text(figure.of, language), "money": money_text(figure.of, currency, language)}
    return said(_OF[figure.of_what], language).format(**facts)
