"""Whether the limits leave room for a certificate that is about to be issued, and how much of them is left."""

from collections.abc import Iterable

from network.domain.certificate import Certificate
from network.domain.errors import CapReached
from network.domain.exposure import Move, moves_of
from network.domain.units import WHOLE, BasisPoints, Minor
from network.unit import Unit


def moves_against(unit: Unit, certificate: Certificate) -> list[tuple[Move, Minor]]:
    """What it would add to limits that there are, each with its limit."""
    coalition = unit.coalition
    if not coalition.caps:
        return []
    moves = (move for event in certificate.pending_events for move in moves_of(event, coalition.time_zone))
    capped = ((move, coalition.caps.get(move.scope)) for move in moves if move.guarded)
    return [(move, cap) for move, cap in capped if cap is not None]


def room_of(unit: Unit, moves: Iterable[tuple[Move, Minor]]) -> BasisPoints:
    """The smallest part that is left of a limit that counts this; the whole where there is no limit.

    Raises: CapReached.
    """
    least = WHOLE
    for move, cap in moves:
        used = unit.used(move.scope, move.key)
        if used + move.amount > cap:
            scope = move.scope.partition(":")[0]
            raise CapReached(scope=scope, available=max(0, cap - used), requested=move.amount)
        least = min(least, (cap - used) * WHOLE // cap if cap else WHOLE)
    return least
