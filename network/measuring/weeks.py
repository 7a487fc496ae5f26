"""The weeks of draws that are kept, brought up to date by what is new or was corrected: never by reading all draws.

A week is worked out from its draws when it is over, and again when an event changed one of them, which the view says by
log positions. What may be shown follows from the weeks one after another; each end of a stretch that may be shown keeps
the sum of all before, so a week that is corrected costs the weeks since then. All are whole numbers: kept or worked out
from nothing, the sums are the same to the last digit.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Any, LiteralString

from psycopg import Connection, sql

from network.measuring.draws import ByWeek, Comparison, sums_by_week
from network.measuring.releasing import MONDAY, Arms, begins_at, released, weeks_over
from network.projections.assignments import PROJECTION
from network.projections.tracking import position_of

_AT_ONCE = 13
"""Weeks that are worked out together; more of them would need more memory."""
_CHANGED: LiteralString = """
SELECT DISTINCT floor(extract(epoch FROM drawn_at - %s) / 604800)::integer AS week FROM {o}
WHERE changed_position > %s AND drawn_at < %s ORDER BY week
"""
# Each comparison by itself, by index: what a planner makes of all at once reads every week there is.
_SINCE: LiteralString = """
WITH asked AS MATERIALIZED (
    SELECT c.issuer_id, c.acceptor_id, (
        SELECT week FROM {w} e WHERE e.issuer_id = c.issuer_id AND e.acceptor_id = c.acceptor_id AND week < c.first
            AND released IS NOT NULL ORDER BY week DESC LIMIT 1) AS base
    FROM unnest(%s::uuid[], %s::uuid[], %s::integer[]) AS c (issuer_id, acceptor_id, first)
)
SELECT asked.issuer_id, asked.acceptor_id, w.week, w.added, w.released
FROM asked CROSS JOIN LATERAL (
    SELECT week, added, released FROM {w} w WHERE w.issuer_id = asked.issuer_id AND w.acceptor_id = asked.acceptor_id
        AND week < %s AND week >= coalesce(asked.base, -2147483648) ORDER BY week LIMIT 1000000
) w ORDER BY asked.issuer_id, asked.acceptor_id, w.week
"""
_ADDED: LiteralString = """
SELECT issuer_id, acceptor_id, week, added
FROM unnest(%s::uuid[], %s::uuid[], %s::integer[]) AS asked (issuer_id, acceptor_id, week)
JOIN {w} USING (issuer_id, acceptor_id, week)
"""


@dataclass(frozen=True, slots=True)
class Week:
    """What a week's draws come to, and with all before them, where that may be shown."""

    number: int
    added: Arms
    released: Arms | None


@dataclass(frozen=True, slots=True)
class Until:
    """How far the kept weeks are: up to which position, and before which week."""

    position: int = 0
    before: int | None = None


