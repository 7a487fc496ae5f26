"""Find the certificate in what a till is given: a scanner's line, a typed code, or a picture.

A scanner that plays keyboard types the whole link, through whatever layout and caps lock the till has; only the
token in it counts. What is found is spelled anew, so that one certificate has one spelling.
"""

from base64 import b32encode
from dataclasses import dataclass, field
from pathlib import Path

import zxingcpp
from PIL import Image

from merchants.token import ALPHABET, TokenRefused, from_text
from merchants.typed_code import TypedCodeRefused, typed_code

PIXELS_MAX = 60_000_000
LINE_MAX = 4_000

_QR_ONLY = zxingcpp.barcode_formats_from_str("QRCode")
_RFC4648 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_TO_ALPHABET = str.maketrans(_RFC4648, ALPHABET, "=")
# What a scanner's keys come out as under a Russian layout, turned back.
_FROM_RUSSIAN = str.maketrans("ЙЦУКЕНГШЩЗХЪФЫВАПРОЛДЖЭЯЧСМИТЬБЮ", "QWERTYUIOP[]ASDFGHJKL;'ZXCVBNM,.")


class NothingScanned(ValueError):
    """No certificate could be read; `code` is stable, the text is a sentence for the cashier."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Copy:
    """A presented copy: the token's text, or the typed code. Worth money, so not in `repr`."""

    token: str | None = field(default=None, repr=False)
    typed_code: str | None = field(default=None, repr=False)


def read_line(scanned: str) -> Copy:
    """What a scanner or a cashier typed: a link, a bare token, or a typed code. Raises NothingScanned."""
    line = scanned[:LINE_MAX]
    if looks_like_a_token(line):
        return Copy(token=_token_text(line))
    return read_code(line)


def looks_like_a_token(line: str) -> bool:
    """Whether a scanner typed it, not a hand."""
    return any(len(word) >= 64 for word in _words(line))


def read_code(typed: str) -> Copy:
    """A typed code, its slips found here. Raises NothingScanned."""
    try:
        return Copy(typed_code=typed_code(typed))
    except TypedCodeRefused as error:
        raise NothingScanned(error.code, error.detail) from None


def read_image(path: Path) -> Copy:
    """The one certificate in a picture. Raises NothingScanned."""
    try:
        with Image.open(path) as picture:
            if picture.width * picture.height > PIXELS_MAX:
                raise NothingScanned("picture_too_large", f"{path} is too large a picture.")
            grey = picture.convert("L")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        if isinstance(error, NothingScanned):
            raise
        raise NothingScanned("picture_unreadable", f"{path} is not a picture that can be opened.") from None
    found = {
        _token_text(code.text)
        for code in zxingcpp.read_barcodes(grey, formats=_QR_ONLY)
        if looks_like_a_token(code.text)
    }
    if not found:
        raise NothingScanned("no_code_in_picture", f"No certificate was found in {path}.")
    if len(found) > 1:
        raise NothingScanned("several_codes", f"There are {len(found)} certificates in {path}. Show one at a time.")
    return Copy(token=found.pop())


def _words(line: str) -> list[str]:
    upright = line.upper().translate(_FROM_RUSSIAN)
    return "".join(sign if sign.isascii() and sign.isalnum() else " " for sign in upright).split()


def _token_text(line: str) -> str:
    try:
        token = from_text(" ".join(_words(line)))
    except TokenRefused as error:
        raise NothingScanned(error.code, error.detail) from None
    return b32encode(token).decode().translate(_TO_ALPHABET)
