"""Whether the limits leave room for a certificate that is about to be issued, and how much of them is left."""

from collections.abc import Iterable

from network.domain.certificate import Certificate
from network.domain.errors import CapReached
from network.domain.exposure import moves_of
from network.domain.units import WHOLE, BasisPoints
from network.unit import Unit


def look_at_limits(unit: Unit, certificates: Iterable[Certificate]) -> None:
    """Read the limits that count any of these at once: a merchant with a hundred partners has hundreds."""
    coalition = unit.coalition
    if coalition.caps:
        events = (event for certificate in certificates for event in certificate.pending_events)
        moves = (move for event in events for move in moves_of(event, coalition.time_zone))
        unit.look_up_used((m.scope, m.key) for m in moves if m.guarded and coalition.caps.get(m.scope) is not None)


def room_of(unit: Unit, certificate: Certificate) -> BasisPoints:
    """The smallest part that is left of a limit that counts this certificate; the whole where there is no limit.

    Raises: CapReached.
    """
    coalition, least = unit.coalition, WHOLE
    if not coalition.caps:
        return least
    for event in certificate.pending_events:
        for move in moves_of(event, coalition.time_zone):
            cap = coalition.caps.get(move.scope) if move.guarded else None
            if cap is None:
                continue
            used = unit.used(move.scope, move.key)
            if used + move.amount > cap:
                scope = move.scope.partition(":")[0]
                raise CapReached(scope=scope, available=max(0, cap - used), requested=move.amount)
            least = min(least, (cap - used) * WHOLE // cap if cap else WHOLE)
    return least
