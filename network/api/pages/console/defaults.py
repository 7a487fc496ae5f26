"""The day on which a partner does not pay: the drill before it, deposits, the declaration, who bears what."""

from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import Response
from pydantic import BaseModel, Field

from network.api.pages import forms
from network.api.pages.commands import Handler, asked, done_and_seen, found
from network.api.pages.console.naming import Names, names_of
from network.api.pages.console.windows import HOME
from network.api.pages.forms import Line, OptionalLine, Problems, WithCommand, amount_of
from network.api.pages.visits import ORGANIZER, Visit, page
from network.api.routes import defaults, windows
from network.api.threads import in_thread
from network.domain.errors import DefaultNotFound

router = APIRouter()
ALL: Final = f"{HOME}/defaults"
VIEWS: Final = ("defaults", "windows", "merchants")


class Declaring(WithCommand):
    """Who does not pay which window, and why it is said."""

    merchant_id: UUID
    window: Annotated[int, Field(ge=1, le=999_999)]
    pool: OptionalLine = ""
    reason: Line


class PuttingUp(WithCommand):
    """A deposit that somebody holds."""

    merchant_id: UUID
    amount: Line
    held_by: Line


class GivingBack(WithCommand):
    """Some of a deposit, or all."""

    merchant_id: UUID
    amount: Line
    reason: Line


class Recovering(WithCommand):
    """What came back after a default. `paid_to` empty: who holds the deposits has it."""

    amount: Line
    paid_to: OptionalLine = ""
    reason: Line


@page(router, f"GET {ALL}", who=(ORGANIZER,))
async def show_defaults(visit: Visit, problems: Problems = forms.NONE) -> Response:
    """Nothing here changes anything before a form is sent."""
    names = await in_thread(names_of, visit)
    cut = (await found(visit, windows.list_windows))["windows"]
    declared = (await found(visit, defaults.list_defaults))["defaults"]
    deposits = (await asked(visit, defaults.list_deposits))["deposits"]
    return await visit.show(
        "console/defaults.html", problems=problems, home=HOME, partners=list(names.merchants.items()),
        windows=[(str(one["number"]), visit.gettext("Window %(number)s", number=one["number"]))
                 for one in reversed(cut) if one["state"] not in ("cut", "settled")],
        deposits=[{**one, "name": names.merchant(one["merchant_id"])} for one in deposits if one["balance"]],
        declared=[_shares(names, one) for one in reversed(declared)],
    )  # fmt: skip


@page(router, f"GET {ALL}/drill", who=(ORGANIZER,))
async def show_drill(visit: Visit) -> Response:
    """What each partner's default would cost today; it writes nothing."""
    names = await in_thread(names_of, visit)
    drill = await asked(visit, defaults.drill, defaults.Whose())
    cases = [{**one, "name": names.party(one["defaulter_id"]),
              "losses": [(names.party(loss["party_id"]), loss["lost"]) for loss in one["losses"]]}
             for one in drill["cases"]]  # fmt: skip
    cases.sort(key=lambda one: (-one["lost"], -one["claimed"], one["name"]))
    return await visit.show("console/drill.html", home=HOME, cases=cases, position=drill["position"])


@page(router, f"POST {ALL}", who=(ORGANIZER,), takes=Declaring, again=show_defaults,
      fresh=True)  # fmt: skip
async def declare(visit: Visit, form: Declaring) -> Response:
    """Shares out what is missing, and suspends the partner."""
    pool = _amount(visit, form.pool, "pool") if form.pool else 0
    asking = defaults.Declaring(window=form.window, merchant_id=form.merchant_id, pool=pool, reason=form.reason)
    return await _decided(visit, form, defaults.declare_default, "POST /v1/defaults", asking)


@page(router, f"POST {ALL}/deposits", who=(ORGANIZER,), takes=PuttingUp, again=show_defaults)
async def put_up(visit: Visit, form: PuttingUp) -> Response:
    """Again, it is more."""
    asking = defaults.PuttingUp(merchant_id=form.merchant_id, amount=_amount(visit, form.amount), held_by=form.held_by)
    return await _decided(visit, form, defaults.put_up_deposit, "POST /v1/deposits", asking)


@page(router, f"POST {ALL}/deposits/returns", who=(ORGANIZER,), takes=GivingBack, again=show_defaults)
async def give_back(visit: Visit, form: GivingBack) -> Response:
    """To the partner that had put it up."""
    asking = defaults.GivingBack(amount=_amount(visit, form.amount), reason=form.reason)
    route = "POST /v1/deposits/{merchant_id}/returns"
    return await _decided(visit, form, defaults.return_deposit, route, asking, merchant_id=form.merchant_id)


@page(router, f"POST {ALL}/{{default_id}}/recoveries", who=(ORGANIZER,), takes=Recovering, again=show_defaults)
async def recover(visit: Visit, form: Recovering) -> Response:
    """Shared out to those who lost."""
    try:
        default_id = UUID(visit.request.path_params["default_id"])
        paid_to = UUID(form.paid_to) if form.paid_to else None
    except ValueError:
        raise DefaultNotFound() from None
    asking = defaults.RecoveringFromDefault(amount=_amount(visit, form.amount), paid_to=paid_to, reason=form.reason)
    route = "POST /v1/defaults/{default_id}/recoveries"
    return await _decided(visit, form, defaults.recover, route, asking, default_id=default_id)


def _amount(visit: Visit, typed: str, name: str = "amount") -> int:
    """Raises: FieldProblem."""
    return 0 if name == "pool" and typed.strip("0., ") == "" else amount_of(typed, visit.reader.currency, name)


async def _decided(
    visit: Visit, form: WithCommand, handler: Handler, route: str, asking: BaseModel, **ids: UUID
) -> Response:
    await done_and_seen(visit, handler, route, asking, str(form.command_id), VIEWS, **ids)
    return visit.go(ALL)


def _shares(names: Names, one: dict[str, Any]) -> dict[str, Any]:
    return {
        **one,
        "defaulter": names.party(one["defaulter_id"]),
        "shares": [{**share, "name": names.party(share["party_id"])} for share in one["shares"]],
    }
