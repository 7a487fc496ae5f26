"""The QR as a picture. The token comes in the body: it never stands in an address, which logs keep."""

from fastapi import APIRouter
from fastapi.responses import Response

from network import qr, token
from network.api.bodies import Body, TokenText
from network.api.calls import Call
from network.api.operations import TILL, WALLET, operation
from network.api.presenting import PRESENTED
from network.api.threads import in_thread
from network.typed_code import typed_code

router = APIRouter()
TAG = "pictures"
_KEPT = {"Cache-Control": "no-store"}


class Drawing(Body):
    """`with_code`: the typed code stands under the symbol, for paper."""

    token: TokenText
    with_code: bool = False


async def _content(call: Call, asked: Drawing) -> tuple[str, str | None]:
    """The link, and the code under it. Only our own signed tokens are drawn. Raises: TokenRefused."""
    copy = await call.service.keys.verified(call.coalition, asked.token)
    text = token.text(token.from_text(asked.token))
    code = typed_code(call.coalition.code_key, copy.certificate_id, copy.epoch) if asked.with_code else None
    return call.service.link(text), code


@operation(
    router, "POST /v1/qr.png", "A token's QR as PNG", tag=TAG, who=(TILL, WALLET), takes=Drawing, refusals=PRESENTED,
    changes=False, media_type="image/png",
)  # fmt: skip
async def draw_png(call: Call, asked: Drawing) -> Response:
    """Black on white, eight pixels a module."""
    content, code = await _content(call, asked)
    return Response(await in_thread(qr.png, content, typed_code=code), 200, _KEPT, "image/png")


@operation(
    router, "POST /v1/qr.svg", "A token's QR as SVG", tag=TAG, who=(TILL, WALLET), takes=Drawing, refusals=PRESENTED,
    changes=False, media_type="image/svg+xml",
)  # fmt: skip
async def draw_svg(call: Call, asked: Drawing) -> Response:
    """Without a size of its own; white is drawn, so that it reads on a dark page."""
    content, code = await _content(call, asked)
    return Response(await in_thread(qr.svg, content, typed_code=code), 200, _KEPT, "image/svg+xml")
