"""The base of every aggregate: the library's, without its default events, so that each event has its own name."""

from datetime import datetime
from uuid import UUID

from eventsourcing.domain import AggregateCreated, AggregateEvent, BaseAggregate

__all__ = ["Aggregate", "Created", "Event"]


class Event(AggregateEvent):
    """A fact. `timestamp` is the business instant: the server's clock, or the recorded time of an import."""


class Created(AggregateCreated):
    """The first fact of an aggregate. `originator_topic` names the aggregate."""

    originator_topic: str
    timestamp: datetime


class Aggregate(BaseAggregate[UUID]):
    """Something that decides: commands check the rules and trigger events, `apply` only follows them."""

    class Event(AggregateEvent):
        """The base that the library hangs an aggregate's own events under."""
