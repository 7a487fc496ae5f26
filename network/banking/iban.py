"""Whether an IBAN and a BIC are well written, before money is sent to a slip of the pen.

IBAN: ISO 13616-1 (structure, per-country shape) with the checksum of ISO 7064 MOD 97-10. BIC: ISO 9362. A right
checksum says that nothing was mistyped, not that the bank has such an account, nor whose it is.
"""

import re
from typing import Final

from network.banking.iban_registry import SEPA, SHAPES
from network.banking.refusals import (
    BicMalformed,
    IbanCheckDigitsWrong,
    IbanCountryUnknown,
    IbanLengthWrong,
    IbanLetterMisplaced,
    IbanMalformed,
)

_GENERAL: Final = re.compile(r"[A-Z]{2}[0-9]{2}[0-9A-Z]{1,30}")
_BIC: Final = re.compile(r"[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}([A-Z0-9]{3})?")
# What people paste: spaces of every kind between the groups of four that paper shows.
_GAPS: Final = re.compile(r"[\s\u200b\u2060]+")


def compact(text: str) -> str:
    """`text` in the electronic format: no gaps, ASCII letters in capitals. Checks nothing."""
    joined = _GAPS.sub("", text)
    # `upper()` of other scripts could turn a look-alike into a letter that was never typed.
    return joined.upper() if joined.isascii() else joined


def checked_iban(text: str) -> str:
    """The IBAN in its electronic format. Gaps and small letters are forgiven, nothing else.

    Raises IbanMalformed, IbanCountryUnknown, IbanLengthWrong, IbanLetterMisplaced, IbanCheckDigitsWrong.
    """
    iban = compact(text)
    if not _GENERAL.fullmatch(iban):
        raise IbanMalformed
    country = iban[:2]
    if country not in SHAPES:
        raise IbanCountryUnknown(country=country)
    length, shape = SHAPES[country]
    if len(iban) != length:
        raise IbanLengthWrong(country=country, expected=length, length=len(iban))
    if not shape.fullmatch(iban[4:]):
        raise IbanLetterMisplaced(country=country)
    if iban[2:4] != check_digits(country, iban[4:]):
        raise IbanCheckDigitsWrong(country=country)
    return iban


def check_digits(country: str, rest: str) -> str:
    """The two digits that belong between `country` and `rest`.

    Comparing with them is stricter than a remainder of 1: 00, 01 and 99 also leave it, but are never assigned.
    """
    number = int("".join(str(int(symbol, 36)) for symbol in f"{rest}{country}00"))
    return f"{98 - number % 97:02d}"


def checked_bic(text: str) -> str:
    """The BIC in capitals without gaps. Raises BicMalformed."""
    bic = compact(text)
    if not _BIC.fullmatch(bic):
        raise BicMalformed
    return bic


def printed(iban: str) -> str:
    """The IBAN as paper shows it: groups of four."""
    return " ".join(iban[start : start + 4] for start in range(0, len(iban), 4))


def is_in_sepa(iban: str) -> bool:
    """Whether the bank's country takes part in SEPA credit transfers."""
    return iban[:2] in SEPA
