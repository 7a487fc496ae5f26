"""What banking refuses: branches of the one tree of refusals. Facts never hold a whole IBAN, for they are logged.

Invalid
+-- IbanMalformed, IbanCountryUnknown, IbanLengthWrong, IbanLetterMisplaced, IbanCheckDigitsWrong, BicMalformed
+-- PaymentInvalid       what no bank would pay; nothing is written
+-- BankFileRefused      nothing of the file is read
    +-- BankFileTooLarge, BankFileUnreadable, BankFileUnknown, BankFileIncoherent, BankFileOfAnotherIban,
        BankFileOfAnotherCurrency
Conflict
+-- BankFileLoadedBefore
"""

from network.domain.errors import Conflict, Invalid


class IbanMalformed(Invalid):
    """Not the general shape of an IBAN."""

    code = "iban_malformed"
    sentence = (
        "This is not an IBAN. It starts with two letters and two digits, then letters and digits, as LV80 BANK 0000."
    )


class IbanCountryUnknown(Invalid):
    """No country of the registry starts so."""

    code = "iban_country_unknown"
    sentence = "No bank has IBANs that start with {country}. Compare the first two letters."


class IbanLengthWrong(Invalid):
    """Characters are missing or too many."""

    code = "iban_length_wrong"
    sentence = "An IBAN of {country} has {expected} characters; this one has {length}."


class IbanLetterMisplaced(Invalid):
    """A letter where the country has digits, or the other way round."""

    code = "iban_letter_misplaced"
    sentence = "This IBAN has a letter where {country} has a digit, or a digit where it has a letter."


class IbanCheckDigitsWrong(Invalid):
    """The checksum shows a slip of the pen."""

    code = "iban_check_digits_wrong"
    sentence = "This IBAN has a wrong check digit, so something in it was mistyped. Compare it with the bank's."


class BicMalformed(Invalid):
    """Not the shape of a BIC."""

    code = "bic_malformed"
    sentence = "This is not a BIC. It has 8 or 11 letters and digits, as HABALV22."


class PaymentInvalid(Invalid):
    """A payment that no bank would carry out as written."""

    code = "payment_invalid"


class BankFileRefused(Invalid):
    """A bank file of which nothing is read."""

    code = "bank_file_refused"


class BankFileTooLarge(BankFileRefused):
    """More than is read at once."""

    code = "bank_file_too_large"
    sentence = "This file has {bytes} bytes; at most {bytes_max} are read. Ask the bank for a shorter period."


class BankFileUnreadable(BankFileRefused):
    """Broken, cut off, or not what its first line says."""

    code = "bank_file_unreadable"
    sentence = "This bank file cannot be read, so nothing was taken from it: {problem}."


class BankFileUnknown(BankFileRefused):
    """A good file, but no statement that we know."""

    code = "bank_file_unknown"
    sentence = "This is {found}. What can be read: camt.053, camt.054 (versions {versions}) and our CSV."


class BankFileIncoherent(BankFileRefused):
    """Figures of the file contradict each other."""

    code = "bank_file_incoherent"
    sentence = "This bank file contradicts itself, so nothing was taken from it: {problem}."


class BankFileOfAnotherIban(BankFileRefused):
    """A statement for a bank account that no partner here has."""

    code = "bank_file_of_another_iban"
    sentence = "This file is for the bank account ending in {ending}, which is of nobody in this coalition."


class BankFileOfAnotherCurrency(BankFileRefused):
    """A statement in another money."""

    code = "bank_file_of_another_currency"
    sentence = "This file has amounts in {found}; this coalition settles in {expected}."


class BankFileLoadedBefore(Conflict):
    """The very same bytes were loaded."""

    code = "bank_file_loaded_before"
    sentence = "This bank file was loaded before. Nothing was changed."
