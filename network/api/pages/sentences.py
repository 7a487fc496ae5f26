"""Refusals in plain words, for people at a counter: by code, with money and time as the reader writes them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from network.api.pages import sentences_of_rules, sentences_of_settlement
from network.api.pages.texts import N_, Reader

SENTENCES: Final[dict[str, str]] = {
    **sentences_of_settlement.SENTENCES,
    **sentences_of_rules.SENTENCES,
    "certificate_redeemed": N_("This certificate was already used %(redeemed_at)s."),
    "certificate_expired": N_("This certificate expired %(expired_at)s."),
    "certificate_revoked": N_("This certificate was cancelled %(revoked_at)s."),
    "certificate_passed_on": N_("This code no longer counts: the certificate was passed on %(passed_on_at)s."),
    "certificate_claimed": N_("This code no longer counts: the certificate was moved to a phone %(claimed_at)s."),
    "certificate_copy_unknown": N_("This code was never given out."),
    "certificate_not_found": N_("There is no such certificate. Check the code, or scan the QR."),
    "wrong_acceptor": N_("This certificate is for another shop."),
    "merchant_not_admitted": N_("%(name)s does not take part in the network at present."),
    "bill_too_small_to_redeem": N_("The bill of %(bill)s is under %(smallest)s. This certificate needs a bigger bill."),
    "bill_too_small_to_issue": N_("The bill of %(bill)s is under %(smallest)s, so no certificate is given for it."),
    "bill_covered": N_("Certificates already cover this whole bill."),
    "bill_already_paid": N_("Bill %(bill_reference)s is already paid. A certificate is used before paying."),
    "bill_conflict": N_(
        "Bill %(bill_reference)s is already on record with another amount. Check the number of the bill."
    ),
    "insufficient_balance": N_("This certificate has %(outstanding)s left; %(requested)s was asked."),
    "more_than_the_bill": N_("The bill has %(bill)s left to pay; %(requested)s was asked."),
    "partial_redemption_not_allowed": N_("This certificate is used in one go: %(whole)s or nothing."),
    "redemption_conflict": N_("This was already sent with other details. Begin again."),
    "redemption_already_reversed": N_("This was already undone."),
    "redemption_refunded": N_("The bill was refunded, so this cannot be undone."),
    "redemption_not_found": N_("There is no such redemption at this shop."),
    "reversal_too_late": N_("A redemption can be undone for %(hours)s hours; that time is over."),
    "payment_refunded": N_("This bill was refunded."),
    "payment_not_found": N_("This bill is not on record. Put in the payment first."),
    "issue_already_decided": N_("Certificates for this bill were already handed out."),
    "not_combinable": N_("These certificates cannot be given together for one bill."),
    "agreement_not_active": N_("This agreement is not in force at present."),
    "agreement_not_found": N_("There is no such agreement."),
    "allotment_exhausted": N_("No certificates are left in this stock."),
    "allotment_ended": N_("The last day of this stock is over."),
    "allotment_not_found": N_("There is no such stock."),
    "only_the_issuer": N_("Only the shop that handed this out can do this."),
    "not_a_party": N_("Only the two partners of an agreement can do this."),
    "cap_reached": N_("The agreed limit leaves no room for another certificate now."),
    "certificate_conflict": N_("This was already sent with other details. Begin again."),
    "wallet_not_found": N_("This wallet is not known here."),
    "wallet_erased": N_("This guest asked to be forgotten. Give the certificate on paper instead."),
    "invalid_currency": N_("Bills here are in another currency."),
    "invalid_amount": N_("This amount is not possible."),
    "request_conflict": N_("This was already sent with other details. Begin again."),
    "typed_code_malformed": N_("A code has ten letters and digits, in two groups of five."),
    "typed_code_mistyped": N_("One of the ten symbols is wrong. Compare them again."),
    "typed_code_ambiguous": N_("This code fits more than one certificate. Scan the QR instead."),
    "token_expired": N_("This certificate has expired."),
    "too_many_tries": N_("That was a lot of tries. Wait %(wait)s and try again."),
    "form_not_ours": N_("This page was open too long. Open it again and repeat."),
    "not_your_page": N_("This page is for somebody else. Sign in as the one it is for."),
    "login_taken": N_("Somebody already signs in with this. Choose another one."),
    "certificate_rebound": N_("This code no longer counts: the guest's phone made a new one %(rebound_at)s."),
    "certificate_printed": N_("This code no longer counts: the certificate was printed on paper %(printed_at)s."),
    "proof_missing": N_("This certificate lives in a phone. Ask the guest to open it there and scan the screen."),
    "proof_stale": N_("This is an old picture. Ask the guest to open the certificate on the phone and scan again."),
    "proof_used": N_("This code was already used. The phone shows a new one in a few seconds: scan that one."),
    "not_your_redemption": N_("Only a shift leader can undo what somebody else did."),
    "last_person": N_("Nobody else could sign in here then. Invite somebody first."),
    "raise_needs_two": N_(
        "Raising or lifting a limit takes two people. Propose it, and let another organizer confirm."
    ),
    "second_person_needed": N_("A second organizer is needed to raise a limit. Invite one under People first."),
    "cannot_confirm_own_raise": N_("You proposed this yourself. Another organizer has to confirm it."),
    "cap_changed_since": N_("The limit was changed since this was proposed. Propose it again."),
    "raise_expired": N_("This was not confirmed in time. Propose it again."),
    "raise_not_found": N_("This raise no longer waits: it was confirmed or withdrawn."),
    "merchant_state_forbids": N_("%(name)s is no longer in the state that this needs. Look at the list again."),
    "merchant_not_found": N_("There is no such partner."),
    "credential_not_found": N_("This till is not known here."),
    "cannot_accept_for_the_other": N_("The other side has to accept this offer."),
    "version_not_pending": N_("This offer no longer stands. Open the agreement again."),
    "agreement_state_forbids": N_("This cannot be done with the agreement as it stands now."),
    "certificate_used": N_("This certificate was already used, so it cannot be taken back."),
    "network_busy": N_("The network is busy. Try again in a moment."),
    "view_behind": N_("The network is busy. Try again in a moment."),
    "unexpected": N_("Something went wrong on our side. Try again in a moment."),
    "sign_in_refused": N_("This name and password do not fit together."),
    "second_factor_refused": N_("This code is not right, or was used already. Wait for the next one."),
    "passkey_refused": N_("This passkey did not work. Try again, or sign in with your password."),
    "last_way_in": N_("This is your only way to sign in. Choose a password or add another passkey first."),
    "pin_refused": N_("This PIN is not right."),
    "what_if_too_large": N_("That is more than %(most)s certificates. Ask for fewer days."),
    "invalid_webhook_url": N_(
        "This address cannot be used. It has to begin with https:// and lead to the public internet."
    ),
    "webhook_not_found": N_("There is no such webhook."),
    "invitation_unknown": N_("This code is not known, was used already, or its time is over. Ask for a new one."),
}
TOKEN: Final = N_("This is not a certificate of ours. Scan the code again.")
OTHER: Final = N_("This cannot be done: %(detail)s")
_MONEY: Final = frozenset(
    {"bill", "smallest", "outstanding", "requested", "whole", "refundable", "available", "limit", "amount"}
)


def said(code: str, facts: Mapping[str, object], detail: str, reader: Reader, now: datetime) -> str:
    """The sentence of a refusal in the reader's language."""
    if detail in sentences_of_rules.REASONS:
        return reader.gettext(detail)
    sentence = SENTENCES.get(code)
    if sentence is None:
        return reader.gettext(TOKEN) if code.startswith("token_") else reader.gettext(OTHER, detail=detail)
    try:
        return reader.gettext(sentence) % {name: _spoken(name, facts, reader, now) for name in _with_wait(facts)}
    except KeyError:  # a refusal of an older version, stored with fewer facts
        return reader.gettext(OTHER, detail=detail)


def _with_wait(facts: Mapping[str, object]) -> list[str]:
    return [*facts, *(["wait"] if "retry_after" in facts else [])]


def _spoken(name: str, facts: Mapping[str, object], reader: Reader, now: datetime) -> str:
    if name == "wait":
        seconds = int(str(facts["retry_after"]))
        minutes = max(1, round(seconds / 60))
        if seconds < 60:
            return reader.ngettext("%(n)s second", "%(n)s seconds", seconds)
        return reader.ngettext("%(n)s minute", "%(n)s minutes", minutes)
    value = facts[name]
    if name.endswith(("_at", "until", "answer_by")) and isinstance(value, str):
        return reader.when(datetime.fromisoformat(value), now)
    if name in _MONEY and isinstance(value, int):
        return reader.money(value, str(facts.get("currency", reader.currency)))
    return str(value)
