"""Money, rates and rounding: integers of the minor unit, and the only places where a division rounds."""

from collections.abc import Sequence
from typing import Final, TypeAlias

Minor: TypeAlias = int
"""An amount in the minor unit of the coalition's currency (cents for EUR, yen for JPY)."""

BasisPoints: TypeAlias = int
"""A rate in hundredths of a percent: 10 000 is the whole."""

WHOLE: Final[BasisPoints] = 10_000
MINOR_MAX: Final[Minor] = 10**12
"""The largest amount the network accepts in one figure; every JSON reader still holds it exactly."""

_EXPONENTS: Final = {
    **dict.fromkeys("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split(), 0),
    **dict.fromkeys("BHD IQD JOD KWD LYD OMR TND".split(), 3),
    **dict.fromkeys(
        """AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF
        CNY COP CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG
        HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU
        MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR
        SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VES
        VED WST XCD XCG YER ZAR ZMW ZWG""".split(),
        2,
    ),
}


def is_currency(code: str) -> bool:
    """Whether `code` is an ISO 4217 currency that shops settle in."""
    return code in _EXPONENTS


def exponent(currency: str) -> int:
    """How many decimals the currency has (ISO 4217): 2 for EUR, 0 for JPY, 3 for KWD."""
    return _EXPONENTS[currency]


def money(amount: Minor, currency: str) -> str:
    """The amount as a person writes it: `money(1250, "EUR") == "12.50 EUR"`."""
    digits = exponent(currency)
    if digits == 0:
        return f"{amount} {currency}"
    sign = "-" if amount < 0 else ""
    whole, part = divmod(abs(amount), 10**digits)
    return f"{sign}{whole}.{part:0{digits}d} {currency}"


def share_rounded_half_up(amount: Minor, rate: BasisPoints) -> Minor:
    """`rate` of a non-negative `amount`; half a unit rounds up, so the one who receives keeps the remainder."""
    assert amount >= 0, "shares are taken of amounts that are not negative"
    return (amount * rate + WHOLE // 2) // WHOLE


def pro_rata_rounded_half_up(amount: Minor, part: int, whole: int) -> Minor:
    """`amount * part / whole` for non-negative figures; half a unit rounds up."""
    assert whole > 0, "a proportion needs a whole"
    return (2 * amount * part + whole) // (2 * whole)


def split_by_largest_remainder(amount: Minor, rates: Sequence[BasisPoints]) -> list[Minor]:
    """Split `amount` by `rates`, which sum to 10 000, so that the parts add up exactly.

    Units left over by rounding down go to the largest remainders; equal remainders go to the *last* part,
    so callers name the acceptor last.
    """
    assert sum(rates) == WHOLE, "the rates of a split are a whole"
    return split_by_weights(amount, rates)


def split_by_weights(amount: Minor, weights: Sequence[int]) -> list[Minor]:
    """The same for weights of any sum above zero, such as the parts of a bill."""
    whole = sum(weights)
    assert whole > 0, "a split needs something to split by"
    parts = [amount * weight // whole for weight in weights]
    left_over = amount - sum(parts)
    if left_over:
        by_remainder = sorted(range(len(weights)), key=lambda i: (amount * weights[i] % whole, i), reverse=True)
        for i in by_remainder[:left_over]:
            parts[i] += 1
    return parts
