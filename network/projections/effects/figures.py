"""What one certificate and one redemption add to the sums of a day. When they change, the old is taken back first."""

from collections.abc import Callable, Iterator
from dataclasses import fields
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

from network.domain.certificate import State
from network.domain.terms import Guest
from network.projections.effects.rows import (
    HORIZONS,
    CertificateRow,
    DayRow,
    HopRow,
    RedemptionRow,
    WaitRow,
)
from network.projections.effects.waits import bin_of

LocalDay = Callable[[datetime], date]
Summed = TypeVar("Summed", DayRow, WaitRow, HopRow)
_INSTANT = timedelta(microseconds=1)


class Part(NamedTuple):
    """Something to add to one row: of the day, of the waits (with their bin), or of the hops (with the hop)."""

    row: type[DayRow] | type[WaitRow] | type[HopRow]
    day: date
    place: int | None
    sums: dict[str, int]


def of_certificate(one: CertificateRow, day: LocalDay) -> Iterator[Part]:
    """Its use and its end."""
    if one.used_at is not None:
        used_on = day(one.used_at)
        yield Part(DayRow, used_on, None, {"used_count": 1})
        yield Part(WaitRow, used_on, bin_of(one.used_at - one.issued_at), {})
    if one.ended_at is None:
        return
    if one.state == State.EXPIRED.value:
        unused = int(one.used_at is None)
        yield Part(DayRow, day(one.ended_at - _INSTANT), None, {"unused_count": unused, "lapsed_value": one.lapsed})
    if one.state == State.REVOKED.value:
        yield Part(DayRow, day(one.ended_at), None, {"revoked_count": 1, "revoked_value": one.lapsed})


def of_redemption(one: RedemptionRow, day: LocalDay) -> Iterator[Part]:
    """All of a redemption that stands, on its day; nothing of one that was undone."""
    if not one.stands:
        return
    kept, visit = one.amount - one.refunded, int(one.visit)
    known = visit and one.guest != Guest.UNKNOWN.value
    sums = {
        "redemptions_count": 1,
        "redeemed_value": kept,
        "released_value": one.released,
        "visits_count": visit,
        f"{one.guest}_count": visit,
        "acceptor_value": kept - one.issuer_value - one.pool_value,
        "issuer_value": one.issuer_value,
        "pool_value": one.pool_value,
        "commission_value": one.commission,
        "acceptor_fee_value": one.acceptor_fee,
        "issuer_fee_value": one.issuer_fee,
    }
    if one.bill_share is not None:
        sums |= {"billed_count": 1, "bill_value": one.bill_share, "billed_redeemed_value": kept}
        if visit and one.guest == Guest.NEW.value:
            sums |= {"new_billed_count": 1, "new_bill_value": one.bill_share}
    again = {}
    for horizon in HORIZONS:
        for name in (f"followed_{horizon}_count", f"followed_{horizon}_value"):
            sums[name] = getattr(one, name)
        again[f"again_{horizon}_count"] = int(known and getattr(one, f"again_{horizon}"))
    used_on = day(one.redeemed_at)
    yield Part(DayRow, used_on, None, sums | again)
    yield Part(HopRow, used_on, one.hop, {"used_count": 1, "known_count": int(known), **again})


class Sums:
    """What a batch adds to each row."""

    def __init__(self) -> None:
        self._rows: dict[tuple[Any, ...], DayRow | WaitRow | HopRow] = {}

    def add(self, one: CertificateRow | RedemptionRow, part: Part, sign: int = 1) -> None:
        """Add a part to its row, or with `sign` -1 take it back."""
        key: tuple[UUID | int | date, ...] = (one.agreement_id, one.agreement_version, part.day)
        if part.place is not None:
            key += (part.place,)
        row = self._rows.get((part.row, *key))
        if row is None:
            row = self._rows[part.row, *key] = part.row(*key, one.issuer_id, one.acceptor_id)  # type: ignore[arg-type, call-arg]
        row.entries += sign
        for name, value in part.sums.items():
            setattr(row, name, getattr(row, name) + sign * value)

    def of(self, kind: type[Summed]) -> list[Summed]:
        """The rows of one table that change."""
        return [row for row in self._rows.values() if isinstance(row, kind) and _changes(row)]


def _changes(row: DayRow | WaitRow | HopRow) -> bool:
    return any(getattr(row, one.name) for one in fields(row) if one.default == 0)
