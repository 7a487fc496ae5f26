"""Refusals: well-formed requests that the facts forbid. Each has a stable code and a sentence for a cashier.

Refusal
+-- NotFound             nothing by that name in this coalition
|   +-- MerchantNotFound, AgreementNotFound, PaymentNotFound, CertificateNotFound, RedemptionNotFound,
|       AllotmentNotFound, WalletNotFound, WindowNotFound, CoalitionNotFound, CampaignNotFound, RaiseNotFound,
|       LineNotFound, DisputeNotFound, DefaultNotFound, DepositNotFound, PartyNotFound, PayoutNotFound,
|       BankFileNotFound, BankLineNotFound, VersionNotFound, TillNotFound, JournalNotFound
+-- NotAllowed           the caller's role or side does not permit it
|   +-- NotAParty, WrongAcceptor, NotTheHolder, OnlyTheIssuer, CannotAcceptForTheOther, CannotConfirmOwnRaise,
|       NotTheDebtor, NotTheOtherSide, NotYourPayment, NotInTheWindow
+-- Conflict             an id is already taken by other facts
|   +-- RequestConflict, BillConflict, RedemptionConflict, RefundConflict, MerchantConflict, AgreementConflict,
|       CertificateConflict, AllotmentConflict, CampaignConflict, RaiseConflict, WindowConflict, DisputeConflict,
|       DefaultConflict, FiguresChanged, BookingConflict, BankLineAssigned
+-- Invalid              a value that can never be right
|   +-- InvalidTerms, InvalidDrawRules, InvalidAmount, InvalidTax, InvalidCurrency, InvalidTimeZone, BankLineMisfit,
|       WhatIfTooLarge
+-- the rest             facts that forbid it now: CertificateExpired, CertificatePassedOn, CapReached ...
"""

from datetime import datetime
from typing import ClassVar, TypeAlias

from network.domain.units import Minor, money

Fact: TypeAlias = str | int | bool | None


class Refusal(Exception):
    """A request that the facts forbid. `code` is stable, `facts` are for machines, `str()` is for a cashier."""

    code: ClassVar[str] = "refused"
    sentence: ClassVar[str] = "This cannot be done."

    def __init__(self, **facts: object) -> None:
        self.facts: dict[str, Fact] = {name: _plain(value) for name, value in facts.items()}
        super().__init__(self.sentence.format(**_spoken(facts)))

    def body(self) -> dict[str, Fact]:
        """What the caller is told: the code, the sentence and the facts."""
        return {"code": self.code, "detail": str(self), **self.facts}


def _plain(value: object) -> Fact:
    if isinstance(value, datetime):
        return value.isoformat()
    return value if isinstance(value, str | int | bool) or value is None else str(value)


def _spoken(facts: dict[str, object]) -> dict[str, object]:
    """Amounts beside a `currency` are spoken as money, instants as day and minute."""
    currency = facts.get("currency")
    spoken: dict[str, object] = {}
    for name, value in facts.items():
        if isinstance(value, datetime):
            spoken[name] = f"{value:%Y-%m-%d %H:%M}"
        elif isinstance(value, int) and not isinstance(value, bool) and isinstance(currency, str):
            spoken[name] = money(value, currency)
        else:
            spoken[name] = value
    return spoken


class NotFound(Refusal):
    """Nothing by that name in this coalition."""

    code = "not_found"
    sentence = "There is no such thing here."


class NotAllowed(Refusal):
    """The caller's role or side does not permit it."""

    code = "not_allowed"
    sentence = "You may not do this."


class Conflict(Refusal):
    """An id is already taken by other facts."""

    code = "conflict"
    sentence = "This id is already used for something else."


class Invalid(Refusal):
    """A value that can never be right."""

    code = "invalid"
    sentence = "{reason}"


class WhatIfTooLarge(Invalid):
    """Other terms are tried on a part of the past at a time."""

    code = "what_if_too_large"
    sentence = "That is more than {most} certificates. Ask for fewer days, or for one pair of partners."


class CoalitionNotFound(NotFound):
    """No coalition has this name."""

    code = "coalition_not_found"
    sentence = "There is no such coalition."


