"""A made statement with everything in it: long names, adjustments, a pool, an organizer, an opening."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid5

from network.domain.postings import organizer_of, pool_of
from network.domain.statement import Section
from network.settlement.statement import Entry, Heading, Line, PairStatement, Statement, Supplied, Turnover

COALITION, SALON, RESTAURANT, CAR_WASH = (UUID(int=n) for n in (7, 1, 11, 12))
BEGAN = datetime(2026, 3, 2, 8, tzinfo=UTC)
LONG = "Skaistumkopšanas salons un frizētava “Ūdensroze pie Ķīšezera”, sabiedrība ar ierobežotu atbildību"


def heading(**other: object) -> Heading:
    facts: dict[str, object] = {
        "coalition_id": COALITION,
        "coalition_name": "Elm Street",
        "currency": "EUR",
        "time_zone": "Europe/Riga",
        "window": 3,
        "after_position": 1_200,
        "position": 4_567,
        "chain_hash": "ab" * 32,
        "cut_at": datetime(2026, 3, 31, 21, tzinfo=UTC),
        "stated_at": datetime(2026, 4, 1, 6, 12, tzinfo=UTC),
        "review_ends_at": datetime(2026, 4, 8, 21, tzinfo=UTC),
        "method": "loops",
        "threshold": 500,
    }
    return Heading(**(facts | other))  # type: ignore[arg-type]


def line(number: int, other_id: UUID, *entries: Entry, adjusts: int | None = None, bill_reference: str = "") -> Line:
    return Line(
        position=1_201 + number,
        happened_at=BEGAN + timedelta(minutes=17 * number),
        cause="redeemed" if adjusts is None else "reversed",
        issuer_id=SALON,
        acceptor_id=other_id,
        certificate_id=uuid5(other_id, f"certificate {number}"),
        redemption_id=uuid5(other_id, f"redemption {number}"),
        bill_reference=bill_reference or f"table {number}",
        bill=1_800 + number,
        deducted=500 if adjusts is None else -500,
        adjusts=adjusts,
        entries=entries,
        amount=sum(entry.amount for entry in entries),
    )


def pair(
    other_id: UUID,
    name: str,
    lines: tuple[Line, ...],
    *,
    opening: int = 0,
    cleared: int = 0,
    supplied: tuple[Supplied, ...] = (),
) -> PairStatement:
    sections: dict[str, Turnover] = {}
    for entry in (entry for one in lines for entry in one.entries):
        was = sections.get(entry.section, Turnover(0, 0))
        sections[entry.section] = Turnover(was.receives + max(0, entry.amount), was.owes + max(0, -entry.amount))
    closing = opening + sum(one.amount for one in lines)
    small = abs(closing - cleared) < 500
    return PairStatement(
        counterparty_id=other_id,
        counterparty_name=name,
        opening=opening,
        sections={s.value: sections[s.value] for s in Section if s.value in sections},
        closing=closing,
        cleared=cleared,
        due=0 if small else closing - cleared,
        rolled_over=closing - cleared if small else 0,
        redeemed_here=0,
        redeemed_there=sum(one.deducted for one in lines),
        lines=lines,
        supplied_there=supplied,
    )


def statement(*pairs: PairStatement, name: str = "Salon", **other: object) -> Statement:
    sections: dict[str, Turnover] = {}
    for one in pairs:
        for section, turnover in one.sections.items():
            was = sections.get(section, Turnover(0, 0))
            sections[section] = Turnover(was.receives + turnover.receives, was.owes + turnover.owes)
    return Statement(
        heading=heading(**other),
        party_id=SALON,
        party_name=name,
        opening=sum(one.opening for one in pairs),
        sections=sections,
        closing=sum(one.closing for one in pairs),
        due=sum(one.due for one in pairs),
        rolled_over=sum(one.rolled_over for one in pairs),
        redeemed_here=sum(one.redeemed_here for one in pairs),
        redeemed_there=sum(one.redeemed_there for one in pairs),
        pairs=pairs,
    )


def full(lines: int = 4) -> Statement:
    """Two partners, the pool and the organizer; loops cleared 1.00; one adjustment below zero."""
    value, thanks, fee = Entry("value", "value", -500), Entry("commission", "commission", 65), Entry("fee", "fee", -12)
    undone = Entry("value", "adjustment", 500)
    own = (*(line(n, RESTAURANT, value, thanks) for n in range(lines)), line(lines, RESTAURANT, undone, adjusts=2))
    supplied = (
        Supplied("third_party_funded", "LV", None, 100, None),
        Supplied("third_party_funded", "LV", 500, 250, 12),
        Supplied("third_party_funded", "LV", 2_100, 750, 130),
    )
    return statement(
        pair(RESTAURANT, "Restorāns “Ķirsītis”", own, opening=-420, cleared=-100, supplied=supplied),
        pair(CAR_WASH, "Автомойка «Чистый ёж»", (line(50, CAR_WASH, value, bill_reference="=1+1"),), cleared=100),
        pair(organizer_of(COALITION), "Organizer", (line(51, CAR_WASH, fee),)),
        pair(pool_of(COALITION), "Pool", (line(52, CAR_WASH, Entry("value", "value", 250)),)),
        name=LONG,
    )
