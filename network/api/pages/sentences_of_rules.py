"""What the rules of the domain forbid, in plain words: records that exist, rights, tills, papers, and values that can
never be right. The reasons are the domain's own sentences, word for word; a test compares them.
"""

from typing import Final

from network.api.pages.texts import N_

_ON_RECORD: Final = N_("This is on record already.")

SENTENCES: Final[dict[str, str]] = {
    **dict.fromkeys(
        (
            "conflict", "agreement_conflict", "allotment_conflict", "campaign_conflict", "credential_conflict",
            "merchant_conflict", "raise_conflict", "refund_conflict", "webhook_conflict",
        ),
        _ON_RECORD,
    ),
    "not_found": N_("There is no such thing here."),
    "not_allowed": N_("You may not do this."),
    "not_your_merchant": N_("This belongs to another shop."),
    "coalition_not_found": N_("There is no such coalition."),
    "campaign_not_found": N_("There is no such campaign."),
    "allotment_not_transferable": N_("This stock cannot go to another partner."),
    "refund_too_large": N_("Only %(refundable)s of this bill can still be refunded; %(requested)s was asked."),
    "version_not_found": N_("There is no version %(version)s of window %(number)s."),
    "bank_file_not_found": N_("There is no such bank file."),
    "till_not_found": N_("This till was never made ready for a time without a network."),
    "till_key_revoked": N_("This till was cut off. Connect it again."),
    "till_blocked": N_("The owner has to look at this till first."),
    "journal_not_found": N_("This till took nothing without a network."),
    "journal_not_blocked": N_("Nothing of this till waits for the owner any more."),
    "paper_not_made": N_("This statement is too long to be written as a file. Its pages show all of it."),
    "papers_busy": N_("Other long statements are being written just now. Try again in a minute."),
}  # fmt: skip

REASONS: Final[frozenset[str]] = frozenset({
    # Terms of an agreement.
    N_("The face value is either a fixed sum or a share of the bill."),
    N_("An upper bound goes with a share of the bill and is above zero."),
    N_("Sums are between zero and 1 000 000 000 000."),
    N_("The funders bear at most the whole value."),
    N_("A certificate is valid for 0 to 1 096 days."),
    N_("A redemption can be undone for 0 to 720 hours."),
    N_("An agreement needs two different partners."),
    # Certificates, bills and stocks.
    N_("The bill is too small for a certificate of any value."),
    N_("A certificate is worth at most 1 000 000 000 000."),
    N_("A bill is more than zero and at most 1 000 000 000 000."),
    N_("A bill is more than zero."),
    N_("The sum to deduct is more than zero."),
    N_("The last day is a date, such as 2026-12-31."),
    N_("A stock holds between 1 and 1 000 000 certificates."),
    N_("A certificate is worth more than zero."),
    N_("Name at least one certificate."),
    # Taxes.
    N_("A shop has one to ten tax rates, each named once."),
    N_("Tax rates are valid from a day, such as 2026-01-01."),
    N_("This shop has no tax rates on record. Record them first, or leave the rates out."),
    N_("A bill is split by this shop's own tax rates, each named once."),
    N_("The parts of a bill by tax rate add up to the bill."),
    # Windows, payments and the schedule.
    N_("The smallest payment is between zero and 1 000 000 000 000."),
    N_("The review takes 0 to 90 days."),
    N_("The day is between 1 and 7."),
    N_("The day is between 1 and 28."),
    N_("Payments are due within 0 to 90 days."),
    N_("Reminders are on at most 10 different days after the due day, in order, up to 90."),
    N_("The day on which payments are due is not over yet."),
    N_("A payment of nothing says nothing."),
    N_("A bank's own line cannot be taken back. Load the line that corrects it."),
    # Limits, deposits, defaults and disputes.
    N_("The limit is above zero, and in euro at most 1 000 000.00."),
    N_("This raises no limit: set it, which needs no second person."),
    N_("A limit is zero or more."),
    N_("A deposit gives back what is left of it, and no more."),
    N_("A deposit is above zero and at most 1 000 000 000 000."),
    N_("More than nothing and at most what is still lost can be recovered."),
    N_("More than nothing and at most the line can be disputed."),
    N_("Say what is wrong with the line."),
    N_("A note has at most 300 characters."),
    N_("A note stays for ever: leave out addresses and numbers of people."),
})  # fmt: skip
