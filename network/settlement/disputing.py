"""Disputes from the side of whoever reads a statement: find the line in the log, then say what is wrong with it."""

from datetime import datetime
from typing import cast
from uuid import UUID, uuid4

from eventsourcing.persistence import StoredEvent
from psycopg import sql

from network.application import Answer, Request
from network.coalitions import OpenCoalition
from network.domain.certificate import Certificate
from network.domain.default import Default
from network.domain.dispute import Dispute, DisputedLine, Reason, speaks_for
from network.domain.errors import LineNotDisputable, LineNotFound, Refusal
from network.domain.postings import Kind
from network.domain.units import Minor
from network.projections import disputes, windows
from network.store.recorder import CoalitionRecorder

AT_ONCE = 500
_Trade = (
    Certificate.Redeemed
    | Certificate.RedemptionReversed
    | Certificate.RedemptionRefunded
    | Certificate.OfflineConflicted
)
_LastWord = Dispute.Upheld | Dispute.Rejected | Default.Recovered


def raise_dispute(
    coalition: OpenCoalition,
    *,
    request: Request,
    position: int,
    creditor_id: UUID,
    kind: Kind,
    amount: Minor | None,
    reason: Reason,
    note: str,
    by: UUID | None,
) -> Answer:
    """Dispute what a line charges. Raises: LineNotFound, LineNotDisputable; answers with the command's refusals."""
    line = find_line(coalition, position=position, creditor_id=creditor_id, kind=kind, by=by)
    command = coalition.application.raise_dispute(
        request=request, line=line, amount=amount, reason=reason, note=note, by=by
    )
    return command.result()


def find_line(
    coalition: OpenCoalition, *, position: int, creditor_id: UUID, kind: Kind, by: UUID | None
) -> DisputedLine:
    """The entry that the event at `position` posted in favour of `creditor_id`, and the window that covers it. Where
    two owe such a part of one redemption, that of `by`.

    Raises: LineNotFound, also while no window that covers it was cut; LineNotDisputable.
    """
    with coalition.reading() as recorder:
        cuts = [row for row in windows.all(recorder.connection, coalition.schema) if row.position >= position]
        event = _event_at(coalition, recorder, position)
    if not cuts or not isinstance(event, _Trade | _LastWord):
        raise LineNotFound()
    found = [one for one in enumerate(event.postings) if (one[1].creditor, one[1].kind) == (creditor_id, kind)]
    if not found:
        raise LineNotFound()
    if isinstance(event, _LastWord):
        raise LineNotDisputable()
    own = speaks_for(coalition.coalition_id, by)
    entry, posting = next((one for one in found if one[1].debtor in own), found[0])
    return DisputedLine(
        window_number=cuts[0].number,
        position=position,
        entry=entry,
        posting=posting,
        certificate_id=event.originator_id,
        redemption_id=event.redemption_id,
    )


def uphold_due(coalition: OpenCoalition, at: datetime) -> int:
    """Let silence uphold every dispute whose time to be answered is over at `at`; how many. Safe to run twice at once.

    Reads the view `disputes`: what that does not show yet is left for the next run.
    """
    with coalition.readers.connection() as connection:
        due = disputes.unanswered(connection, coalition.schema, at, limit=AT_ONCE)
    upheld = 0
    for row in due:
        request = Request("network", str(uuid4()), row.dispute_id.bytes, at)
        try:
            coalition.application.uphold_by_silence(request=request, dispute_id=row.dispute_id).result().facts()
        except Refusal:  # it was answered, or another run was first
            continue
        upheld += 1
    return upheld


def _event_at(coalition: OpenCoalition, recorder: CoalitionRecorder, position: int) -> object:
    row = recorder.connection.execute(
        sql.SQL("SELECT originator_id, originator_version, topic, state FROM {} WHERE position = %s").format(
            sql.Identifier(coalition.schema, "events")
        ),
        (position,),
    ).fetchone()
    return cast(object, coalition.mapper.to_domain_event(StoredEvent(*row))) if row else None