class MerchantNotFound(NotFound):
    """No partner has this id."""

    code = "merchant_not_found"
    sentence = "There is no such partner in this coalition."


class AgreementNotFound(NotFound):
    """No agreement has this id."""

    code = "agreement_not_found"
    sentence = "There is no such agreement in this coalition."


class PaymentNotFound(NotFound):
    """No payment has this id."""

    code = "payment_not_found"
    sentence = "This bill is not on record. Send the payment first."


class CertificateNotFound(NotFound):
    """No certificate has this id or code."""

    code = "certificate_not_found"
    sentence = "There is no such certificate."


class RedemptionNotFound(NotFound):
    """The certificate has no redemption with this id."""

    code = "redemption_not_found"
    sentence = "There is no such redemption."


class AllotmentNotFound(NotFound):
    """No allotment has this id."""

    code = "allotment_not_found"
    sentence = "There is no such allotment."


class WalletNotFound(NotFound):
    """No wallet has this id."""

    code = "wallet_not_found"
    sentence = "There is no such wallet."


class WindowNotFound(NotFound):
    """No window of this number was cut."""

    code = "window_not_found"
    sentence = "There is no such window: it was not cut yet."


class CampaignNotFound(NotFound):
    """No campaign has this id."""

    code = "campaign_not_found"
    sentence = "There is no such campaign in this coalition."


class RaiseNotFound(NotFound):
    """No raise that waits has this id."""

    code = "raise_not_found"
    sentence = "No such raise of a limit is waiting."


class LineNotFound(NotFound):
    """No entry of a stated window is at that position between these two."""

    code = "line_not_found"
    sentence = "There is no such line in a statement."


class DisputeNotFound(NotFound):
    """No dispute has this id."""

    code = "dispute_not_found"
    sentence = "There is no such dispute."


class DefaultNotFound(NotFound):
    """Nobody is in default under this id."""

    code = "default_not_found"
    sentence = "Nobody was declared in default there."


class DepositNotFound(NotFound):
    """The partner has put up nothing."""

    code = "deposit_not_found"
    sentence = "This partner has put up no deposit."


class TillNotFound(NotFound):
    """No till of this merchant has registered a key under this id."""

    code = "till_not_found"
    sentence = "This till has no key for working without a network yet."


class JournalNotFound(NotFound):
    """The till has no journal of this number."""

    code = "journal_not_found"
    sentence = "This till has no such journal."


class NotTheDebtor(NotAllowed):
    """A line is disputed by the side that it charges."""

    code = "not_the_debtor"
    sentence = "Only the side that owes by this line can dispute it."


class NotTheOtherSide(NotAllowed):
    """A dispute is answered by the side that receives by the line."""

    code = "not_the_other_side"
    sentence = "Only the other side of this dispute can answer it."


class PartyNotFound(NotFound):
    """Neither a partner nor the pool nor the organizer."""

    code = "party_not_found"
    sentence = "There is no such party in this coalition."


class VersionNotFound(NotFound):
    """A window has as many versions as were made of it."""

    code = "version_not_found"
    sentence = "There is no version {version} of window {number}. The one in force is version {in_force}."


class PayoutNotFound(NotFound):
    """No payment of a window has this id, or nothing with this id was confirmed of it."""

    code = "payout_not_found"
    sentence = "There is no such payment between partners."


class BankFileNotFound(NotFound):
    """No bank file with this id was loaded."""

    code = "bank_file_not_found"
    sentence = "There is no such bank file."


class BankLineNotFound(NotFound):
    """No line with this id waits for a payment."""

    code = "bank_line_not_found"
    sentence = "There is no such line that waits to be assigned."


class NotYourPayment(NotAllowed):
    """A creditor confirms what it received; nobody else's."""

    code = "not_your_payment"
    sentence = "Only who receives this payment, or the organizer, can say that it arrived."


class NotInTheWindow(NotAllowed):
    """The partner neither owes nor receives in this window."""

    code = "not_in_the_window"
    sentence = "You neither owe nor receive anything in window {number}, so there is nothing to agree to."


