"""The QR of a certificate as PNG or SVG: a link whose fragment is the token, drawn at level M.

The link's host is a byte segment, the token an alphanumeric one, so an ordinary camera opens the page and
the token, being in the fragment, reaches no server's log. A 139-byte token and a host of 16 letters make
version 9 (53 modules a side). A smaller version helps a cheap camera more than a higher level would.
"""

from io import BytesIO
from xml.sax.saxutils import escape

import qrcode
from PIL import Image, ImageDraw, ImageFont
from qrcode.constants import ERROR_CORRECT_M

QUIET_ZONE = 4  # modules of white on each side (ISO/IEC 18004)
# Choosing among eight masks takes four fifths of the drawing and reads no better: see tests/token/mask_table.py.
MASK = 4
_SEGMENT_MIN = 20  # 0 would put the whole link into one byte segment: two versions more
_TEXT_BAND = 7  # modules of height under the symbol for the typed code

Modules = list[list[bool]]


def link(base_url: str, token_text: str) -> str:
    """`https://HOST/v#TOKEN`; `base_url` is scheme and host without a slash at the end."""
    return f"{base_url}/v#{token_text}"


def modules(content: str, *, mask: int | None = MASK) -> Modules:
    """Rows of dark (True) and light modules, without the quiet zone. `mask=None`: the library chooses."""
    code = qrcode.QRCode(error_correction=ERROR_CORRECT_M, mask_pattern=mask, border=0)
    code.add_data(content, optimize=_SEGMENT_MIN)
    code.make(fit=True)
    return [[bool(dark) for dark in row] for row in code.modules]


def version(symbol: Modules) -> int:
    """The QR version, 1 to 40: each adds four modules a side."""
    return (len(symbol) - 17) // 4


def png(content: str, *, typed_code: str | None = None, pixels_per_module: int = 8) -> bytes:
    """A black and white PNG, with the typed code under the symbol where given."""
    symbol = modules(content)
    side = len(symbol) + 2 * QUIET_ZONE
    picture = Image.new("1", (side, side + (_TEXT_BAND if typed_code else 0)), 1)
    rows = Image.new("1", (len(symbol), len(symbol)))
    rows.putdata([0 if dark else 1 for row in symbol for dark in row])
    picture.paste(rows, (QUIET_ZONE, QUIET_ZONE))
    width, height = (length * pixels_per_module for length in picture.size)
    picture = picture.resize((width, height), Image.Resampling.NEAREST)
    if typed_code:
        top = (side - QUIET_ZONE / 2) * pixels_per_module
        font = ImageFont.load_default(size=5.5 * pixels_per_module)
        ImageDraw.Draw(picture).text((width / 2, top), typed_code, fill=0, font=font, anchor="mt")
    answer = BytesIO()
    picture.save(answer, "PNG", optimize=False)
    return answer.getvalue()


def svg(content: str, *, typed_code: str | None = None) -> str:
    """A self-contained SVG without a size of its own; one unit is one module.

    Each row is one horizontal stroke with gaps, a third of what filled squares take. White is drawn, so
    that the code stays readable on a dark page. The typed code is text, so it can be copied and read aloud.
    """
    symbol = modules(content)
    side = len(symbol) + 2 * QUIET_ZONE
    height = side + (_TEXT_BAND if typed_code else 0)
    label = (
        f'<text x="{side / 2}" y="{side + 3.5}" text-anchor="middle" font-size="6" '
        f'font-family="ui-monospace,Consolas,monospace">{escape(typed_code)}</text>'
        if typed_code
        else ""
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {height}" role="img">'
        f'<path fill="#fff" d="M0 0h{side}v{height}H0z"/>'
        f'<path stroke="#000" shape-rendering="crispEdges" d="{_strokes(symbol)}"/>{label}</svg>'
    )


def _strokes(symbol: Modules) -> str:
    return "".join(f"M{QUIET_ZONE} {number + QUIET_ZONE}.5{_stroke(row)}" for number, row in enumerate(symbol))


def _stroke(row: list[bool]) -> str:
    steps: list[str] = []
    start = 0
    for end in range(1, len(row) + 1):
        if end == len(row) or row[end] != row[start]:
            steps.append(f"h{end - start}" if row[start] else f"m{end - start} 0")
            start = end
    return "".join(steps if row[-1] else steps[:-1])
