"""What partners' tills fetch without a credential: the coalition's verify keys."""

from fastapi import APIRouter
from fastapi.responses import Response

from network.api.bodies import Nothing
from network.api.calls import Call, shown
from network.api.operations import ANYBODY, operation
from network.domain.errors import CoalitionNotFound

router = APIRouter()
TAG = "keys"
_HEADERS = {"Cache-Control": "public, max-age=30", "Access-Control-Allow-Origin": "*"}


@operation(
    router, "GET /.well-known/pollen/{slug}/keys.cose", "The verify keys, signed by the coalition's root", tag=TAG,
    who=ANYBODY, refusals=(CoalitionNotFound,), media_type="application/cose",
)  # fmt: skip
async def keys_cose(call: Call, asked: Nothing) -> Response:
    """A COSE_Sign1 over a COSE_KeySet, valid for seven days. `version` only grows."""
    coalition = await call.service.coalition_named(call.request.path_params["slug"])
    published = await call.service.keys.published(coalition)
    return Response(published.cose, 200, _HEADERS, "application/cose")


@operation(
    router, "GET /.well-known/pollen/{slug}/keys.jwks", "The verify keys as a JSON Web Key Set", tag=TAG, who=ANYBODY,
    refusals=(CoalitionNotFound,),
)  # fmt: skip
async def keys_jwks(call: Call, asked: Nothing) -> Response:
    """Unsigned: as trustworthy as the connection."""
    coalition = await call.service.coalition_named(call.request.path_params["slug"])
    answer = shown((await call.service.keys.published(coalition)).as_jwks)
    answer.headers.update(_HEADERS)
    return answer
