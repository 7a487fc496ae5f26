"""One look at all comparisons of a coalition: what may be shown of them, and what may steer the draw."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

import msgspec
from psycopg import Connection

from network.measuring import draws
from network.measuring.begun import pairs
from network.measuring.document import report_document
from network.measuring.draws import ALL, Comparison
from network.measuring.reading import Report, report_of
from network.measuring.releasing import Arms
from network.measuring.steering import Lifts, lifts_of
from network.measuring.weeks import Weeks


class Look:
    """At the draws of whole weeks whose horizons ended by `until`; as `Weeks`, inside a caller's transaction.

    `weeks`: of each comparison, from the last one on that may be shown.
    """

    def __init__(self, connection: Connection, schema: str, until: datetime, position: int, *, keep: bool) -> None:
        self._connection, self._schema, self._until, self._position = connection, schema, until, position
        drawn = pairs(connection, schema)
        together = {(issuer_id, ALL) for issuer_id, _ in drawn}
        self.weeks = Weeks(connection, schema, until, keep=keep).of([*drawn, *together, (ALL, ALL)])

    def document(self, reader_id: UUID | None) -> bytes:
        """What a merchant is shown, or with None the street: draws that may be shown by now."""
        shown = {one: weeks[0].released or Arms() for one, weeks in self.weeks.items()}
        return msgspec.json.encode(report_document(self._report(shown, reader_id)))

    def lifts(self) -> Lifts:
        """From all draws: what steers is shown to nobody."""
        every = {
            one: sum((week.added for week in weeks[1:]), weeks[0].released or weeks[0].added)
            for one, weeks in self.weeks.items()
        }
        return lifts_of(self._report(every, None))

    def _report(self, found: Mapping[Comparison, Arms], reader_id: UUID | None) -> Report:
        counts = draws.counts(self._connection, self._schema, self._until, reader_id)
        return report_of(found, position=self._position, until=self._until, counts=counts, merchant_id=reader_id)
