"""Who is told of events as they happen."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import Response
from pydantic import AfterValidator, Field, StringConstraints

from network.api.answers.webhooks import WebhookTry
from network.api.bodies import Body, Nothing
from network.api.calls import Call, answered, shown
from network.api.operations import ORGANIZER, OWNER, operation
from network.api.threads import in_thread
from network.api.views import row
from network.store.mapper import topics as all_topics
from network.unit import Unit
from network.webhook_posting import InvalidAddress, public_address
from network.webhook_tries import tries_of
from network.webhooks import (
    Webhook,
    WebhookConflict,
    WebhookNotFound,
    change_of_state,
    find_webhook,
    keeping,
    list_webhooks,
    must_be,
    new_secret,
    post_test,
)

router = APIRouter()
TAG = "webhooks"
BOTH = (ORGANIZER, OWNER)


def _known_topic(topic: str) -> str:
    if topic not in all_topics():
        raise ValueError("There is no event of this topic")
    return topic


class NewWebhook(Body):
    """`topics` empty: every topic. https, and a host on the public internet."""

    webhook_id: UUID
    url: Annotated[str, StringConstraints(min_length=8, max_length=500, pattern=r"^[\x21-\x7e]+$")]
    topics: Annotated[
        tuple[Annotated[str, StringConstraints(max_length=60), AfterValidator(_known_topic)], ...],
        Field(max_length=50),
    ] = ()


@operation(
    router, "POST /v1/webhooks", "Ask to be told", tag=TAG, who=BOTH, takes=NewWebhook,
    refusals=(InvalidAddress, WebhookConflict),
)  # fmt: skip
async def make_webhook(call: Call, asked: NewWebhook) -> Response:
    """Of what happens from now on. The signing secret is shown in this answer, and in its exact repeats."""
    taken = await in_thread(find_webhook, call.coalition, asked.webhook_id)
    address = await in_thread(_problem, asked.url, call.service.settings.dev)
    head = await in_thread(_head, call)
    details = (call.subject_id, asked.url, list(asked.topics))
    secret = new_secret()
    kept = keeping(
        call.coalition,
        webhook_id=asked.webhook_id,
        subject_id=call.subject_id,
        url=asked.url,
        topics=asked.topics,
        secret=secret,
        position=head,
    )

    def decide(unit: Unit) -> dict[str, object]:
        if taken is not None and (taken.subject_id, taken.url, taken.topics) != details:
            raise WebhookConflict()
        if address is not None:
            raise address
        return {**asked.model_dump(mode="json"), "secret": secret, "after": head}

    answer = await call.committed(call.application.committer.submit(call.command().with_beside(kept), decide))
    if not answer.refused:
        await in_thread(must_be, call.coalition, asked.webhook_id, details)
    return answered(answer)


@operation(router, "GET /v1/webhooks", "Who is told", tag=TAG, who=BOTH)
async def show_webhooks(call: Call, asked: Nothing) -> Response:
    """With how far each has come, and what went wrong last. No secrets."""

    def question() -> dict[str, Any]:
        return {"webhooks": [row(one) for one in list_webhooks(call.coalition, call.subject_id)], "head": _head(call)}

    return shown(await in_thread(question))


@operation(router, "GET /v1/webhooks/{webhook_id}", "One webhook", tag=TAG, who=BOTH, refusals=(WebhookNotFound,))
async def show_webhook(call: Call, asked: Nothing) -> Response:
    """As in the list, and what came of its newest deliveries."""
    webhook = await _own(call)
    tries = await in_thread(tries_of, call.coalition, webhook.webhook_id)
    return shown({**row(webhook), "tries": [{**row(one), "delivered": one.delivered} for one in tries]})


@operation(
    router, "POST /v1/webhooks/{webhook_id}/test", "Post a test message", tag=TAG, who=BOTH, changes=False,
    answers=WebhookTry, refusals=(WebhookNotFound,),
)  # fmt: skip
async def try_webhook(call: Call, asked: Nothing) -> Response:
    """Signed like any other, with the topic Webhook.Test and position 0; whatever its state, at once, and once."""
    webhook = await _own(call)
    tried = await in_thread(post_test, call.coalition, webhook, at=call.at, dev=call.service.settings.dev)
    return shown({**row(tried), "delivered": tried.delivered})


@operation(
    router, "POST /v1/webhooks/{webhook_id}/pause", "Be told nothing for a while", tag=TAG, who=BOTH,
    refusals=(WebhookNotFound,),
)  # fmt: skip
async def pause_webhook(call: Call, asked: Nothing) -> Response:
    """It keeps its place: what happens meanwhile comes after the resumption."""
    return await _change(call, "paused")


@operation(
    router, "DELETE /v1/webhooks/{webhook_id}", "Ask to be told no more", tag=TAG, who=BOTH,
    refusals=(WebhookNotFound,),
)  # fmt: skip
async def delete_webhook(call: Call, asked: Nothing) -> Response:
    """For good."""
    return await _change(call, "deleted")


@operation(
    router, "POST /v1/webhooks/{webhook_id}/resumption", "Go on after a repair", tag=TAG, who=BOTH,
    refusals=(WebhookNotFound,),
)  # fmt: skip
async def resume_webhook(call: Call, asked: Nothing) -> Response:
    """A disabled or paused one goes on where it stood; one that waits for its next try is tried now."""
    return await _change(call, "active")


async def _change(call: Call, state: str) -> Response:
    webhook = await _own(call, deleted_too=state == "deleted")
    request = call.command().with_beside(change_of_state(webhook.webhook_id, state))

    def decide(unit: Unit) -> dict[str, object]:
        return {"webhook_id": webhook.webhook_id, "state": state}

    return await call.answer(call.application.committer.submit(request, decide))


async def _own(call: Call, *, deleted_too: bool = False) -> Webhook:
    found = await in_thread(find_webhook, call.coalition, call.id("webhook_id"))
    if found is None or found.subject_id != call.subject_id or (found.state == "deleted" and not deleted_too):
        raise WebhookNotFound()
    return found


def _problem(url: str, dev: bool) -> InvalidAddress | None:
    try:
        public_address(url, dev=dev)
    except InvalidAddress as refusal:
        return refusal
    return None


def _head(call: Call) -> int:
    with call.coalition.reading() as recorder:
        return recorder.head()[0]
