"""The short code under a QR, for a broken camera: nine symbols and a check symbol, `XXXXX-XXXXX`.

Nine symbols are 45 bits, so a guess among a million live certificates succeeds once in 35 million tries;
tries are rate-limited by the caller. The tenth symbol catches every single wrong symbol and every swap
of two, so that a cashier's slip is told at once, without asking the network or using up a try.
A million live codes collide with a chance of about 1.4 %: look a digest up within one acceptor, and
ask for the QR when two certificates answer.
"""

import hmac
import re
import secrets
from uuid import UUID

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's: no I, L, O, U
LENGTH = 10

_DATA_SYMBOLS = LENGTH - 1
_SEPARATORS = re.compile(r"[\s\-‐‑–—−_.]+")
# What people type for what they read, Cyrillic look-alikes from a Russian keyboard included.
_FORGIVEN = str.maketrans("OILАВЕКМНОРСТУХ", "011ABEKMH0PCTYX")
_VALUES = {symbol: value for value, symbol in enumerate(ALPHABET)}


class TypedCodeRefused(Exception):
    """Text that is no code of ours: `typed_code_malformed` (not ten symbols) or `typed_code_mistyped`."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail


def typed_code(code_key: bytes, certificate_id: UUID, epoch: int) -> str:
    """The code of one certificate and holder, formatted. Passing on raises the epoch and changes it."""
    message = b"pollen typed code 1" + certificate_id.bytes + epoch.to_bytes(8)
    return _code_of(int.from_bytes(hmac.digest(code_key, message, "sha256")[:8]))


def random_code() -> str:
    """A code that was never given before, formatted; for a phone that asks for one."""
    return _code_of(secrets.randbits(5 * _DATA_SYMBOLS))


def _code_of(number: int) -> str:
    symbols = [(number >> 5 * place) & 31 for place in range(_DATA_SYMBOLS)]
    return formatted("".join(ALPHABET[value] for value in [*symbols, _check_value(symbols)]))


def normalised(typed: str) -> str:
    """The ten symbols that a person meant: case, spaces, dashes and look-alikes are forgiven.

    Raises TypedCodeRefused.
    """
    code = symbols_meant(typed)
    if len(code) != LENGTH or not all(symbol in _VALUES for symbol in code):
        raise TypedCodeRefused("typed_code_malformed", "a code has ten letters and digits, in two groups of five")
    values = [_VALUES[symbol] for symbol in code]
    if _check_value(values[:-1]) != values[-1]:
        raise TypedCodeRefused("typed_code_mistyped", "one of the ten symbols is wrong; compare them again")
    return code


def symbols_meant(typed: str) -> str:
    """What a person meant by what was typed: case, spaces, dashes and look-alikes are forgiven; nothing is checked."""
    return _SEPARATORS.sub("", typed).upper().translate(_FORGIVEN)


def check_symbol(symbols: str) -> str:
    """The symbol behind up to thirty others that tells a slip."""
    return ALPHABET[_check_value([_VALUES[symbol] for symbol in symbols])]


def formatted(code: str) -> str:
    """Two groups of five, as it is printed."""
    return f"{code[:5]}-{code[5:]}"


def code_digest(code_key: bytes, code: str) -> bytes:
    """What is stored and looked up instead of the code (32 bytes). Raises TypedCodeRefused."""
    return hmac.digest(code_key, b"pollen code digest 1" + normalised(code).encode(), "sha256")


def _check_value(symbols: list[int]) -> int:
    # Horner's rule over GF(32): each place has its own non-zero weight, a power of x (x has order 31),
    # so one changed symbol, or two swapped ones, always change the sum.
    total = 0
    for value in symbols:
        total = _times_x(total ^ value)
    return total


def _times_x(value: int) -> int:
    shifted = value << 1
    return shifted ^ 0b100101 if shifted & 32 else shifted  # modulo x^5 + x^2 + 1, which is primitive
