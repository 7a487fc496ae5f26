"""The log as others may read it: everything for the organizer, for a merchant what names it, without other's guests."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from eventsourcing.persistence import Notification
from psycopg import sql

from network.coalitions import OpenCoalition

WINDOW = 20_000
"""Positions that one page looks through at most: a merchant's page may be short, or empty, and still lead on."""

_PARTIES = ("merchant_id", "issuer_id", "acceptor_id", "partner_id", "to_partner_id", "from_partner_id", "by",
            "debtor_id", "creditor_id")  # fmt: skip
_HOLDERS = ("holder_id", "from_id")
_OWN_STREAM = ("originator_topic",)
_OWNERS_ALONE = {"Merchant.MarginSet": ("margin",)}
"""What a partner keeps from the others, the organizer too: its own page of the feed shows it."""


@dataclass(frozen=True, slots=True)
class Page:
    """Events in log order. `next_after` is where to go on; `head` is the last position when it was read."""

    events: list[dict[str, object]]
    next_after: int
    head: int


def page_of_events(
    coalition: OpenCoalition,
    *,
    merchant_id: UUID | None,
    after: int,
    limit: int,
    topics: Iterable[str] = (),
) -> Page:
    """The events after a position; of a merchant where one is given, else all. `topics` empty: every topic."""
    with coalition.reading() as recorder:
        head = recorder.head()[0]
        until = min(head, after + WINDOW)
        rows = recorder.connection.execute(
            sql.SQL(_OF_MERCHANT if merchant_id else _ALL).format(
                e=sql.Identifier(coalition.schema, "events"), a=sql.Identifier(coalition.schema, "agreements")
            ),
            {
                "after": after,
                "until": until,
                "topics": list(topics),
                "merchant": merchant_id,
                "named": str(merchant_id).encode(),
                "limit": limit,
            },
        ).fetchall()
    notifications = [Notification(*row) for row in rows]
    ended = len(notifications) < limit
    events = [shown for one in notifications if (shown := _shown(one, merchant_id)) is not None]
    return Page(events, max(after, until) if ended else int(notifications[-1].id), head)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an organizer looks for. `kind`: the noun before a topic's point, "" whatever it is. `since` and `until`
    bound the business instant, `before` the position.
    """

    kind: str = ""
    merchant_id: UUID | None = None
    certificate_id: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None
    before: int | None = None

    def further(self, before: int) -> "Wanted":
        """The same, further back."""
        return replace(self, before=before)


def newest_events(coalition: OpenCoalition, wanted: Wanted, limit: int) -> Page:
    """The newest first, without guests. `next_after` is the `before` to go on with, 0 at the beginning of the log; a
    page may be short, or empty, before that.
    """
    with coalition.reading() as recorder:
        head = recorder.head()[0]
        last = head if wanted.before is None else min(head, wanted.before - 1)
        after = max(0, last - WINDOW)
        values = {
            "after": after,
            "last": last,
            "kind": wanted.kind,
            "named": [str(one).encode() for one in (wanted.merchant_id, wanted.certificate_id) if one is not None],
            "since": wanted.since,
            "until": wanted.until,
            "limit": limit,
        }
        statement = sql.SQL(_NEWEST).format(e=sql.Identifier(coalition.schema, "events"))
        rows = recorder.connection.execute(statement, values).fetchall()
    events = [shown for row in rows if (shown := _shown(Notification(*row), None, _GUESTS)) is not None]
    further = int(rows[-1][-1]) if len(rows) == limit else after + 1
    return Page(events, 0 if further <= 1 else further, head)


_GUESTS = (*_HOLDERS, "customer_id", "wallet_id")
# An event is found under what it is of, and under what it names.
_NEWEST = """
SELECT originator_id, originator_version, topic, state, position FROM {e}
WHERE position > %(after)s AND position <= %(last)s AND (%(kind)s = '' OR split_part(topic, '.', 1) = %(kind)s)
AND NOT EXISTS (SELECT FROM unnest(%(named)s::bytea[]) AS name
    WHERE convert_to(originator_id::text, 'UTF8') <> name AND position(name IN state) = 0)
AND (%(since)s::timestamptz IS NULL OR
    (convert_from(state, 'UTF8')::jsonb ->> 'timestamp')::timestamptz >= %(since)s::timestamptz AND
    (convert_from(state, 'UTF8')::jsonb ->> 'timestamp')::timestamptz < %(until)s::timestamptz)
ORDER BY position DESC LIMIT %(limit)s
"""

_ALL = """
SELECT originator_id, originator_version, topic, state, position FROM {e}
WHERE position > %(after)s AND position <= %(until)s AND (%(topics)s::text[] = '{{}}' OR topic = ANY (%(topics)s))
ORDER BY position LIMIT %(limit)s
"""
# The bytes decide only what is looked at; whether an event names the merchant, `_names` decides by its fields.
_OF_MERCHANT = """
SELECT originator_id, originator_version, topic, state, position FROM {e}
WHERE position > %(after)s AND position <= %(until)s AND (%(topics)s::text[] = '{{}}' OR topic = ANY (%(topics)s))
AND (originator_id = %(merchant)s OR position(%(named)s::bytea IN state) > 0
     OR topic LIKE 'Agreement.%%' AND originator_id IN
        (SELECT agreement_id FROM {a} WHERE issuer_id = %(merchant)s OR acceptor_id = %(merchant)s))
ORDER BY position LIMIT %(limit)s
"""


def _shown(one: Notification, merchant_id: UUID | None, without: Iterable[str] = ()) -> dict[str, object] | None:
    facts: dict[str, Any] = msgspec.json.decode(one.state)
    at = facts.pop("timestamp")
    for name in (*_OWN_STREAM, *without):
        facts.pop(name, None)
    if merchant_id is None:
        for name in _OWNERS_ALONE.get(one.topic, ()):
            facts.pop(name)
    else:
        if not _names(one, facts, merchant_id):
            return None
        _leave_out_guests(facts, str(merchant_id))
    return {
        "position": one.id,
        "id": str(one.originator_id),
        "version": one.originator_version,
        "topic": one.topic,
        "at": at,
        "facts": facts,
    }


def _names(one: Notification, facts: dict[str, Any], merchant_id: UUID) -> bool:
    """Whether the event is this merchant's: its own, one it is a party of, or of an agreement of its own."""
    if one.originator_id == merchant_id or one.topic.startswith("Agreement."):
        return True
    wanted = str(merchant_id)
    if one.topic.startswith("Coalition.Cap"):
        return wanted in facts.get("proposed", facts)["scope"].split(":")
    return any(facts.get(name) == wanted for name in _PARTIES)


def _leave_out_guests(facts: dict[str, Any], merchant_id: str) -> None:
    """A merchant knows the guests of its own payments, and no wallet otherwise."""
    for name in _HOLDERS:
        facts.pop(name, None)
    if facts.get("merchant_id") != merchant_id:
        facts.pop("customer_id", None)
