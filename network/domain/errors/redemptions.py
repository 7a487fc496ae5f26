"""Refusals about a deduction from a bill and its undoing."""

from network.domain.errors.refusal import Conflict, NotFound, Refusal


class RedemptionNotFound(NotFound):
    """The certificate has no redemption with this id."""

    code = "redemption_not_found"
    sentence = "There is no such redemption."


class RedemptionConflict(Conflict):
    """The redemption id is on record with other details."""

    code = "redemption_conflict"
    sentence = "This redemption is already on record with other details."


class BillTooSmallToRedeem(Refusal):
    """The bill is under the certificate's smallest bill to redeem."""

    code = "bill_too_small_to_redeem"
    sentence = "The bill of {bill} is under {smallest}. This certificate needs a bigger bill."


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
