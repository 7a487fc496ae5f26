"""Which terms are in force between partners, which are waiting, and which were before?"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias, assert_never
from uuid import UUID

import msgspec
from psycopg import Connection

from network.domain.agreement import Agreement, State
from network.domain.terms import Terms
from network.projections.projection import Projection
from network.projections.tables import Json, Table, View, select

Reads: TypeAlias = (
    Agreement.Proposed
    | Agreement.VersionProposed
    | Agreement.Accepted
    | Agreement.Paused
    | Agreement.Resumed
    | Agreement.Ended
)


@dataclass(slots=True)
class AgreementRow:
    """An agreement now. `state`: proposed, active, paused, ended. `waiting_by` offered the version that waits."""

    agreement_id: UUID
    issuer_id: UUID
    acceptor_id: UUID
    state: str
    version_in_force: int | None
    version_waiting: int | None
    waiting_by: UUID | None
    paused_by: UUID | None
    ended_by: UUID | None
    ended_reason: str | None
    proposed_at: datetime
    proposed_position: int
    changed_at: datetime


@dataclass(slots=True)
class VersionRow:
    """One version of the terms; `terms` as in the events. `accepted_at` None: it never came into force."""

    agreement_id: UUID
    version: int
    terms: Json
    proposed_by: UUID
    proposed_at: datetime
    accepted_at: datetime | None


AGREEMENTS = Table(
    "agreements",
    AgreementRow,
    ("agreement_id",),
    indexes=("(proposed_position)", "(issuer_id)", "(acceptor_id)"),
)
VERSIONS = Table("agreement_versions", VersionRow, ("agreement_id", "version"))


def fold(facts: Sequence[tuple[int, Reads]], view: View) -> None:
    """Follow each agreement and each version of its terms."""
    touched = {event.originator_id for _, event in facts}
    rows = {row.agreement_id: row for row in view.load(AGREEMENTS, "agreement_id", touched)}
    versions = {(row.agreement_id, row.version): row for row in view.load(VERSIONS, "agreement_id", touched)}
    for position, event in facts:
        key = event.originator_id
        if isinstance(event, Agreement.Proposed):
            rows[key] = _proposed(position, event)
            versions[key, 1] = VersionRow(key, 1, _plain(event.terms), event.by, event.timestamp, None)
            continue
        row = rows[key]
        row.changed_at = event.timestamp
        match event:
            case Agreement.VersionProposed():
                number = event.agreement_version
                versions[key, number] = VersionRow(key, number, _plain(event.terms), event.by, event.timestamp, None)
                row.version_waiting, row.waiting_by = number, event.by
            case Agreement.Accepted():
                versions[key, event.agreement_version].accepted_at = event.timestamp
                row.version_in_force, row.version_waiting, row.waiting_by = event.agreement_version, None, None
                if row.state == State.PROPOSED.value:
                    row.state = State.ACTIVE.value
            case Agreement.Paused():
                row.state, row.paused_by = State.PAUSED.value, event.by
            case Agreement.Resumed():
                row.state, row.paused_by = State.ACTIVE.value, None
            case Agreement.Ended():
                row.state, row.version_waiting, row.waiting_by = State.ENDED.value, None, None
                row.ended_by, row.ended_reason = event.by, event.reason
            case _:
                assert_never(event)
    view.save(AGREEMENTS, rows.values())
    view.save(VERSIONS, versions.values())


def _proposed(position: int, event: Agreement.Proposed) -> AgreementRow:
    return AgreementRow(
        agreement_id=event.originator_id,
        issuer_id=event.issuer_id,
        acceptor_id=event.acceptor_id,
        state=State.PROPOSED.value,
        version_in_force=None,
        version_waiting=1,
        waiting_by=event.by,
        paused_by=None,
        ended_by=None,
        ended_reason=None,
        proposed_at=event.timestamp,
        proposed_position=position,
        changed_at=event.timestamp,
    )


def _plain(terms: Terms) -> Json:
    plain: Json = msgspec.to_builtins(terms)
    return plain


PROJECTION = Projection("agreements", Reads, (AGREEMENTS, VERSIONS), fold)


def all(connection: Connection, schema: str, *, after: int = 0, limit: int = 1000) -> list[AgreementRow]:  # noqa: A001
    """Agreements in the order of their proposal; `after` is the `proposed_position` of the last one seen."""
    rest = "WHERE proposed_position > %s ORDER BY proposed_position LIMIT %s"
    return select(connection, schema, AGREEMENTS, rest, [after, limit])


def of_merchant(
    connection: Connection, schema: str, merchant_id: UUID, *, after: int = 0, limit: int = 1000
) -> list[AgreementRow]:
    """A partner's agreements, on either side."""
    rest = "WHERE (issuer_id = %s OR acceptor_id = %s) AND proposed_position > %s ORDER BY proposed_position LIMIT %s"
    return select(connection, schema, AGREEMENTS, rest, [merchant_id, merchant_id, after, limit])


def find(connection: Connection, schema: str, agreement_id: UUID) -> AgreementRow | None:
    """One agreement, or None."""
    return next(iter(select(connection, schema, AGREEMENTS, "WHERE agreement_id = %s", [agreement_id])), None)


def versions(connection: Connection, schema: str, agreement_ids: Sequence[UUID]) -> list[VersionRow]:
    """Every version of these agreements, in order."""
    rest = "WHERE agreement_id = ANY (%s) ORDER BY agreement_id, version"
    return select(connection, schema, VERSIONS, rest, [list(agreement_ids)])