class Weeks:
    """Each comparison's weeks that were over by `until`, as of the caller's transaction.

    `keep`: write what is new, so that nobody has to work it out again. Otherwise nothing is written.
    """

    def __init__(self, connection: Connection, schema: str, until: datetime, *, keep: bool) -> None:
        self._connection = connection
        self._names = {
            name: sql.Identifier(schema, table)
            for name, table in (
                ("w", "measured_weeks"), ("u", "measured_until"), ("o", "draw_outcomes"), ("d", "draws"),
            )
        }  # fmt: skip
        self._schema = schema
        self._keep = keep
        self._newest: dict[Comparison, list[Week]] = {}
        """From the last one that may be shown on, of what was brought up to date."""
        position = position_of(connection, schema, (PROJECTION.name,))
        self._until = self._read_until(position)
        # What was over once is over, should the last day of an imported past be found to be an earlier one.
        self.before = max(weeks_over(until), weeks_over(until) if self._until.before is None else self._until.before)
        self._bring_up_to_date(position)

    def of(self, comparisons: Collection[Comparison]) -> dict[Comparison, list[Week]]:
        """From the last week that may be shown on. Those without any draws that are over are left out."""
        known = {one: self._newest[one] for one in comparisons if one in self._newest}
        return known | self._kept({one: self.before for one in comparisons if one not in known}, self.before)

    def _bring_up_to_date(self, position: int) -> None:
        begun = self._until.before
        if begun is None:
            first = self._connection.execute(sql.SQL("SELECT min(drawn_at) FROM {d}").format(**self._names)).fetchone()
            begun = weeks_over(first[0]) if first and first[0] else self.before
        else:
            self._correct(begun, self._until.position)
        for week in range(begun, self.before, _AT_ONCE):
            upto = min(self.before, week + _AT_ONCE)
            self._take_in(sums_by_week(self._connection, self._schema, begins_at(week), begins_at(upto)))
        if self._keep:
            self._save_until(position, max(begun, self.before))

    def _correct(self, before: int, position: int) -> None:
        """Work those weeks out again that events since `position` changed."""
        rows = self._do(_CHANGED, [MONDAY, position, begins_at(before)])
        found: ByWeek = {}
        for (week,) in rows:
            for one, again in sums_by_week(
                self._connection, self._schema, begins_at(week), begins_at(week + 1)
            ).items():
                found.setdefault(one, {}).update(again)
        kept = self._added([(one, week) for one, again in found.items() for week in again])
        for one, again in found.items():
            found[one] = {week: arms for week, arms in again.items() if kept.get((one, week)) != arms}
        self._take_in({one: again for one, again in found.items() if again})

    def _take_in(self, found: ByWeek) -> None:
        """These weeks, in place of what was kept of them, and what may be shown since."""
        unread = {one: min(weeks) for one, weeks in found.items() if one not in self._newest}
        kept = self._kept(unread, None) | {one: self._newest[one] for one in found if one in self._newest}
        for one, changed in found.items():
            before = [week for week in kept.get(one, []) if week.number < min(changed)]
            ended = before[0] if before and before[0].released is not None else None
            added = {week.number: week.added for week in kept.get(one, []) if week is not ended} | changed
            begun = ended.released if ended and ended.released else Arms()
            weeks = [Week(*each) for each in released(begun, sorted(added.items(), key=itemgetter(0)))]
            if self._keep:
                self._save(one, weeks)
            self._newest[one] = _since_shown([ended, *weeks] if ended else weeks)

    def _kept(self, firsts: Mapping[Comparison, int], before: int | None) -> dict[Comparison, list[Week]]:
        """What is kept of each comparison from its last week on that may be shown and lies before a first one."""
        if not firsts or (self._until.before is None and not self._keep):
            return {}
        sides = [list(side) for side in zip(*firsts, strict=True)]
        rows = self._do(_SINCE, [*sides, list(firsts.values()), 2**31 - 1 if before is None else before])
        return {
            one: [Week(row[2], _arms(row[3]), _arms(row[4]) if row[4] else None) for row in weeks]
            for one, weeks in groupby(rows, key=lambda row: (row[0], row[1]))
        }

    def _added(self, weeks: Collection[tuple[Comparison, int]]) -> dict[tuple[Comparison, int], Arms]:
        """What is kept of these weeks alone."""
        columns = [[one[0] for one, _ in weeks], [one[1] for one, _ in weeks], [week for _, week in weeks]]
        return {((row[0], row[1]), row[2]): _arms(row[3]) for row in self._do(_ADDED, columns)}

    def _save(self, one: Comparison, weeks: Iterable[Week]) -> None:
        statement = sql.SQL(
            "INSERT INTO {w} VALUES (%s, %s, %s, %s::numeric[], %s::numeric[])"
            " ON CONFLICT (issuer_id, acceptor_id, week)"
            " DO UPDATE SET added = excluded.added, released = excluded.released"
        ).format(**self._names)
        rows = [
            (*one, week.number, week.added.numbers, week.released.numbers if week.released else None) for week in weeks
        ]
        with self._connection.cursor() as cursor:
            cursor.executemany(statement, rows)

    def _read_until(self, position: int) -> Until:
        """Of another fold's rows, or of a view that has come less far since, nothing is trusted."""
        rows = self._do("SELECT fold, position, before_week FROM {u}", [])
        if rows and rows[0][0] == PROJECTION.digest and rows[0][1] <= position:
            return Until(rows[0][1], rows[0][2])
        if self._keep:
            self._connection.execute(sql.SQL("DELETE FROM {w}").format(**self._names))
        return Until()

    def _save_until(self, position: int, before: int) -> None:
        statement = sql.SQL(
            "INSERT INTO {u} (fold, position, before_week) VALUES (%s, %s, %s) ON CONFLICT (only_one) DO UPDATE"
            " SET fold = excluded.fold, position = excluded.position, before_week = excluded.before_week"
        ).format(**self._names)
        self._connection.execute(statement, (PROJECTION.digest, position, before))

    def _do(self, text: LiteralString, parameters: Sequence[object]) -> list[tuple[Any, ...]]:
        return self._connection.execute(sql.SQL(text).format(**self._names), parameters).fetchall()


def _since_shown(weeks: list[Week]) -> list[Week]:
    places = [place for place, week in enumerate(weeks) if week.released is not None]
    return weeks[places[-1] :] if places else weeks


def _arms(numbers: Iterable[Any]) -> Arms:
    return Arms.of([int(number) for number in numbers])
