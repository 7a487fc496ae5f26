"""What settlement refuses, in plain words: windows, payments, bank files, disputes, defaults."""

from typing import Final

from network.api.pages.texts import N_

SENTENCES: Final = {
    "window_not_found": N_("There is no such window."),
    "window_conflict": N_("Window %(number)s has ended already."),
    "window_out_of_order": N_("Window %(predecessor)s comes first."),
    "window_state_forbids": N_("Window %(number)s is at another step by now. Look at it again."),
    "review_not_over": N_("The days to look are not over: partners have until %(review_ends_at)s."),
    "not_in_the_window": N_("This shop neither owes nor gets anything in window %(number)s."),
    "figures_changed": N_("Something of window %(number)s changed meanwhile. Look at it and try again."),
    "statement_unsound": N_(
        "The lines of this statement do not add up to what was stated, so it is not shown. The operator was told."
    ),
    "payout_not_found": N_("There is no such payment between partners."),
    "not_your_payment": N_("Only who gets this payment, or the organizer, can say that it arrived."),
    "booking_conflict": N_("This was already confirmed with another amount."),
    "nothing_to_remind": N_("Nothing of this payment is missing."),
    "reminded_already": N_("The debtor was reminded of this payment today."),
    "no_payment_file": N_("No bank file can be made for this partner. The table lists what it pays."),
    "iban_malformed": N_("This is not an IBAN: two letters, two digits, then letters and digits."),
    "iban_country_unknown": N_("No bank has an IBAN that starts with %(country)s."),
    "iban_length_wrong": N_("An IBAN of %(country)s has %(expected)s characters; this one has %(length)s."),
    "iban_letter_misplaced": N_("This IBAN has a letter where a digit belongs, or the other way round."),
    "iban_check_digits_wrong": N_("Something in this IBAN is mistyped. Compare it with the bank's."),
    "bic_malformed": N_("This is not a BIC: it has 8 or 11 letters and digits."),
    "payment_invalid": N_("No bank would pay this. Check the name and the bank account."),
    "request_too_large": N_("This is too big to be read. Nothing was changed."),
    "request_malformed": N_("This could not be read. Open the page again and repeat."),
    "party_not_found": N_("There is no such partner."),
    "bank_file_too_large": N_("This file is too big. Ask the bank for a shorter time. Nothing was changed."),
    "bank_file_unreadable": N_("This is no bank file that can be read, or it is cut off. Nothing was changed."),
    "bank_file_unknown": N_(
        "This is another kind of file: %(found)s. Ask the bank for camt.053 or camt.054. Nothing was changed."
    ),
    "bank_file_incoherent": N_("The sums of this file contradict each other. Nothing was changed."),
    "bank_file_of_another_iban": N_(
        "This file is of the bank account ending in %(ending)s, which is of nobody here. Nothing was changed."
    ),
    "bank_file_of_another_currency": N_("This file is in %(found)s; here it is %(expected)s. Nothing was changed."),
    "bank_file_loaded_before": N_("This file was loaded before. Nothing was changed."),
    "bank_line_not_found": N_("This line no longer waits."),
    "bank_line_assigned": N_("This line was already taken for a payment."),
    "bank_line_misfit": N_(
        "This line cannot be of that payment: it is on another bank account or in another currency."
    ),
    "dispute_not_found": N_("There is no such dispute."),
    "dispute_conflict": N_("This line was already disputed."),
    "dispute_too_late": N_("A line can be disputed until %(until)s."),
    "dispute_state_forbids": N_("This dispute is at another step by now. Look at it again."),
    "line_not_found": N_("There is no such line in a statement."),
    "line_not_disputable": N_("This line settles an earlier dispute or default, so it cannot be disputed again."),
    "not_the_debtor": N_("Only the side that owes by this line can dispute it."),
    "not_the_other_side": N_("Only the other side of this dispute can answer it."),
    "answer_time_not_over": N_("The other side may answer until %(answer_by)s."),
    "default_not_found": N_("Nobody was declared in default there."),
    "default_conflict": N_("This partner was already declared in default for window %(number)s."),
    "owes_nothing": N_("%(name)s owes nothing that is still to be paid in window %(number)s."),
    "deposit_not_found": N_("This partner has put up no deposit."),
}
