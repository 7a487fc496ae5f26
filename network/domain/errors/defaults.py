"""Refusals about a partner that does not pay, and its deposit."""

from network.domain.errors.refusal import Conflict, NotFound, Refusal


class DefaultNotFound(NotFound):
    """Nobody is in default under this id."""

    code = "default_not_found"
    sentence = "Nobody was declared in default there."


class DepositNotFound(NotFound):
    """The partner has put up nothing."""

    code = "deposit_not_found"
    sentence = "This partner has put up no deposit."


class DefaultConflict(Conflict):
    """A partner is in default for a window once."""

    code = "default_conflict"
    sentence = "This partner was already declared in default for window {number}."


class OwesNothing(Refusal):
    """Who owes nothing in a window cannot be in default for it."""

    code = "owes_nothing"
    sentence = "{name} owes nothing that is still to be paid in window {number}."
