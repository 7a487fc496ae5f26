"""What the network's own views say after an import: who owes whom, where each partner stands, what became of it all."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from uuid import UUID

import psycopg
from psycopg import Connection

from network.projections import balances, flows, obligations
from network.projections.batches import Follower
from network.projections.projection import Projection
from network.projections.tracking import ViewBehind, at_one_position
from network.store.recorder import CoalitionRecorder

VIEWS = (obligations.PROJECTION, balances.PROJECTION, flows.PROJECTION)
NAMES = tuple(view.name for view in VIEWS)
BATCH_EVENTS = 2_000
PATIENCE_SECONDS = 30.0


@dataclass(frozen=True)
class Figures:
    """All of one log position. `flow`: the sums of every agreement's figures, `{name: count or minor units}`."""

    position: int
    hash: bytes
    obligations: list[obligations.ObligationRow]
    balances: dict[UUID, balances.BalanceRow]
    flow: dict[str, int]


def catch_up(
    connection: Connection,
    schema: str,
    reached: Callable[[int], None] = lambda position: None,
    views: Sequence[Projection] = VIEWS,
) -> None:
    """Bring these views up to the log, also while a server does the same. The others follow when a server runs.

    Raises: ViewBehind when a view is stopped, psycopg's errors when a lock stays taken.
    """
    follower = Follower(connection, schema, views, batch_events=BATCH_EVENTS)
    follower.resume()
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        places, head = follower.places()
        position = min(place.position for place in places)
        stopped = next((place.stopped for place in places if place.stopped), None)
        if stopped:
            raise ViewBehind(position, head, stopped)
        reached(position)
        if position >= head:
            return
        try:
            follower.step()
            deadline = time.monotonic() + PATIENCE_SECONDS
        except psycopg.errors.LockNotAvailable:  # a server that writes the same view holds its tracking row
            if time.monotonic() > deadline:
                raise


def read_figures(connection: Connection, schema: str) -> Figures:
    """One instant's figures."""
    with at_one_position(connection, schema, NAMES):
        position, chained = CoalitionRecorder(connection, schema).head()
        by_agreement = flows.by_agreement(connection, schema)
        return Figures(
            position=position,
            hash=chained,
            obligations=obligations.all(connection, schema),
            balances={row.party_id: row for row in balances.all(connection, schema)},
            flow={name: sum(getattr(flow, name) for flow in by_agreement) for name in _SUMMED},
        )


_SUMMED = tuple(f.name for f in fields(flows.Flow) if f.name.endswith(("_count", "_value")))
