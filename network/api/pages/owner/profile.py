"""The shop itself: what guests read, where it is paid, its taxes, its signing key, and leaving."""

from typing import Annotated, Any, Final

from fastapi import APIRouter
from fastapi.responses import Response
from pydantic import BaseModel, Field, StringConstraints, ValidationError

from network.api.bodies import Nothing
from network.api.pages import forms
from network.api.pages.commands import done, done_and_seen, found
from network.api.pages.forms import FieldProblem, Line, Problems, WithCommand, share_of
from network.api.pages.texts import N_
from network.api.pages.visits import OWNER, Visit, page
from network.api.routes import bank, merchants
from network.api.threads import in_thread
from network.public_keys import KeyRecord, KeyState

router = APIRouter()
VIEWS: Final = ("merchants",)
HERE: Final = "/shop/profile"
OF_ME: Final = "/v1/merchants/{merchant_id}"
_NO: Final = N_("This does not look right. Check it again.")


class Profile(WithCommand):
    """What guests read."""

    category: Annotated[str, StringConstraints(min_length=1, max_length=60)]
    address: Annotated[str, StringConstraints(min_length=1, max_length=300)]


class Account(WithCommand):
    """Where the shop is paid. `holder` empty: its own name."""

    iban: Annotated[str, StringConstraints(min_length=1, max_length=60)]
    holder: Annotated[str, StringConstraints(max_length=70)] = ""
    bic: Annotated[str, StringConstraints(max_length=20)] = ""


class Taxes(WithCommand):
    """Country and rates as people type them, `21; 12`."""

    country: Annotated[str, StringConstraints(pattern="^[A-Za-z]{2}$")]
    rates: Annotated[str, StringConstraints(min_length=1, max_length=60)]
    valid_from: Annotated[str, StringConstraints(pattern=r"^\d{4}-\d{2}-\d{2}$")]


class NewKey(WithCommand):
    """Whether somebody else may have the old one."""

    leaked: Annotated[str, StringConstraints(pattern="^(yes)?$")] = ""


class Leaving(WithCommand):
    """Why, and that it is meant."""

    reason: Line
    sure: Annotated[str, Field(pattern="^yes$")]


@page(router, f"GET {HERE}", who=(OWNER,))
async def show_profile(visit: Visit, problems: Problems = forms.NONE) -> Response:
    """Everything that is on record of the shop."""
    me = await found(visit, merchants.show_merchant, merchant_id=visit.subject_id)
    details = await found(visit, bank.show_details, party_id=visit.subject_id)
    key = await in_thread(_key, visit)
    return await visit.show(
        "owner/profile.html", problems=problems, me=me, details=details["details"], key=key,
        iban=_grouped(details["details"]["iban"]) if details["details"] else "",
        taxes=[{**one, "rates": ", ".join(map(visit.reader.percent, [rate / 10_000 for rate in one["rates"]]))}
               for one in me["tax"]],
        today=visit.at.astimezone(visit.reader.zone).date().isoformat(),
    )  # fmt: skip


@page(router, f"POST {HERE}/change", who=(OWNER,), takes=Profile, again=show_profile)
async def change(visit: Visit, form: Profile) -> Response:
    """Guests read it on every certificate for this shop from now on."""
    try:
        question = merchants.Profile(category=form.category, address=form.address)
    except ValidationError:
        raise FieldProblem("address", _NO) from None
    return await _act(visit, form, merchants.change_profile, f"PUT {OF_ME}/profile", question)


@page(router, f"POST {HERE}/bank", who=(OWNER,), takes=Account, again=show_profile, fresh=True)
async def set_account(visit: Visit, form: Account) -> Response:
    """Sealed beside the log; what was asked for already goes where it was asked to."""
    question = bank.Details(iban=form.iban, bic=form.bic or None, holder=form.holder or None)
    await done(
        visit, bank.set_details, f"PUT /v1/bank-details/{visit.subject_id}", question, str(form.command_id),
        party_id=visit.subject_id,
    )  # fmt: skip
    return visit.go(HERE + "#bank")


@page(router, f"POST {HERE}/bank/remove", who=(OWNER,), takes=WithCommand, again=show_profile, fresh=True)
async def remove_account(visit: Visit, form: WithCommand) -> Response:
    """Paid by hand from the next statement on."""
    await done(
        visit, bank.remove_details, f"DELETE /v1/bank-details/{visit.subject_id}", Nothing(), str(form.command_id),
        party_id=visit.subject_id,
    )  # fmt: skip
    return visit.go(HERE + "#bank")


@page(router, f"POST {HERE}/tax", who=(OWNER,), takes=Taxes, again=show_profile)
async def record_tax(visit: Visit, form: Taxes) -> Response:
    """From that day on; what was issued before keeps what it had."""
    rates = tuple(share_of(one, "rates") for one in form.rates.replace(";", " ").replace("%", " ").split())
    try:
        question = merchants.Taxes(country=form.country.upper(), rates=rates, valid_from=form.valid_from)
    except ValidationError:
        raise FieldProblem("valid_from", _NO) from None
    return await _act(visit, form, merchants.record_tax, f"PUT {OF_ME}/tax", question)


@page(router, f"POST {HERE}/key", who=(OWNER,), takes=NewKey, again=show_profile, fresh=True)
async def rotate_key(visit: Visit, form: NewKey) -> Response:
    """New certificates are signed by a new key."""
    question = merchants.Leak(leaked=bool(form.leaked))
    return await _act(visit, form, merchants.rotate_key, f"POST {OF_ME}/keys/rotation", question)


@page(router, f"POST {HERE}/leave", who=(OWNER,), takes=Leaving, again=show_profile, fresh=True)
async def leave(visit: Visit, form: Leaving) -> Response:
    """Debts and certificates in hands stay what they are."""
    question = merchants.WithReason(reason=form.reason)
    return await _act(visit, form, merchants.leave_coalition, f"POST {OF_ME}/leaving", question)


async def _act(visit: Visit, form: WithCommand, handler: Any, route: str, question: BaseModel) -> Response:
    key = str(form.command_id)
    await done_and_seen(visit, handler, route, question, key, VIEWS, merchant_id=visit.subject_id)
    return visit.go(HERE)


def _key(visit: Visit) -> KeyRecord | None:
    """The key that signs; None before the first certificate."""
    every = visit.coalition.keyring.all()
    return next((one for one in every if (one.merchant_id, one.state) == (visit.subject_id, KeyState.ACTIVE)), None)


def _grouped(iban: str) -> str:
    return " ".join(iban[at : at + 4] for at in range(0, len(iban), 4))
