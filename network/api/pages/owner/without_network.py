"""What this shop's tills took while there was no network: tills that wait for a decision, and what did not count."""

from typing import Any, Final
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import Response
from pydantic import BaseModel

from network.api.pages import forms
from network.api.pages.commands import Handler, done, found
from network.api.pages.forms import Line, Problems, WithCommand
from network.api.pages.till.words import WORDS
from network.api.pages.visits import OWNER, Visit, page
from network.api.routes import offline
from network.api.routes.merchants import WithReason

router = APIRouter()
HERE: Final = "/tills/offline"
_SHOWN: Final = 100


class Deciding(WithCommand):
    """About which till, and why."""

    till_id: UUID
    reason: Line


class GoingOn(Deciding):
    """With which journal, and from which number on."""

    journal: int
    sequence: int


@page(router, f"GET {HERE}", who=(OWNER,))
async def show_offline(visit: Visit, problems: Problems = forms.NONE) -> Response:
    """Every till that ever signed for itself, and the newest of what was lost."""
    tills = (await found(visit, offline.show_tills))["tills"]
    lost = (await found(visit, offline.show_conflicts, offline.LostPage(limit=500)))["conflicts"]
    names = {one["till_id"]: one["label"] for one in tills}
    return await visit.show(
        "owner/without_network.html",
        problems=problems,
        tills=[one for one in tills if _counting(one)],
        lost=[_told(visit, one, names) for one in reversed(lost[-_SHOWN:])],
    )


@page(router, f"POST {HERE}/resume", who=(OWNER,), takes=GoingOn, again=show_offline, fresh=True)
async def go_on(visit: Visit, form: GoingOn) -> Response:
    """What is missing before that number is not waited for any more."""
    question = offline.Resumption(journal=form.journal, sequence=form.sequence, reason=form.reason)
    return await _decide(visit, form, offline.resume, "resumption", question)


@page(router, f"POST {HERE}/revoke", who=(OWNER,), takes=Deciding, again=show_offline, fresh=True)
async def revoke(visit: Visit, form: Deciding) -> Response:
    """The device is lost: what it signed and did not deliver does not count."""
    return await _decide(visit, form, offline.revoke_keys, "key-revocation", WithReason(reason=form.reason))


async def _decide(visit: Visit, form: Deciding, handler: Handler, act: str, question: BaseModel) -> Response:
    route = f"POST /v1/tills/{form.till_id}/{act}"
    await done(visit, handler, route, question, str(form.command_id), till_id=form.till_id)
    return visit.go(HERE)


def _counting(till: dict[str, Any]) -> list[dict[str, Any]]:
    """The journals whose key counts; none of a till that never had one."""
    till["journals"] = [one for one in till["journals"] if one["state"] != "revoked"]
    return till["journals"]  # type: ignore[no-any-return]


def _told(visit: Visit, lost: dict[str, Any], names: dict[str, str]) -> dict[str, Any]:
    causes = [lost["code"] or "other", *(one["code"] for one in lost["breaches"])]
    about = [visit.gettext(WORDS.get(f"about_{code}", WORDS["about_other"])) for code in causes]
    bearer = "borne_" + (lost["borne_by"] or "nobody")
    return lost | {"till": names.get(lost["till_id"], ""), "about": about, "borne": visit.gettext(WORDS[bearer])}
