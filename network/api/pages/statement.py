"""A statement as its partner and the organizer both read it: sums, neighbours, every line to be searched, and files."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from fastapi.responses import Response

from network.api.errors import InvalidRequest
from network.api.pages.commands import Handler, file_of, found
from network.api.pages.texts import N_, Reader
from network.api.pages.visits import Visit
from network.api.routes import papers, windows
from network.api.statements import VERSION_MAX
from network.languages import LANGUAGES, NAMES, texts
from network.papers import figures as paper

PAGE: Final = 50
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
    "dispute_upheld": N_("dispute: the line was wrong"),
    "dispute_rejected": N_("dispute: the line stands"),
    "recovered": N_("came back after a partner could not pay"),
    "offline_conflict": N_("used twice, once without a network"),
}
CHANGES: Final = {
    "withheld": N_("disputed, so it waits"),
    "prepaid": N_("paid by an earlier version"),
    "defaulted": N_("a partner cannot pay"),
}
REASONS: Final = {
    "not_ours": N_("This was not at our till"),
    "wrong_amount": N_("The amount is wrong"),
    "duplicate": N_("It is there twice"),
    "goods_refunded": N_("The guest gave the goods back"),
    "certificate_invalid": N_("The certificate did not count"),
    "offline_conflict": N_("It was used twice while there was no network"),
    "other": N_("Something else"),
}
"""Why a line is disputed."""
FILES: Final[dict[str, Handler]] = {
    "pdf": papers.statement_pdf,
    "xlsx": papers.statement_xlsx,
    "csv": papers.statement_csv,
    "json": papers.statement_json,
    "zip": papers.window_archive,
}
"""The archive recomputes the window offline: `docs/archive.md`."""


async def read(visit: Visit, number: int, party_id: UUID, names: Mapping[str, str], here: str) -> dict[str, Any]:
    """What the template's parts need. Sums come from the views and lines a page at a time, so a statement of thousands
    of lines is as quick as a short one. `names` of parties by id; `here`: the page's address.
    """
    query = visit.request.query_params
    other, words = query.get("other", ""), query.get("q", "").strip()[:64]
    wanted = windows.Lines(
        limit=PAGE, other_id=UUID(other) if other in names else None, words=words.replace("\0", ""),
        after=_digits(query.get("after", "")), version=version_in(visit),
    )  # fmt: skip
    one = await found(visit, windows.show_statement, wanted, number=number, party_id=party_id)
    return {
        "one": one, "names": names, "here": here, "words": words, "other": other, "wanted": wanted,
        "lines": [line_told(visit, line, names) for line in one["lines"]], "sections": _sections(visit.reader),
        "entries": said(visit, ENTRIES), "changes": said(visit, CHANGES),
        "languages_of": [(code, NAMES[code]) for code in LANGUAGES],
    }  # fmt: skip


def line_told(visit: Visit, line: dict[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """With whom it is and what caused it, in words."""
    cause = CAUSES[line["cause"]]
    return {**line, "other": names.get(line["counterparty_id"], "?"), "cause_said": visit.gettext(cause)}


async def file(visit: Visit, number: int, party_id: UUID | None = None) -> Response:
    """On paper or for programs, in one language or two. `party_id` None: the reader's own. Raises: InvalidRequest."""
    query = visit.request.query_params
    kind = query.get("kind", "pdf")
    if kind not in FILES:
        raise InvalidRequest(("kind", "pdf, xlsx, csv, json or zip"))
    chosen = list(dict.fromkeys(code for name in ("first", "second") if (code := query.get(name, "")) in LANGUAGES))
    asking: dict[str, Any] = {} if party_id is None else {"party": party_id}
    if kind in ("pdf", "xlsx"):
        asking["language"] = ",".join(chosen or [visit.reader.language])
    if kind != "zip":
        asking["version"] = version_in(visit)
    model = {"pdf": papers.Paper, "xlsx": papers.Paper, "zip": papers.Whose}.get(kind, papers.Which)
    return await file_of(visit, FILES[kind], model.model_validate(asking), number=number)


def version_in(visit: Visit) -> int | None:
    """Which one the reader asks for; None is the one in force."""
    return min(_digits(visit.request.query_params.get("version", "")), VERSION_MAX) or None


def said(visit: Visit, words: Mapping[str, str]) -> dict[str, str]:
    """Words by their code, in the reader's language."""
    return {code: visit.gettext(text) for code, text in words.items()}


def _digits(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else 0


def _sections(reader: Reader) -> dict[str, str]:
    """As the statement on paper names them."""
    catalogue = texts("papers", reader.language)
    return {code: catalogue.gettext(text) for code, text in paper.SECTIONS.items()}
