"""What happened to one certificate, line by line? Without a word on who held it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias, assert_never
from uuid import UUID

from psycopg import Connection

from network.domain.certificate import Certificate
from network.projections.projection import Projection
from network.projections.tables import Json, Table, View, select

Reads: TypeAlias = (
    Certificate.Issued
    | Certificate.Claimed
    | Certificate.PassedOn
    | Certificate.Rebound
    | Certificate.Printed
    | Certificate.Redeemed
    | Certificate.RedemptionReversed
    | Certificate.RedemptionRefunded
    | Certificate.CauseRefunded
    | Certificate.Expired
    | Certificate.ExpiryUndone
    | Certificate.OfflineConflicted
    | Certificate.Revoked
)


@dataclass(slots=True)
class HistoryLine:
    """One event of one certificate. `what` is the last word of its topic, as in "PassedOn"."""

    position: int
    certificate_id: UUID
    at: datetime
    what: str
    facts: Json


HISTORY = Table("history", HistoryLine, ("position",), indexes=("(certificate_id, position)",))


def fold(facts: Sequence[tuple[int, Reads]], view: View) -> None:
    """One line an event. What a line may say is named here, so that a new field of an event stays unsaid."""
    view.save(
        HISTORY,
        [
            HistoryLine(position, event.originator_id, event.timestamp, type(event).__name__, _said(event))
            for position, event in facts
        ],
    )


def _said(event: Reads) -> Json:  # noqa: PLR0911 - one return a kind of event
    match event:
        case Certificate.Issued():
            return {
                "face": event.face,
                "currency": event.currency,
                "expires_at": event.expires_at,
                "in_wallet": event.holder_id is not None,
                "agreement_id": event.origin.agreement_id,
                "agreement_version": event.origin.agreement_version,
                "replaces_id": event.origin.replaces_id,
            }
        case Certificate.Claimed() | Certificate.PassedOn() | Certificate.Rebound() | Certificate.Printed():
            return {"epoch": event.epoch}
        case Certificate.Redeemed():
            return {
                "redemption_id": event.redemption_id,
                "bill_reference": event.bill_reference,
                "bill": event.bill,
                "amount": event.amount,
                "released": event.released,
                "guest": event.guest,
                **({"taken_at": event.offline.taken_at} if event.offline else {}),
            }
        case Certificate.RedemptionReversed():
            return {
                "redemption_id": event.redemption_id,
                "amount": event.amount,
                "released": event.released,
                "renewed": event.renewed,
                "by": event.by,
                "reason": event.reason,
            }
        case Certificate.RedemptionRefunded():
            return {
                "redemption_id": event.redemption_id,
                "amount": event.amount,
                "replacement_id": event.replacement_id,
            }
        case Certificate.CauseRefunded():
            return {"payment_id": event.payment_id}
        case Certificate.OfflineConflicted():
            return {
                "redemption_id": event.redemption_id,
                "bill_reference": event.bill_reference,
                "bill": event.bill,
                "amount": event.amount,
                "taken_at": event.offline.taken_at,
                "code": event.code,
                "borne_by": event.borne_by,
            }
        case Certificate.ExpiryUndone():
            return {"redemption_id": event.redemption_id, "amount": event.amount}
        case Certificate.Expired():
            return {"amount": event.amount, "rule": event.rule}
        case Certificate.Revoked():
            return {"amount": event.amount, "by": event.by, "reason": event.reason}
        case _:
            assert_never(event)


PROJECTION = Projection("history", Reads, (HISTORY,), fold)


def of_certificate(
    connection: Connection, schema: str, certificate_id: UUID, *, after: int = 0, limit: int = 1000
) -> list[HistoryLine]:
    """Its lines in log order; `after` is the position of the last line seen."""
    rest = "WHERE certificate_id = %s AND position > %s ORDER BY position LIMIT %s"
    return select(connection, schema, HISTORY, rest, [certificate_id, after, limit])
