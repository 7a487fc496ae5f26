"""The steps of a closing, each safe to repeat: whatever stops one, the next try goes on from the log.

A cut is one event. Its figures never change afterwards, so they are read and netted outside the committer, and tills
redeem on meanwhile.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import cast
from uuid import UUID, uuid4

from psycopg import Connection, sql

from network.application import Answer, Request
from network.coalitions import OpenCoalition, Readable
from network.domain.errors import Refusal, VersionNotFound, WindowNotFound, WindowOutOfOrder
from network.domain.statement import Debt, Due, Figures, Section, SettlementTerms, figures_of
from network.domain.window import State, Window, window_id_of
from network.projections import statement_rows, windows
from network.projections.tracking import wait_for
from network.settlement.requests import own_request
from network.store.recorder import CoalitionRecorder
from network.telling import Told, to_nobody

WAIT_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Closing:
    """A window as the log has it now, and the position and hash of its cut."""

    window: Window
    position: int
    chain_hash: str


def find_closing(coalition: Readable, recorder: CoalitionRecorder, number: int) -> Closing:
    """Raises: WindowNotFound."""
    window_id = window_id_of(coalition.coalition_id, number)
    row = recorder.connection.execute(
        sql.SQL("SELECT position, hash FROM {} WHERE originator_id = %s AND originator_version = 1").format(
            sql.Identifier(coalition.schema, "events")
        ),
        (window_id,),
    ).fetchone()
    if row is None:
        raise WindowNotFound()
    return Closing(_window_of(coalition, recorder, window_id), row[0], row[1].hex())


def by_version(coalition: Readable, recorder: CoalitionRecorder, now: Window, version: int) -> Window:
    """The window until it was recomputed to the version after this one. Raises: VersionNotFound."""
    in_force = now.settlement_version
    if not 1 <= version <= in_force:
        raise VersionNotFound(number=now.number, version=version, in_force=in_force)
    if version == in_force:
        return now
    window = None
    for stored in recorder.select_events(now.id):
        event = coalition.mapper.to_domain_event(stored)
        if isinstance(event, Window.Recomputed) and event.version > version:
            break
        window = event.mutate(window)  # type: ignore[attr-defined]
    return cast(Window, window)


def predecessor_when_stated(coalition: Readable, recorder: CoalitionRecorder, number: int) -> Window:
    """The window before `number`, as it was when `number` was stated: what it carried is that one's opening.

    A version that came to it later changed nothing here. `number` is stated, and not the first.
    """
    before_id, window_id = (window_id_of(coalition.coalition_id, one) for one in (number - 1, number))
    row = recorder.connection.execute(
        sql.SQL(
            "SELECT max(originator_version) FROM {e} WHERE originator_id = %s AND position <"
            " (SELECT position FROM {e} WHERE originator_id = %s AND topic = %s)"
        ).format(e=sql.Identifier(coalition.schema, "events")),
        (before_id, window_id, Window.Stated.TOPIC),
    ).fetchone()
    assert row is not None, "an aggregate query has a row"
    return _window_of(coalition, recorder, before_id, until=row[0])


def _window_of(coalition: Readable, recorder: CoalitionRecorder, window_id: UUID, until: int | None = None) -> Window:
    window = None
    for stored in recorder.select_events(window_id, lte=until):
        window = coalition.mapper.to_domain_event(stored).mutate(window)  # type: ignore[attr-defined]
    return cast(Window, window)


def cut_window(
    coalition: OpenCoalition, number: int, *, terms: SettlementTerms | None = None, request: Request | None = None
) -> Answer:
    """End the open window, which has this number. Without a `request` each call is a try of its own.

    Answers with a refusal: WindowConflict, WindowOutOfOrder, Invalid, InvalidTerms.
    """
    asked = request or own_request("network", number, terms)
    return coalition.application.cut_window(request=asked, number=number, terms=terms).result()


def state_window(
    coalition: OpenCoalition, number: int, *, request: Request | None = None, told: Told = to_nobody
) -> Answer:
    """Net what the log before the cut amounts to and freeze it. The same window always gives the same figures.

    Answers with a refusal: WindowStateForbids. Raises: WindowNotFound, WindowOutOfOrder while its predecessor is not
    stated, ViewBehind when the lines do not come to the cut.
    """
    with coalition.reading() as recorder:
        closing = find_closing(coalition, recorder, number)
        carried = _carried(coalition, recorder, number)
        wait_for(recorder.connection, coalition.schema, ("statement_lines",), closing.position, WAIT_SECONDS, told)
        debts = debts_of(recorder.connection, coalition.schema, number, carried)
    figures = figures_of(debts, closing.window.terms)
    command = coalition.application.state_window(
        request=request or own_request("network", number, figures),
        number=number,
        position=closing.position,
        chain_hash=closing.chain_hash,
        figures=figures,
    )
    return command.result()


def preview(coalition: OpenCoalition) -> tuple[int, Figures]:
    """The number of the open window, and what it would come to if it were cut where its lines stand now.

    Raises: WindowOutOfOrder while the last window is cut and not stated.
    """
    with coalition.reading() as recorder:
        last = windows.last(recorder.connection, coalition.schema)
        number = last.number + 1 if last else 1
        carried = _carried(coalition, recorder, number)
        terms = find_closing(coalition, recorder, last.number).window.terms if last else SettlementTerms()
        return number, figures_of(debts_of(recorder.connection, coalition.schema, number, carried), terms)


def agree_due(coalition: OpenCoalition, at: datetime) -> list[int]:
    """Let silence agree to every window whose review is over at `at`; their numbers. Safe to run twice at once.

    Reads the view `windows`: what that does not show yet is left for the next run.
    """
    with coalition.readers.connection() as connection:
        stated = windows.in_state(connection, coalition.schema, State.STATED)
    agreed = []
    for row in stated:
        if row.review_ends_at is None or at < row.review_ends_at:
            continue
        request = Request("network", str(uuid4()), row.window_id.bytes, at)
        try:
            coalition.application.agree_window(request=request, number=row.number).result().facts()
        except Refusal:  # another run was first
            continue
        agreed.append(row.number)
    return agreed


def debts_of(connection: Connection, schema: str, number: int, carried: tuple[Due, ...]) -> list[Debt]:
    """A window's gross debts, from its running totals and what rolled over into it."""
    sections: dict[tuple[UUID, UUID], dict[Section, int]] = {}
    for row in statement_rows.totals(connection, schema, number):
        sections.setdefault((row.debtor_id, row.creditor_id), {})[Section(row.section)] = row.amount
    opening = {(due.debtor, due.creditor): due.amount for due in carried}
    return [
        Debt(
            debtor,
            creditor,
            opening=opening.get((debtor, creditor), 0),
            value=(own := sections.get((debtor, creditor), {})).get(Section.VALUE, 0),
            commission=own.get(Section.COMMISSION, 0),
            fee=own.get(Section.FEE, 0),
            adjustment=own.get(Section.ADJUSTMENT, 0),
        )
        for debtor, creditor in sorted({*sections, *opening})
    ]


def _carried(coalition: OpenCoalition, recorder: CoalitionRecorder, number: int) -> tuple[Due, ...]:
    if number == 1:
        return ()
    predecessor = find_closing(coalition, recorder, number - 1).window
    if predecessor.state is State.CUT:
        raise WindowOutOfOrder(number=number, step="stated", predecessor=number - 1)
    return predecessor.carried
