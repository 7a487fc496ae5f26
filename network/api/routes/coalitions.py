"""What anybody may ask or do: see a coalition, apply as a merchant, open a wallet. And what a credential is."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import Response
from psycopg import Connection

from network.api.answers.coalitions import CoalitionShown, Me, MerchantApplied
from network.api.answers.wallets import WalletOpened
from network.api.bodies import Address, Body, Category, Name, Nothing
from network.api.calls import Call, answered
from network.api.operations import ANYBODY, EVERYBODY, operation
from network.api.views import viewed
from network.application import Answer
from network.application import Request as CommandRequest
from network.coalitions import OpenCoalition
from network.credentials import creation, first_credential, secret_of
from network.domain.errors import CoalitionNotFound, Conflict, MerchantConflict
from network.projections import coalition as coalition_view
from network.projections import merchants as merchants_view

router = APIRouter()
TAG = "coalition"


class Applying(Body):
    """A business that wants to take part."""

    merchant_id: UUID
    name: Name
    category: Category
    address: Address


class Opening(Body):
    """A phone that wants a wallet."""

    wallet_id: UUID


@operation(
    router, "GET /v1/coalitions/{slug}", "A coalition and its partners", tag=TAG, who=ANYBODY,
    answers=CoalitionShown, refusals=(CoalitionNotFound,),
)  # fmt: skip
async def show_coalition(call: Call, asked: Nothing) -> Response:
    """Name, currency, time zone, number in tokens, the root key, and the admitted partners by category."""
    coalition = await call.service.coalition_named(call.request.path_params["slug"])
    published = await call.service.keys.published(coalition)

    def question(connection: Connection, schema: str) -> dict[str, Any]:
        found = coalition_view.find(connection, schema)
        if found is None:
            raise CoalitionNotFound()
        return {
            "slug": coalition.entry.slug,
            "name": found.name,
            "currency": found.currency,
            "time_zone": found.time_zone,
            "number": found.number,
            "root_key": published.root_key,
            "partners": _by_category(merchants_view.all(connection, schema)),
        }

    return await viewed(call, ("coalition", "merchants"), question, coalition=coalition)


@operation(
    router, "POST /v1/coalitions/{slug}/merchants", "Apply to join", tag=TAG, who=ANYBODY, takes=Applying,
    answers=MerchantApplied, refusals=(CoalitionNotFound, MerchantConflict),
)  # fmt: skip
async def apply_to_join(call: Call, asked: Applying) -> Response:
    """Answers with the owner's credential. The Idempotency-Key has at least 22 characters, a random UUID for example:
    whoever has it can read the answer again.
    """
    coalition = await call.service.coalition_named(call.request.path_params["slug"])
    request = _with_first(coalition, call.strangers_command(asked.merchant_id), "owner", asked.merchant_id, asked.name)
    call.service.applications.take(call.address)
    answer = await call.committed(
        coalition.application.apply_to_join(
            request=request,
            merchant_id=asked.merchant_id,
            name=asked.name,
            category=asked.category,
            address=asked.address,
        )
    )
    return _with_credential(call, coalition, answer, "owner", asked.merchant_id)


@operation(
    router, "POST /v1/coalitions/{slug}/wallets", "Open a wallet", tag=TAG, who=ANYBODY, takes=Opening,
    answers=WalletOpened, refusals=(CoalitionNotFound, Conflict),
)  # fmt: skip
async def open_wallet(call: Call, asked: Opening) -> Response:
    """Answers with the wallet's credential. The Idempotency-Key has at least 22 characters, as for an application."""
    coalition = await call.service.coalition_named(call.request.path_params["slug"])
    request = _with_first(coalition, call.strangers_command(asked.wallet_id), "wallet", asked.wallet_id, "phone")
    call.service.wallets.take(call.address)
    answer = await call.committed(coalition.application.open_wallet(request=request, wallet_id=asked.wallet_id))
    return _with_credential(call, coalition, answer, "wallet", asked.wallet_id)


@operation(router, "GET /v1/me", "Who this credential is", tag=TAG, who=EVERYBODY, answers=Me)
async def show_me(call: Call, asked: Nothing) -> Response:
    """Role, subject and coalition."""
    credential = call.caller.credential
    published = await call.service.keys.published(call.coalition)

    def question(connection: Connection, schema: str) -> dict[str, Any]:
        found = coalition_view.find(connection, schema)
        return {
            "role": credential.role,
            "subject_id": credential.subject_id,
            "credential_id": credential.credential_id,
            "label": credential.label,
            "coalition": {
                "slug": call.coalition.entry.slug,
                "coalition_id": call.coalition.coalition_id,
                "number": call.coalition.entry.number,
                "name": found.name if found else None,
                "currency": found.currency if found else None,
                "time_zone": found.time_zone if found else None,
                "root_key": published.root_key,
            },
        }

    return await viewed(call, ("coalition",), question)


def _with_first(
    coalition: OpenCoalition, request: CommandRequest, role: str, subject_id: UUID, label: str
) -> CommandRequest:
    """With the first credential, which is derived from the subject: a repeat shows the same one and makes no second."""
    return request.with_beside(creation(coalition, first_credential(role, subject_id), role, subject_id, label))


def _with_credential(call: Call, coalition: OpenCoalition, answer: Answer, role: str, subject_id: UUID) -> Response:
    if answer.refused:
        return answered(answer)
    credential_id = first_credential(role, subject_id)
    call.service.callers.forget()
    secret = secret_of(coalition, credential_id, role)
    return answered(answer, credential={"credential_id": credential_id, "role": role, "secret": secret})


def _by_category(merchants: list[merchants_view.MerchantRow]) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for one in merchants:
        if one.state == "admitted":
            shop = {"merchant_id": one.merchant_id, "name": one.name, "address": one.address, "number": one.number}
            found.setdefault(one.category, []).append(shop)
    return found
