"""Credentials: the organizer makes those of owners, an owner those of its tills. Each can be cut off alone."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import Response

from network.api.answers.coalitions import Secret
from network.api.bodies import Body, Name, Nothing
from network.api.calls import Call, answered, shown
from network.api.errors import NotYourMerchant, RoleNotAllowed
from network.api.operations import ORGANIZER, OWNER, TILL, operation
from network.api.threads import in_thread
from network.api.views import row
from network.credentials import (
    Credential,
    CredentialConflict,
    CredentialNotFound,
    LastOrganizer,
    creation,
    details_of,
    find_credential,
    list_credentials,
    must_be,
    revocation,
    rotation,
    secret_of,
)
from network.domain.errors import MerchantNotFound
from network.domain.merchant import Merchant
from network.unit import Unit

router = APIRouter()
TAG = "credentials"
BOTH = (ORGANIZER, OWNER)


class NewCredential(Body):
    """`role`: organizer or owner (made by the organizer), till (made by its owner). `subject_id`: the coalition for an
    organizer, else the merchant. `label`: for people, such as "till at the window". `person_id`:
    the organizer whose key it is, an id of your own making; a new one is another person. Without it, the founder.
    """

    credential_id: UUID
    role: str
    subject_id: UUID
    label: Name
    person_id: UUID | None = None


@operation(
    router, "POST /v1/credentials", "Make a credential", tag=TAG, who=BOTH, takes=NewCredential, answers=Secret,
    refusals=(MerchantNotFound, NotYourMerchant, CredentialConflict),
)  # fmt: skip
async def make_credential(call: Call, asked: NewCredential) -> Response:
    """The secret is shown in this answer, and in its exact repeats."""
    allowed = (ORGANIZER, OWNER) if call.role == ORGANIZER else (TILL,)
    if asked.role not in allowed:
        raise RoleNotAllowed(role=call.role)
    if asked.role != OWNER and asked.subject_id != call.subject_id:
        raise NotYourMerchant()
    if asked.person_id is not None and asked.role != ORGANIZER:
        raise RoleNotAllowed(role=asked.role)
    taken = await in_thread(find_credential, call.coalition, asked.credential_id)
    details = (asked.role, asked.subject_id, asked.label, asked.person_id)

    def decide(unit: Unit) -> dict[str, object]:
        if asked.role != ORGANIZER:
            unit.get(Merchant, asked.subject_id)
        if taken is not None and details_of(taken) != details:
            raise CredentialConflict(credential_id=asked.credential_id)
        secret = secret_of(call.coalition, asked.credential_id, asked.role)
        return {**asked.model_dump(), "secret": secret}

    request = call.command().with_beside(creation(call.coalition, asked.credential_id, *details))
    answer = await call.committed(call.application.committer.submit(request, decide, loads=(asked.subject_id,)))
    if not answer.refused:
        await in_thread(must_be, call.coalition, asked.credential_id, details)
        call.service.callers.forget()
    return answered(answer)


@operation(router, "GET /v1/credentials", "The credentials", tag=TAG, who=BOTH)
async def show_credentials(call: Call, asked: Nothing) -> Response:
    """The organizer's and the owners' for the organizer; an owner's own and its tills' for an owner. No secrets."""
    roles = (ORGANIZER, OWNER) if call.role == ORGANIZER else (OWNER, TILL)
    subject_id = None if call.role == ORGANIZER else call.subject_id

    def question() -> list[dict[str, Any]]:
        return [row(one) for one in list_credentials(call.coalition, roles=roles, subject_id=subject_id)]

    return shown({"credentials": await in_thread(question)})


@operation(
    router, "DELETE /v1/credentials/{credential_id}", "Revoke a credential", tag=TAG, who=BOTH,
    refusals=(CredentialNotFound, LastOrganizer),
)  # fmt: skip
async def cut_off(call: Call, asked: Nothing) -> Response:
    """At once in the process that answers, within five seconds everywhere. For good."""
    credential = await _theirs(call)
    organizers = await in_thread(list_credentials, call.coalition, roles=(ORGANIZER,))
    living = [one.credential_id for one in organizers if one.revoked_at is None]

    def decide(unit: Unit) -> dict[str, object]:
        if living == [credential.credential_id]:
            raise LastOrganizer()
        return {"credential_id": credential.credential_id, "revoked": True}

    request = call.command().with_beside(revocation(credential.credential_id))
    answer = await call.committed(call.application.committer.submit(request, decide))
    call.service.callers.forget()
    return answered(answer)


@operation(
    router, "POST /v1/credentials/{credential_id}/rotation", "Change a credential's secret", tag=TAG, who=BOTH,
    answers=Secret, refusals=(CredentialNotFound,),
)  # fmt: skip
async def rotate(call: Call, asked: Nothing) -> Response:
    """The old secret dies, the new one is shown in this answer. An exact repeat shows it again and rotates nothing."""
    credential = await _theirs(call)
    version = credential.version + 1

    def decide(unit: Unit) -> dict[str, object]:
        if credential.revoked_at is not None:
            raise CredentialNotFound()
        return {
            "credential_id": credential.credential_id,
            "role": credential.role,
            "version": version,
            "secret": secret_of(call.coalition, credential.credential_id, credential.role, version),
        }

    newer = rotation(call.coalition, credential.credential_id, credential.role, version)
    answer = await call.committed(call.application.committer.submit(call.command().with_beside(newer), decide))
    call.service.callers.forget()
    return answered(answer)


async def _theirs(call: Call) -> Credential:
    """The credential that the address names, if it is the caller's to change. Raises: CredentialNotFound."""
    found = await in_thread(find_credential, call.coalition, call.id("credential_id"))
    by_organizer = call.role == ORGANIZER and found is not None and found.role in (ORGANIZER, OWNER)
    by_owner = found is not None and found.role in (OWNER, TILL) and found.subject_id == call.subject_id
    if found is None or not (by_organizer or by_owner):
        raise CredentialNotFound()
    return found
