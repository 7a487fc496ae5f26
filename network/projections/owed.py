"""What moves an obligation, as the views of balances and of obligations add it up."""

from collections.abc import Iterator, Sequence
from typing import TypeAlias

from network.domain.certificate import Certificate
from network.domain.default import Default
from network.domain.dispute import Dispute
from network.domain.postings import Posting

Reads: TypeAlias = (
    Certificate.Redeemed
    | Certificate.RedemptionReversed
    | Certificate.RedemptionRefunded
    | Certificate.OfflineConflicted
    | Dispute.Raised
    | Dispute.Upheld
    | Dispute.Rejected
    | Default.Declared
    | Default.Recovered
)


def owed(facts: Sequence[tuple[int, Reads]]) -> Iterator[Posting]:
    """Every posting that is owed and not only held in reserve, in log order."""
    return (posting for _, event in facts for posting in event.postings if posting.owed)
