"""A guest's phone: claim, pass on, and see what it holds."""

from datetime import datetime
from typing import Any
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import Response
from psycopg import Connection
from pydantic import Field

from network.api import shown_codes
from network.api.answers.certificates import CertificateCopy, LinkedCopy, ShownCode
from network.api.bodies import Body, Nothing, Position, Presented, Query
from network.api.calls import Call, shown
from network.api.copies import TypedCodeAmbiguous, presented_copy
from network.api.holder_keys import HolderKey, HolderKeyRefused
from network.api.looking import looking
from network.api.operations import ORGANIZER, OWNER, TILL, WALLET, operation
from network.api.presenting import PRESENTED
from network.api.routes.redemptions import DEAD, DEAD_COPY
from network.api.threads import in_thread
from network.api.views import row, rows, viewed
from network.application.base import Facts
from network.coalitions import OpenCoalition
from network.domain.certificate import Certificate
from network.domain.errors import (
    AlreadyHeld,
    CertificateNotFound,
    NotTheHolder,
    NotTransferable,
    WalletErased,
    WalletNotFound,
)
from network.projections import certificates, history, merchants, wallets

router = APIRouter()
TAG = "wallet"


class Newest(Query):
    """A cursor: `next_before` and `next_id` of the page before."""

    before: Position = 2**53
    before_id: UUID = wallets.NEWEST[1]
    limit: int = Field(100, ge=1, le=200)


class Claiming(Presented):
    """With a `holder_key` the certificate lives in that phone: it counts only as the phone shows it."""

    holder_key: HolderKey | None = None


class Binding(Body):
    """The phone's new key."""

    holder_key: HolderKey


@operation(
    router, "POST /v1/claims", "Put a presented copy into this wallet", tag=TAG, who=(WALLET,), takes=Claiming,
    answers=LinkedCopy,
    refusals=(*PRESENTED, *DEAD_COPY, TypedCodeAmbiguous, AlreadyHeld, WalletErased, WalletNotFound, HolderKeyRefused),
)  # fmt: skip
async def claim(call: Call, asked: Claiming) -> Response:
    """The copy it was taken from is dead; the answer has the new one."""
    key = asked.holder_key.checked() if asked.holder_key else None
    request = call.command()
    copy = await presented_copy(call, asked)
    return await call.answer_with_link(
        call.application.claim_certificate(
            request=request,
            certificate_id=copy.certificate_id,
            epoch=copy.epoch,
            wallet_id=call.subject_id,
            holder_key=key,
        )
    )


@operation(
    router, "POST /v1/certificates/{certificate_id}/binding", "Show it with a new key", tag=TAG, who=(WALLET,),
    takes=Binding, answers=LinkedCopy, refusals=(*DEAD, NotTheHolder, HolderKeyRefused),
)  # fmt: skip
async def bind(call: Call, asked: Binding) -> Response:
    """For a phone that lost its key or had none: the copy before is dead, a screenshot and a lost phone's too."""
    return await call.answer_with_link(
        call.application.rebind_certificate(
            request=call.command(),
            certificate_id=call.id("certificate_id"),
            wallet_id=call.subject_id,
            holder_key=asked.holder_key.checked(),
        )
    )


@operation(
    router, "POST /v1/certificates/{certificate_id}/printing", "Put it on paper", tag=TAG, who=(WALLET,),
    answers=LinkedCopy, refusals=(*DEAD, NotTheHolder),
)  # fmt: skip
async def put_on_paper(call: Call, asked: Nothing) -> Response:
    """The phone's copy is dead at once; whoever shows the paper first uses it, or puts it into a phone again."""
    return await call.answer_with_link(
        call.application.print_certificate(
            request=call.command(), certificate_id=call.id("certificate_id"), wallet_id=call.subject_id
        )
    )


@operation(
    router, "POST /v1/certificates/{certificate_id}/code", "A code to say at the till", tag=TAG, who=(WALLET,),
    answers=ShownCode, refusals=(CertificateNotFound, NotTheHolder), changes=False,
)  # fmt: skip
async def make_code(call: Call, asked: Nothing) -> Response:
    """For five minutes, when the camera fails. A new one ends the one before; the log does not know it."""
    facts = await in_thread(_copy_of, call.coalition, call.id("certificate_id"), call.subject_id, call.at)
    certificate_id, epoch = facts["certificate_id"], facts["epoch"]
    assert isinstance(certificate_id, UUID), "our own answer"
    assert isinstance(epoch, int), "our own answer"
    code, ends_at = await in_thread(shown_codes.make, call.coalition, certificate_id, epoch, call.at)
    return shown({"typed_code": code, "ends_at": ends_at})


