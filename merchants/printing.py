"""A certificate on paper or in the terminal: QR as half blocks or PNG, and the words around it for a receipt roll."""

import textwrap
from datetime import datetime, timedelta
from io import BytesIO
from zoneinfo import ZoneInfo

import qrcode
from PIL import Image
from qrcode.constants import ERROR_CORRECT_M

from merchants.amounts import format_amount
from merchants.answers import CertificateShown

COLUMNS = {58: 32, 80: 48}
"""Characters on a line of a receipt printer, by the paper's width in millimetres."""

QUIET_ZONE = 4
_BLOCKS = {(False, False): "█", (False, True): "▀", (True, False): "▄", (True, True): " "}


def link_of(certificate: CertificateShown, base_url: str) -> str:
    """What the QR says: the page that a phone opens, the token in its fragment."""
    return certificate.link or f"{base_url}/v#{certificate.token}"


def modules(content: str) -> list[list[bool]]:
    """The QR's dark (True) and light modules with the quiet zone."""
    code = qrcode.QRCode(error_correction=ERROR_CORRECT_M, mask_pattern=4, border=QUIET_ZONE)
    code.add_data(content, optimize=20)
    code.make(fit=True)
    return [[bool(dark) for dark in row] for row in code.get_matrix()]


def qr_text(content: str) -> str:
    """Two modules a character. Light modules are drawn, so it reads on a dark terminal; the rest inverts well."""
    rows = modules(content)
    if len(rows) % 2:
        rows.append([False] * len(rows[0]))
    pairs = zip(rows[::2], rows[1::2], strict=True)
    return "\n".join("".join(_BLOCKS[pair] for pair in zip(*two, strict=True)) for two in pairs)


def qr_png(content: str, *, pixels_per_module: int = 8) -> bytes:
    """The QR as a black and white picture."""
    rows = modules(content)
    side = len(rows)
    picture = Image.new("1", (side, side))
    picture.putdata([0 if dark else 1 for row in rows for dark in row])
    answer = BytesIO()
    scaled = picture.resize((side * pixels_per_module, side * pixels_per_module), Image.Resampling.NEAREST)
    scaled.save(answer, "PNG", optimize=False)
    return answer.getvalue()


def last_day(expires_at: datetime, time_zone: str) -> str:
    """The last day on which it counts, where the shop is: it ends at midnight."""
    return f"{(expires_at - timedelta(seconds=1)).astimezone(ZoneInfo(time_zone)):%d.%m.%Y}"


def receipt(certificate: CertificateShown, *, time_zone: str, paper: int = 80) -> str:
    """The words of a certificate in plain text, as wide as the paper (58 or 80 mm); the QR goes above or below."""
    width = COLUMNS[paper]
    amount = format_amount(certificate.face, certificate.currency)
    lines = [
        "CERTIFICATE".center(width),
        amount.center(width),
        "-" * width,
        *_wrapped(f"Good at: {certificate.acceptor_name}", width),
        *_wrapped(f"From: {certificate.issuer_name}", width),
        *_wrapped(f"Last day: {last_day(certificate.expires_at, time_zone)}", width),
    ]
    if certificate.smallest_bill:
        smallest = format_amount(certificate.smallest_bill, certificate.currency)
        lines += _wrapped(f"For bills from {smallest}", width)
    lines += _wrapped(
        "Used in parts or at once" if certificate.partial_redemption else "Used at once, in one bill", width
    )
    if certificate.typed_code:
        lines += ["-" * width, "Code if the camera fails:".center(width), certificate.typed_code.center(width)]
    return "\n".join(line.rstrip() for line in lines)


def _wrapped(text: str, width: int) -> list[str]:
    return textwrap.wrap(text, width, subsequent_indent="  ")
