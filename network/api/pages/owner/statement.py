"""One statement: what it asks, how it came about, every line to be checked, and the same on paper."""

from typing import Annotated, Any, Final, Literal
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import Response
from pydantic import Field

from network.api.bodies import Nothing
from network.api.errors import InvalidRequest
from network.api.pages import forms
from network.api.pages.commands import done_and_seen, file_of, found
from network.api.pages.forms import FieldProblem, OptionalLine, Problems, WithCommand, amount_of
from network.api.pages.owner.money import REASONS, WINDOWS, told
from network.api.pages.owner.shops import party_names
from network.api.pages.texts import N_, Reader
from network.api.pages.visits import OWNER, Visit, page
from network.api.routes import defaults, disputes, papers, windows
from network.api.statements import VERSION_MAX, Which
from network.domain.errors import LineNotFound, WindowNotFound
from network.languages import LANGUAGES, NAMES, texts
from network.papers import figures as paper

router = APIRouter()
ONE: Final = "/shop/money/{number}"
LINE: Final = ONE + "/lines/{position}"
PAGE: Final = 50
LAST_WORDS: Final = frozenset({"dispute_upheld", "dispute_rejected", "recovered"})
"""Lines that nobody can dispute again."""
ENTRIES: Final = {
    "value": N_("value of the certificate"),
    "commission": N_("thanks for the guest"),
    "fee": N_("fee to the network"),
    "adjustment": N_("adjustment"),
}
CAUSES: Final = {
    "redeemed": N_("used"),
    "reversed": N_("use undone"),
    "refunded": N_("bill refunded"),
    "dispute_upheld": N_("a dispute was right"),
    "dispute_rejected": N_("a dispute was not right"),
    "recovered": N_("came back after a partner could not pay"),
    "offline_conflict": N_("used twice, once without a network"),
}
CHANGES: Final = {
    "withheld": N_("disputed, so it waits"),
    "prepaid": N_("paid by an earlier version"),
    "defaulted": N_("a partner cannot pay"),
}


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
    number, query = _number(visit, "number", WindowNotFound), visit.request.query_params
    names = await party_names(visit)
    window = await found(visit, windows.show_window, number=number)
    if window["state"] == "cut":
        return await visit.show("owner/unstated.html", number=number)
    other, words = query.get("other", ""), query.get("q", "").strip()[:64]
    wanted = windows.Lines(
        limit=PAGE, other_id=UUID(other) if other in names else None, words=words.replace("\0", ""),
        after=_digits(query.get("after", "")), version=_version(visit),
    )  # fmt: skip
    statement = await found(visit, windows.show_statement, wanted, number=number, party_id=visit.subject_id)
    version = await found(visit, defaults.show_version, Which(version=wanted.version), number=number)
    quarrels = await _disputes(visit, number, names)
    return await visit.show(
        "owner/statement.html", problems=problems, window=window, one=statement, version=version, names=names,
        me=str(visit.subject_id), disputes=quarrels, disputed={(one["position"], one["other_id"]) for one in quarrels},
        asked=_asked(visit, version), words=words, other=other, wanted=wanted,
        lines=[_line(visit, line, names) for line in statement["lines"]],
        states=_said(visit, WINDOWS), sections=_sections(visit.reader), entries=_said(visit, ENTRIES),
        changes=_said(visit, CHANGES), languages_of=[(code, NAMES[code]) for code in LANGUAGES],
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
    number, query = _number(visit, "number", WindowNotFound), visit.request.query_params
    chosen = list(dict.fromkeys(code for name in ("first", "second") if (code := query.get(name, "")) in LANGUAGES))
    language = ",".join(chosen or [visit.reader.language])
    kind, version = query.get("kind", "pdf"), _version(visit)
    if kind in ("pdf", "xlsx"):
        handler = papers.statement_pdf if kind == "pdf" else papers.statement_xlsx
        return await file_of(visit, handler, papers.Paper(language=language, version=version), number=number)
    if kind in ("csv", "json"):
        handler = papers.statement_csv if kind == "csv" else papers.statement_json
        return await file_of(visit, handler, papers.Which(version=version), number=number)
    if kind == "zip":
        return await file_of(visit, papers.window_archive, papers.Whose(), number=number)
    raise InvalidRequest(("kind", "pdf, xlsx, csv, json or zip"))


@page(router, f"GET {LINE}", who=(OWNER,))
async def show_line(visit: Visit, problems: Problems = forms.NONE) -> Response:
    """Everything about one event, and saying that it is wrong."""
    number, position = _number(visit, "number", WindowNotFound), _number(visit, "position", LineNotFound)
    names = await party_names(visit)
    wanted = windows.Lines(after=max(0, position - 1), limit=1)
    statement = await found(visit, windows.show_statement, wanted, number=number, party_id=visit.subject_id)
    lines = [_line(visit, line, names) for line in statement["lines"] if line["position"] == position]
    if not lines:
        raise LineNotFound()
    quarrels = [one for one in await _disputes(visit, number, names) if one["position"] == position]
    taken = {(one["kind"], one["creditor_id"]) for one in quarrels}
    entries = _said(visit, ENTRIES)
    charged = [
        (f"{entry['kind']}:{line['counterparty_id']}",
         f"{entries[entry['kind']]}, {line['other']}: {visit.reader.money(-entry['amount'])}")
        for line in lines if line["cause"] not in LAST_WORDS for entry in line["entries"]
        if entry["amount"] < 0 and (entry["kind"], line["counterparty_id"]) not in taken
    ]  # fmt: skip
    return await visit.show(
        "owner/line.html", problems=problems, lines=lines, one=lines[0], number=number, names=names,
        disputes=quarrels, charged=charged, entries=entries, reasons=list(_said(visit, REASONS).items()),
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


def _digits(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else 0


def _version(visit: Visit) -> int | None:
    """Which one the reader asks for; None is the one in force."""
    return min(_digits(visit.request.query_params.get("version", "")), VERSION_MAX) or None


async def _disputes(visit: Visit, number: int, names: dict[str, str]) -> list[dict[str, Any]]:
    every = (await found(visit, disputes.list_disputes, disputes.ByPosition(limit=1000)))["disputes"]
    return [told(visit, one, names) for one in every if one["window_number"] == number]


def _asked(visit: Visit, version: dict[str, Any]) -> dict[str, int]:
    """What the version in force asks of the reader, signed."""
    me = str(visit.subject_id)

    def signed(dues: list[dict[str, Any]]) -> int:
        return sum(one["amount"] * ((one["creditor"] == me) - (one["debtor"] == me)) for one in dues)

    return {"due": signed(version["payments"]), "rolled_over": signed(version["carried"])}


def _line(visit: Visit, line: dict[str, Any], names: dict[str, str]) -> dict[str, Any]:
    cause = CAUSES[line["cause"]]
    here = line["acceptor_id"] == str(visit.subject_id)
    return {**line, "other": names.get(line["counterparty_id"], "?"), "cause_said": visit.gettext(cause), "here": here}


def _said(visit: Visit, texts_of: dict[str, str]) -> dict[str, str]:
    return {code: visit.gettext(text) for code, text in texts_of.items()}


def _sections(reader: Reader) -> dict[str, str]:
    """As the statement on paper names them."""
    catalogue = texts("papers", reader.language)
    return {code: catalogue.gettext(text) for code, text in paper.SECTIONS.items()}
