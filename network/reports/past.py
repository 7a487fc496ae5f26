"""Reads past certificates and their uses from the log, for `what_if`. It costs what the past in question is large."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from eventsourcing.persistence import StoredEvent
from psycopg import Connection, sql

from network.domain.certificate import Certificate
from network.domain.errors import WhatIfTooLarge
from network.domain.payment import Payment
from network.projections.effects.rows import CERTIFICATES, REDEMPTIONS
from network.projections.tables import View, select
from network.reports.period import Period
from network.reports.suppression import is_small
from network.reports.what_if import Act, Past, Use
from network.store.mapper import EventMapper

AT_ONCE = 2_000


def until_of(period: Period, time_zone: str) -> datetime:
    """The instant at which the period is over."""
    return datetime.combine(period.last_on + timedelta(days=1), time(), ZoneInfo(time_zone)).astimezone(UTC)


def past_of(
    connection: Connection,
    schema: str,
    period: Period,
    time_zone: str,
    *,
    issuer_id: UUID | None,
    acceptor_id: UUID | None,
    limit: int | None,
    small: bool,
) -> list[Past]:
    """Certificates issued in the period, in order. `small` False leaves out pairs with one to four uses.

    Raises: WhatIfTooLarge when there are more than `limit`.
    """
    begins = datetime.combine(period.first_on, time(), ZoneInfo(time_zone))
    rest = "WHERE issued_at >= %s AND issued_at < %s"
    asked: list[Any] = [begins, until_of(period, time_zone)]
    for column, value in (("issuer_id", issuer_id), ("acceptor_id", acceptor_id)):
        if value is not None:
            rest += f" AND {column} = %s"
            asked.append(value)
    rest += " ORDER BY issued_at, certificate_id"
    if limit is not None:
        rest += " LIMIT %s"
        asked.append(limit + 1)
    rows = select(connection, schema, CERTIFICATES, rest, asked)
    if limit is not None and len(rows) > limit:
        raise WhatIfTooLarge(most=limit)
    uses: dict[tuple[UUID, UUID], int] = {}
    for row in rows:
        uses[row.issuer_id, row.acceptor_id] = uses.get((row.issuer_id, row.acceptor_id), 0) + (row.used_at is not None)
    wanted = [row.certificate_id for row in rows if small or not is_small(uses[row.issuer_id, row.acceptor_id])]
    reader = _Reader(connection, schema)
    return [one for start in range(0, len(wanted), AT_ONCE) for one in reader.read(wanted[start : start + AT_ONCE])]


class _Reader:
    def __init__(self, connection: Connection, schema: str) -> None:
        self._view = View(connection, schema)
        self._mapper = EventMapper()
        self._events = sql.SQL(
            "SELECT originator_id, originator_version, topic, state FROM {e}"
            " WHERE originator_id = ANY (%b) ORDER BY position"
        ).format(e=sql.Identifier(schema, "events"))

    def read(self, certificate_ids: Sequence[UUID]) -> Iterator[Past]:
        """Each with what became of it."""
        events = self._streams(certificate_ids)
        rows = self._view.load(REDEMPTIONS, "certificate_id", certificate_ids)
        shares = {row.redemption_id: row.bill_share for row in rows}
        before = self._deducted_before({row.payment_id for row in rows if row.payment_id})
        issued = {key: stream[0] for key, stream in events.items()}
        earned = self._earned({one.origin.payment_id for one in issued.values()})
        for key in certificate_ids:
            acts = tuple(act for event in events[key][1:] if (act := _act(event, shares, before)) is not None)
            yield Past(issued[key], earned.get(issued[key].origin.payment_id), acts)

    def _streams(self, ids: Iterable[UUID]) -> dict[UUID, list[Any]]:
        found: dict[UUID, list[Any]] = {}
        for stored in self._stored(ids):
            event: Any = self._mapper.to_domain_event(stored)
            found.setdefault(event.originator_id, []).append(event)
        return found

    def _stored(self, ids: Iterable[UUID]) -> Iterator[StoredEvent]:
        """The stored events of these aggregates, each in its order."""
        for row in self._view.connection.execute(self._events, (list(ids),), binary=True):
            yield StoredEvent(*row)

    def _deducted_before(self, bills: Iterable[UUID]) -> dict[UUID, int]:
        """`{redemption: what other certificates had taken off its bill by then}`."""
        found: dict[UUID, int] = {}
        for stream in self._streams(bills).values():
            payment: Any = None
            for event in stream:
                if isinstance(event, Payment.Announced | Payment.Deducted):
                    found[event.redemption_id] = payment.deducted if payment is not None else 0
                payment = event.mutate(payment)
        return found

    def _earned(self, payment_ids: Iterable[UUID]) -> dict[UUID, int]:
        """What each bill had paid in money when certificates were decided on: what their face values follow."""
        found: dict[UUID, int] = {}
        for payment_id, stream in self._streams(payment_ids).items():
            payment: Any = None
            for event in stream:
                if isinstance(event, Payment.IssueDecided):
                    break
                payment = event.mutate(payment)
            if payment is not None:
                found[payment_id] = payment.paid
        return found


def _act(event: Any, shares: dict[UUID, int | None], before: dict[UUID, int]) -> Act | None:
    match event:
        case Certificate.Redeemed():
            left = None if event.bill is None else event.bill - before.get(event.redemption_id, 0)
            return Use(event, left, shares.get(event.redemption_id))
        case Certificate.RedemptionReversed() | Certificate.RedemptionRefunded():
            return event
        case _:
            return None
