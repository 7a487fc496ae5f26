"""Agreements with neighbours: what there is, what waits for an answer, and offers made by a form with an example."""

from typing import Annotated, Any, Final
from uuid import uuid5

from fastapi import APIRouter
from fastapi.responses import Response
from pydantic import BaseModel, Field, StringConstraints

from network.api.bodies import Nothing
from network.api.pages import forms
from network.api.pages.commands import done_and_seen, found
from network.api.pages.forms import Problems, WithCommand
from network.api.pages.owner.shops import id_in, shops
from network.api.pages.owner.terms import FRESH, Proposing, TermsForm, example, told, typed, worth
from network.api.pages.texts import N_
from network.api.pages.visits import OWNER, Visit, page
from network.api.routes import agreements
from network.api.routes.merchants import WithReason
from network.api.terms import AgreementTerms
from network.domain.errors import AgreementNotFound

router = APIRouter()
VIEWS: Final = ("agreements",)
ONE: Final = "/shop/agreements/{agreement_id}"
NOTHING: Final = Nothing()
_ROUTE: Final = "POST /v1/agreements/{agreement_id}"


class Accepting(WithCommand):
    """The version that was read: another one that came meanwhile is not accepted."""

    version: Annotated[int, Field(ge=1, le=999_999)]


class Ending(WithCommand):
    """Why it ends; the neighbour reads it."""

    reason: Annotated[str, StringConstraints(min_length=1, max_length=300)]


@page(router, "GET /shop/agreements", who=(OWNER,))
async def show_agreements(visit: Visit, problems: Problems = forms.NONE) -> Response:
    """Both directions, offers first."""
    listed = await offers(visit)
    listed.sort(key=lambda one: (not one["mine_to_answer"], one["state"] == "ended", -one["proposed_position"]))
    return await visit.show("owner/agreements.html", problems=problems, agreements=listed)


async def offers(visit: Visit) -> list[dict[str, Any]]:
    """Every agreement of this shop, with names and who has to answer."""
    known = await shops(visit)
    answer = await found(visit, agreements.list_agreements, agreements.ByPosition(limit=1000))
    return [_told(visit, one, known) for one in answer["agreements"]]


@page(router, "GET /shop/agreements/new", who=(OWNER,))
async def show_new(visit: Visit, problems: Problems = forms.NONE) -> Response:
    """The form for a first offer."""
    known = await shops(visit)
    me = str(visit.subject_id)
    others = [(one["merchant_id"], one["name"]) for one in known.values()
              if one["state"] == "admitted" and one["merchant_id"] != me]  # fmt: skip
    return await visit.show(
        "owner/propose.html", problems=problems, others=others, values=dict(problems.values) or FRESH, agreement=None,
        fresh=FRESH,
    )  # fmt: skip


@page(router, "POST /shop/agreements/new", who=(OWNER,), takes=Proposing, again=show_new)
async def propose(visit: Visit, form: Proposing) -> Response:
    """In force once the neighbour accepts."""
    me = visit.subject_id
    issuer_id, acceptor_id = (me, form.other) if form.way == "give" else (form.other, me)
    asked = agreements.Proposing(
        agreement_id=uuid5(form.command_id, "agreement"), issuer_id=issuer_id, acceptor_id=acceptor_id,
        terms=form.meant(visit.reader.currency, {}),
    )  # fmt: skip
    await done_and_seen(visit, agreements.propose_agreement, "POST /v1/agreements", asked, str(form.command_id), VIEWS)
    return visit.go(f"/shop/agreements/{asked.agreement_id}")


async def show_no_example(visit: Visit, problems: Problems = forms.NONE) -> Response:
    """What is missing for one; a form that is still being filled in is no mistake."""
    sentence = problems.sentence or " ".join(dict.fromkeys(problems.fields.values()))
    return await visit.show("owner/no_example.html", sentence=sentence)


@page(router, "POST /shop/agreements/example", who=(OWNER,), takes=TermsForm, again=show_no_example)
async def show_example(visit: Visit, form: TermsForm) -> Response:
    """What the terms as they stand in the form come to."""
    terms = form.meant(visit.reader.currency, {}).meant()
    terms.check()
    return await visit.show("owner/example.html", example=example(terms, visit.reader))


