"""Tills without a network: the key that a till signs with, what it needs to judge alone, and its receipts."""

from base64 import urlsafe_b64decode
from binascii import Error as NotBase64
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import Response
from psycopg import Connection
from pydantic import Field, StringConstraints

from network.api.answers.tills import DeliveredReceipts, TillJournals, TillKey
from network.api.bodies import Body, Nothing, Position, Query, Reason
from network.api.calls import Call, shown
from network.api.holder_keys import HolderKey, HolderKeyRefused
from network.api.looking import looking
from network.api.operations import ORGANIZER, OWNER, TILL, operation
from network.api.routes.merchants import WithReason
from network.api.threads import in_thread
from network.api.views import rows, viewed
from network.application.offline import Delivered, till_facts
from network.credentials import list_credentials
from network.domain import errors as refusals
from network.domain.errors import Invalid
from network.domain.till import Till, till_stream
from network.keyring import Keyring
from network.projections import offline
from network.public_keys import key_of_text
from network.receipts import RECEIPT_BYTES_MAX, ReceiptRefused, opened, possession_of, shown_in
from network.token import TokenRefused

router = APIRouter()
TAG = "offline"
RECEIPTS_MAX = 50

Signature = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{86}$")]
Encoded = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]+$", min_length=1, max_length=RECEIPT_BYTES_MAX * 2)]


class TillKeyProofInvalid(Invalid):
    """The device does not have the key that it names."""

    code = "till_key_proof_invalid"
    sentence = "This till does not have the key that it named."


class ReceiptMalformed(Invalid):
    """What was sent is no receipt; nothing of the delivery was taken in."""

    code = "receipt_malformed"
    sentence = "Receipt {place} of this delivery is no receipt of a till. Nothing was taken in."


class RegisteredKey(Body):
    """`signature`: by this key over `pollen till key`, a zero byte, the till's id as 16 bytes, and the key as its
    deterministic COSE_Key; base64url. So a till names no key but its own.
    """

    key: HolderKey
    signature: Signature


class Delivery(Body):
    """Signed receipts in base64url, by sequence, from the oldest that was not delivered yet."""

    receipts: Annotated[tuple[Encoded, ...], Field(min_length=1, max_length=RECEIPTS_MAX)]


class Resumption(Body):
    """Go on with this journal from this sequence."""

    journal: Annotated[int, Field(ge=1, le=1_000_000)]
    sequence: Annotated[int, Field(ge=1, le=2**31 - 1)]
    reason: Reason


class JournalPage(Query):
    """Receipts of a journal after a sequence."""

    journal: int = Field(1, ge=1, le=1_000_000)
    after: int = Field(0, ge=0, le=2**31)
    limit: int = Field(100, ge=1, le=500)


class LostPage(Query):
    """A cursor: the `position` of the last one seen."""

    after: Position = 0
    limit: int = Field(100, ge=1, le=500)


@operation(
    router, "PUT /v1/till/key", "Register this till's device key", tag=TAG, who=(TILL,), takes=RegisteredKey,
    answers=TillKey,
    refusals=(HolderKeyRefused, TillKeyProofInvalid, refusals.TillBlocked, refusals.TillKeyRevoked),
)  # fmt: skip
async def register_key(call: Call, asked: RegisteredKey) -> Response:
    """Receipts are signed with it. Another key than before begins another journal, numbered from 1."""
    text, till_id = asked.key.checked(), call.caller.credential.credential_id
    key = key_of_text(text)
    if not key.verifies(urlsafe_b64decode(asked.signature + "=="), possession_of(till_id, key)):
        raise TillKeyProofInvalid()
    return await call.answer(
        call.application.register_till_key(
            request=call.command(), till_id=till_id, merchant_id=call.subject_id, device_key=text
        )
    )


@operation(router, "GET /v1/till", "This till's keys and journals", tag=TAG, who=(TILL,), answers=TillJournals)
async def show_till(call: Call, asked: Nothing) -> Response:
    """`next_sequence` and `previous` are what the next receipt of each journal has to name."""
    till_id = call.caller.credential.credential_id
    return shown(await in_thread(_till_facts, call, till_id, call.subject_id))


@operation(router, "GET /v1/tills/offline", "The tills' keys and journals", tag=TAG, who=(OWNER,))
async def show_tills(call: Call, asked: Nothing) -> Response:
    """Of every till of this shop, also of those without a key; `label` as its owner named it."""

    def question() -> dict[str, Any]:
        found = list_credentials(call.coalition, roles=(TILL,), subject_id=call.subject_id)
        return {
            "tills": [
                {"label": one.label, "cut_off": one.revoked_at is not None}
                | _till_facts(call, one.credential_id, call.subject_id)
                for one in found
            ]
        }

    return shown(await in_thread(question))


