"""Refusals about a certificate's life: where it counts, its end, taking it back."""

from network.domain.errors.refusal import Conflict, NotAllowed, NotFound, Refusal


class CertificateNotFound(NotFound):
    """No certificate has this id or code."""

    code = "certificate_not_found"
    sentence = "There is no such certificate."


class CertificateConflict(Conflict):
    """The certificate id is taken."""

    code = "certificate_conflict"
    sentence = "This certificate is already on record."


class WrongAcceptor(NotAllowed):
    """A certificate is redeemed only where it says."""

    code = "wrong_acceptor"
    sentence = "This certificate is for another shop."


class OnlyTheIssuer(NotAllowed):
    """Only the partner that handed the certificate out may do it."""

    code = "only_the_issuer"
    sentence = "Only the shop that handed this out can do this."


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


class CertificateUsed(Refusal):
    """A certificate that was used, passed on or claimed by another can no longer be taken back by its issuer."""

    code = "certificate_used"
    sentence = "This certificate was already used or passed on, so the shop cannot take it back."


class NotYetExpired(Refusal):
    """Expiry comes only after the last day."""

    code = "not_yet_expired"
    sentence = "This certificate is valid until {expires_at} (UTC)."


class DayOver(Refusal):
    """A recorded instant lies before what it follows."""

    code = "out_of_order"
    sentence = "This happened before the certificate was issued."
