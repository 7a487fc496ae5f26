"""The limits on new issues, and how each event moves what counts against them (DOMAIN 4.3).

Scopes, as they are written in `Coalition.CapSet` and kept in the exposure rows:

    pair:DEBTOR:CREDITOR     minor units that one party may owe another: owed, net, reserved, and disputed
    debtor:PARTY             minor units that one party may owe in all: owed, net, reserved, and disputed
    agreement:AGREEMENT      face value issued under one agreement
    campaign:CAMPAIGN        face value issued under all agreements of a campaign: its budget
    intake:ACCEPTOR          certificates issued towards one acceptor on one local day
    customer                 certificates handed to one wallet on one local day, the same number for everybody

What is owed is what is owed now. A statement of a window replaces the debts of its pairs by what netting left between
them, which moves pairs and no party's sum; a payment takes its amount away; a returned payment brings it back.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from eventsourcing.domain import CanMutateAggregate

from network.domain.certificate import Certificate
from network.domain.dispute import Dispute
from network.domain.postings import Kind, Posting
from network.domain.restating import Change
from network.domain.statement import Debt, Due
from network.domain.units import Minor
from network.domain.window import Window

_UUID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_SCOPE = re.compile(f"pair:{_UUID}:{_UUID}|(debtor|agreement|campaign|intake):{_UUID}|customer")


class Move(NamedTuple):
    """`amount` more (or less) counts against the cap of `scope`.

    `key` tells apart what one cap counts separately: a day, or a day and a wallet. A `guarded` move is refused when
    the cap leaves no room; the others follow from what is already promised and always pass.
    """

    scope: str
    key: str
    amount: int
    guarded: bool


def check_scope(scope: str) -> bool:
    """Whether `scope` names a limit."""
    return _SCOPE.fullmatch(scope) is not None


def moves_of(event: CanMutateAggregate[UUID], time_zone: str) -> Iterator[Move]:
    """What an event adds to and takes from the limits. `time_zone` decides the local day."""
    guarded = isinstance(event, Certificate.Issued) and event.origin.replaces_id is None  # that one was counted
    postings: tuple[Posting, ...] = getattr(event, "postings", ())
    for posting in postings:
        yield from _moves_of_posting(posting, guarded)
    if isinstance(event, Dispute.Raised | Dispute.Upheld | Dispute.Rejected):
        yield from _disputed_against(event)
    if isinstance(event, Window.Stated):
        yield from netted(event.debts, (*event.payments, *event.carried))
    if isinstance(event, Window.Recomputed):
        yield from netted((*event.replaced, *event.changes), (*event.payments, *event.carried))
    if isinstance(event, Window.PaymentConfirmed | Window.PaymentReturned | Window.BookingWithdrawn) and event.change:
        yield from owed(event.debtor_id, event.creditor_id, -event.change)
    if guarded and isinstance(event, Certificate.Issued):
        day = local_day(event.timestamp, time_zone)
        yield Move(f"agreement:{event.origin.agreement_id}", "", event.face, True)
        if event.terms.campaign_id is not None:
            yield Move(f"campaign:{event.terms.campaign_id}", "", event.face, True)
        yield Move(f"intake:{event.acceptor_id}", day, 1, True)
        if event.holder_id is not None:
            yield Move("customer", f"{day}:{event.holder_id}", 1, True)


def owed(debtor: UUID, creditor: UUID, amount: Minor, *, guarded: bool = False) -> Iterator[Move]:
    """`debtor` owes `creditor` so much more, so the creditor, net, so much less. A payment: the same, below zero."""
    pair, in_all = _scopes(debtor, creditor)
    opposite_pair, creditor_in_all = _scopes(creditor, debtor)
    yield Move(pair, "", amount, guarded)
    yield Move(in_all, "", amount, guarded)
    yield Move(opposite_pair, "", -amount, False)
    yield Move(creditor_in_all, "", -amount, False)


def netted(before: Iterable[Debt | Due | Change], after: Iterable[Due]) -> Iterator[Move]:
    """Debts give way to what netting makes of them. It keeps every party's net, so only pairs move."""
    changed: Counter[tuple[UUID, UUID]] = Counter()
    for sign, debts in ((-1, before), (1, after)):
        for debt in debts:
            changed[debt.debtor, debt.creditor] += sign * debt.amount
            changed[debt.creditor, debt.debtor] -= sign * debt.amount
    for (debtor, creditor), amount in changed.items():
        if amount:
            yield Move(_scopes(debtor, creditor)[0], "", amount, False)


def _moves_of_posting(posting: Posting, guarded: bool) -> Iterator[Move]:
    if posting.owed:
        yield from owed(posting.debtor, posting.creditor, posting.amount, guarded=guarded)
        return
    amount = -posting.amount if posting.kind is Kind.RELEASED else posting.amount
    for scope in _scopes(posting.debtor, posting.creditor):
        yield Move(scope, "", amount, guarded)


def _disputed_against(event: Dispute.Raised | Dispute.Upheld | Dispute.Rejected) -> Iterator[Move]:
    """While a dispute is open, its amount counts against both sides, whoever will be right. One of them owes it, or has
    it owed, by the postings: so a withheld amount counts against the debtor too, and one that is not against the
    creditor.
    """
    if isinstance(event, Dispute.Raised):
        withheld, change = bool(event.postings), event.amount
    else:
        withheld, change = bool(event.postings) is isinstance(event, Dispute.Rejected), -event.amount
    sides = (event.debtor_id, event.creditor_id) if withheld else (event.creditor_id, event.debtor_id)
    for scope in _scopes(*sides):
        yield Move(scope, "", change, False)


@lru_cache(maxsize=65_536)
def _scopes(debtor: UUID, creditor: UUID) -> tuple[str, str]:
    return f"pair:{debtor}:{creditor}", f"debtor:{debtor}"


@lru_cache(maxsize=1_024)
def local_day(at: datetime, time_zone: str) -> str:
    """The coalition's calendar day of an instant, ISO 8601."""
    return at.astimezone(ZoneInfo(time_zone)).date().isoformat()
