"""What an owner is owed and owes: with whom, in which statement, and what is to be paid now."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from fastapi import APIRouter
from fastapi.responses import Response

from network.api.pages.commands import found
from network.api.pages.owner.shops import party_names
from network.api.pages.statement import REASONS
from network.api.pages.texts import N_, Reader
from network.api.pages.visits import OWNER, Visit, page
from network.api.routes import disputes, payouts, reports, windows
from network.api.threads import in_thread
from network.domain.statement import Due
from network.settlement.closing import find_closing

router = APIRouter()
PAGE: Final = 12
WINDOWS: Final = {
    "cut": N_("being written"),
    "stated": N_("to be looked at"),
    "agreed": N_("agreed"),
    "instructed": N_("to be paid"),
    "part_paid": N_("paid in part"),
    "settled": N_("settled"),
}
DISPUTES: Final = {
    "raised": N_("waits for an answer"),
    "contested": N_("the organizer decides"),
    "upheld": N_("the line was wrong"),
    "rejected": N_("the line stands"),
}


@dataclass(frozen=True, slots=True)
class Own:
    """What one statement asks of the reader by its newest version, signed: above zero it receives."""

    due: int
    rolled_over: int


@page(router, "GET /shop/money", who=(OWNER,))
async def show_money(visit: Visit) -> Response:
    """Now, by neighbour; what is to be paid; what is disputed; and every statement, the newest first."""
    me = str(visit.subject_id)
    names = await party_names(visit)
    every = (await found(visit, windows.list_windows))["windows"][::-1]
    first = _first(visit)
    listed = [one for one in every if one["number"] <= first][:PAGE]
    own = await in_thread(_own, visit, [one["number"] for one in listed if one["state"] != "cut"])
    asked = await found(visit, payouts.list_missing, payouts.Which())
    quarrels = await found(visit, disputes.list_disputes, disputes.ByPosition(limit=1000))
    now = (await found(visit, reports.report_open))["open"]
    return await visit.show(
        "owner/money.html",
        open=now, net=sum(one["total"] for one in now), names=names, me=me,
        to_pay=[one for one in asked["payouts"] if one["debtor_id"] == me],
        to_get=[one for one in asked["payouts"] if one["creditor_id"] == me],
        disputes=[told(visit, one, names) for one in quarrels["disputes"][::-1]],
        windows=listed, own=own, more=listed[-1]["number"] - 1 if listed and listed[-1]["number"] > 1 else 0,
        states={state: visit.gettext(text) for state, text in WINDOWS.items()},
    )  # fmt: skip


def told(visit: Visit, one: dict[str, Any], names: dict[str, str]) -> dict[str, Any]:
    """A dispute with its names, and what the reader can do about it."""
    ours = one["debtor_id"] == str(visit.subject_id)
    other_id = one["creditor_id"] if ours else one["debtor_id"]
    is_open = one["state"] in ("raised", "contested")
    answer_by = datetime.fromisoformat(one["answer_by"])
    state, reason = DISPUTES[one["state"]], REASONS[one["reason"]]
    return {
        **one,
        "ours": ours,
        "other_id": other_id,
        "other": names.get(other_id, "?"),
        "is_open": is_open,
        "state_said": visit.gettext(state),
        "reason_said": visit.gettext(reason),
        "to_answer": not ours and one["state"] == "raised",
        "answer_by": answer_by,
        "left": left(visit.reader, answer_by, visit.at),
    }


def left(reader: Reader, until: datetime, now: datetime) -> str:
    """How many local days there still are; `until` is the midnight that ends the last one."""
    days = (until.astimezone(reader.zone).date() - now.astimezone(reader.zone).date()).days
    if days <= 1:
        return reader.gettext("today is the last day")
    return reader.ngettext("%(n)s day left", "%(n)s days left", days)


def _first(visit: Visit) -> int:
    text = visit.request.query_params.get("from", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else 999_999


def _own(visit: Visit, numbers: list[int]) -> dict[int, Own]:
    def signed(dues: tuple[Due, ...]) -> int:
        me = visit.subject_id
        return sum(one.amount * ((one.creditor == me) - (one.debtor == me)) for one in dues)

    with visit.coalition.reading() as recorder:
        closed = {number: find_closing(visit.coalition, recorder, number).window for number in numbers}
    return {number: Own(signed(window.payments), signed(window.carried)) for number, window in closed.items()}
