"""Refusals about a disputed line."""

from network.domain.errors.refusal import Conflict, NotAllowed, NotFound, Refusal


class DisputeNotFound(NotFound):
    """No dispute has this id."""

    code = "dispute_not_found"
    sentence = "There is no such dispute."


class DisputeConflict(Conflict):
    """A line is disputed once."""

    code = "dispute_conflict"
    sentence = "This line was already disputed."


class NotTheDebtor(NotAllowed):
    """A line is disputed by the side that it charges."""

    code = "not_the_debtor"
    sentence = "Only the side that owes by this line can dispute it."


class NotTheOtherSide(NotAllowed):
    """A dispute is answered by the side that receives by the line."""

    code = "not_the_other_side"
    sentence = "Only the other side of this dispute can answer it."


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


class AnswerTimeNotOver(Refusal):
    """The other side may still answer."""

    code = "answer_time_not_over"
    sentence = "The other side may answer until {answer_by} (UTC)."
