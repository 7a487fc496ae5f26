"""What a till says by itself while there is no network, by code. `{name}` is filled in on the device."""

from typing import Final

from network.api.pages.sentences import OTHER, SENTENCES, TOKEN
from network.api.pages.texts import N_
from network.api.pages.visits import Visit

_STANDING: Final = {
    "ready": N_("Certificates can be scanned and taken until %(until)s. The list of used ones is from %(list)s."),
    "prepared": N_(
        "Ready for a time without a network, until %(until)s. The list of used certificates is from %(list)s."
    ),
    "not_prepared": N_(
        "This till is not ready for a time without a network. It gets ready by itself while there is one."
    ),
    "pages_coming": N_(
        "This till is fetching its pages for a time without a network. Leave it open until it says that it is ready."
    ),
    "pages_failed": N_(
        "This till could not fetch all its pages for a time without a network. It tries again by itself. If this stays,"
        " open it in an ordinary window, not a private one, of a current browser."
    ),
    "nobody_here": N_("Nobody is at the till. Taking it with a PIN needs the network."),
    "shift_over": N_("The shift is over. Beginning a new one with a PIN needs the network."),
    "list_old": N_("The list of used certificates is too old, so nothing can be taken until the network is back."),
    "clock_set_back": N_("The clock of this device was set back, so nothing can be taken until the network is back."),
    "till_blocked": N_("The owner has to look at this till first, so it takes nothing without a network."),
    "waits_because": N_("%(reason)s It was already sent, so it waits for the network to answer."),
}
_SAID: Final = {
    "leave_waiting": N_(
        "%(count)s acceptances are still to be delivered. They stay on this device and are delivered when there is a"
        " network. Leave the till?"
    ),
    "not_now": N_("This needs the network."),
}
_REFUSED: Final = {
    "typed_code": N_("A typed code needs the network. Scan the QR instead."),
    "nothing_scanned": N_("Scan the QR of the certificate."),
    "bill_missing": N_("Without a network, put in the whole bill and its number before you scan."),
    "amount_malformed": N_("Write an amount, such as 18.50."),
    "needs_network": N_("This certificate can be taken only with the network."),
    "never_offline": N_("Certificates of this shop can be taken only with the network."),
    "over_ceiling": N_("%(amount)s is more than the %(ceiling)s that may be taken without a network."),
    "list_dead": N_("This certificate was already used, passed on or cancelled."),
    "list_suspended": N_("This certificate is stopped at present. Ask again when the network is back."),
    "list_online_only": N_("A part of this certificate is used. The rest can be taken only with the network."),
    "taken_here": N_("This till already took this certificate: %(at)s."),
    "token_expired": N_("This certificate has expired."),
    "token_key_unknown": N_("The key of this certificate is not known here yet. It can be taken with the network."),
    "token_proof_missing": SENTENCES["proof_missing"],
    "token_proof_stale": SENTENCES["proof_stale"],
    "token": TOKEN,
    "other": OTHER,
} | {
    code: SENTENCES[code]
    for code in (
        "wrong_acceptor", "bill_too_small_to_redeem", "bill_covered", "more_than_the_bill", "insufficient_balance",
        "partial_redemption_not_allowed",
    )
}  # fmt: skip
_ABOUT: Final = {
    "already_redeemed": N_("The network had already taken it off another bill."),
    "earlier_offline": N_("Another till of yours took it earlier, also without a network."),
    "certificate_passed_on": N_("The guest had already passed it on to somebody."),
    "certificate_claimed": N_("It had already been moved to a phone, so this code no longer counted."),
    "certificate_rebound": N_("The guest's phone had already made a new code."),
    "certificate_printed": N_("It had already been printed on paper, so this code no longer counted."),
    "certificate_revoked": N_("It had already been cancelled."),
    "taken_twice": N_("This till took it twice."),
    "unknown_epoch": N_("This code was never given out."),
    "taken_after_expiry": N_("It had expired when it was taken."),
    "taken_before_issue": N_("It was taken before it was given out: the till's clock was wrong."),
    "proof_missing": N_("It was not scanned from the guest's phone."),
    "proof_invalid": N_("The phone's signature did not fit."),
    "proof_stale": N_("An old picture of it was scanned."),
    "bill_too_small_to_redeem": N_("The bill was too small for it."),
    "more_than_the_bill": N_("More was taken off than the bill had left."),
    "insufficient_balance": N_("Less was left on it than was taken off."),
    "list_old": N_("The till's list was too old."),
    "over_ceiling": N_("More was taken off than may be without a network."),
    "list_said_dead": N_("The till's own list said that it was used."),
    "list_said_online_only": N_("The till's own list said: only with the network."),
    "clock_wrong": N_("The till's clock was wrong."),
    "wrong_acceptor": N_("It is for another shop."),
    "certificate_not_found": N_("The network knows no such certificate."),
    "till_key_revoked": N_("The owner had cut off this till's key."),
    "receipt_of_another_till": N_("It was taken by a till of another shop."),
    "same_as_online": N_("The network had it already: it is the same one."),
    "reversed": N_("It was undone since."),
    "other": N_("The network could not read it."),
}
_BORNE: Final = {
    "acceptor": N_("It does not count, and your shop bears the amount. The guest keeps the deduction."),
    "issuer": N_("It does not count, and the shop that gave it bears the amount. The guest keeps the deduction."),
    "pool": N_("It does not count, and the common fund bears the amount. The guest keeps the deduction."),
    "nobody": N_("It is not booked, and nobody owes anything for it."),
}

WORDS: Final[dict[str, str]] = (
    _STANDING
    | _SAID
    | _REFUSED
    | {f"about_{code}": text for code, text in _ABOUT.items()}
    | {f"borne_{party}": text for party, text in _BORNE.items()}
)
_NAMES: Final = (
    "until", "list", "reason", "amount", "ceiling", "at", "bill", "smallest", "outstanding", "requested", "whole",
    "detail", "count",
)  # fmt: skip


def spoken(visit: Visit) -> dict[str, str]:
    """Every sentence in the reader's language, with `{name}` where the device fills something in."""
    places = {name: f"{{{name}}}" for name in _NAMES}
    return {code: visit.gettext(text, **places) for code, text in WORDS.items()}
