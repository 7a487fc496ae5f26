"""A stretch of the log that is settled together: `(open ->) cut -> stated -> agreed`, or settled at once.

The open window has no event: it is what the log holds after the last cut. A cut is the event itself: what stands before
it in the log and after the cut before is the window, so no clock decides and nothing can fall between two windows.
"""

from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from uuid import UUID, uuid5

from network.domain.aggregate import Aggregate, Created, Event
from network.domain.errors import Invalid, ReviewNotOver, WindowOutOfOrder, WindowStateForbids
from network.domain.statement import Debt, Due, Figures, Savings, SettlementTerms, Standing

SILENCE = "silence"
NOTHING_TO_PAY = "nothing to pay"


class State(StrEnum):
    """How far the closing has come. To instruct and to follow payments are not here yet."""

    CUT = "cut"
    STATED = "stated"
    AGREED = "agreed"
    SETTLED = "settled"


@lru_cache(maxsize=1024)
def window_id_of(coalition_id: UUID, number: int) -> UUID:
    """The id of a coalition's window; they are numbered from 1 without gaps."""
    return uuid5(coalition_id, f"window {number}")


class Window(Aggregate):
    """One settlement. Its events are of the whole coalition: partners read their own statements instead."""

    TOPIC = "Window"

    class Cut(Created):
        """The window ends here: it covers the log from the cut of its predecessor to this event's own position."""

        TOPIC = "Window.Cut"
        number: int
        predecessor_id: UUID | None
        terms: SettlementTerms

    class Stated(Event):
        """The figures are final. `position` is that of the cut, `chain_hash` the log's hash there, in hex.

        `debts`: gross, by pair. `payments` are due now; `carried` are under the threshold and open the next window.
        """

        TOPIC = "Window.Stated"
        number: int
        position: int
        chain_hash: str
        debts: tuple[Debt, ...]
        parties: tuple[Standing, ...]
        payments: tuple[Due, ...]
        carried: tuple[Due, ...]
        savings: Savings
        review_ends_at: datetime

        def apply(self, window: "Window") -> None:
            window.state = State.STATED
            window.carried = self.carried
            window.review_ends_at = self.review_ends_at

    class Agreed(Event):
        """What is to be paid stands. `rule` is what made it so."""

        TOPIC = "Window.Agreed"
        number: int
        rule: str

        def apply(self, window: "Window") -> None:
            window.state = State.AGREED

    class Settled(Event):
        """Nothing of it is left to pay. `rule` is what ended it."""

        TOPIC = "Window.Settled"
        number: int
        rule: str

        def apply(self, window: "Window") -> None:
            window.state = State.SETTLED

    def __init__(self, number: int, predecessor_id: UUID | None, terms: SettlementTerms) -> None:
        self.number = number
        self.predecessor_id = predecessor_id
        self.terms = terms
        self.state = State.CUT
        self.carried: tuple[Due, ...] = ()
        self.review_ends_at: datetime | None = None

    @classmethod
    def cut(
        cls,
        *,
        coalition_id: UUID,
        number: int,
        predecessor: "Window | None",
        terms: SettlementTerms | None,
        at: datetime,
    ) -> "Window":
        """End the open window. `terms` None: as the predecessor's; the first has the defaults.

        Raises: WindowOutOfOrder while the predecessor is open, Invalid, InvalidTerms.
        """
        if number < 1:
            raise Invalid(reason="Windows are numbered from 1.")
        if number > 1 and predecessor is None:
            raise WindowOutOfOrder(number=number, step="cut", predecessor=number - 1)
        chosen = terms or (predecessor.terms if predecessor else SettlementTerms())
        chosen.check()
        return cls._create(
            cls.Cut,
            id=window_id_of(coalition_id, number),
            timestamp=at,
            number=number,
            predecessor_id=predecessor.id if predecessor else None,
            terms=chosen,
        )

    def state_figures(
        self,
        *,
        position: int,
        chain_hash: str,
        figures: Figures,
        predecessor: "Window | None",
        review_ends_at: datetime,
        at: datetime,
    ) -> None:
        """Freeze what the log before the cut amounts to. A window that leaves nothing to pay settles at once.

        Raises: WindowStateForbids, WindowOutOfOrder while the predecessor is not stated: its roll-over opens this one.
        """
        self._must_be(State.CUT)
        if predecessor is not None and predecessor.state is State.CUT:
            raise WindowOutOfOrder(number=self.number, step="stated", predecessor=predecessor.number)
        opening = {(debt.debtor, debt.creditor): debt.opening for debt in figures.debts if debt.opening}
        carried = {(due.debtor, due.creditor): due.amount for due in (predecessor.carried if predecessor else ())}
        assert opening == carried, "a window opens with what its predecessor carried over"
        self.trigger_event(
            self.Stated,
            number=self.number,
            position=position,
            chain_hash=chain_hash,
            debts=figures.debts,
            parties=figures.parties,
            payments=figures.payments,
            carried=figures.carried,
            savings=figures.savings,
            review_ends_at=review_ends_at,
            timestamp=at,
        )
        if not figures.payments:
            self.trigger_event(self.Settled, number=self.number, rule=NOTHING_TO_PAY, timestamp=at)

    def agree_by_silence(self, *, at: datetime) -> None:
        """The review is over and nobody spoke. Raises: WindowStateForbids, ReviewNotOver."""
        self._must_be(State.STATED)
        assert self.review_ends_at is not None, "a stated window has a review"
        if at < self.review_ends_at:
            raise ReviewNotOver(number=self.number, review_ends_at=self.review_ends_at)
        self.trigger_event(self.Agreed, number=self.number, rule=SILENCE, timestamp=at)

    def _must_be(self, state: State) -> None:
        if self.state is not state:
            raise WindowStateForbids(number=self.number, state=self.state.value)
