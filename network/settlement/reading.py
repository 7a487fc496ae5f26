"""Reads what statements are made of: the stated event from the log, the lines from their view, at one instant."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from psycopg import Connection, sql

from network.coalitions import Readable
from network.domain.errors import VersionNotFound, WindowStateForbids
from network.domain.postings import deposits_of, organizer_of, pool_of
from network.domain.statement import Figures
from network.domain.window import State, Window
from network.projections import coalition as coalitions
from network.projections import merchants, statement_rows
from network.projections.tracking import ViewBehind, at_one_position
from network.settlement.building import Sums, held, statement_of
from network.settlement.closing import find_closing
from network.settlement.lines import each_line, lines_of
from network.settlement.statement import EachLine, Heading, Line, Statement
from network.settlement.versions import by_version

VIEWS = ("coalition", "merchants", "statement_lines")


@dataclass(frozen=True, slots=True)
class Reading:
    """One stated window, open for reading."""

    connection: Connection
    schema: str
    heading: Heading
    stated: Window.Stated
    names: dict[UUID, str]
    recomputed: tuple[Window.Recomputed, ...] = ()

    @property
    def in_force(self) -> int:
        """The newest version, by which payments are asked for; 1 is the statement itself."""
        return self.recomputed[-1].version if self.recomputed else 1

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
        ).format(t=sql.Identifier(self.schema, statement_rows.SUPPLIES.name))
        named = self.connection.execute(statement, {"n": self.heading.window}).fetchall()
        return sorted({party for (party,) in named} | {one.party for one in self.stated.parties})

    def statement(self, party_id: UUID, version: int | None = 1) -> Statement:
        """One party's statement with all its lines, by the first version, by another, or (None) by the one in force;
        empty for a party that the window does not name. Raises: StatementDiffers, VersionNotFound.
        """
        statement, _ = self.short_statement(party_id, version, most=None)
        return statement

    def short_statement(self, party_id: UUID, version: int | None = None, *, most: int | None) -> tuple[Statement, int]:
        """The statement, with its lines unless there are more than `most`; and how many there are."""
        sums = self.summary(party_id, version)
        kept: dict[UUID, list[Line]] = {}
        count = 0
        for count, (other, line) in enumerate(self.each_line(sums), start=1):
            if most is None or count <= most:
                kept.setdefault(other, []).append(line)
        if most is not None and count > most:
            return sums, count
        pairs = (replace(pair, lines=tuple(kept.get(pair.counterparty_id, ()))) for pair in sums.pairs)
        return replace(sums, pairs=tuple(pairs)), count

    def summary(self, party_id: UUID, version: int | None = None) -> Statement:
        """The same without its lines: a few rows for each counterparty, however many lines there are."""
        asked = (self.connection, self.schema, self.heading.window, party_id)
        sums = Sums(statement_rows.totals_of_party(*asked), statement_rows.supplies_of_party(*asked))
        return self._by(statement_of(self.heading, party_id, self.stated, sums, self.names), version)

    def each_line(self, statement: Statement) -> EachLine:
        """The lines of a summary, read while they are taken, and held against it. Raises: StatementDiffers."""
        asked = (self.connection, self.schema, self.heading.window, statement.party_id)
        return held(statement, each_line(*asked))

    def is_longer_than(self, party_id: UUID, events: int) -> bool:
        """Whether more events than that stand in the party's statement; costs as much as a page of so many."""
        asked = (self.connection, self.schema, self.heading.window, party_id)
        return len(statement_rows.positions_of_party(*asked, after=0, limit=events + 1)) > events

    def lines(
        self, party_id: UUID, *, after: int, limit: int, other_id: UUID | None = None, words: str = ""
    ) -> list[tuple[UUID, Line]]:
        """The party's next lines in log order, with the counterparty of each: at least those of `limit` events after
        the position `after`, all lines of each. Only with `other_id`, and only bills whose number has these `words`.
        """
        place = (self.connection, self.schema, self.heading.window, party_id)
        if other_id is None and not words:
            positions = statement_rows.positions_of_party(*place, after=after, limit=limit)
        else:
            positions = statement_rows.positions_found(*place, after=after, limit=limit, other_id=other_id, words=words)
        postings, causes = statement_rows.rows_at(self.connection, self.schema, party_id, positions)
        found = lines_of(party_id, postings, causes)
        lines = [(other, line) for other, own in found.items() for line in own if other_id in (None, other)]
        return sorted(lines, key=lambda one: (one[1].position, one[0]))

    def _by(self, first: Statement, version: int | None) -> Statement:
        wanted = self.in_force if version is None else version
        if not 1 <= wanted <= self.in_force:
            raise VersionNotFound(number=self.heading.window, version=wanted, in_force=self.in_force)
        since = self.recomputed[: wanted - 1]
        return by_version(first, since, self.names) if since else first


@contextmanager
def stated_window(coalition: Readable, number: int) -> Iterator[Reading]:
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
        recomputed = tuple(event for event in events if isinstance(event, Window.Recomputed))
        with at_one_position(recorder.connection, coalition.schema, VIEWS) as reached:
            if reached < closing.position:
                raise ViewBehind(reached, closing.position)
            heading = _heading(recorder.connection, coalition, closing.window, after, events[0].timestamp, stated)  # type: ignore[attr-defined]
            names = names_of(recorder.connection, coalition)
            yield Reading(recorder.connection, coalition.schema, heading, stated, names, recomputed)


def _heading(
    connection: Connection,
    coalition: Readable,
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


def names_of(connection: Connection, coalition: Readable) -> dict[UUID, str]:
    """`{party: name}`. A partner's name is in its first event, so it is the same in every reading."""
    named = {row.merchant_id: row.name for row in merchants.all(connection, coalition.schema, limit=1_000_000)}
    own = coalition.coalition_id
    return {**named, pool_of(own): "Pool", organizer_of(own): "Organizer", deposits_of(own): "Deposits"}
