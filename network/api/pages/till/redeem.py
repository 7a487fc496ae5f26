"""Redeem: scan or type, see at once whether it counts, and what the guest has left to pay."""

import re
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any, Final
from uuid import UUID, uuid5

from fastapi import APIRouter
from fastapi.responses import Response
from pydantic import StringConstraints

from network.access.deeds import of_redemption
from network.access.people import SHIFT_LEADER
from network.api.bodies import Presented
from network.api.pages import forms
from network.api.pages.commands import done
from network.api.pages.forms import FieldProblem, OptionalLine, Problems, WithCommand, amount_of
from network.api.pages.sentences import said
from network.api.pages.texts import N_
from network.api.pages.till.noting import noted
from network.api.pages.visits import CAMERA_POLICY, TILL, Visit, page
from network.api.routes import redemptions
from network.api.routes.merchants import WithReason
from network.api.threads import in_thread
from network.domain.errors import NotAllowed

router = APIRouter()

_TOKEN_LEAST: Final = 64
# What a scanner's keys come out as under a Russian layout, turned back.
_FROM_RUSSIAN: Final = str.maketrans("ЙЦУКЕНГШЩЗХЪФЫВАПРОЛДЖЭЯЧСМИТЬБЮ", "QWERTYUIOP[]ASDFGHJKL;'ZXCVBNM,.")


class NotYourRedemption(NotAllowed):
    """A cashier undoes their own; a shift leader everybody's."""

    code = "not_your_redemption"
    sentence = "Only a shift leader can undo what somebody else did."


class Redeeming(WithCommand):
    """What was scanned or typed, and the bill; without a bill only what the certificate is worth is shown."""

    presented: Annotated[str, StringConstraints(min_length=1, max_length=4000)]
    bill_reference: OptionalLine = ""
    bill: OptionalLine = ""
    amount: OptionalLine = ""


class Undoing(WithCommand):
    """Which redemption."""

    certificate_id: UUID
    redemption_id: UUID


def presented_of(scanned: str) -> Presented:
    """A scanner types the whole link, through whatever layout the till has; a hand types the code."""
    upright = scanned.upper().translate(_FROM_RUSSIAN)
    words = re.findall(r"[0-9A-Z]+", upright)
    if any(len(word) >= _TOKEN_LEAST for word in words):
        return Presented(token=max(words, key=len)[:1000])
    return Presented(typed_code=scanned[:32])


async def show_redeem(visit: Visit, problems: Problems = forms.NONE) -> Response:
    """The form; with a refusal, the refusal fills the screen."""
    template = "till/refused.html" if problems.sentence else "till/redeem.html"
    if len(problems.value("presented")) >= _TOKEN_LEAST:  # nobody corrects a token by hand; a typed code, they do
        problems = replace(problems, values={**problems.values, "presented": ""})
    return await visit.show(template, problems=problems, policy=CAMERA_POLICY)


@page(router, "GET /till/redeem", who=(TILL,))
async def ask_certificate(visit: Visit) -> Response:
    """Bill first, then scan: the answer comes with the scan."""
    return await show_redeem(visit)


@page(router, "POST /till/redeem", who=(TILL,), takes=Redeeming, again=show_redeem)
async def redeem(visit: Visit, form: Redeeming) -> Response:
    """Yes with what is left to pay, or no with the reason."""
    presented = presented_of(form.presented)
    if not form.bill:
        return await _show_worth(visit, form, presented)
    if not form.bill_reference:
        raise FieldProblem("bill_reference", N_("Fill this in."))
    key, currency = str(form.command_id), visit.reader.currency
    redemption_id = uuid5(form.command_id, "redemption")
    asked = redemptions.Redeeming(
        token=presented.token,
        typed_code=presented.typed_code,
        redemption_id=redemption_id,
        bill_reference=form.bill_reference,
        bill=amount_of(form.bill, currency, "bill"),
        amount=amount_of(form.amount, currency) if form.amount else None,
    )
    await noted(visit, key, "redeem", redemption_id)
    answer = await done(visit, redemptions.redeem, "POST /v1/redemptions", asked, key)
    return await visit.show(
        "till/redeemed.html", redeemed=answer, bill_reference=form.bill_reference, policy=CAMERA_POLICY
    )


async def _show_worth(visit: Visit, form: Redeeming, presented: Presented) -> Response:
    facts = await done(visit, redemptions.present, "POST /v1/presented", presented)
    refusal: dict[str, Any] | None = facts["refusal"]
    if refusal is not None:
        sentence = said(refusal["code"], refusal, refusal["detail"], visit.reader, visit.at)
        return await show_redeem(visit, Problems(visit.fields, {}, sentence))
    facts["expires_at"] = datetime.fromisoformat(facts["expires_at"])
    return await visit.show("till/worth.html", worth=facts, presented=form.presented, policy=CAMERA_POLICY)


async def show_not_undone(visit: Visit, problems: Problems = forms.NONE) -> Response:
    """Why it stays."""
    return await visit.show("till/refused.html", problems=problems, policy=CAMERA_POLICY)


@page(router, "POST /till/undo", who=(TILL,), takes=Undoing, again=show_not_undone)
async def undo(visit: Visit, form: Undoing) -> Response:
    """The certificate counts again. Raises: NotYourRedemption, and what the reversal is refused for."""
    if visit.session.shift_role != SHIFT_LEADER:
        deed = await in_thread(of_redemption, visit.coalition, visit.subject_id, form.redemption_id)
        if deed is None or deed.person_id != visit.person.person_id:
            raise NotYourRedemption()
    key = str(form.command_id)
    await noted(visit, key, "undo", form.redemption_id)
    answer = await done(
        visit, redemptions.reverse_redemption,
        "POST /v1/certificates/{certificate_id}/redemptions/{redemption_id}/reversal",
        WithReason(reason="cashier's error"), key, certificate_id=form.certificate_id,
        redemption_id=form.redemption_id,
    )  # fmt: skip
    return await visit.show("till/undone.html", undone=answer, policy=CAMERA_POLICY)
