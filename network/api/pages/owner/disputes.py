"""One dispute about a line: what is said by whom, how long there is to answer, and answering it."""

from typing import Annotated, Any, Final

from fastapi import APIRouter
from fastapi.responses import Response
from pydantic import BaseModel, StringConstraints

from network.api.pages import forms
from network.api.pages.commands import done_and_seen, found
from network.api.pages.forms import OptionalLine, Problems, WithCommand
from network.api.pages.owner.money import told
from network.api.pages.owner.shops import id_in, party_names
from network.api.pages.visits import OWNER, Visit, page
from network.api.routes import disputes
from network.domain.errors import DisputeNotFound

router = APIRouter()
ONE: Final = "/shop/money/disputes/{dispute_id}"
_ROUTE: Final = "POST /v1/disputes/{dispute_id}"


class Answering(WithCommand):
    """Whether the line is wrong, and why not."""

    answer: Annotated[str, StringConstraints(pattern="^(agree|contest)$")]
    note: OptionalLine = ""


class Withdrawing(WithCommand):
    """Why, if there is something to say."""

    note: OptionalLine = ""


@page(router, f"GET {ONE}", who=(OWNER,))
async def show_dispute(visit: Visit, problems: Problems = forms.NONE) -> Response:
    """From either side."""
    dispute_id = id_in(visit, "dispute_id", DisputeNotFound)
    one = told(visit, await found(visit, disputes.show_dispute, dispute_id=dispute_id), await party_names(visit))
    return await visit.show("owner/dispute.html", problems=problems, one=one)


@page(router, f"POST {ONE}/answer", who=(OWNER,), takes=Answering, again=show_dispute)
async def answer_dispute(visit: Visit, form: Answering) -> Response:
    """The line is wrong, or it stands and the organizer decides."""
    question = disputes.Answering(agree=form.answer == "agree", note=form.note)
    return await _act(visit, form, disputes.answer_dispute, "/answer", question)


@page(router, f"POST {ONE}/withdraw", who=(OWNER,), takes=Withdrawing, again=show_dispute)
async def withdraw_dispute(visit: Visit, form: Withdrawing) -> Response:
    """The line is accepted after all."""
    return await _act(visit, form, disputes.withdraw_dispute, "/withdrawal", disputes.Withdrawing(note=form.note))


async def _act(visit: Visit, form: WithCommand, handler: Any, route: str, question: BaseModel) -> Response:
    dispute_id = id_in(visit, "dispute_id", DisputeNotFound)
    await done_and_seen(
        visit, handler, _ROUTE + route, question, str(form.command_id), ("disputes",), dispute_id=dispute_id
    )
    return visit.go(f"/shop/money/disputes/{dispute_id}")
