"""How fast views follow the log: in batches, and with one transaction for each event."""

from time import perf_counter

from network.coalitions import OpenCoalition
from network.projections.batches import Follower


def events_per_second(coalition: OpenCoalition, *, batch_events: int, events_max: int) -> float:
    """Every view of the coalition, brought forward by at most so many events."""
    with coalition.readers.connection() as connection:
        follower = Follower(connection, coalition.schema, batch_events=batch_events)
        read, began = 0, perf_counter()
        while read < events_max and (step := follower.step()):
            read += step
        return read / (perf_counter() - began)
