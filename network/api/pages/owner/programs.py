"""What programs may do for this shop: credentials that call, and webhooks that are called."""

from typing import Annotated, Any, Final
from uuid import UUID, uuid5

from fastapi import APIRouter
from fastapi.responses import Response
from pydantic import StringConstraints, ValidationError

from network.access.sessions import devices_of
from network.api.bodies import Nothing
from network.api.pages import forms
from network.api.pages.commands import done, found
from network.api.pages.forms import FieldProblem, Line, Problems, WithCommand
from network.api.pages.owner.shops import id_in
from network.api.pages.texts import N_
from network.api.pages.visits import OWNER, TILL, Visit, page
from network.api.routes import credentials, webhooks
from network.api.threads import in_thread
from network.store.mapper import topics as all_topics
from network.webhooks import WebhookNotFound

router = APIRouter()
HERE: Final = "/shop/profile/programs"
HOOK: Final = HERE + "/webhooks/{webhook_id}"
_ROUTE: Final = "/v1/webhooks/{webhook_id}"
ABOUT: Final = {
    "all": (N_("everything of this shop"), ()),
    "certificates": (N_("certificates: given, used, undone, run out"), ("Certificate.",)),
    "money": (N_("statements, payments and disputes"), ("Window.", "Dispute.", "Default.")),
    "agreements": (N_("agreements"), ("Agreement.",)),
}
HOOKS: Final = {
    "active": N_("told"),
    "paused": N_("paused"),
    "disabled": N_("stopped after many failures"),
}


class NewCredential(WithCommand):
    """What the owner calls the program."""

    label: Line


class OneCredential(WithCommand):
    """Which credential."""

    credential_id: UUID


class NewWebhook(WithCommand):
    """Where to post, and of what."""

    url: Annotated[str, StringConstraints(min_length=8, max_length=500, pattern=r"^[\x21-\x7e]+$")]
    about: Annotated[str, StringConstraints(pattern="^(all|certificates|money|agreements)$")] = "all"


@page(router, f"GET {HERE}", who=(OWNER,))
async def show_programs(visit: Visit, problems: Problems = forms.NONE) -> Response:
    """What there is."""
    known = (await found(visit, credentials.show_credentials))["credentials"]
    devices = {str(one) for one in await in_thread(devices_of, visit.coalition, visit.subject_id)}
    hooks = await found(visit, webhooks.show_webhooks)
    return await visit.show(
        "owner/programs.html", problems=problems,
        credentials=[one for one in known if one["revoked_at"] is None and str(one["credential_id"]) not in devices],
        webhooks=hooks["webhooks"], states=_said(visit, HOOKS),
        about=[(code, visit.gettext(text)) for code, (text, _) in ABOUT.items()],
    )  # fmt: skip


@page(router, f"POST {HERE}/credentials", who=(OWNER,), takes=NewCredential, again=show_programs, fresh=True)
async def make_credential(visit: Visit, form: NewCredential) -> Response:
    """A till's credential: it can take payments, give and redeem, and nothing of the owner's. Shown once."""
    question = credentials.NewCredential(
        credential_id=uuid5(form.command_id, "credential"), role=TILL, subject_id=visit.subject_id, label=form.label
    )
    made = await done(visit, credentials.make_credential, "POST /v1/credentials", question, str(form.command_id))
    return await visit.show("owner/secret.html", heading=form.label, secret=made["secret"], what="credential")


@page(router, f"POST {HERE}/credentials/rotate", who=(OWNER,), takes=OneCredential, again=show_programs, fresh=True)
async def rotate_credential(visit: Visit, form: OneCredential) -> Response:
    """The old secret dies at once."""
    made = await done(
        visit, credentials.rotate, f"POST /v1/credentials/{form.credential_id}/rotation", Nothing(),
        str(form.command_id), credential_id=form.credential_id,
    )  # fmt: skip
    return await visit.show(
        "owner/secret.html", heading=visit.gettext("A new secret"), secret=made["secret"], what="credential"
    )


