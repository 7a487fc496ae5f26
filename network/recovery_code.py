"""The code that a guest keeps on paper: it opens the wallet again when a browser has forgotten it.

The coalition's number, 80 secret bits and a check symbol, in the typed codes' alphabet. Nobody can guess one; it is
derived, so that it can be shown again; and it counts for one recovery: the next code is another.
"""

import hmac
import os
from uuid import UUID

from network.typed_code import ALPHABET, check_symbol, symbols_meant

_SECRET_SYMBOLS = 16
_SECRET_BYTES = 10
_NUMBER_SYMBOLS_MAX = 7  # 32 bits


def recovery_code(key: bytes, coalition_number: int, wallet_id: UUID, recoveries: int) -> str:
    """The code of a wallet after so many recoveries, in groups of four from the right."""
    message = b"pollen recovery code 1" + wallet_id.bytes + recoveries.to_bytes(4)
    return _written(coalition_number, hmac.digest(key, message, "sha256")[:_SECRET_BYTES])


def random_code(coalition_number: int) -> str:
    """A code that nobody can make again: for one that is sent, and ends soon."""
    return _written(coalition_number, os.urandom(_SECRET_BYTES))


def _written(coalition_number: int, drawn: bytes) -> str:
    secret = int.from_bytes(drawn)
    symbols = _symbols(coalition_number) + _symbols(secret).rjust(_SECRET_SYMBOLS, ALPHABET[0])
    whole = symbols + check_symbol(symbols)
    head = len(whole) % 4
    groups = [whole[:head], *(whole[i : i + 4] for i in range(head, len(whole), 4))]
    return "-".join(group for group in groups if group)


def read_recovery_code(typed: str) -> tuple[int, str] | None:
    """The coalition's number and the symbols that were meant; None for what cannot be a code."""
    code = symbols_meant(typed)
    number = code[: -_SECRET_SYMBOLS - 1]
    if not 1 <= len(number) <= _NUMBER_SYMBOLS_MAX or not set(code) <= set(ALPHABET):
        return None
    if check_symbol(code[:-1]) != code[-1]:
        return None
    value = 0
    for symbol in number:
        value = value << 5 | ALPHABET.index(symbol)
    return value, code


def recovery_digest(key: bytes, code: str) -> bytes:
    """What is stored and looked up instead of the code; `code` as `read_recovery_code` gives it."""
    return hmac.digest(key, b"pollen recovery digest 1" + code.encode(), "sha256")


def _symbols(number: int) -> str:
    text = ""
    while number or not text:
        number, value = divmod(number, 32)
        text = ALPHABET[value] + text
    return text
