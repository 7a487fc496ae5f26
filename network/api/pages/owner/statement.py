"""One statement: what it asks, how it came about, every line to be checked, and the same on paper."""

from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter
from fastapi.responses import Response
from pydantic import Field

from network.api.bodies import Nothing
from network.api.pages import forms, statement
from network.api.pages.commands import done_and_seen, found
from network.api.pages.forms import FieldProblem, OptionalLine, Problems, WithCommand, amount_of
from network.api.pages.owner.money import WINDOWS, told
from network.api.pages.owner.shops import party_names
from network.api.pages.statement import ENTRIES, REASONS, line_told, said, version_in
from network.api.pages.texts import N_
from network.api.pages.visits import OWNER, Visit, page
from network.api.routes import defaults, disputes, windows
from network.api.statements import Which
from network.domain.errors import LineNotFound, WindowNotFound

router = APIRouter()
ONE: Final = "/shop/money/{number}"
LINE: Final = ONE + "/lines/{position}"
LAST_WORDS: Final = frozenset({"dispute_upheld", "dispute_rejected", "recovered"})
"""Lines that nobody can dispute again."""


class Disputing(WithCommand):
    """`entry`: which part of the line, as `kind:counterparty`. `amount` empty: all of it."""

    entry: Annotated[str, Field(pattern=r"^(value|commission|fee|adjustment):[0-9a-f-]{36}$")]
    amount: Annotated[str, Field(max_length=20)] = ""
    reason: Literal[
        "not_ours", "wrong_amount", "duplicate", "goods_refunded", "certificate_invalid", "offline_conflict", "other"
    ]
    note: OptionalLine = ""


@page(router, f"GET {ONE}", who=(OWNER,))
async def show_statement(visit: Visit, problems: Problems = forms.NONE) -> Response:
    """Sums from the views, lines a page at a time: a statement of thousands of lines is as quick as a short one."""
    number, names = _number(visit, "number", WindowNotFound), await party_names(visit)
    window = await found(visit, windows.show_window, number=number)
    if window["state"] == "cut":
        return await visit.show("owner/unstated.html", number=number)
    facts = await statement.read(visit, number, visit.subject_id, names, f"/shop/money/{number}")
    version = await found(visit, defaults.show_version, Which(version=version_in(visit)), number=number)
    quarrels = await _disputes(visit, number, names)
    return await visit.show(
        "owner/statement.html", problems=problems, window=window, version=version, me=str(visit.subject_id),
        disputes=quarrels, disputed={(one["position"], one["other_id"]) for one in quarrels},
        asked=_asked(visit, version), states=said(visit, WINDOWS), **facts,
    )  # fmt: skip


@page(router, f"POST {ONE}/agree", who=(OWNER,), takes=WithCommand, again=show_statement)
async def agree(visit: Visit, form: WithCommand) -> Response:
    """By word, before silence would."""
    number = _number(visit, "number", WindowNotFound)
    await done_and_seen(
        visit, windows.consent, "POST /v1/windows/{number}/consent", Nothing(), str(form.command_id),
        ("windows",), number=number,
    )  # fmt: skip
    return visit.go(f"/shop/money/{number}")


@page(router, f"GET {ONE}/file", who=(OWNER,))
async def download(visit: Visit) -> Response:
    """The statement on paper or for programs, in one language or two."""
    return await statement.file(visit, _number(visit, "number", WindowNotFound))


@page(router, f"GET {LINE}", who=(OWNER,))
async def show_line(visit: Visit, problems: Problems = forms.NONE) -> Response:
    """Everything about one event, and saying that it is wrong."""
    number, position = _number(visit, "number", WindowNotFound), _number(visit, "position", LineNotFound)
    names = await party_names(visit)
    wanted = windows.Lines(after=max(0, position - 1), limit=1)
    own = await found(visit, windows.show_statement, wanted, number=number, party_id=visit.subject_id)
    lines = [line_told(visit, line, names) for line in own["lines"] if line["position"] == position]
    if not lines:
        raise LineNotFound()
    quarrels = [one for one in await _disputes(visit, number, names) if one["position"] == position]
    taken = {(one["kind"], one["creditor_id"]) for one in quarrels}
    entries = said(visit, ENTRIES)
    charged = [
        (f"{entry['kind']}:{line['counterparty_id']}",
         f"{entries[entry['kind']]}, {line['other']}: {visit.reader.money(-entry['amount'])}")
        for line in lines if line["cause"] not in LAST_WORDS for entry in line["entries"]
        if entry["amount"] < 0 and (entry["kind"], line["counterparty_id"]) not in taken
    ]  # fmt: skip
    return await visit.show(
        "owner/line.html", problems=problems, lines=lines, one=lines[0], number=number, names=names,
        disputes=quarrels, charged=charged, entries=entries, reasons=list(said(visit, REASONS).items()),
    )  # fmt: skip


@page(router, f"POST {LINE}", who=(OWNER,), takes=Disputing, again=show_line)
async def dispute(visit: Visit, form: Disputing) -> Response:
    """The amount waits, and the other side has five days."""
    kind, _, other = form.entry.partition(":")
    amount = amount_of(form.amount, visit.reader.currency) if form.amount else None
    if form.reason == "other" and not form.note:
        raise FieldProblem("note", N_("Say in a few words what is wrong."))
    question = disputes.RaisingDispute.model_validate(
        {"position": _number(visit, "position", LineNotFound), "counterparty_id": other, "kind": kind,
         "amount": amount, "reason": form.reason, "note": form.note},
        strict=False,
    )  # fmt: skip
    answer = await done_and_seen(
        visit, disputes.raise_dispute, "POST /v1/disputes", question, str(form.command_id), ("disputes",)
    )
    return visit.go(f"/shop/money/disputes/{answer['dispute_id']}")


def _number(visit: Visit, name: str, missing: type[Exception]) -> int:
    text = visit.request.path_params[name]
    if not (text.isascii() and text.isdigit() and len(text) < 16):
        raise missing()
    return int(text)


async def _disputes(visit: Visit, number: int, names: dict[str, str]) -> list[dict[str, Any]]:
    every = (await found(visit, disputes.list_disputes, disputes.ByPosition(limit=1000)))["disputes"]
    return [told(visit, one, names) for one in every if one["window_number"] == number]


def _asked(visit: Visit, version: dict[str, Any]) -> dict[str, int]:
    """What the version in force asks of the reader, signed."""
    me = str(visit.subject_id)

    def signed(dues: list[dict[str, Any]]) -> int:
        return sum(one["amount"] * ((one["creditor"] == me) - (one["debtor"] == me)) for one in dues)

    return {"due": signed(version["payments"]), "rolled_over": signed(version["carried"])}
