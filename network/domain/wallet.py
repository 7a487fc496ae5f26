"""The pseudonym that holds certificates. No name, no contact: a wallet is a number that a phone can prove it owns."""

from datetime import datetime
from uuid import UUID

from network.domain.aggregate import Aggregate, Created


class Wallet(Aggregate):
    """A guest, as far as the log knows."""

    TOPIC = "Wallet"

    class Opened(Created):
        """A phone opens a wallet."""

        TOPIC = "Wallet.Opened"

    def __init__(self) -> None:
        """A wallet is its id; what it holds is a view."""

    @classmethod
    def open(cls, *, wallet_id: UUID, at: datetime) -> "Wallet":
        """A new pseudonym."""
        return cls._create(cls.Opened, id=wallet_id, timestamp=at)