@operation(
    router, "POST /v1/certificates/{certificate_id}/passing", "Pass a certificate on", tag=TAG, who=(WALLET,),
    answers=LinkedCopy, refusals=(*DEAD, NotTheHolder, NotTransferable),
)  # fmt: skip
async def pass_on(call: Call, asked: Nothing) -> Response:
    """The own copy is dead at once; whoever opens the link in the answer first takes the certificate."""
    return await call.answer_with_link(
        call.application.pass_on_certificate(
            request=call.command(), certificate_id=call.id("certificate_id"), wallet_id=call.subject_id
        )
    )


@operation(router, "GET /v1/wallet/certificates", "What this wallet holds", tag=TAG, who=(WALLET,), takes=Newest)
async def list_held(call: Call, asked: Newest) -> Response:
    """And what became of the rest: `passed_on` or `printed` until somebody takes it, then `taken`. Newest first.
    `at` is the server's time, for phones whose clock is wrong.
    """

    def question(connection: Connection, schema: str) -> dict[str, Any]:
        before = (asked.before, asked.before_id)
        found = wallets.of_wallet(connection, schema, call.subject_id, before=before, limit=asked.limit)
        shops = _shops(connection, schema, {i for one in found for i in (one.issuer_id, one.acceptor_id)})
        last = found[-1] if found else None
        return {
            "at": call.at,
            "certificates": [
                {
                    **row(one),
                    "issuer_name": shops[one.issuer_id].name,
                    "acceptor_name": shops[one.acceptor_id].name,
                    "acceptor_address": shops[one.acceptor_id].address,
                }
                for one in found
            ],
            "next_before": last.got_position if last else None,
            "next_id": last.certificate_id if last else None,
        }

    return await viewed(call, ("wallets", "certificates", "merchants"), question)


@operation(
    router, "GET /v1/certificates/{certificate_id}/copy", "The copy to show", tag=TAG, who=(WALLET,),
    answers=CertificateCopy, refusals=(CertificateNotFound, NotTheHolder),
)  # fmt: skip
async def show_copy(call: Call, asked: Nothing) -> Response:
    """Token, typed code and link, for the wallet that holds it now."""
    facts = await in_thread(_copy_of, call.coalition, call.id("certificate_id"), call.subject_id, call.at)
    return shown({**facts, "link": call.service.link(str(facts["token"]))})


@operation(
    router, "GET /v1/certificates/{certificate_id}/history", "What happened to a certificate", tag=TAG,
    who=(ORGANIZER, OWNER, TILL, WALLET), refusals=(CertificateNotFound,),
)  # fmt: skip
async def show_history(call: Call, asked: Nothing) -> Response:
    """For the organizer, both merchants, and its holder. No wallet is named."""
    certificate_id = call.id("certificate_id")

    def question(connection: Connection, schema: str) -> dict[str, Any]:
        found = certificates.find(connection, schema, certificate_id)
        parties = (found.issuer_id, found.acceptor_id, found.holder_id) if found else ()
        if found is None or not (call.role == ORGANIZER or call.subject_id in parties):
            raise CertificateNotFound()
        lines = history.of_certificate(connection, schema, certificate_id)
        return {"certificate": row(found, "holder_id"), "history": rows(lines, "certificate_id")}

    return await viewed(call, ("certificates", "history"), question)


def _copy_of(coalition: OpenCoalition, certificate_id: UUID, wallet_id: UUID, at: datetime) -> Facts:
    with looking(coalition, at) as unit:
        certificate = unit.get(Certificate, certificate_id)
        if certificate.holder_id != wallet_id:
            raise NotTheHolder()
        return coalition.application.shown_in(unit, certificate)


def _shops(connection: Connection, schema: str, ids: set[UUID]) -> dict[UUID, merchants.MerchantRow]:
    found = (merchants.find(connection, schema, merchant_id) for merchant_id in ids)
    return {one.merchant_id: one for one in found if one is not None}