@operation(
    router, "POST /v1/tills/{till_id}/key-revocation", "Revoke a till's device keys", tag=TAG, who=(OWNER,),
    takes=WithReason, answers=TillJournals, refusals=(refusals.TillNotFound,),
)  # fmt: skip
async def revoke_keys(call: Call, asked: WithReason) -> Response:
    """For a device that is lost: receipts under its keys that come in from now on do not count."""
    return await call.answer(
        call.application.revoke_till_keys(
            request=call.command(), till_id=call.id("till_id"), merchant_id=call.subject_id, reason=asked.reason
        )
    )


@operation(
    router, "POST /v1/tills/{till_id}/resumption", "Go on with a blocked journal", tag=TAG, who=(OWNER,),
    takes=Resumption, answers=TillJournals,
    refusals=(refusals.TillNotFound, refusals.JournalNotFound, refusals.JournalNotBlocked),
)  # fmt: skip
async def resume(call: Call, asked: Resumption) -> Response:
    """The owner's decision that what is missing before this sequence will not be waited for."""
    return await call.answer(
        call.application.resume_journal(
            request=call.command(),
            till_id=call.id("till_id"),
            merchant_id=call.subject_id,
            journal=asked.journal,
            sequence=asked.sequence,
            reason=asked.reason,
        )
    )


@operation(
    router, "POST /v1/till/receipts", "Deliver what this till took without a network", tag=TAG, who=(TILL,),
    takes=Delivery, answers=DeliveredReceipts, refusals=(refusals.TillNotFound, ReceiptMalformed),
)  # fmt: skip
async def deliver(call: Call, asked: Delivery) -> Response:
    """All of it in one transaction, and for each receipt an answer: booked, conflicted, refused, or waiting when its
    journal is blocked. A receipt that came before is answered with how it stands today.
    """
    request = call.command()
    receipts = await in_thread(_read, call.coalition.keyring, asked.receipts)
    return await call.answer(
        call.application.deliver_receipts(
            request=request,
            till_id=call.caller.credential.credential_id,
            merchant_id=call.subject_id,
            receipts=receipts,
        )
    )


@operation(router, "GET /v1/till/receipts", "How delivered receipts stand", tag=TAG, who=(TILL,), takes=JournalPage)
async def show_receipts(call: Call, asked: JournalPage) -> Response:
    """By sequence; one that was booked may be conflicted since, when another till's earlier one came in."""
    till_id = call.caller.credential.credential_id

    def question(connection: Connection, schema: str) -> dict[str, Any]:
        found = offline.of_till(
            connection, schema, till_id, journal=asked.journal, after=asked.after, limit=asked.limit
        )
        return {"receipts": rows(found), "next_after": found[-1].sequence if found else asked.after}

    return await viewed(call, (offline.PROJECTION.name,), question)


@operation(
    router, "GET /v1/offline-conflicts", "What was taken without a network and does not stand", tag=TAG,
    who=(ORGANIZER, OWNER), takes=LostPage,
)  # fmt: skip
async def show_conflicts(call: Call, asked: LostPage) -> Response:
    """In log order: an owner's own and those of its certificates, the organizer's all."""
    merchant_id = call.subject_id if call.role == OWNER else None

    def question(connection: Connection, schema: str) -> dict[str, Any]:
        found = offline.lost(connection, schema, merchant_id, after=asked.after, limit=asked.limit)
        return {"conflicts": rows(found), "next_after": found[-1].position if found else asked.after}

    return await viewed(call, (offline.PROJECTION.name,), question)


def _read(keyring: Keyring, receipts: tuple[str, ...]) -> list[Delivered]:
    """What was signed, and what its token says. Raises: ReceiptMalformed."""
    found = []
    for place, text in enumerate(receipts, start=1):
        try:
            signed = opened(urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        except (ReceiptRefused, NotBase64):
            raise ReceiptMalformed(place=place) from None
        try:
            found.append(Delivered(signed, shown_in(signed.receipt, keyring)))
        except (ReceiptRefused, TokenRefused) as refused:
            found.append(Delivered(signed, None, refused.code))
    return found


def _till_facts(call: Call, till_id: UUID, merchant_id: UUID) -> dict[str, Any]:
    with looking(call.coalition, call.at) as unit:
        till = unit.find(Till, till_stream(till_id))
        return till_facts(till) if till else {"till_id": till_id, "merchant_id": merchant_id, "journals": []}
