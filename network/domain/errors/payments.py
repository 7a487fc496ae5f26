"""Refusals about a bill: what is handed out for it and what comes back of it."""

from network.domain.errors.refusal import Conflict, NotFound, Refusal


class PaymentNotFound(NotFound):
    """No payment has this id."""

    code = "payment_not_found"
    sentence = "This bill is not on record. Send the payment first."


class BillConflict(Conflict):
    """The bill reference is on record with other details."""

    code = "bill_conflict"
    sentence = "Bill {bill_reference} is already on record with other details."


class RefundConflict(Conflict):
    """The refund id is on record: its money and certificates went back already."""

    code = "refund_conflict"
    sentence = "This refund is already on record."


class BillTooSmallToIssue(Refusal):
    """The bill is under the agreement's smallest bill to issue."""

    code = "bill_too_small_to_issue"
    sentence = "The bill of {bill} is under {smallest}, so no certificate is given for it."


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
