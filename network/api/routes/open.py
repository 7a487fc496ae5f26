"""A scanned link, opened by somebody who has no credential yet."""

from fastapi import APIRouter
from fastapi.responses import Response

from network import cose, token
from network.api.answers.certificates import Opened
from network.api.bodies import Body, TokenText
from network.api.calls import Call, shown
from network.api.copies import worth
from network.api.keys import Copy
from network.api.looking import looking
from network.api.operations import ANYBODY, operation
from network.api.presenting import PRESENTED
from network.api.threads import in_thread
from network.coalitions import OpenCoalition
from network.domain.errors import CertificateNotFound, CoalitionNotFound
from network.presentation import taken_apart
from network.token import TokenRefused

router = APIRouter()
_CLAIM = -65537


class OpeningLink(Body):
    """The token of the link, whole: who has it holds the certificate."""

    token: TokenText


@operation(
    router, "POST /v1/open", "What a scanned link is worth", tag="wallet", who=ANYBODY, takes=OpeningLink,
    answers=Opened, refusals=(*PRESENTED, CertificateNotFound), changes=False,
)  # fmt: skip
async def open_link(call: Call, asked: OpeningLink) -> Response:
    """And in which coalition to open a wallet for it. Changes nothing; rate-limited."""
    call.service.opened_links.take(call.address)
    try:
        coalition = await call.service.coalition_numbered(_coalition_number(asked.token))
    except CoalitionNotFound:
        raise TokenRefused("token_key_unknown") from None
    copy = await call.service.keys.verified(coalition, asked.token)
    return shown(await in_thread(_opened, call, coalition, copy))


def _opened(call: Call, coalition: OpenCoalition, copy: Copy) -> dict[str, object]:
    with looking(coalition, call.at) as unit:
        return {"slug": coalition.entry.slug, **worth(unit, copy, acceptor_id=None)}


def _coalition_number(scanned: str) -> int:
    """What the token claims, before any key is known; its signature is checked with that coalition's keys. Raises:
    TokenRefused.
    """
    try:
        encoded = token.from_text(scanned)
        shown = taken_apart(encoded)
        claims = cose.decoded(cose.opened(shown.token if shown else encoded).payload)
    except cose.NotCose as error:
        raise TokenRefused(f"token_{error.reason}") from error
    details = claims.get(_CLAIM) if isinstance(claims, dict) else None
    if not isinstance(details, list) or len(details) < 2 or type(details[1]) is not int:
        raise TokenRefused("token_malformed")
    return int(details[1])
