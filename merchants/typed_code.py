"""The short code under a QR, checked at the till: a slip is told at once and costs none of the network's tries.

Ten symbols of Crockford's alphabet, `XXXXX-XXXXX`; the tenth checks the other nine.
"""

import re

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 10

_SEPARATORS = re.compile(r"[\s\-‐‑–—−_.]+")
_FORGIVEN = str.maketrans("OILАВЕКМНОРСТУХ", "011ABEKMH0PCTYX")
_MODULUS = 0b100101  # x^5 + x^2 + 1 over GF(2)


class TypedCodeRefused(ValueError):
    """`code` is `typed_code_malformed` or `typed_code_mistyped`; the text is a sentence for the cashier."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail


def typed_code(typed: str) -> str:
    """The code that was meant, as it is printed; case, dashes and look-alikes are forgiven. Raises TypedCodeRefused."""
    code = _SEPARATORS.sub("", typed).upper().translate(_FORGIVEN)
    values = [ALPHABET.find(symbol) for symbol in code]
    if len(code) != LENGTH or -1 in values:
        raise TypedCodeRefused("typed_code_malformed", "A code has ten letters and digits, in two groups of five.")
    check = 0
    for value in values[:-1]:
        check = (check ^ value) << 1
        check ^= _MODULUS if check & 32 else 0
    if check != values[-1]:
        raise TypedCodeRefused("typed_code_mistyped", "One of the ten symbols is wrong. Compare them again.")
    return f"{code[:5]}-{code[5:]}"