class NotAParty(NotAllowed):
    """The merchant is on neither side of it."""

    code = "not_a_party"
    sentence = "Only the two partners of an agreement can change it."


class WrongAcceptor(NotAllowed):
    """A certificate is redeemed only where it says."""

    code = "wrong_acceptor"
    sentence = "This certificate is for another shop."


class NotTheHolder(NotAllowed):
    """Another wallet holds the certificate now."""

    code = "not_the_holder"
    sentence = "This certificate is not in your wallet."


class OnlyTheIssuer(NotAllowed):
    """Only the partner that handed the certificate out may do it."""

    code = "only_the_issuer"
    sentence = "Only the shop that handed this out can do this."


class CannotAcceptForTheOther(NotAllowed):
    """A side accepts terms for itself alone."""

    code = "cannot_accept_for_the_other"
    sentence = "Your side has already accepted. The other partner has to accept now."


class CannotConfirmOwnRaise(NotAllowed):
    """The second person is another one than the first."""

    code = "cannot_confirm_own_raise"
    sentence = "You proposed this raise. Another organizer has to confirm it."


class RequestConflict(Conflict):
    """The request key was used before with other details."""

    code = "request_conflict"
    sentence = "This request key was already used for another request. Use a new one."


class BillConflict(Conflict):
    """The bill reference is on record with other details."""

    code = "bill_conflict"
    sentence = "Bill {bill_reference} is already on record with other details."


class RedemptionConflict(Conflict):
    """The redemption id is on record with other details."""

    code = "redemption_conflict"
    sentence = "This redemption is already on record with other details."


class RefundConflict(Conflict):
    """The refund id is on record: its money and certificates went back already."""

    code = "refund_conflict"
    sentence = "This refund is already on record."


class MerchantConflict(Conflict):
    """The merchant id is taken."""

    code = "merchant_conflict"
    sentence = "This partner is already on record."


class AgreementConflict(Conflict):
    """The agreement id is taken."""

    code = "agreement_conflict"
    sentence = "This agreement is already on record."


class CertificateConflict(Conflict):
    """The certificate id is taken."""

    code = "certificate_conflict"
    sentence = "This certificate is already on record."


class AllotmentConflict(Conflict):
    """The allotment id is taken."""

    code = "allotment_conflict"
    sentence = "This allotment is already on record."


class CampaignConflict(Conflict):
    """The campaign id is taken."""

    code = "campaign_conflict"
    sentence = "This campaign is already on record under another name."


class RaiseConflict(Conflict):
    """The id of the raise is taken."""

    code = "raise_conflict"
    sentence = "This raise is already on record."


class WindowConflict(Conflict):
    """The window was cut before."""

    code = "window_conflict"
    sentence = "Window {number} is already cut."


class DisputeConflict(Conflict):
    """A line is disputed once."""

    code = "dispute_conflict"
    sentence = "This line was already disputed."


class DefaultConflict(Conflict):
    """A partner is in default for a window once."""

    code = "default_conflict"
    sentence = "This partner was already declared in default for window {number}."


class FiguresChanged(Conflict):
    """A version was computed from figures that have changed meanwhile."""

    code = "figures_changed"
    sentence = "Something of window {number} changed meanwhile. Look at it and ask again."


class BookingConflict(Conflict):
    """The confirmation's id is on record with another amount."""

    code = "booking_conflict"
    sentence = "This confirmation is already on record with another amount."


class BankLineMisfit(Invalid):
    """The line cannot be of this payment, whatever a person thinks."""

    code = "bank_line_misfit"


class BankLineAssigned(Conflict):
    """A line pays one debt."""

    code = "bank_line_assigned"
    sentence = "This line was already assigned to the payment {end_to_end_id}."


class InvalidTerms(Invalid):
    """Terms that no certificate could be issued or settled by."""

    code = "invalid_terms"


class InvalidDrawRules(Invalid):
    """Rules of the draw by which no chances can be given."""

    code = "invalid_draw_rules"


class InvalidAmount(Invalid):
    """An amount that is negative, zero or beyond what the network counts."""

    code = "invalid_amount"


class InvalidTax(Invalid):
    """A country or tax rates that cannot be, or a bill that is split by other ones."""

    code = "invalid_tax"


