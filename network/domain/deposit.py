"""What a partner has put up for the day on which it cannot pay: the network holds no money and only records it."""

from datetime import datetime
from uuid import UUID, uuid5

from network.domain.aggregate import Aggregate, Created, Event
from network.domain.errors import InvalidAmount
from network.domain.units import MINOR_MAX, Minor


def deposit_id_of(merchant_id: UUID) -> UUID:
    """A partner has one deposit."""
    return uuid5(merchant_id, "deposit")


class Deposit(Aggregate):
    """One partner's deposit; `balance` is what is left of it."""

    TOPIC = "Deposit"

    class PutUp(Created):
        """The partner gave it to `held_by`, a notary, say, or a bank."""

        TOPIC = "Deposit.PutUp"
        merchant_id: UUID
        amount: Minor
        held_by: str

    class Increased(Event):
        """More was put up; all of it is with `held_by` now."""

        TOPIC = "Deposit.Increased"
        merchant_id: UUID
        amount: Minor
        held_by: str

        def apply(self, deposit: "Deposit") -> None:
            deposit.balance += self.amount
            deposit.held_by = self.held_by

    class Returned(Event):
        """The partner got some or all of it back."""

        TOPIC = "Deposit.Returned"
        merchant_id: UUID
        amount: Minor
        reason: str

        def apply(self, deposit: "Deposit") -> None:
            deposit.balance -= self.amount

    class Used(Event):
        """It pays for what the partner did not pay in a window."""

        TOPIC = "Deposit.Used"
        merchant_id: UUID
        amount: Minor
        window_number: int

        def apply(self, deposit: "Deposit") -> None:
            deposit.balance -= self.amount

    def __init__(self, merchant_id: UUID, amount: Minor, held_by: str) -> None:
        self.merchant_id = merchant_id
        self.balance = amount
        self.held_by = held_by

    @classmethod
    def put_up(cls, *, merchant_id: UUID, amount: Minor, held_by: str, at: datetime) -> "Deposit":
        """A first deposit. Raises: InvalidAmount."""
        _check(amount)
        return cls._create(
            cls.PutUp,
            id=deposit_id_of(merchant_id),
            timestamp=at,
            merchant_id=merchant_id,
            amount=amount,
            held_by=held_by,
        )

    def increase(self, *, amount: Minor, held_by: str, at: datetime) -> None:
        """More of it. Raises: InvalidAmount."""
        _check(amount, self.balance)
        self.trigger_event(self.Increased, merchant_id=self.merchant_id, amount=amount, held_by=held_by, timestamp=at)

    def give_back(self, *, amount: Minor, reason: str, at: datetime) -> None:
        """Some of it, or all. Raises: InvalidAmount."""
        _check(amount)
        if amount > self.balance:
            raise InvalidAmount(reason="A deposit gives back what is left of it, and no more.")
        self.trigger_event(self.Returned, merchant_id=self.merchant_id, amount=amount, reason=reason, timestamp=at)

    def use(self, *, amount: Minor, window_number: int, at: datetime) -> None:
        """Pay the partner's debts of a window with it."""
        assert 0 < amount <= self.balance, "a waterfall uses what is there"
        self.trigger_event(
            self.Used, merchant_id=self.merchant_id, amount=amount, window_number=window_number, timestamp=at
        )


def _check(amount: Minor, balance: Minor = 0) -> None:
    if not 0 < amount <= MINOR_MAX - balance:
        raise InvalidAmount(reason="A deposit is above zero and at most 1 000 000 000 000.")
