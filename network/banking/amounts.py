"""Amounts between integers of the minor unit and the decimal text of bank files, without rounding or floats."""

import re
from typing import Final

from network.domain.units import Minor, exponent

_DECIMAL: Final = re.compile(r"([0-9]{1,18})(?:\.([0-9]{1,13}))?", re.ASCII)


class NotAnAmount(ValueError):
    """Text that is no amount of the currency; the caller says where it stood."""


def decimal_text(amount: Minor, currency: str) -> str:
    """`decimal_text(1250, "EUR") == "12.50"`, with as many decimals as ISO 4217 gives the currency."""
    digits = exponent(currency)
    sign = "-" if amount < 0 else ""
    whole, part = divmod(abs(amount), 10**digits)
    return f"{sign}{whole}.{part:0{digits}d}" if digits else f"{sign}{whole}"


def minor_of(text: str, currency: str) -> Minor:
    """The non-negative amount that `text` writes. Zeros beyond the currency's decimals are forgiven, digits are not.

    Raises NotAnAmount.
    """
    found = _DECIMAL.fullmatch(text)
    if found is None:
        raise NotAnAmount(text[:40])
    whole, decimals = str(found[1]), str(found[2] or "")
    digits = exponent(currency)
    if decimals[digits:].strip("0"):
        raise NotAnAmount(text[:40])
    return int(whole + decimals[:digits].ljust(digits, "0"))
