"""Amounts as a cashier types and reads them: integers of the currency's minor unit, never a float."""

import re

MINOR_MAX = 10**12

_NO_DECIMALS = frozenset("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split())
_THREE_DECIMALS = frozenset("BHD IQD JOD KWD LYD OMR TND".split())

# 24  24.00  24,5  1 234,50  1'234.50: groups of three only between spaces or apostrophes, so that "1,234" is never
# taken for another amount than the one that was meant.
_TYPED = re.compile(r"([0-9]{1,13}|[0-9]{1,3}(?:[ '\u2019\u00a0\u202f][0-9]{3})+)(?:[.,]([0-9]{1,3}))?")


class AmountRefused(ValueError):
    """Text that is no amount; its text is a sentence for the cashier."""


def exponent(currency: str) -> int:
    """How many decimals the currency has (ISO 4217)."""
    if currency in _NO_DECIMALS:
        return 0
    return 3 if currency in _THREE_DECIMALS else 2


def parse_amount(typed: str, currency: str) -> int:
    """Minor units of `24.00` or `24,00`. More decimals than the currency has are refused, not rounded.

    Raises: AmountRefused.
    """
    digits = exponent(currency)
    example = "2400" if digits == 0 else f"24.{'0' * digits}"
    found = _TYPED.fullmatch(typed.strip())
    if found is None:
        raise AmountRefused(f"{typed.strip()!r} is not an amount. Type it like {example}.")
    whole, part = re.sub("[^0-9]", "", found[1]), found[2] or ""
    if len(part) > digits:
        raise AmountRefused(f"{currency} has {digits} decimals. Type the amount like {example}.")
    amount = int(whole + part.ljust(digits, "0"))
    if amount == 0:
        raise AmountRefused("The amount is more than zero.")
    if amount > MINOR_MAX:
        raise AmountRefused("This amount is too large.")
    return amount


def format_amount(amount: int, currency: str) -> str:
    """`format_amount(240000, "EUR") == "2400.00 EUR"`."""
    digits = exponent(currency)
    sign = "-" if amount < 0 else ""
    whole, part = divmod(abs(amount), 10**digits)
    return f"{sign}{whole}.{part:0{digits}d} {currency}" if digits else f"{sign}{whole} {currency}"
