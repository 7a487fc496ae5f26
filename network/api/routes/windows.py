"""Windows of settlement: cut, state, look at, agree. A partner sees its own statement, the organizer all of them."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import Response
from psycopg import Connection
from pydantic import Field, StringConstraints

from network.api import errors
from network.api.answers.windows import ScheduleState, StatementPage, WindowDetails, WindowState
from network.api.bodies import AmountOrZero, Body, Nothing, Position
from network.api.calls import Call, answered, shown
from network.api.errors import NotYourMerchant
from network.api.operations import ORGANIZER, OWNER, operation
from network.api.progress import telling
from network.api.statements import StatementUnsound, Which, reading_statements
from network.api.threads import in_thread
from network.api.views import row, rows, viewed
from network.domain.errors import (
    Invalid,
    InvalidTerms,
    NotInTheWindow,
    ReviewNotOver,
    VersionNotFound,
    WindowConflict,
    WindowNotFound,
    WindowOutOfOrder,
    WindowStateForbids,
)
from network.domain.schedule import DAYS_MAX, REMINDERS_MAX, Cadence, Schedule
from network.domain.statement import REVIEW_DAYS_MAX, Figures, Method, SettlementTerms
from network.projections import coalition as coalition_view
from network.projections import windows
from network.settlement import closing
from network.settlement.reading import stated_window
from network.settlement.statement import Statement

router = APIRouter()
TAG = "settlement"
BOTH = (ORGANIZER, OWNER)
Days = Annotated[int, Field(ge=0, le=DAYS_MAX)]


class Cutting(Body):
    """What is left out stays as it was for the window before."""

    method: Method | None = Field(None, strict=False)
    threshold: AmountOrZero | None = None
    review_days: Annotated[int, Field(ge=0, le=REVIEW_DAYS_MAX)] | None = None


class Lines(Which):
    """A cursor: the log position of the last line seen. A line is one event between the party and one other.
    `other_id`: only lines with this counterparty. `words`: only bills whose number has them.
    """

    after: Position = 0
    limit: int = Field(500, ge=1, le=1000)
    other_id: UUID | None = None
    words: Annotated[str, StringConstraints(max_length=64, pattern=r"^[^\x00]*$")] = ""


class Scheduling(Body):
    """`day` of the month (1 to 28) or of the week (1 is Monday); a window ends at the local midnight that begins it."""

    cadence: Cadence = Field(strict=False)
    day: Annotated[int, Field(ge=1, le=28)] = 1
    pay_days: Days = 7
    reminder_days: Annotated[tuple[Days, ...], Field(max_length=REMINDERS_MAX, strict=False)] = (0, 7, 14)


@operation(router, "GET /v1/windows", "Every window that was cut", tag=TAG, who=BOTH)
async def list_windows(call: Call, asked: Nothing) -> Response:
    """How far each is. What all partners together owe is for the organizer."""

    def question(connection: Connection, schema: str) -> dict[str, Any]:
        return {"windows": [_shown(call, one) for one in windows.all(connection, schema)]}

    return await viewed(call, ("windows",), question)


@operation(
    router, "GET /v1/windows/{number}", "One window", tag=TAG, who=BOTH, answers=WindowDetails,
    refusals=(WindowNotFound,),
)  # fmt: skip
async def show_window(call: Call, asked: Nothing) -> Response:
    """As in the list."""
    number = call.number("number")

    def question(connection: Connection, schema: str) -> dict[str, Any]:
        found = windows.find(connection, schema, number)
        if found is None:
            raise WindowNotFound()
        return _shown(call, found)

    return await viewed(call, ("windows",), question)


@operation(
    router, "POST /v1/windows/{number}/cut", "End the open window here", tag=TAG, who=(ORGANIZER,), takes=Cutting,
    answers=WindowState, refusals=(WindowConflict, WindowOutOfOrder, Invalid, InvalidTerms),
)  # fmt: skip
async def cut_window(call: Call, asked: Cutting) -> Response:
    """The open window has the number after the last one. No till waits."""
    request, number = call.command(), call.number("number")
    terms = await in_thread(_terms, call, number, asked)
    return answered(await in_thread(closing.cut_window, call.coalition, number, terms=terms, request=request))


@operation(
    router, "POST /v1/windows/{number}/statement", "State a window that was cut", tag=TAG, who=(ORGANIZER,),
    answers=WindowState, refusals=(WindowNotFound, WindowStateForbids, WindowOutOfOrder, errors.ViewBehind),
)  # fmt: skip
async def state_window(call: Call, asked: Nothing) -> Response:
    """Nets it and freezes every statement; the review begins. Nothing to pay: it is settled."""
    request, number, told = call.command(), call.number("number"), telling()
    return answered(
        await reading_statements(lambda: closing.state_window(call.coalition, number, request=request, told=told))
    )


@operation(
    router, "POST /v1/windows/{number}/consent", "Agree to the own statement", tag=TAG, who=(OWNER,),
    answers=WindowState, refusals=(WindowNotFound, WindowStateForbids, NotInTheWindow),
)  # fmt: skip
async def consent(call: Call, asked: Nothing) -> Response:
    """By word, before silence would. When the last partner has, the window is agreed."""
    return await call.answer(
        call.application.consent_to_window(
            request=call.command(), number=call.number("number"), merchant_id=call.subject_id
        )
    )


@operation(
    router, "POST /v1/windows/{number}/agreement", "Let silence agree", tag=TAG, who=(ORGANIZER,),
    answers=WindowState, refusals=(WindowNotFound, WindowStateForbids, ReviewNotOver),
)  # fmt: skip
async def agree(call: Call, asked: Nothing) -> Response:
    """Once the review is over; the network does so by itself each minute."""
    return await call.answer(call.application.agree_window(request=call.command(), number=call.number("number")))


@operation(
    router, "GET /v1/netting", "What the open window would come to", tag=TAG, who=(ORGANIZER,),
    refusals=(WindowOutOfOrder,),
)  # fmt: skip
async def preview(call: Call, asked: Nothing) -> Response:
    """If it were cut where its lines stand now, and what each way of netting saves. Nothing is written."""
    number, figures = await reading_statements(lambda: closing.preview(call.coalition))
    return shown({"number": number, **_figures(figures)})


@operation(
    router, "GET /v1/windows/{number}/statements", "The statements of a window", tag=TAG, who=BOTH, takes=Which,
    refusals=(WindowNotFound, WindowStateForbids, VersionNotFound, StatementUnsound),
)  # fmt: skip
async def list_statements(call: Call, asked: Which) -> Response:
    """The sums of each party, and with whom, by the version in force or another; an owner's own. Lines are read one
    party at a time.
    """

    def read() -> dict[str, Any]:
        with stated_window(call.coalition, call.number("number")) as reading:
            parties = reading.parties() if call.role == ORGANIZER else [call.subject_id]
            found = [_sums(reading.summary(party, asked.version)) for party in parties]
            netted = {"netting": _figures(reading.figures)} if call.role == ORGANIZER else {}
            return {"heading": reading.heading, "in_force": reading.in_force, "statements": found, **netted}

    return shown(await reading_statements(read))


@operation(
    router, "GET /v1/windows/{number}/statements/{party_id}", "One statement, line by line", tag=TAG, who=BOTH,
    takes=Lines, answers=StatementPage,
    refusals=(NotYourMerchant, WindowNotFound, WindowStateForbids, VersionNotFound, StatementUnsound),
)  # fmt: skip
async def show_statement(call: Call, asked: Lines) -> Response:
    """`opening + lines = closing`, `closing + changes = cleared + due + rolled_over`, signed from the party's side.
    Lines in the order of the log; they are the same in every version.
    """
    party_id = _own(call, call.id("party_id"))

    def read() -> dict[str, Any]:
        with stated_window(call.coalition, call.number("number")) as reading:
            statement = reading.summary(party_id, asked.version)
            lines = reading.lines(
                party_id, after=asked.after, limit=asked.limit + 1, other_id=asked.other_id, words=asked.words
            )
            in_force = reading.in_force
        page = lines[: asked.limit]
        # A page ends between two events, so that the cursor can be a position.
        while len(page) < len(lines) and lines[len(page)][1].position == page[-1][1].position:
            page.append(lines[len(page)])
        return {
            "heading": statement.heading,
            "in_force": in_force,
            **_sums(statement),
            "lines": [{"counterparty_id": other, **row(line)} for other, line in page],
            "next_after": page[-1][1].position if page else asked.after,
            "more": len(page) < len(lines),
        }

    return shown(await reading_statements(read))


@operation(
    router, "PUT /v1/settlement-schedule", "Cut windows by themselves", tag=TAG, who=(ORGANIZER,), takes=Scheduling,
    answers=ScheduleState, refusals=(InvalidTerms,),
)  # fmt: skip
async def schedule(call: Call, asked: Scheduling) -> Response:
    """And when payments are due, and on which days after it who still owes is reminded."""
    chosen = Schedule(asked.cadence, asked.day, asked.pay_days, asked.reminder_days)
    return await call.answer(
        call.application.schedule_settlement(request=call.command(), schedule=chosen, by="organizer")
    )


@operation(
    router, "GET /v1/settlement-schedule", "When windows are cut", tag=TAG, who=BOTH, answers=ScheduleState
)  # fmt: skip
async def show_schedule(call: Call, asked: Nothing) -> Response:
    """By hand, until the organizer says otherwise."""

    def question(connection: Connection, schema: str) -> dict[str, Any]:
        found = coalition_view.schedule(connection, schema)
        chosen = found.schedule if found else Schedule()
        return row(chosen) | {"reminder_days": list(chosen.reminder_days)}

    return await viewed(call, ("coalition",), question)


def _terms(call: Call, number: int, asked: Cutting) -> SettlementTerms | None:
    """What the body changes of the window before; None when it changes nothing."""
    changes = asked.model_dump(exclude_none=True)
    if not changes:
        return None
    terms = SettlementTerms()
    if number > 1:
        with call.coalition.reading() as recorder:
            terms = closing.find_closing(call.coalition, recorder, number - 1).window.terms
    return SettlementTerms(**{**row(terms), **changes})


def _own(call: Call, party_id: UUID) -> UUID:
    if call.role != ORGANIZER and party_id != call.subject_id:
        raise NotYourMerchant()
    return party_id


_FOR_ALL = ("chain_hash", "consents", "gross", "to_pay", "payments", "rolled_over", "paid", "missing", "position")


def _shown(call: Call, window: windows.WindowRow) -> dict[str, Any]:
    return row(window) if call.role == ORGANIZER else row(window, *_FOR_ALL)


def _sums(statement: Statement) -> dict[str, Any]:
    return row(statement, "heading", "pairs") | {"pairs": rows(statement.pairs, "lines")}


def _figures(figures: Figures) -> dict[str, Any]:
    return row(figures, "debts")
