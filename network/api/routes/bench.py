"""The floor under a redemption over HTTP: parse the same body, answer with as many bytes, decide nothing."""

from fastapi import APIRouter
from fastapi.responses import Response

from network.api.calls import Call
from network.api.errors import JSON
from network.api.operations import ANYBODY, operation
from network.api.routes.redemptions import Redeeming

router = APIRouter(include_in_schema=False)
_CANNED = (
    b'{"redemption_id":"2b1c0f6e-6f0e-4c39-9d0a-2f5f6b7c8d9e","deducted":500,"released":0,'
    b'"certificate_id":"2b1c0f6e-6f0e-4c39-9d0a-2f5f6b7c8d9e","issuer_id":"2b1c0f6e-6f0e-4c39-9d0a-2f5f6b7c8d9e",'
    b'"acceptor_id":"2b1c0f6e-6f0e-4c39-9d0a-2f5f6b7c8d9e","state":"redeemed","face":500,"outstanding":0,'
    b'"currency":"EUR","expires_at":"2026-12-21T22:00:00Z","epoch":0,"in_wallet":false,"transferable":true,'
    b'"partial_redemption":false,"smallest_bill":0,"bill":1800,"to_pay":1300}'
)


@operation(router, "POST /bench/floor", "The floor", tag="bench", who=ANYBODY, takes=Redeeming, changes=False)
async def floor(call: Call, asked: Redeeming) -> Response:
    """What HTTP, the same parser and the same size of answer cost without the network behind them."""
    return Response(_CANNED, 200, {"Pollen-Position": "1"}, JSON)
