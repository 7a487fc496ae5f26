"""Statements as files: PDF and workbook in the reader's languages, CSV, and the archive that recomputes them."""

from typing import Annotated, BinaryIO
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import Response
from pydantic import AfterValidator

from network.api.bodies import Query
from network.api.calls import Call
from network.api.errors import JSON, InvalidRequest, NotYourMerchant, PaperNotMade, PapersBusy
from network.api.files import draft, sent
from network.api.operations import ORGANIZER, OWNER, operation
from network.api.statements import StatementUnsound, Version, reading_statements
from network.archive.apart import write_archive
from network.coalitions import OpenCoalition
from network.domain.errors import MerchantNotFound, VersionNotFound, WindowNotFound, WindowStateForbids
from network.papers.apart import write_statement
from network.papers.words import languages_of
from network.settlement.reading import stated_window

router = APIRouter()
TAG = "settlement"
BOTH = (ORGANIZER, OWNER)
REFUSALS = (WindowNotFound, WindowStateForbids, NotYourMerchant, MerchantNotFound, StatementUnsound)
PAPERS = (*REFUSALS, VersionNotFound, PapersBusy, PaperNotMade)
PDF, ZIP, CSV = "application/pdf", "application/zip", "text/csv"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _known(wanted: str) -> str:
    languages_of(wanted)
    return wanted


class Whose(Query):
    """`party`: a partner, pool or organizer; an owner is shown its own shop and leaves it out."""

    party: UUID | None = None


class Which(Whose):
    """`version`: left out, the one in force."""

    version: Version | None = None


class Paper(Which):
    """`language`: one or two of en, ru, lv, such as `lv,en`."""

    language: Annotated[str, AfterValidator(_known)] = "en"


@operation(
    router, "GET /v1/windows/{number}/statement.pdf", "A statement on paper", tag=TAG, who=BOTH, takes=Paper,
    refusals=PAPERS, media_type=PDF,
)  # fmt: skip
async def statement_pdf(call: Call, asked: Paper) -> Response:
    """Who pays whom how much and by when, how it came about, every line. The same version, the same bytes."""
    return await _written(call, asked, "pdf", PDF, languages_of(asked.language))


@operation(
    router, "GET /v1/windows/{number}/statement.xlsx", "A statement as a workbook", tag=TAG, who=BOTH, takes=Paper,
    refusals=PAPERS, media_type=XLSX,
)  # fmt: skip
async def statement_xlsx(call: Call, asked: Paper) -> Response:
    """Summary, pairs and lines, with numbers that a spreadsheet adds up."""
    return await _written(call, asked, "xlsx", XLSX, languages_of(asked.language))


@operation(
    router, "GET /v1/windows/{number}/statement.csv", "A statement for other programs", tag=TAG, who=BOTH, takes=Which,
    refusals=PAPERS, media_type=CSV,
)  # fmt: skip
async def statement_csv(call: Call, asked: Which) -> Response:
    """One row a posting; amounts in minor units."""
    return await _written(call, asked, "csv", CSV)


@operation(
    router, "GET /v1/windows/{number}/statement.json", "A whole statement for programs", tag=TAG, who=BOTH, takes=Which,
    refusals=PAPERS, media_type=JSON,
)  # fmt: skip
async def statement_json(call: Call, asked: Which) -> Response:
    """Every line at once, as `scripts/settle show --json` writes it."""
    return await _written(call, asked, "json", JSON)


@operation(
    router, "GET /v1/windows/{number}/archive.zip", "A window to recompute offline", tag=TAG, who=BOTH, takes=Whose,
    refusals=(*REFUSALS, PapersBusy, PaperNotMade), media_type=ZIP,
)  # fmt: skip
async def window_archive(call: Call, asked: Whose) -> Response:
    """For a partner what is behind its own lines; for the organizer, who names no party, everything."""
    number, party_id = call.number("number"), _whose(call, asked)

    def written(out: BinaryIO) -> None:
        if party_id is not None:
            _must_know(call.coalition, number, party_id)
        write_archive(call.coalition, number, party_id, out)

    document, _ = await reading_statements(lambda: draft(written))
    return sent(document, f"window-{number}-{party_id or 'all'}.zip", ZIP)


async def _written(call: Call, asked: Which, kind: str, media_type: str, languages: tuple[str, ...] = ()) -> Response:
    number, party_id = call.number("number"), _whose(call, asked)
    if party_id is None:
        raise InvalidRequest(("party", "Whose statement? Name a party"))

    def written(out: BinaryIO) -> int:
        return write_statement(call.coalition, number, party_id, asked.version, kind=kind, languages=languages, out=out)

    document, version = await reading_statements(lambda: draft(written))
    return sent(document, f"window-{number}-v{version}-{party_id}.{kind}", media_type)


def _whose(call: Call, asked: Whose) -> UUID | None:
    """Raises: NotYourMerchant."""
    if call.role == ORGANIZER:
        return asked.party
    if asked.party not in (None, call.subject_id):
        raise NotYourMerchant()
    return call.subject_id


def _must_know(coalition: OpenCoalition, number: int, party_id: UUID) -> None:
    with stated_window(coalition, number) as reading:
        if party_id not in reading.names:
            raise MerchantNotFound()
