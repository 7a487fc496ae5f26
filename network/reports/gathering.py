"""Reads what a report needs, all of one log position, and has it made."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from psycopg import Connection, sql

from network.domain.errors import MerchantNotFound
from network.domain.units import BasisPoints
from network.measuring.keeping import shown_document, today
from network.measuring.margins import with_margin
from network.projections import coalition, merchants
from network.projections.tracking import position_of
from network.reports import reading
from network.reports.partner import Heading, PartnerReport, PartnerRows, partner_report
from network.reports.past import past_of, until_of
from network.reports.period import Period
from network.reports.street import StreetReport, StreetRows, street_report
from network.reports.what_if import HELD_FIXED, Change, outcome_of
from network.reports.words import said

EVERYBODY = 100_000
__all__ = ("EVERYBODY", "partner", "position_of_report", "street", "today", "what_if", "whole_past")


def position_of_report(connection: Connection, schema: str) -> int:
    """The log position that the views of a report speak for."""
    return position_of(connection, schema, reading.VIEWS)


def partner(
    connection: Connection, schema: str, position: int, merchant_id: UUID, period: Period, *, own: bool
) -> PartnerReport:
    """A partner's page; the organizer's by whole calendar months. Raises: MerchantNotFound."""
    names = _names(connection, schema)
    if merchant_id not in names:
        raise MerchantNotFound()
    margin = reading.margin(connection, schema, merchant_id)
    months, past = period.whole_months(), period.months_until_now()
    period = period if own else months
    heading = _heading(connection, schema, position, period)
    rows = PartnerRows(
        heading=heading,
        merchant_id=merchant_id,
        names=names,
        margin=margin.margin if margin else None,
        pairs=reading.sums(connection, schema, period, merchant_id=merchant_id),
        versions=reading.sums(connection, schema, period, merchant_id=merchant_id, by_version=True),
        stretches=reading.sums(
            connection, schema, period, merchant_id=merchant_id, by=period.stretch if own else "month"
        ),
        hops=reading.hops(connection, schema, months, merchant_id=merchant_id),
        limit_used=_limit_used(connection, schema, merchant_id),
        measured=_measured(connection, schema, heading, names, merchant_id, margin.margin if own and margin else None),
        months=reading.sums(connection, schema, past, merchant_id=merchant_id, by="month"),
    )
    return partner_report(rows, own=own)


def street(connection: Connection, schema: str, position: int, period: Period) -> StreetReport:
    """The street, by whole calendar months."""
    months = period.whole_months()
    heading, names = _heading(connection, schema, position, months), _names(connection, schema)
    rows = StreetRows(
        heading=heading,
        names=names,
        pairs=reading.sums(connection, schema, months),
        stretches=reading.sums(connection, schema, months, by="month"),
        hops=reading.hops(connection, schema, months),
        measured=_measured(connection, schema, heading, names, None, None),
    )
    return street_report(rows)


def what_if(
    connection: Connection,
    schema: str,
    position: int,
    period: Period,
    change: Change,
    *,
    issuer_id: UUID | None,
    acceptor_id: UUID | None,
    reader_id: UUID | None,
    limit: int | None = None,
    language: str = "en",
) -> dict[str, object]:
    """The past of the period as it was and as other terms would have had it; `reader_id` is the partner that asks, None
    the organizer. The acceptor's guests and margin are its own: others see neither its bills nor what it keeps.

    Raises: MerchantNotFound, InvalidTerms, WhatIfTooLarge.
    """
    if {issuer_id, acceptor_id} - {None} - _names(connection, schema).keys():
        raise MerchantNotFound()
    heading = _heading(connection, schema, position, period)
    own = reader_id is not None and reader_id == acceptor_id
    past = past_of(
        connection, schema, period, heading.time_zone, issuer_id=issuer_id, acceptor_id=acceptor_id, limit=limit,
        small=reader_id is not None,
    )  # fmt: skip
    until = until_of(period, heading.time_zone)
    was, becomes = (outcome_of(past, one, time_zone=heading.time_zone, until=until) for one in (Change(), change))
    given = reading.margin(connection, schema, acceptor_id) if own and acceptor_id else None
    margin = given.margin if given else None
    facts = [one.facts(margin) for one in (was, becomes)]
    if reader_id is not None and not own:
        for one in facts:
            one.pop("bill_value")
            one.pop("acceptor_cost")
    return {
        "position": position,
        "currency": heading.currency,
        "first_on": period.first_on,
        "last_on": period.last_on,
        "certificates": len(past),
        "was": facts[0],
        "becomes": facts[1],
        "difference": {name: _less(facts[1][name], facts[0][name]) for name in facts[0] if name != "refused"},
        "held_fixed": said(HELD_FIXED, language),
        "no_net_benefit": None if margin is not None else "no_margin" if own else "owners_alone",
    }


def _less(one: object, other: object) -> int | None:
    return one - other if isinstance(one, int) and isinstance(other, int) else None


def whole_past(connection: Connection, schema: str, period: Period) -> Period:
    """The same, from the first day on which anything happened to the last."""
    days = reading.first_and_last_day(connection, schema)
    return replace(period, first_on=days[0], last_on=days[1], as_of=max(days[1], period.as_of)) if days else period


def _measured(
    connection: Connection,
    schema: str,
    heading: Heading,
    names: dict[UUID, str],
    merchant_id: UUID | None,
    margin: BasisPoints | None,
) -> dict[str, Any] | None:
    """What was measured by lot until today, as `measuring` tells it, with names; None if nothing was randomised.

    It is worked out every hour, of horizons that were over when the day began: a report does not read all draws.
    """
    document = shown_document(connection, schema, heading.period.as_of, merchant_id)
    if document is None:
        return None
    if margin is not None:
        document = with_margin(document, margin)
    for one in [*document["pairs"], document["together"]]:
        one["issuer"], one["acceptor"] = (names.get(one[side]) for side in ("issuer_id", "acceptor_id"))
        if one["acceptor_id"] != merchant_id:
            one["margin"] = None  # the margin is the acceptor's, and this is another's money
    return document


def _heading(connection: Connection, schema: str, position: int, period: Period) -> Heading:
    about = coalition.find(connection, schema)
    assert about is not None, "a coalition was founded"
    return Heading(about.name, about.currency, about.time_zone, position, period)


def _names(connection: Connection, schema: str) -> dict[UUID, str]:
    return {one.merchant_id: one.name for one in merchants.all(connection, schema, limit=EVERYBODY)}


def _limit_used(connection: Connection, schema: str, merchant_id: UUID) -> BasisPoints | None:
    """How full the fullest limit is on what the partner may owe; None without one."""
    row = connection.execute(
        sql.SQL(
            "SELECT max(greatest(x.used, 0) * 10000 / nullif(x.cap, 0)) FROM {x} x"
            " WHERE x.cap IS NOT NULL AND (x.scope = %s OR x.scope LIKE %s)"
        ).format(x=sql.Identifier(schema, "exposures")),
        (f"debtor:{merchant_id}", f"pair:{merchant_id}:%"),
    ).fetchone()
    return int(row[0]) if row and row[0] is not None else None
