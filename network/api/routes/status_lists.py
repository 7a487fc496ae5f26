"""What tills fetch while they have a network: the status lists, and the rules by which they judge without one."""

from typing import Any

from fastapi import APIRouter
from fastapi.responses import Response
from psycopg import Connection

from network.api.answers.tills import TillKit
from network.api.bodies import Nothing
from network.api.calls import Call, shown
from network.api.errors import InvalidRequest
from network.api.operations import ANYBODY, TILL, operation
from network.api.status_lists import Signed, StatusDeltaGone, StatusListNotFound, path_of
from network.api.threads import in_thread
from network.api.till_kit import rules_of
from network.api.views import asked_of_views
from network.domain.errors import CoalitionNotFound
from network.presentation import PROOF_SECONDS
from network.projections import status_lists
from network.status_list import CONTENT_TYPE, LIVES, is_quarter

router = APIRouter()
TAG = "offline"
_HEADERS = {"Cache-Control": "public, max-age=60", "Access-Control-Allow-Origin": "*"}


@operation(
    router, "GET /.well-known/pollen/{slug}/status.json", "Where the status lists are", tag=TAG, who=ANYBODY,
    refusals=(CoalitionNotFound,),
)  # fmt: skip
async def show_lists(call: Call, asked: Nothing) -> Response:
    """The aggregation of the Token Status List draft: the address of each list."""
    coalition = await call.service.coalition_named(call.request.path_params["slug"])

    def question() -> list[str]:
        with coalition.readers.connection() as connection:
            return [row.quarter for row in status_lists.all(connection, coalition.schema)]

    urls = [call.service.status_lists.url(coalition, quarter) for quarter in await in_thread(question)]
    answer = shown({"status_lists": urls})
    answer.headers.update(_HEADERS)
    return answer


@operation(
    router, "GET /.well-known/pollen/{slug}/status/{quarter}.cwt", "A status list", tag=TAG, who=ANYBODY,
    refusals=(CoalitionNotFound, StatusListNotFound), media_type=CONTENT_TYPE,
)  # fmt: skip
async def show_list(call: Call, asked: Nothing) -> Response:
    """A Token Status List in CWT form, two bits a place, of the certificates that end in a quarter; signed by the
    coalition's root. 0: untouched; 1: dead; 2: suspended; 3: online only.
    """
    coalition = await call.service.coalition_named(call.request.path_params["slug"])
    return _sent(call, await call.service.status_lists.whole(coalition, _quarter(call)), CONTENT_TYPE)


@operation(
    router, "GET /.well-known/pollen/{slug}/status/{quarter}/since/{position}.cwt", "What changed in a status list",
    tag=TAG, who=ANYBODY, refusals=(CoalitionNotFound, StatusListNotFound, StatusDeltaGone),
    media_type="application/cose",
)  # fmt: skip
async def show_delta(call: Call, asked: Nothing) -> Response:
    """Since the version that a till has; also when that is nothing, for the date on it."""
    coalition = await call.service.coalition_named(call.request.path_params["slug"])
    text: str = call.request.path_params["position"]
    if not (text.isascii() and text.isdigit() and len(text) <= 15):
        raise InvalidRequest(("position", "A version is a number"))
    return _sent(call, await call.service.status_lists.delta(coalition, _quarter(call), int(text)), "application/cose")


@operation(router, "GET /v1/till/kit", "What this till needs to judge alone", tag=TAG, who=(TILL,), answers=TillKit)
async def show_kit(call: Call, asked: Nothing) -> Response:
    """The rules by issuer are the strictest of the agreement versions that certificates may still be out under: a token
    does not name its version. An issuer that is not there, or with a ceiling of zero: only with the network.
    """
    coalition = call.coalition
    published = await call.service.keys.published(coalition)

    def question(connection: Connection, schema: str) -> dict[str, Any]:
        found = status_lists.all(connection, schema)
        kit = rules_of(connection, schema, call.subject_id)
        lists = [{"quarter": row.quarter, "url": path_of(coalition, row.quarter)} for row in found]
        return kit | {"lists": lists}

    views = ("agreements", "certificates", "coalition", "merchants", status_lists.PROJECTION.name)
    facts, position = await asked_of_views(call, views, question)
    answer = shown(
        {
            "till_id": call.caller.credential.credential_id,
            "merchant_id": call.subject_id,
            "coalition_id": coalition.coalition_id,
            "coalition_number": coalition.entry.number,
            "slug": coalition.entry.slug,
            "root_key": published.root_key,
            "keys_url": f"/.well-known/pollen/{coalition.entry.slug}/keys.cose",
            "list_seconds_max": int(LIVES.total_seconds()),
            "proof_seconds": PROOF_SECONDS,
            "at": call.at,
        }
        | facts
    )
    answer.headers["Pollen-Position"] = str(position)
    return answer


def _quarter(call: Call) -> str:
    text: str = call.request.path_params["quarter"]
    if not is_quarter(text):
        raise StatusListNotFound()
    return text


def _sent(call: Call, signed: Signed, kind: str) -> Response:
    headers = _HEADERS | {"ETag": signed.etag}
    if call.request.headers.get("if-none-match") == signed.etag:
        return Response(None, 304, headers)
    return Response(signed.content, 200, headers, kind)
