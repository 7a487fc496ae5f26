"""Refusals about the copy that is shown: an old one, or one without the phone's proof."""

from network.domain.errors.refusal import Refusal


class CertificatePassedOn(Refusal):
    """An old copy of a certificate that went to somebody else."""

    code = "certificate_passed_on"
    sentence = "This copy no longer counts: the certificate was passed on at {passed_on_at} (UTC)."


class CertificateClaimed(Refusal):
    """An old copy of a certificate that was put into a phone."""

    code = "certificate_claimed"
    sentence = "This copy no longer counts: the certificate was moved to a phone at {claimed_at} (UTC)."


class CertificateRebound(Refusal):
    """An old copy of a certificate whose holder's phone made a new one."""

    code = "certificate_rebound"
    sentence = "This copy no longer counts: the guest's phone made a new one at {rebound_at} (UTC)."


class CertificatePrinted(Refusal):
    """An old copy of a certificate that its holder put on paper."""

    code = "certificate_printed"
    sentence = "This copy no longer counts: the certificate was printed on paper at {printed_at} (UTC)."


class UnknownEpoch(Refusal):
    """A copy from the future: it was never given out."""

    code = "certificate_copy_unknown"
    sentence = "This copy was never given out."


class ProofMissing(Refusal):
    """A certificate that lives in a phone counts only as the phone shows it."""

    code = "proof_missing"
    sentence = "This certificate lives in a phone. Ask the guest to open it there and scan the screen."


class ProofStale(Refusal):
    """A picture of the phone, or a phone whose clock is wrong."""

    code = "proof_stale"
    sentence = "This is an old picture of the certificate. Ask the guest to open it on the phone and scan again."


class ProofUsed(Refusal):
    """What the phone showed then was used already."""

    code = "proof_used"
    sentence = "This code was already used. The phone shows a new one in a few seconds: scan that one."