class InvalidCurrency(Invalid):
    """Not a currency of ISO 4217, or not this coalition's."""

    code = "invalid_currency"


class InvalidTimeZone(Invalid):
    """Not a time zone of the IANA database."""

    code = "invalid_time_zone"


class MerchantNotAdmitted(Refusal):
    """Only an admitted partner trades."""

    code = "merchant_not_admitted"
    sentence = "{name} does not take part in the network at present ({state})."


class MerchantStateForbids(Refusal):
    """The partner's state does not allow this step."""

    code = "merchant_state_forbids"
    sentence = "{name} is {state}, so this step is not possible."


class RaiseNeedsTwo(Refusal):
    """One person alone may lower a limit, and not raise or lift it."""

    code = "raise_needs_two"
    sentence = "Raising or lifting a limit takes two people. Propose it, and let another organizer confirm."


class SecondPersonNeeded(Refusal):
    """The coalition has one organizer, so nobody could confirm."""

    code = "second_person_needed"
    sentence = "A second organizer is needed to raise a limit. Make a credential for another person first."


class RaiseExpired(Refusal):
    """Nobody confirmed it in time."""

    code = "raise_expired"
    sentence = "This raise waited until {expired_at} (UTC) and was not confirmed. Propose it again."


class CapChangedSince(Refusal):
    """The limit is not the one that the proposer saw."""

    code = "cap_changed_since"
    sentence = "The limit was changed since this raise was proposed. Propose it again."


class AgreementNotActive(Refusal):
    """The agreement is not in force: not accepted by both, paused or ended."""

    code = "agreement_not_active"
    sentence = "This agreement is not in force ({state})."


class AgreementStateForbids(Refusal):
    """The agreement's state does not allow this step."""

    code = "agreement_state_forbids"
    sentence = "The agreement is {state}, so this step is not possible."


class VersionNotPending(Refusal):
    """Only the newest proposed version can be accepted."""

    code = "version_not_pending"
    sentence = "Version {version} is not waiting for an answer."


class BillTooSmallToIssue(Refusal):
    """The bill is under the agreement's smallest bill to issue."""

    code = "bill_too_small_to_issue"
    sentence = "The bill of {bill} is under {smallest}, so no certificate is given for it."


class BillTooSmallToRedeem(Refusal):
    """The bill is under the certificate's smallest bill to redeem."""

    code = "bill_too_small_to_redeem"
    sentence = "The bill of {bill} is under {smallest}. This certificate needs a bigger bill."


class IssueAlreadyDecided(Refusal):
    """One paid bill leads to at most one issue decision."""

    code = "issue_already_decided"
    sentence = "Certificates for this bill were already handed out."


class NotCombinable(Refusal):
    """The terms of one of several certificates for one bill want it alone, or two come from one agreement."""

    code = "not_combinable"
    sentence = "These certificates cannot be given together for one bill."


class PaymentRefunded(Refusal):
    """A refunded bill hands out nothing more."""

    code = "payment_refunded"
    sentence = "This bill was refunded."


class RefundTooLarge(Refusal):
    """More would come back than the bill had left."""

    code = "refund_too_large"
    sentence = "Only {refundable} of this bill can still be refunded; {requested} was asked."


class BillAlreadyPaid(Refusal):
    """A certificate lowers a bill before it is paid: money never comes back for a certificate."""

    code = "bill_already_paid"
    sentence = "Bill {bill_reference} is already paid. A certificate is used before paying."


class BillCovered(Refusal):
    """Nothing is left on the bill that a certificate could lower."""

    code = "bill_covered"
    sentence = "Certificates already cover this whole bill."


class InsufficientBalance(Refusal):
    """More is asked than the certificate has left."""

    code = "insufficient_balance"
    sentence = "This certificate has {outstanding} left; {requested} was asked."


class MoreThanTheBill(Refusal):
    """More is asked than the bill comes to."""

    code = "more_than_the_bill"
    sentence = "The bill has {bill} left to pay; {requested} was asked."


class PartialRedemptionNotAllowed(Refusal):
    """The terms allow one redemption of the whole certificate."""

    code = "partial_redemption_not_allowed"
    sentence = "This certificate is used in one go: {whole} or nothing."


