"""A salon that draws for its guests, and two neighbours where they may come: the real application and its views."""

from collections.abc import Iterable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import psycopg

from network.application import Answer
from network.coalitions import open_connection
from network.domain.draw import PartnerRule, Rules, Standing
from network.domain.payment import payment_id_of
from network.domain.terms import FaceValue, Terms
from network.measuring.reading import Report, measure
from network.projections.batches import Follower
from network.projections.catalogue import named
from network.projections.schema import create_views
from network.projections.standing import standing_of
from tests.support import MORNING, HandClock, Neighbourhood, coalitions_of, found, migrated

FREE = Terms(face=FaceValue(fixed=500), validity_days=30)
READ = ("agreements", "assignments", "flows", "obligations")


@dataclass
class Drawing:
    """The shortest way to pay, draw, come back and measure."""

    street: Neighbourhood
    database_url: str
    salon: UUID
    restaurant: UUID
    wash: UUID
    bills: int = 0

    def rule(self, *partners: PartnerRule, neutral: int, exploration: int = 10_000) -> None:
        rules = Rules(neutral, exploration, partners)
        self.street.do("set_draw_rules", merchant_id=self.salon, rules=rules, by="owner")

    def guests(self, number: int) -> list[UUID]:
        wallets = [uuid4() for _ in range(number)]
        answers_of(self.street.ask("open_wallet", wallet_id=one) for one in wallets)
        return wallets

    def paying(self, merchant_id: UUID, guest: UUID | None, amount: int = 2_400) -> "tuple[UUID, Future[Answer]]":
        """A bill on its way."""
        self.bills += 1
        reference = f"b{self.bills}"
        asked = self.street.ask(
            "record_payment",
            merchant_id=merchant_id,
            bill_reference=reference,
            amount=amount,
            currency="EUR",
            customer_id=guest,
        )
        return payment_id_of(merchant_id, reference), asked

    def pay(self, merchant_id: UUID, guest: UUID | None, amount: int = 2_400) -> UUID:
        payment_id, asked = self.paying(merchant_id, guest, amount)
        asked.result(30).facts()
        return payment_id

    def draw(self, guests: Iterable[UUID | None]) -> list[UUID | None]:
        """A bill at the salon for each, and the partner that was drawn for it."""
        paid = [(guest, *self.paying(self.salon, guest)) for guest in guests]
        answers_of(asked for _, _, asked in paid)
        standing = self.standing()
        drawn = answers_of(
            self.street.ask(
                "issue_drawn",
                merchant_id=self.salon,
                payment_id=payment_id,
                certificate_id=uuid4(),
                holder_id=guest,
                standing=standing,
            )
            for guest, payment_id, _ in paid
        )
        return [UUID(one["certificate"]["acceptor_id"]) if one["certificate"] else None for one in drawn]

    def standing(self) -> Standing:
        self.catch_up()
        with open_connection(self.database_url) as connection:
            return standing_of(connection, self.street.opened.schema, self.salon, {})

    def catch_up(self) -> None:
        with open_connection(self.database_url) as connection:
            follower = Follower(connection, self.street.opened.schema, named(READ))
            while follower.step():
                pass

    def measured(self, merchant_id: UUID | None = None) -> Report:
        self.catch_up()
        with open_connection(self.database_url) as connection:
            return measure(connection, self.street.opened.schema, at=self.street.clock(), merchant_id=merchant_id)

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        self.catch_up()
        with psycopg.connect(self.database_url) as connection:
            connection.execute(f"SET search_path = {self.street.opened.schema}".encode())
            return connection.execute(statement.encode()).fetchall()


def answers_of(futures: "Iterable[Future[Answer]]") -> list[dict[str, Any]]:
    return [future.result(60).facts() for future in list(futures)]


@contextmanager
def drawing(database_url: str) -> Iterator[Drawing]:
    clock = HandClock(MORNING)
    with coalitions_of(migrated(database_url), clock) as coalitions:
        street = found(coalitions, clock)
        with psycopg.connect(database_url, autocommit=True) as connection, connection.transaction():
            create_views(connection, street.opened.schema)
        shops = [street.merchant(name) for name in ("Salon", "Restaurant", "Car wash")]
        for acceptor_id in shops[1:]:
            street.agreement(shops[0], acceptor_id, FREE)
        yield Drawing(street, database_url, *shops)
