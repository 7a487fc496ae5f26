"""Refusals about payments between partners and what their banks say of them."""

from network.domain.errors.refusal import Conflict, Invalid, NotAllowed, NotFound, Refusal


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