@page(router, f"GET {ONE}", who=(OWNER,))
async def show_agreement(visit: Visit, problems: Problems = forms.NONE) -> Response:
    """Every version side by side, and what can be done."""
    one = await _one(visit)
    versions = [{**version, "lines": told(version["terms"], visit.reader)} for version in one["versions"][-3:]]
    shown = one["versions"][-1] if one["version_waiting"] else next(
        (v for v in one["versions"] if v["version"] == one["version_in_force"]), one["versions"][-1])  # fmt: skip
    terms = AgreementTerms.model_validate(shown["terms"], strict=False).meant()
    return await visit.show(
        "owner/agreement.html", problems=problems, agreement=one, versions=versions,
        example=example(terms, visit.reader),
    )  # fmt: skip


@page(router, f"GET {ONE}/terms", who=(OWNER,))
async def show_terms(visit: Visit, problems: Problems = forms.NONE) -> Response:
    """The form for other terms, filled with the newest."""
    one = await _one(visit)
    values = dict(problems.values) or typed(one["versions"][-1]["terms"], visit.reader.currency)
    return await visit.show(
        "owner/propose.html", problems=problems, agreement=one, values=values, others=[], fresh=FRESH
    )


@page(router, f"POST {ONE}/terms", who=(OWNER,), takes=TermsForm, again=show_terms)
async def propose_terms(visit: Visit, form: TermsForm) -> Response:
    """What is in force stays in force until the neighbour accepts."""
    one = await _one(visit)
    asked = agreements.NewVersion(terms=form.meant(visit.reader.currency, one["versions"][-1]["terms"]))
    return await _act(visit, form, agreements.propose_version, "/versions", asked)


@page(router, f"POST {ONE}/accept", who=(OWNER,), takes=Accepting, again=show_agreement)
async def accept(visit: Visit, form: Accepting) -> Response:
    """From now on certificates are handed out on these terms."""
    return await _act(visit, form, agreements.accept_version, "/versions/{version}/acceptance", version=form.version)


@page(router, f"POST {ONE}/pause", who=(OWNER,), takes=WithCommand, again=show_agreement)
async def pause(visit: Visit, form: WithCommand) -> Response:
    """No new certificates for a while."""
    return await _act(visit, form, agreements.pause_agreement, "/pause")


@page(router, f"POST {ONE}/resume", who=(OWNER,), takes=WithCommand, again=show_agreement)
async def resume(visit: Visit, form: WithCommand) -> Response:
    """It goes on."""
    return await _act(visit, form, agreements.resume_agreement, "/resumption")


@page(router, f"POST {ONE}/end", who=(OWNER,), takes=Ending, again=show_agreement)
async def end(visit: Visit, form: Ending) -> Response:
    """For good."""
    return await _act(visit, form, agreements.end_agreement, "/end", WithReason(reason=form.reason))


async def _act(
    visit: Visit, form: WithCommand, handler: Any, route: str, asked: BaseModel = NOTHING, **ids: int
) -> Response:
    agreement_id = id_in(visit, "agreement_id", AgreementNotFound)
    await done_and_seen(
        visit, handler, _ROUTE + route, asked, str(form.command_id), VIEWS, agreement_id=agreement_id, **ids
    )
    return visit.go(f"/shop/agreements/{agreement_id}")


async def _one(visit: Visit) -> dict[str, Any]:
    agreement_id = id_in(visit, "agreement_id", AgreementNotFound)
    one = await found(visit, agreements.show_agreement, agreement_id=agreement_id)
    return _told(visit, one, await shops(visit))


STATES: Final = {
    "proposed": N_("waits for an answer"),
    "active": N_("in force"),
    "paused": N_("paused"),
    "ended": N_("ended"),
}


def _told(visit: Visit, one: dict[str, Any], known: dict[str, Any]) -> dict[str, Any]:
    me = str(visit.subject_id)
    gives = one["issuer_id"] == me
    other = known.get(one["acceptor_id"] if gives else one["issuer_id"], {})
    newest, state = one["versions"][-1], STATES[one["state"]]
    return {
        **one,
        "gives": gives,
        "other": other.get("name", "?"),
        "state_said": visit.gettext(state),
        "worth": worth(newest["terms"], visit.reader),
        "mine_to_answer": one["version_waiting"] is not None and one["waiting_by"] != me,
        "theirs_to_answer": one["version_waiting"] is not None and one["waiting_by"] == me,
        "paused_here": one["paused_by"] == me,
    }
