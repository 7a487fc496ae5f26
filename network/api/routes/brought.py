"""What certificates brought and cost: a partner's page, the street's report, other terms over the past, the margin."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import Response
from psycopg import Connection
from pydantic import Field

from network.api.answers.coalitions import MarginState
from network.api.bodies import AmountOrZero, Body, Query, Share
from network.api.calls import Call, shown
from network.api.operations import ORGANIZER, OWNER, operation
from network.api.terms import Commissions, Face, Funders, NetworkFee
from network.api.threads import in_thread
from network.api.views import asked_of_views
from network.domain.errors import Invalid, InvalidAmount, InvalidTerms, MerchantNotFound, NotAParty, WhatIfTooLarge
from network.domain.terms import VALIDITY_DAYS_MAX
from network.reports import documents, gathering, paper
from network.reports.partner import PartnerReport
from network.reports.period import Period
from network.reports.reading import VIEWS
from network.reports.street import StreetReport
from network.reports.what_if import Change

router = APIRouter()
TAG = "reports"
BOTH = (ORGANIZER, OWNER)
WHAT_IF_MAX = 10_000
CSV, PDF = "text/csv", "application/pdf"


class Asked(Query):
    """Local days, both included; without them the last 90. `language` is that of the sentences."""

    first_on: date | None = None
    last_on: date | None = None
    language: Literal["en", "ru", "lv"] = "en"


class Margin(Body):
    """Basis points of a bill that are left after goods, before certificates; null takes it back."""

    margin: Share | None


class Trying(Body):
    """Terms that are other; what is left out stays as it was. Only certificates of the period and of these partners.

    `language` is that of the sentences.
    """

    first_on: Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$")] | None = None
    last_on: Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$")] | None = None
    issuer_id: UUID | None = None
    acceptor_id: UUID | None = None
    face: Face | None = None
    smallest_bill_to_issue: AmountOrZero | None = None
    smallest_bill_to_redeem: AmountOrZero | None = None
    validity_days: Annotated[int, Field(ge=0, le=VALIDITY_DAYS_MAX)] | None = None
    funding: Funders | None = None
    commission: Commissions | None = None
    fee: NetworkFee | None = None
    language: Literal["en", "ru", "lv"] = "en"

    def change(self) -> Change:
        """As the reports have it."""
        return Change(
            face=self.face.meant() if self.face else None,
            smallest_bill_to_issue=self.smallest_bill_to_issue,
            smallest_bill_to_redeem=self.smallest_bill_to_redeem,
            validity_days=self.validity_days,
            funding=self.funding.meant() if self.funding else None,
            commission=self.commission.meant() if self.commission else None,
            fee=self.fee.meant() if self.fee else None,
        )


OF_PARTNER = (MerchantNotFound, NotAParty, Invalid)


@operation(
    router, "GET /v1/reports/partners/{merchant_id}", "What certificates brought a partner", tag=TAG, who=BOTH,
    takes=Asked, refusals=OF_PARTNER,
)  # fmt: skip
async def report_partner(call: Call, asked: Asked) -> Response:
    """An owner's own page; every figure with period, denominator and method. The organizer sees it without what is the
    owner's alone, and without pairs of fewer than five uses.
    """
    report, position = await _partner(call, asked)
    return _json(documents.as_facts(report, asked.language), position)


@operation(
    router, "GET /v1/reports/partners/{merchant_id}/csv", "The same for a spreadsheet", tag=TAG, who=BOTH,
    takes=Asked, refusals=OF_PARTNER, media_type=CSV,
)  # fmt: skip
async def report_partner_csv(call: Call, asked: Asked) -> Response:
    """One figure a line."""
    report, position = await _partner(call, asked)
    return _file(documents.as_csv(report, asked.language), CSV, position)


@operation(
    router, "GET /v1/reports/partners/{merchant_id}/pdf", "The same on paper", tag=TAG, who=BOTH,
    takes=Asked, refusals=OF_PARTNER, media_type=PDF,
)  # fmt: skip
async def report_partner_pdf(call: Call, asked: Asked) -> Response:
    """Read in a minute; the same figures give the same bytes."""
    report, position = await _partner(call, asked)
    return _file(await in_thread(paper.partner_pdf, report, asked.language), PDF, position)


@operation(
    router, "GET /v1/reports/street", "Who sends whom how many guests", tag=TAG, who=(ORGANIZER,), takes=Asked,
    refusals=(Invalid,),
)  # fmt: skip
async def report_street(call: Call, asked: Asked) -> Response:
    """By whole calendar months; fewer than five are not shown, and in no total."""
    report, position = await _street(call, asked)
    return _json(documents.as_facts(report, asked.language), position)


@operation(
    router, "GET /v1/reports/street/csv", "The same for a spreadsheet", tag=TAG, who=(ORGANIZER,), takes=Asked,
    refusals=(Invalid,), media_type=CSV,
)  # fmt: skip
async def report_street_csv(call: Call, asked: Asked) -> Response:
    """One figure a line."""
    report, position = await _street(call, asked)
    return _file(documents.as_csv(report, asked.language), CSV, position)


@operation(
    router, "GET /v1/reports/street/pdf", "The same on paper", tag=TAG, who=(ORGANIZER,), takes=Asked,
    refusals=(Invalid,), media_type=PDF,
)  # fmt: skip
async def report_street_pdf(call: Call, asked: Asked) -> Response:
    """The flow matrix, givers and takers, the network, the trend."""
    report, position = await _street(call, asked)
    return _file(await in_thread(paper.street_pdf, report, asked.language), PDF, position)


@operation(
    router, "POST /v1/reports/what-if", "Other terms over the past", tag=TAG, who=BOTH, takes=Trying, changes=False,
    refusals=(NotAParty, MerchantNotFound, Invalid, InvalidTerms, WhatIfTooLarge),
)  # fmt: skip
async def try_terms(call: Call, asked: Trying) -> Response:
    """Cost, obligations and net benefit as they were, as they would have been, and the difference. An owner names
    itself as issuer or acceptor. Guests are held fixed, and the answer says so.
    """
    if call.role == OWNER and call.subject_id not in (asked.issuer_id, asked.acceptor_id):
        raise NotAParty()
    now = call.at

    def question(connection: Connection, schema: str) -> dict[str, Any]:
        return gathering.what_if(
            connection,
            schema,
            0,
            _period(connection, schema, _day(asked.first_on), _day(asked.last_on), now),
            asked.change(),
            issuer_id=asked.issuer_id,
            acceptor_id=asked.acceptor_id,
            reader_id=call.subject_id if call.role == OWNER else None,
            limit=WHAT_IF_MAX,
            language=asked.language,
        )

    facts, position = await asked_of_views(call, VIEWS, question)
    return _json({**facts, "position": position}, position)


@operation(
    router, "PUT /v1/margin", "Say what you keep of a bill", tag=TAG, who=(OWNER,), takes=Margin, answers=MarginState,
    refusals=(MerchantNotFound, InvalidAmount),
)  # fmt: skip
async def set_margin(call: Call, asked: Margin) -> Response:
    """For your own page: nobody else is shown it, or what follows from it."""
    return await call.answer(
        call.application.set_margin(request=call.command(), merchant_id=call.subject_id, margin=asked.margin)
    )


async def _partner(call: Call, asked: Asked) -> tuple[PartnerReport, int]:
    merchant_id = call.id("merchant_id")
    own = call.role == OWNER
    if own and merchant_id != call.subject_id:
        raise NotAParty()

    def make(connection: Connection, schema: str, position: int, period: Period) -> PartnerReport:
        return gathering.partner(connection, schema, position, merchant_id, period, own=own)

    report, position = await _made(call, asked, make)
    assert isinstance(report, PartnerReport), "a partner's page was asked for"
    return report, position


async def _street(call: Call, asked: Asked) -> tuple[StreetReport, int]:
    report, position = await _made(call, asked, gathering.street)
    assert isinstance(report, StreetReport), "the street's report was asked for"
    return report, position


async def _made(
    call: Call, asked: Asked, make: Callable[[Connection, str, int, Period], PartnerReport | StreetReport]
) -> tuple[PartnerReport | StreetReport, int]:
    now = call.at

    def question(connection: Connection, schema: str) -> dict[str, Any]:
        period = _period(connection, schema, asked.first_on, asked.last_on, now)
        return {"report": make(connection, schema, gathering.position_of_report(connection, schema), period)}

    facts, position = await asked_of_views(call, VIEWS, question)
    return facts["report"], position


def _period(connection: Connection, schema: str, first_on: date | None, last_on: date | None, now: datetime) -> Period:
    return Period.of(first_on, last_on, gathering.today(connection, schema, now.astimezone(UTC)))


def _day(text: str | None) -> date | None:
    """Raises: Invalid for a day that is in no calendar."""
    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError:
        raise Invalid(reason=f"{text} is no day.") from None


def _json(facts: dict[str, Any], position: int) -> Response:
    answer = shown(facts)
    answer.headers["Pollen-Position"] = str(position)
    return answer


def _file(content: bytes, kind: str, position: int) -> Response:
    return Response(content, 200, {"Pollen-Position": str(position), "Cache-Control": "no-store"}, kind)