@page(router, f"POST {HERE}/credentials/revoke", who=(OWNER,), takes=OneCredential, again=show_programs, fresh=True)
async def revoke_credential(visit: Visit, form: OneCredential) -> Response:
    """For good."""
    await done(
        visit, credentials.cut_off, f"DELETE /v1/credentials/{form.credential_id}", Nothing(), str(form.command_id),
        credential_id=form.credential_id,
    )  # fmt: skip
    return visit.go(HERE)


@page(router, f"POST {HERE}/webhooks", who=(OWNER,), takes=NewWebhook, again=show_programs, fresh=True)
async def make_webhook(visit: Visit, form: NewWebhook) -> Response:
    """Of what happens from now on. The signing secret is shown once."""
    starts = ABOUT[form.about][1]
    try:
        question = webhooks.NewWebhook(
            webhook_id=uuid5(form.command_id, "webhook"), url=form.url,
            topics=tuple(sorted(topic for topic in all_topics() if topic.startswith(starts))) if starts else (),
        )  # fmt: skip
    except ValidationError:
        raise FieldProblem("url", N_("This does not look right. Check it again.")) from None
    made = await done(visit, webhooks.make_webhook, "POST /v1/webhooks", question, str(form.command_id))
    return await visit.show("owner/secret.html", heading=form.url, secret=made["secret"], what="webhook")


@page(router, f"GET {HOOK}", who=(OWNER,))
async def show_webhook(visit: Visit, problems: Problems = forms.NONE, tried: dict[str, Any] | None = None) -> Response:
    """Where it stands, and what came of its newest deliveries."""
    one = await found(visit, webhooks.show_webhook, webhook_id=_id(visit))
    return await visit.show("owner/webhook.html", problems=problems, one=one, tried=tried, states=_said(visit, HOOKS))


@page(router, f"POST {HOOK}/test", who=(OWNER,), takes=WithCommand, again=show_webhook)
async def try_webhook(visit: Visit, form: WithCommand) -> Response:
    """Now, once."""
    tried = await done(visit, webhooks.try_webhook, f"POST {_ROUTE}/test", Nothing(), webhook_id=_id(visit))
    return await show_webhook(visit, forms.NONE, tried)


@page(router, f"POST {HOOK}/pause", who=(OWNER,), takes=WithCommand, again=show_webhook)
async def pause(visit: Visit, form: WithCommand) -> Response:
    """It keeps its place."""
    return await _change(visit, form, webhooks.pause_webhook, f"POST {_ROUTE}/pause")


@page(router, f"POST {HOOK}/resume", who=(OWNER,), takes=WithCommand, again=show_webhook)
async def resume(visit: Visit, form: WithCommand) -> Response:
    """It goes on where it stood."""
    return await _change(visit, form, webhooks.resume_webhook, f"POST {_ROUTE}/resumption")


@page(router, f"POST {HOOK}/remove", who=(OWNER,), takes=WithCommand, again=show_webhook)
async def remove(visit: Visit, form: WithCommand) -> Response:
    """For good."""
    await done(visit, webhooks.delete_webhook, f"DELETE {_ROUTE}", Nothing(), str(form.command_id),
               webhook_id=_id(visit))  # fmt: skip
    return visit.go(HERE)


async def _change(visit: Visit, form: WithCommand, handler: Any, route: str) -> Response:
    webhook_id = _id(visit)
    await done(visit, handler, route, Nothing(), str(form.command_id), webhook_id=webhook_id)
    return visit.go(f"{HERE}/webhooks/{webhook_id}")


def _id(visit: Visit) -> UUID:
    return id_in(visit, "webhook_id", WebhookNotFound)


def _said(visit: Visit, texts_of: dict[str, str]) -> dict[str, str]:
    return {code: visit.gettext(text) for code, text in texts_of.items()}
