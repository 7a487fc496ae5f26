"""Refusals about agreements, the draw among them, and other terms tried on the past."""

from network.domain.errors.refusal import Conflict, Invalid, NotAllowed, NotFound, Refusal


class AgreementNotFound(NotFound):
    """No agreement has this id."""

    code = "agreement_not_found"
    sentence = "There is no such agreement in this coalition."


class AgreementConflict(Conflict):
    """The agreement id is taken."""

    code = "agreement_conflict"
    sentence = "This agreement is already on record."


class NotAParty(NotAllowed):
    """The merchant is on neither side of it."""

    code = "not_a_party"
    sentence = "Only the two partners of an agreement can change it."


class CannotAcceptForTheOther(NotAllowed):
    """A side accepts terms for itself alone."""

    code = "cannot_accept_for_the_other"
    sentence = "Your side has already accepted. The other partner has to accept now."


class InvalidTerms(Invalid):
    """Terms that no certificate could be issued or settled by."""

    code = "invalid_terms"


class InvalidDrawRules(Invalid):
    """Rules of the draw by which no chances can be given."""

    code = "invalid_draw_rules"


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


class WhatIfTooLarge(Invalid):
    """Other terms are tried on a part of the past at a time."""

    code = "what_if_too_large"
    sentence = "That is more than {most} certificates. Ask for fewer days, or for one pair of partners."
