"""The owner's hand in the draw: who gets none, what is spread evenly, and what it comes to for each neighbour."""

from collections.abc import Mapping
from typing import Annotated, Any, Final

from fastapi import APIRouter
from fastapi.responses import Response
from pydantic import StringConstraints

from network.api.pages import forms
from network.api.pages.commands import done, found
from network.api.pages.forms import FieldProblem, Problems, WithCommand, amount_of, share_of, typed_amount, typed_share
from network.api.pages.owner.agreements import offers
from network.api.pages.owner.shops import shops
from network.api.pages.texts import N_
from network.api.pages.visits import OWNER, Visit, page
from network.api.routes import drawing
from network.domain.units import exponent

router = APIRouter()
HANDS: Final = {
    "free": N_("as the network weighs it"),
    "share": N_("a fixed share of my guests"),
    "pinned": N_("always, when it fits"),
    "excluded": N_("never"),
}
WHY_MORE: Final = {
    "gives_back": N_("sends the street more guests than it gets"),
    "evens_out": N_("brings what you two owe closer to zero"),
    "works_well": N_("its certificates were seen to bring guests"),
}
WHY_LESS: Final = {
    "gives_back": N_("gets more guests than it sends"),
    "evens_out": N_("would add to what you owe it"),
    "works_well": N_("its certificates were seen to bring few guests"),
}
PASSED_OVER: Final = {
    "excluded": N_("you said never"),
    "bill_too_small_to_issue": N_("the bill is too small for it"),
    "agreement_not_active": N_("the agreement is paused or not accepted"),
    "merchant_not_admitted": N_("takes no part at present"),
    "cap_reached": N_("a limit is full"),
}
Typed = Annotated[str, StringConstraints(max_length=20)]


class Ruling(WithCommand):
    """Besides, `hand-ID` and `share-ID` for each partner: they are read from the fields, since there can be many."""

    neutral: Typed = "5"
    exploration: Typed = "20"
    bill: Typed = ""


@page(router, "GET /shop/effect/draw", who=(OWNER,))
async def show_draw(visit: Visit, problems: Problems = forms.NONE) -> Response:
    """The rules as they are, and what they come to."""
    rules = await found(visit, drawing.show_draw_rules)
    partners = await _partners(visit)
    kept = {one["acceptor_id"]: one for one in rules["partners"]}
    values = dict(problems.values) or {
        "neutral": typed_share(rules["neutral"]) or "0",
        "exploration": typed_share(rules["exploration"]),
        **{f"hand-{key}": one["hand"] for key, one in kept.items()},
        **{f"share-{key}": typed_share(one["share"]) for key, one in kept.items()},
    }
    return await visit.show(
        "owner/draw.html", problems=problems, partners=partners, values=values,
        bill=typed_amount(30 * 10 ** exponent(visit.reader.currency), visit.reader.currency),
        hands=[(code, visit.gettext(text)) for code, text in HANDS.items()],
    )  # fmt: skip


@page(router, "POST /shop/effect/draw", who=(OWNER,), takes=Ruling, again=show_draw)
async def set_rules(visit: Visit, form: Ruling) -> Response:
    """What was drawn before stays drawn."""
    question = drawing.DrawRuling(**await _meant(visit, form))
    await done(visit, drawing.set_draw_rules, "PUT /v1/draw-rules", question, str(form.command_id))
    return visit.go("/shop/effect/draw")


async def show_no_chances(visit: Visit, problems: Problems = forms.NONE) -> Response:
    """What is missing; a form that is still being filled in is no mistake."""
    sentence = problems.sentence or " ".join(dict.fromkeys(problems.fields.values()))
    return await visit.show("owner/no_example.html", sentence=sentence)


@page(router, "POST /shop/effect/draw/chances", who=(OWNER,), takes=Ruling, again=show_no_chances)
async def show_chances(visit: Visit, form: Ruling) -> Response:
    """What the rules as they stand in the form would give, now and for such a bill."""
    question = drawing.Supposing(**await _meant(visit, form), bill=amount_of(form.bill, visit.reader.currency, "bill"))
    answer = await done(visit, drawing.show_outlook, "POST /v1/draw-rules/outlook", question)
    known = await shops(visit)
    return await visit.show(
        "owner/chances.html", outlook=answer, chances=[_told(visit, one, known) for one in answer["partners"]],
        passed_over=[(known[one["acceptor_id"]]["name"], _why_not(visit, one["reason"]))
                     for one in answer["passed_over"]],
    )  # fmt: skip


async def _partners(visit: Visit) -> list[tuple[str, str]]:
    """Every neighbour for which there is an agreement that has not ended, once."""
    known = await shops(visit)
    ids = {one["acceptor_id"] for one in await offers(visit) if one["gives"] and one["state"] != "ended"}
    return sorted(((key, known[key]["name"]) for key in ids), key=lambda one: one[1].casefold())


async def _meant(visit: Visit, form: Ruling) -> dict[str, Any]:
    """The rules as the API takes them. Raises: FieldProblem."""
    partners = []
    for key, _ in await _partners(visit):
        hand, share = _hand(visit.fields, key)
        if hand != "free":
            partners.append({"acceptor_id": key, "hand": hand, "share": share})
    neutral, exploration = share_of(form.neutral, "neutral"), share_of(form.exploration, "exploration")
    if neutral > 5_000:
        raise FieldProblem("neutral", N_("At most half of the guests go without a certificate."))
    if exploration < 500:
        raise FieldProblem("exploration", N_("At least 5 per cent are spread evenly."))
    asked = {"neutral": neutral, "exploration": exploration, "partners": partners}
    return drawing.DrawRuling.model_validate(asked, strict=False).model_dump()


def _hand(fields: Mapping[str, str], key: str) -> tuple[str, int]:
    hand = fields.get(f"hand-{key}", "free")
    if hand not in HANDS:
        raise FieldProblem(f"hand-{key}", N_("Choose one from the list."))
    if hand != "share":
        return hand, 0
    share = share_of(fields.get(f"share-{key}", ""), f"share-{key}")
    if not share:
        raise FieldProblem(f"share-{key}", N_("Say how large the share is."))
    return hand, share


def _told(visit: Visit, one: dict[str, Any], known: dict[str, Any]) -> dict[str, Any]:
    """A neighbour's chance, and what raises or lowers it by a tenth or more."""
    why = [
        visit.gettext((WHY_MORE if factor > 10_000 else WHY_LESS)[reason])
        for reason, factor in one["factors"].items()
        if abs(factor - 10_000) >= 1_000
    ]
    if one["room"] < 5_000:
        why.append(visit.gettext("a limit is more than half full"))
    if one["hand"] in ("pinned", "share"):
        why = [visit.gettext("as you said")]
    return {"name": known[one["acceptor_id"]]["name"], "share": one["probability"] / 1_000_000, "why": why,
            "face": one["face"]}  # fmt: skip


def _why_not(visit: Visit, reason: str) -> str:
    text = PASSED_OVER.get(reason, N_("not possible at present"))
    return visit.gettext(text)
