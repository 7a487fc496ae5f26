"""Real windows of an imported past: cut where each local month ends, stated and agreed at their recorded times."""

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from psycopg import Connection

from network.application import Request
from network.coalitions import OpenCoalition
from network.domain.statement import SettlementTerms
from network.projections import coalition, merchants, statement_lines, windows
from network.replay.figures import catch_up
from network.replay.steps import CALLER, Step
from network.settlement.closing import find_closing, state_window
from network.settlement.reading import Reading, stated_window

CUT = "window"
VIEWS = (coalition.PROJECTION, merchants.PROJECTION, statement_lines.PROJECTION, windows.PROJECTION)


class Monthly:
    """Cuts between the lines. Which cut comes where follows from the lines alone, so a second run asks for the same."""

    def __init__(self, time_zone: str, terms: SettlementTerms) -> None:
        self._zone = ZoneInfo(time_zone)
        self._terms = terms
        self._month: tuple[int, int] | None = None
        self.number = 0

    def between(self, lines: Iterable[Step]) -> Iterator[Step]:
        """The lines, and a cut before the first one of each new month; a month without lines is an empty window."""
        for step in lines:
            local = step.request.at.astimezone(self._zone)  # type: ignore[union-attr]
            this = (local.year, local.month)
            while self._month is not None and self._month < this:
                yield self._cut()
            self._month = this
            yield step

    def last(self) -> Iterator[Step]:
        """The cut that ends the last month."""
        if self._month is not None:
            yield self._cut()

    def _cut(self) -> Step:
        assert self._month is not None, "a month has begun"
        year, month = self._month
        self._month = (year + month // 12, month % 12 + 1)
        self.number += 1
        at = datetime(*self._month, 1, tzinfo=self._zone).astimezone(UTC)
        request = Request(CALLER, f"cut window {self.number}", repr(self._terms).encode(), at)
        return Step(CUT, (), "cut_window", request, {"number": self.number, "terms": self._terms})


def close(
    opened: OpenCoalition, connection: Connection, last: int, ends_at: datetime, done: Callable[[int], None]
) -> list[dict[str, Any]]:
    """State every window up to the `last`, let silence agree where the review was over at `ends_at`, and check every
    party's statement. What each came to.
    """
    catch_up(connection, opened.schema, views=VIEWS)
    found = []
    for number in range(1, last + 1):
        with opened.reading() as recorder:
            cut_at = find_closing(opened, recorder, number).window.created_on
        state_window(opened, number, request=_asked("state", number, cut_at)).facts()
        with stated_window(opened, number) as reading:
            found.append({"month": _ended(cut_at, reading.heading.time_zone), **_came_to(reading)})
            agreed_at = reading.heading.review_ends_at
            pays = bool(reading.stated.payments)
        if pays and agreed_at <= ends_at:
            opened.application.agree_window(request=_asked("agree", number, agreed_at), number=number).result().facts()
        done(1)
    catch_up(connection, opened.schema, views=VIEWS)
    return found


def _asked(step: str, number: int, at: datetime) -> Request:
    return Request(CALLER, f"{step} window {number}", b"", at)


def _ended(cut_at: datetime, time_zone: str) -> str:
    """The month before a midnight that begins one."""
    local = cut_at.astimezone(ZoneInfo(time_zone))
    return f"{local.year - (local.month == 1)}-{(local.month - 2) % 12 + 1:02}"


def _came_to(reading: Reading) -> dict[str, Any]:
    statements = [reading.statement(party) for party in reading.parties()]
    savings, stated = reading.stated.savings, reading.stated
    return {
        "window": reading.heading.window,
        "statements": len(statements),
        "lines": sum(len(pair.lines) for one in statements for pair in one.pairs) // 2,
        "sum_of_nets": sum(one.closing for one in statements),
        "gross": savings.gross.amount,
        "bilateral": savings.bilateral.amount,
        "loops": savings.loops.amount,
        "multilateral": savings.multilateral.amount,
        "gross_payments": savings.gross.payments,
        "loops_payments": savings.loops.payments,
        "multilateral_payments": savings.multilateral.payments,
        "to_pay": sum(due.amount for due in stated.payments),
        "payments": len(stated.payments),
        "rolled_over": sum(due.amount for due in stated.carried),
        "chain_hash": reading.heading.chain_hash,
    }
