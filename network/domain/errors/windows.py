"""Refusals about a settlement window and its statements."""

from network.domain.errors.refusal import Conflict, NotAllowed, NotFound, Refusal


class WindowNotFound(NotFound):
    """No window of this number was cut."""

    code = "window_not_found"
    sentence = "There is no such window: it was not cut yet."


class VersionNotFound(NotFound):
    """A window has as many versions as were made of it."""

    code = "version_not_found"
    sentence = "There is no version {version} of window {number}. The one in force is version {in_force}."


class LineNotFound(NotFound):
    """No entry of a stated window is at that position between these two."""

    code = "line_not_found"
    sentence = "There is no such line in a statement."


class WindowConflict(Conflict):
    """The window was cut before."""

    code = "window_conflict"
    sentence = "Window {number} is already cut."


class FiguresChanged(Conflict):
    """A version was computed from figures that have changed meanwhile."""

    code = "figures_changed"
    sentence = "Something of window {number} changed meanwhile. Look at it and ask again."


class NotInTheWindow(NotAllowed):
    """The partner neither owes nor receives in this window."""

    code = "not_in_the_window"
    sentence = "You neither owe nor receive anything in window {number}, so there is nothing to agree to."


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