class CertificateRedeemed(Refusal):
    """Nothing is left on it."""

    code = "certificate_redeemed"
    sentence = "This certificate was already used on {redeemed_at} (UTC)."


class CertificateExpired(Refusal):
    """Its last day is over."""

    code = "certificate_expired"
    sentence = "This certificate ended on {expired_at} (UTC)."


class CertificateRevoked(Refusal):
    """It was taken back."""

    code = "certificate_revoked"
    sentence = "This certificate was cancelled on {revoked_at} (UTC)."


class CertificatePassedOn(Refusal):
    """An old copy of a certificate that went to somebody else."""

    code = "certificate_passed_on"
    sentence = "This copy no longer counts: the certificate was passed on at {passed_on_at} (UTC)."


class CertificateClaimed(Refusal):
    """An old copy of a certificate that was put into a phone."""

    code = "certificate_claimed"
    sentence = "This copy no longer counts: the certificate was moved to a phone at {claimed_at} (UTC)."


class CertificateRebound(Refusal):
    """An old copy of a certificate whose holder's phone made a new one."""

    code = "certificate_rebound"
    sentence = "This copy no longer counts: the guest's phone made a new one at {rebound_at} (UTC)."


class CertificatePrinted(Refusal):
    """An old copy of a certificate that its holder put on paper."""

    code = "certificate_printed"
    sentence = "This copy no longer counts: the certificate was printed on paper at {printed_at} (UTC)."


class ProofMissing(Refusal):
    """A certificate that lives in a phone counts only as the phone shows it."""

    code = "proof_missing"
    sentence = "This certificate lives in a phone. Ask the guest to open it there and scan the screen."


class ProofStale(Refusal):
    """A picture of the phone, or a phone whose clock is wrong."""

    code = "proof_stale"
    sentence = "This is an old picture of the certificate. Ask the guest to open it on the phone and scan again."


class ProofUsed(Refusal):
    """What the phone showed then was used already."""

    code = "proof_used"
    sentence = "This code was already used. The phone shows a new one in a few seconds: scan that one."


class RecoveryCodeUnknown(Refusal):
    """No wallet is opened by this code, or it was used already."""

    code = "recovery_code_unknown"
    sentence = "This recovery code does not fit, or was used already."


class WalletErased(Refusal):
    """Its guest wanted to be forgotten."""

    code = "wallet_erased"
    sentence = "This wallet was deleted by its guest."


class UnknownEpoch(Refusal):
    """A copy from the future: it was never given out."""

    code = "certificate_copy_unknown"
    sentence = "This copy was never given out."


class AlreadyHeld(Refusal):
    """The certificate is in a wallet already; it has to be passed on first."""

    code = "certificate_already_held"
    sentence = "This certificate is already in a wallet."


class NotTransferable(Refusal):
    """The terms do not let it be passed on."""

    code = "not_transferable"
    sentence = "This certificate cannot be passed on."


class CertificateUsed(Refusal):
    """A certificate that was used, passed on or claimed by another can no longer be taken back by its issuer."""

    code = "certificate_used"
    sentence = "This certificate was already used or passed on, so the shop cannot take it back."


class NotYetExpired(Refusal):
    """Expiry comes only after the last day."""

    code = "not_yet_expired"
    sentence = "This certificate is valid until {expires_at} (UTC)."


class ReversalTooLate(Refusal):
    """The time to undo a redemption is over."""

    code = "reversal_too_late"
    sentence = "A redemption can be undone for {hours} hours; that time is over."


class RedemptionReversed(Refusal):
    """A redemption is undone once."""

    code = "redemption_already_reversed"
    sentence = "This redemption was already undone."


class RedemptionRefunded(Refusal):
    """A refunded redemption is no longer undone."""

    code = "redemption_refunded"
    sentence = "The bill of this redemption was refunded, so it cannot be undone."


class TillBlocked(Refusal):
    """One of its journals waits for its owner."""

    code = "till_blocked"
    sentence = "Receipt {sequence} of journal {journal} does not fit. The shop's owner has to decide first."


