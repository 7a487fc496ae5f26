"""A bank's answer that was loaded. The same bytes are loaded once, for ever; a line is assigned to one payment."""

from datetime import datetime
from uuid import UUID, uuid5

from network.domain.aggregate import Aggregate, Created, Event
from network.domain.errors import BankLineAssigned


def bank_file_id_of(coalition_id: UUID, digest: str) -> UUID:
    """The id of a file in a coalition, from the SHA-256 of its bytes."""
    return uuid5(coalition_id, f"bank file {digest}")


class BankFile(Aggregate):
    """What one file said stands in the windows; this remembers that it said it. Lines are named by keyed digests."""

    TOPIC = "BankFile"

    class Loaded(Created):
        """`lines` = `matched` + `known` from other files + `unmatched`. `not_booked` were only announced."""

        TOPIC = "BankFile.Loaded"
        digest: str
        kind: str
        lines: int
        matched: int
        known: int
        unmatched: int
        not_booked: int
        by: str

    class LineAssigned(Event):
        """A line that nobody knew is of this payment: a person said so, or a later file told it better."""

        TOPIC = "BankFile.LineAssigned"
        line: str
        end_to_end_id: str
        by: str

        def apply(self, file: "BankFile") -> None:
            file.assigned[self.line] = self.end_to_end_id

    class LineReleased(Event):
        """The assignment was a mistake; the line waits again."""

        TOPIC = "BankFile.LineReleased"
        line: str
        reason: str
        by: str

        def apply(self, file: "BankFile") -> None:
            file.assigned.pop(self.line, None)

    def __init__(
        self, digest: str, kind: str, lines: int, matched: int, known: int, unmatched: int, not_booked: int, by: str
    ) -> None:
        self.digest = digest
        self.assigned: dict[str, str] = {}

    @classmethod
    def load(
        cls,
        *,
        coalition_id: UUID,
        digest: str,
        kind: str,
        lines: int,
        matched: int,
        known: int,
        unmatched: int,
        not_booked: int,
        by: str,
        at: datetime,
    ) -> "BankFile":
        """Remember the file; the caller has made sure that it is new."""
        assert lines == matched + known + unmatched, "every line is one of the three"
        return cls._create(
            cls.Loaded,
            id=bank_file_id_of(coalition_id, digest),
            timestamp=at,
            digest=digest,
            kind=kind,
            lines=lines,
            matched=matched,
            known=known,
            unmatched=unmatched,
            not_booked=not_booked,
            by=by,
        )

    def assign(self, *, line: str, end_to_end_id: str, by: str, at: datetime) -> None:
        """Say which payment a line is of. Raises: BankLineAssigned."""
        if line in self.assigned:
            raise BankLineAssigned(end_to_end_id=self.assigned[line])
        self.trigger_event(self.LineAssigned, line=line, end_to_end_id=end_to_end_id, by=by, timestamp=at)

    def release(self, *, line: str, reason: str, by: str, at: datetime) -> None:
        """Take an assignment back; of a line that has none, nothing happens."""
        if line in self.assigned:
            self.trigger_event(self.LineReleased, line=line, reason=reason, by=by, timestamp=at)
