"""Refusals about a stock that one partner set aside for another."""

from network.domain.errors.refusal import Conflict, NotFound, Refusal


class AllotmentNotFound(NotFound):
    """No allotment has this id."""

    code = "allotment_not_found"
    sentence = "There is no such allotment."


class AllotmentConflict(Conflict):
    """The allotment id is taken."""

    code = "allotment_conflict"
    sentence = "This allotment is already on record."


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
