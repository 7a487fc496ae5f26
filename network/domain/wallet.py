"""The pseudonym that holds certificates. No name, no contact: a wallet is a number that a phone can prove it owns."""

from datetime import datetime
from uuid import UUID

from network.domain.aggregate import Aggregate, Created, Event
from network.domain.errors import RecoveryCodeUnknown, WalletErased


class Wallet(Aggregate):
    """A guest, as far as the log knows."""

    TOPIC = "Wallet"

    class Opened(Created):
        """A phone opens a wallet."""

        TOPIC = "Wallet.Opened"

    class Recovered(Event):
        """Its guest opens it again on another phone, by the code; the phone before is cut off, and so is the code."""

        TOPIC = "Wallet.Recovered"

        def apply(self, wallet: "Wallet") -> None:
            wallet.recoveries += 1

    class Erased(Event):
        """Its guest wants to be forgotten: nobody can open it any more, and nothing leads from it to a person."""

        TOPIC = "Wallet.Erased"

        def apply(self, wallet: "Wallet") -> None:
            wallet.erased = True

    def __init__(self) -> None:
        """A wallet is its id; what it holds is a view."""
        self.recoveries = 0
        self.erased = False

    @classmethod
    def open(cls, *, wallet_id: UUID, at: datetime) -> "Wallet":
        """A new pseudonym."""
        return cls._create(cls.Opened, id=wallet_id, timestamp=at)

    def recover(self, *, recoveries: int, at: datetime) -> None:
        """Open it on another phone with a code made after so many `recoveries`: each code counts once.

        Raises: RecoveryCodeUnknown, WalletErased.
        """
        self.must_exist()
        if recoveries != self.recoveries:
            raise RecoveryCodeUnknown()
        self.trigger_event(self.Recovered, timestamp=at)

    def erase(self, *, at: datetime) -> None:
        """Forget the guest. Again, it changes nothing."""
        if not self.erased:
            self.trigger_event(self.Erased, timestamp=at)

    def must_exist(self) -> None:
        """Raises: WalletErased."""
        if self.erased:
            raise WalletErased()
