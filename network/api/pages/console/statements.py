"""A partner's statement of one window, line by line, and as files for whoever keeps its books."""

from typing import Any, Final
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import Response

from network.api.pages.commands import Handler, file_of, found
from network.api.pages.console.naming import names_of
from network.api.pages.console.window import ONE, number_in
from network.api.pages.console.windows import HOME
from network.api.pages.texts import N_
from network.api.pages.visits import ORGANIZER, Visit, page
from network.api.routes import papers, windows
from network.api.threads import in_thread
from network.domain.errors import MerchantNotFound

router = APIRouter()
SHOWN: Final = 200
SECTIONS: Final = {
    "value": N_("certificates used"),
    "commission": N_("commission"),
    "fee": N_("network fee"),
    "adjustment": N_("correction of an earlier window"),
}
CAUSES: Final = {
    "redeemed": N_("Certificate used"),
    "reversed": N_("Use undone"),
    "refunded": N_("Bill refunded"),
    "dispute_upheld": N_("Dispute: the line was wrong"),
    "dispute_rejected": N_("Dispute: the line stands"),
    "recovered": N_("Came back after a default"),
    "offline_conflict": N_("used twice, once without a network"),
}
WRITTEN: Final[dict[str, Handler]] = {
    "pdf": papers.statement_pdf,
    "xlsx": papers.statement_xlsx,
    "csv": papers.statement_csv,
    "json": papers.statement_json,
    "zip": papers.window_archive,
}
"""The archive recomputes the window offline: `docs/archive.md`."""


@page(router, f"GET {ONE}/statements/{{party_id}}", who=(ORGANIZER,))
async def show_statement(visit: Visit) -> Response:
    """Sums, pairs and lines, two hundred at a time."""
    party_id, number = _party(visit), number_in(visit)
    text = visit.request.query_params.get("after", "0")
    after = int(text) if text.isascii() and text.isdigit() and len(text) <= 15 else 0
    asking = windows.Lines.model_validate({"after": after, "limit": SHOWN})
    statement = await found(visit, windows.show_statement, asking, number=number, party_id=party_id)
    return await visit.show(
        "console/statement.html", number=number, home=HOME, statement=statement, after=after,
        names=await in_thread(names_of, visit), kinds=list(WRITTEN),
        sections={section: visit.gettext(text) for section, text in SECTIONS.items()},
        causes={cause: visit.gettext(text) for cause, text in CAUSES.items()},
    )  # fmt: skip


@page(router, f"GET {ONE}/statements/{{party_id}}/{{kind}}", who=(ORGANIZER,))
async def save_statement(visit: Visit) -> Response:
    """As a file: pdf, xlsx, csv, json, zip. On paper in the reader's language."""
    kind: str = visit.request.path_params["kind"]
    if kind not in WRITTEN:
        raise MerchantNotFound()
    asking: dict[str, Any] = {"party": _party(visit)}
    model = {"pdf": papers.Paper, "xlsx": papers.Paper, "zip": papers.Whose}.get(kind, papers.Which)
    if model is papers.Paper:
        asking["language"] = visit.reader.language
    return await file_of(visit, WRITTEN[kind], model.model_validate(asking), number=number_in(visit))


@page(router, f"GET {ONE}/archive", who=(ORGANIZER,))
async def save_archive(visit: Visit) -> Response:
    """Everything behind the window, to be recomputed offline."""
    return await file_of(visit, papers.window_archive, papers.Whose(), number=number_in(visit))


def _party(visit: Visit) -> UUID:
    """Raises: MerchantNotFound."""
    try:
        return UUID(visit.request.path_params["party_id"])
    except ValueError:
        raise MerchantNotFound() from None