class TillKeyRevoked(Refusal):
    """A key that was cut off stays cut off."""

    code = "till_key_revoked"
    sentence = "This till's key was cut off. Set the till up again."


class JournalNotBlocked(Refusal):
    """There is nothing to decide."""

    code = "journal_not_blocked"
    sentence = "This journal is not blocked."


class AllotmentExhausted(Refusal):
    """The stock is used up."""

    code = "allotment_exhausted"
    sentence = "Only {left} certificates are left in this stock; {requested} were asked."


class AllotmentEnded(Refusal):
    """The stock's last day is over."""

    code = "allotment_ended"
    sentence = "The last day of this stock was {last_on}."


class AllotmentNotTransferable(Refusal):
    """The terms keep the stock with its partner."""

    code = "allotment_not_transferable"
    sentence = "This stock cannot go to another partner."


class CapReached(Refusal):
    """The limit leaves no room for another certificate."""

    code = "cap_reached"
    sentence = "The limit {scope} leaves no room for this: {available} is available, {requested} is needed."


class WindowOutOfOrder(Refusal):
    """Windows follow each other without gaps."""

    code = "window_out_of_order"
    sentence = "Window {number} cannot be {step} before window {predecessor} is."


class WindowStateForbids(Refusal):
    """The window's state does not allow this step."""

    code = "window_state_forbids"
    sentence = "Window {number} is {state}, so this step is not possible."


class ReviewNotOver(Refusal):
    """Partners may still look at their statements."""

    code = "review_not_over"
    sentence = "Partners may look at the statements of window {number} until {review_ends_at} (UTC)."


class LineNotDisputable(Refusal):
    """The line settles a dispute or a default: it is the last word."""

    code = "line_not_disputable"
    sentence = "This line settles an earlier dispute or default, so it cannot be disputed again."


class DisputeTooLate(Refusal):
    """The time to dispute a statement is over."""

    code = "dispute_too_late"
    sentence = "A line can be disputed until {until} (UTC), 30 days after its statement."


class DisputeStateForbids(Refusal):
    """The dispute's state does not allow this step."""

    code = "dispute_state_forbids"
    sentence = "This dispute is {state}, so this step is not possible."


class OwesNothing(Refusal):
    """Who owes nothing in a window cannot be in default for it."""

    code = "owes_nothing"
    sentence = "{name} owes nothing that is still to be paid in window {number}."


class AnswerTimeNotOver(Refusal):
    """The other side may still answer."""

    code = "answer_time_not_over"
    sentence = "The other side may answer until {answer_by} (UTC)."


class NoPaymentFile(Refusal):
    """No bank could carry out anything of what this partner owes."""

    code = "no_payment_file"
    sentence = "There is no bank file for this partner in window {number}: {reason}. The table lists what it owes."


class NothingToRemind(Refusal):
    """Nothing of the payment is missing."""

    code = "nothing_to_remind"
    sentence = "Nothing of this payment is missing, so there is nothing to remind of."


class RemindedAlready(Refusal):
    """One reminder a day is enough."""

    code = "reminded_already"
    sentence = "The debtor was already reminded of this payment."


class DayOver(Refusal):
    """A recorded instant lies before what it follows."""

    code = "out_of_order"
    sentence = "This happened before the certificate was issued."


def money_facts(currency: str, **amounts: Minor) -> dict[str, object]:
    """Facts of a refusal that speaks of money: the amounts and their currency."""
    return {**amounts, "currency": currency}


def _all_refusals(of: type[Refusal] = Refusal) -> dict[str, type[Refusal]]:
    found = {of.code: of}
    for sub in of.__subclasses__():
        found |= _all_refusals(sub)
    return found


def refusal_of(body: dict[str, object]) -> Refusal:
    """The refusal that `Refusal.body` was made of, as far as its code, sentence and facts go."""
    facts = dict(body)
    code, detail = str(facts.pop("code")), str(facts.pop("detail"))
    kind = _all_refusals().get(code, Refusal)
    refusal = kind.__new__(kind)
    Exception.__init__(refusal, detail)
    refusal.facts = {name: _plain(value) for name, value in facts.items()}
    return refusal
