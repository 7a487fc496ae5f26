"""What every view is made of: the events it reads, the tables it keeps, and the fold between them."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, get_args

from eventsourcing.utils import get_topic

from network.projections.tables import Table, View


@dataclass(frozen=True)
class Projection:
    """One question's answer, kept up with the log.

    `fold` gets `(position, event)` pairs in log order, only of the events in `reads`, and writes the tables.
    `version` grows when the fold answers differently, so that the view is made anew. `patient`: its figures are read at
    leisure, so that it lets more events gather than the others while many come. A view that somebody reads together
    with others, and only where they stand at one position, is not.
    """

    name: str
    reads: Any
    tables: tuple[Table[Any], ...]
    fold: Callable[[Sequence[tuple[int, Any]], View], None]
    version: int = 1
    patient: bool = False

    @cached_property
    def topics(self) -> frozenset[str]:
        """The topics of the events it reads."""
        return frozenset(get_topic(event) for event in get_args(self.reads) or (self.reads,))

    @cached_property
    def digest(self) -> str:
        """Changes when the stored rows cannot be trusted any more: another shape, or another version of the fold."""
        shape = "".join(table.definition() for table in self.tables)
        return hashlib.sha256(f"{self.version}\0{shape}".encode()).hexdigest()[:16]
