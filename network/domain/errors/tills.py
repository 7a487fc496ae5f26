"""Refusals about a till that works without a network."""

from network.domain.errors.refusal import NotFound, Refusal


class TillNotFound(NotFound):
    """No till of this merchant has registered a key under this id."""

    code = "till_not_found"
    sentence = "This till has no key for working without a network yet."


class JournalNotFound(NotFound):
    """The till has no journal of this number."""

    code = "journal_not_found"
    sentence = "This till has no such journal."


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
