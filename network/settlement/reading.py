"""Reads what statements are made of: the stated event from the log, the lines from their view, at one instant."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from psycopg import Connection, sql

from network.coalitions import OpenCoalition
from network.domain.errors import WindowStateForbids
from network.domain.postings import deposits_of, organizer_of, pool_of
from network.domain.statement import Figures
from network.domain.window import State, Window
from network.projections import coalition as coalitions
from network.projections import merchants, statement_lines
from network.projections.tracking import ViewBehind, at_one_position
from network.settlement.building import in_force_of, statement_of
from network.settlement.closing import find_closing
from network.settlement.statement import Heading, InForce, Statement

VIEWS = ("coalition", "merchants", "statement_lines")


@dataclass(frozen=True, slots=True)
class Reading:
    """One stated window, open for reading."""

    connection: Connection
    schema: str
    heading: Heading
    stated: Window.Stated
    names: dict[UUID, str]
    newest: Window.Recomputed | None = None

    @property
    def figures(self) -> Figures:
        """What the window's statement froze."""
        said = self.stated
        return Figures(said.debts, said.parties, said.payments, said.carried, said.savings)

    def parties(self) -> list[UUID]:
        """Everybody whom the window names: who owes or receives, and who only redeemed what it bears itself."""
        statement = sql.SQL(
            "SELECT issuer_id FROM {t} WHERE window_number = %(n)s"
            " UNION SELECT acceptor_id FROM {t} WHERE window_number = %(n)s"
        ).format(t=sql.Identifier(self.schema, statement_lines.CAUSES.name))
        named = self.connection.execute(statement, {"n": self.heading.window}).fetchall()
        return sorted({party for (party,) in named} | {one.party for one in self.stated.parties})

    def statement(self, party_id: UUID) -> Statement:
        """One party's statement; empty for one that the window does not name. Raises: StatementDiffers."""
        number = self.heading.window
        lines = statement_lines.lines_of_party(self.connection, self.schema, number, party_id)
        positions = sorted({line.position for line in lines})
        causes = statement_lines.causes_of_party(self.connection, self.schema, number, party_id, positions)
        return statement_of(self.heading, party_id, self.stated, lines, causes, self.names)

    def in_force(self, party_id: UUID) -> InForce | None:
        """What a newer version asks of the party; None while the statement is the only one."""
        return None if self.newest is None else in_force_of(party_id, self.newest, self.names)


@contextmanager
def stated_window(coalition: OpenCoalition, number: int) -> Iterator[Reading]:
    """Everything read inside is of one instant; the same window always reads the same.

    Raises: WindowNotFound, WindowStateForbids before it is stated, ViewBehind.
    """
    with coalition.reading() as recorder:
        closing = find_closing(coalition, recorder, number)
        if closing.window.state is State.CUT:
            raise WindowStateForbids(number=number, state=closing.window.state.value)
        after = find_closing(coalition, recorder, number - 1).position if number > 1 else 0
        events = [coalition.mapper.to_domain_event(e) for e in recorder.select_events(closing.window.id)]
        stated = next(event for event in events if isinstance(event, Window.Stated))
        newest = next((event for event in reversed(events) if isinstance(event, Window.Recomputed)), None)
        with at_one_position(recorder.connection, coalition.schema, VIEWS) as reached:
            if reached < closing.position:
                raise ViewBehind(reached, closing.position)
            heading = _heading(recorder.connection, coalition, closing.window, after, events[0].timestamp, stated)  # type: ignore[attr-defined]
            names = names_of(recorder.connection, coalition)
            yield Reading(recorder.connection, coalition.schema, heading, stated, names, newest)


def _heading(
    connection: Connection,
    coalition: OpenCoalition,
    window: Window,
    after: int,
    cut_at: datetime,
    stated: Window.Stated,
) -> Heading:
    about = coalitions.find(connection, coalition.schema)
    assert about is not None, "a coalition with a window was founded"
    return Heading(
        coalition_id=coalition.coalition_id,
        coalition_name=about.name,
        currency=about.currency,
        time_zone=about.time_zone,
        window=window.number,
        after_position=after,
        position=stated.position,
        chain_hash=stated.chain_hash,
        cut_at=cut_at,
        stated_at=stated.timestamp,
        review_ends_at=stated.review_ends_at,
        method=window.terms.method.value,
        threshold=window.terms.threshold,
    )


def names_of(connection: Connection, coalition: OpenCoalition) -> dict[UUID, str]:
    """`{party: name}`. A partner's name is in its first event, so it is the same in every reading."""
    named = {row.merchant_id: row.name for row in merchants.all(connection, coalition.schema, limit=1_000_000)}
    own = coalition.coalition_id
    return {**named, pool_of(own): "Pool", organizer_of(own): "Organizer", deposits_of(own): "Deposits"}
