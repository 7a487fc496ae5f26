"""Whether what a till without a network took stands, and what is undone for it. The order of delivery does not matter.

Of one certificate at most one such acceptance stands. What the network allowed itself stands before all. Of the
acceptances that fit into what is left, the least by `Offline.rank` stands: that is the minimum of a set, whichever of
them comes in first. One that stood and loses later is reversed; both changes are entries of the window that is open.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from network.domain.certificate import Certificate, Redemption, State
from network.domain.offline import (
    CLOCKS_DIFFER,
    ENDED_BY,
    LIST_LAGS,
    LIST_LIVES,
    OWN_FAULTS,
    Breach,
    Liability,
    Lost,
    Offline,
    Taken,
)
from network.domain.tax import TaxRecord
from network.domain.terms import Guest

SAME_AS_ONLINE = "same_as_online"
REVERSED = "reversed"
_SAME_MOMENT = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one acceptance. `code` None: it stands. `redemption_id`: under which it is on record."""

    status: str
    code: str | None
    redemption_id: UUID
    borne_by: Liability | None = None


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What the certificate does not know itself; asked for only when a redemption is booked."""

    on_bill: Callable[[], bool]
    guest: Callable[[], Guest]
    seller: Callable[[], TaxRecord | None]


def take_offline(certificate: Certificate, taken: Taken, around: Circumstances, *, at: datetime) -> Outcome:
    """Book an acceptance, or keep it as conflicted. The caller has made sure that it is delivered the first time."""
    if same := _same_online(certificate, taken):
        return Outcome("booked", SAME_AS_ONLINE, same)
    taken = replace(taken, offline=taken.offline.breaching(*_breaches(certificate, taken)))
    lost = _lost(certificate, taken)
    if lost is not None:
        return _lose(certificate, taken, lost, at)
    loser = _standing(certificate)
    if loser is not None:
        redemption_id, redemption = loser
        certificate.reverse(
            redemption_id=redemption_id, by=Lost.EARLIER_OFFLINE.value, reason="another till took it earlier", at=at
        )
        _lose(certificate, _taken_of(redemption_id, redemption), Lost.EARLIER_OFFLINE, at)
    certificate.redeem_taken(taken, on_bill=around.on_bill(), guest=around.guest(), seller=around.seller(), at=at)
    return Outcome("booked", None, taken.redemption_id)


def outcome_of(certificate: Certificate, redemption_id: UUID, code: str | None) -> Outcome:
    """How an acceptance that was delivered before stands today; `code` is what its delivery was answered with."""
    conflict = certificate.conflicts.get(redemption_id)
    if conflict is not None:
        return Outcome("conflicted", conflict.code.value, redemption_id, conflict.borne_by)
    if certificate.redemptions[redemption_id].reversed:
        return Outcome("booked", REVERSED, redemption_id)
    return Outcome("booked", code, redemption_id)


def offline_of(certificate: Certificate, redemption_id: UUID) -> Offline | None:
    """The signed facts that were kept of an acceptance."""
    conflict = certificate.conflicts.get(redemption_id)
    return conflict.offline if conflict is not None else certificate.redemptions[redemption_id].offline


def _lose(certificate: Certificate, taken: Taken, lost: Lost, at: datetime) -> Outcome:
    within = lost not in OWN_FAULTS and not taken.offline.breaches
    borne_by = certificate.terms.offline_liability if within else Liability.ACCEPTOR
    certificate.keep_conflict(taken, lost, borne_by=borne_by, at=at)
    return Outcome("conflicted", lost.value, taken.redemption_id, borne_by)


def _same_online(certificate: Certificate, taken: Taken) -> UUID | None:
    """The deduction that the till had asked for before its network went, whose answer it never saw."""
    for redemption_id, one in certificate.redemptions.items():
        _, bill_reference, bill, _, _ = one.asked
        same = (bill_reference, bill, one.amount) == (taken.bill_reference, taken.bill, taken.amount)
        near = abs(one.redeemed_at - taken.offline.taken_at) <= _SAME_MOMENT
        if same and near and one.offline is None and not one.reversed:
            return redemption_id
    return None


def _breaches(certificate: Certificate, taken: Taken) -> list[Breach]:
    offline = taken.offline
    known = offline.list_at - LIST_LAGS
    ended = certificate.ended_epochs.get(offline.epoch)
    dead_at = [ended[1]] if ended else []
    if certificate.state is State.REVOKED and certificate.ended_at is not None:
        dead_at.append(certificate.ended_at)
    used = any(one.redeemed_at <= known for one in certificate.redemptions.values() if not one.reversed)
    once = not certificate.terms.partial_redemption
    found = {
        Breach.LIST_OLD: offline.taken_at - offline.list_at > LIST_LIVES,
        Breach.CLOCK_WRONG: offline.list_at > offline.taken_at + CLOCKS_DIFFER,
        Breach.OVER_CEILING: taken.amount > certificate.terms.offline_ceiling,
        Breach.LIST_SAID_DEAD: any(at <= known for at in dead_at) or (used and once),
        Breach.LIST_SAID_ONLINE_ONLY: used and not once,
    }
    return [breach for breach, is_so in found.items() if is_so]


def _lost(certificate: Certificate, taken: Taken) -> Lost | None:
    return _own_fault(certificate, taken) or _ended(certificate, taken) or _outranked(certificate, taken)


def _own_fault(certificate: Certificate, taken: Taken) -> Lost | None:
    """What its till could have seen."""
    offline, terms = taken.offline, certificate.terms
    faults = {
        Lost.UNKNOWN_EPOCH: offline.epoch != certificate.epoch and offline.epoch not in certificate.ended_epochs,
        Lost.TAKEN_BEFORE_ISSUE: offline.taken_at < certificate.created_on - CLOCKS_DIFFER,
        Lost.TAKEN_AFTER_EXPIRY: offline.taken_at >= certificate.expires_at,
        Lost.BILL_TOO_SMALL: taken.bill < terms.smallest_bill_to_redeem,
        Lost.MORE_THAN_THE_BILL: taken.amount > taken.bill,
        Lost.INSUFFICIENT_BALANCE: taken.amount > certificate.face,
        Lost.TAKEN_TWICE: _took_before(certificate, offline),
    }
    return taken.fault or next((fault for fault, is_so in faults.items() if is_so), None)


def _took_before(certificate: Certificate, offline: Offline) -> bool:
    stood = [one.offline for one in certificate.redemptions.values() if one.offline and not one.reversed]
    lost = [one.offline for one in certificate.conflicts.values() if one.code is Lost.EARLIER_OFFLINE]
    return any(one.till_id == offline.till_id for one in (*stood, *lost))


def _ended(certificate: Certificate, taken: Taken) -> Lost | None:
    """What the network had allowed meanwhile, other than redemptions."""
    ended = certificate.ended_epochs.get(taken.offline.epoch)
    if ended is not None:
        return ENDED_BY[ended[0]]
    return Lost.REVOKED if certificate.state is State.REVOKED else None


def _outranked(certificate: Certificate, taken: Taken) -> Lost | None:
    """Whether it fits into what the network's own redemptions left, and is the first of those that do."""
    standing = _standing(certificate)
    left = certificate.outstanding + certificate.lapsed
    if standing is not None:
        left += standing[1].amount + standing[1].released
    if taken.amount > left:
        return Lost.ALREADY_REDEEMED
    if standing is not None and standing[1].offline is not None and standing[1].offline.rank < taken.offline.rank:
        return Lost.EARLIER_OFFLINE
    return None


def _standing(certificate: Certificate) -> tuple[UUID, Redemption] | None:
    """The acceptance that stands and can still give way: once its bill was refunded, that is the network's own act."""
    for redemption_id, one in certificate.redemptions.items():
        if one.offline is not None and not one.reversed and not one.refunded:
            return redemption_id, one
    return None


def _taken_of(redemption_id: UUID, one: Redemption) -> Taken:
    _, bill_reference, bill, _, _ = one.asked
    assert one.offline is not None, "it was taken without a network"
    assert bill is not None, "it was taken off a bill"
    return Taken(redemption_id, one.offline, bill_reference or "", bill, one.amount)
