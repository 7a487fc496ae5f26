"""What a cashier is told of a delivered receipt, by status or code; pages say it in their reader's language."""

from network.token import _SENTENCES as TOKEN_SENTENCES

_OWN = {
    "booked": "The certificate counts.",
    "same_as_online": "The network had booked this already.",
    "reversed": "It counted, and was undone since.",
    "already_redeemed": "The certificate was used before, at a till that had a network.",
    "earlier_offline": "Another till of yours took this certificate earlier.",
    "certificate_passed_on": "The guest had passed this certificate on.",
    "certificate_claimed": "This copy was put into a wallet, and so was dead.",
    "certificate_rebound": "The guest had another copy on a newer phone; this one was dead.",
    "certificate_printed": "The guest had printed the certificate; this copy was dead.",
    "certificate_revoked": "The certificate was taken back.",
    "taken_twice": "This till took the same certificate twice.",
    "unknown_epoch": "There never was such a copy of this certificate.",
    "taken_after_expiry": "The certificate's last day was over when it was taken.",
    "taken_before_issue": "The till's clock is wrong: it took the certificate before it was issued.",
    "proof_missing": "This certificate lives in a phone, and the phone itself was not shown.",
    "proof_invalid": "The phone's signature did not fit.",
    "proof_stale": "It was an old picture of the certificate.",
    "bill_too_small_to_redeem": "The bill was too small for this certificate.",
    "more_than_the_bill": "More was deducted than the bill.",
    "insufficient_balance": "More was deducted than the certificate is worth.",
    "receipt_malformed": "This is no receipt of a till.",
    "receipt_signature_invalid": "This receipt is not signed with a key of this till.",
    "receipt_of_another_till": "This receipt is another till's.",
    "receipt_contradicts_token": "The receipt names another certificate than the one that was shown.",
    "wrong_acceptor": "This certificate is for another shop.",
    "certificate_not_found": "The network knows no such certificate.",
    "till_key_revoked": "This till's key was cut off, so its receipts do not count any more.",
    "journal_gap": "A receipt is missing before this one. Deliver it, or let the owner decide to go on without it.",
    "journal_fork": "Two receipts claim the same place. The owner has to look: was this till copied?",
}

SENTENCES: dict[str, str] = {
    **dict.fromkeys(TOKEN_SENTENCES, "The network does not accept the certificate that was shown."),
    **_OWN,
}
"""`{code: sentence}`."""
