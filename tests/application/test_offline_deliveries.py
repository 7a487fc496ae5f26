"""Tills that had no network come back in any order, through the real log: the same balances, the same losers.

The same evening is lived again in a new neighbourhood for each order of delivery: three tills of one restaurant, papers
that were shown at several of them, a redemption that the network took itself, a copy that was passed on, one that was
taken in time and delivered after its end, duplicates of every delivery, and an old list.
"""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from random import Random
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from network.application.offline import Delivered
from network.audit import audit
from network.coalitions import Coalitions, open_connection
from network.domain.offline import Liability
from network.domain.terms import FaceValue, Funding, Terms
from network.projections import balances, obligations, offline
from network.projections.batches import Follower
from network.projections.catalogue import PROJECTIONS
from network.public_keys import key_text
from network.receipts import opened, shown_in
from tests.support import HandClock, Neighbourhood, found
from tests.tills import OfflineTill

ONCE = Terms(
    face=FaceValue(fixed=500),
    validity_days=0,
    funding=Funding(issuer=6_000),
    offline_ceiling=500,
    offline_liability=Liability.ISSUER,
)
IN_PARTS = Terms(face=FaceValue(fixed=900), partial_redemption=True, offline_ceiling=900, funding=Funding(pool=5_000))
Journals = dict[int, list[int]]


class Evening:
    """One neighbourhood in which the same happens, and its tills with what they took."""

    def __init__(self, street: Neighbourhood) -> None:
        self.street = street
        clock = street.clock
        self.salon, self.restaurant = street.merchant("salon"), street.merchant("restaurant")
        agreements = [street.agreement(self.salon, self.restaurant, terms) for terms in (ONCE, IN_PARTS)]
        self.holder = street.wallet()
        self.papers = [street.issued(self.salon, agreements[n % 2]) for n in range(6)]
        tokens = [self._claimed(paper) for paper in self.papers]
        self.tills = [OfflineTill(seed, till_id=UUID(int=seed + 1)) for seed in range(3)]
        for till in self.tills:
            self._register(till)
        noon = clock.now
        for minute, (till, paper, old) in enumerate(
            [(0, 0, False), (1, 0, False), (2, 0, True), (1, 1, False), (0, 1, False), (2, 2, False), (2, 3, False),
             (0, 4, True), (1, 4, False), (1, 5, False), (0, 5, False)]
        ):  # fmt: skip
            self.tills[till].take(
                shown=tokens[paper],
                certificate_id=self.papers[paper],
                epoch=1,
                amount=500 if paper % 2 == 0 else 400,
                at=noon + timedelta(minutes=10 - minute),
                list_at=noon - timedelta(hours=30 if old else 1),
            )
        clock.move(minutes=20)
        street.redeem(self.papers[2], self.restaurant, epoch=1)
        street.do("pass_on_certificate", certificate_id=self.papers[3], wallet_id=self.holder)
        clock.move(days=1)
        street.do("expire_certificate", certificate_id=self.papers[4])

    def _claimed(self, paper: UUID) -> str:
        told = self.street.do("claim_certificate", certificate_id=paper, epoch=0, wallet_id=self.holder)
        return str(told["token"])

    def _register(self, till: OfflineTill) -> None:
        key = key_text(till.signer.key)
        self.street.do("register_till_key", till_id=till.till_id, merchant_id=self.restaurant, device_key=key)

    def deliver(self, number: int, receipts: Sequence[bytes]) -> list[Any]:
        till = self.tills[number]
        read = [opened(one) for one in receipts]
        delivered = [Delivered(one, shown_in(one.receipt, self.street.opened.keyring)) for one in read]
        told = self.street.do("deliver_receipts", till_id=till.till_id, merchant_id=self.restaurant, receipts=delivered)
        return list(told["receipts"])

    def outcome(self, database_url: str) -> tuple[Any, ...]:
        """Balances and debts by role, and every place in every journal with what became of it."""
        names = {self.salon: "salon", self.restaurant: "restaurant"}
        schema = self.street.opened.schema
        with open_connection(database_url) as connection:
            follower = Follower(connection, schema, PROJECTIONS)
            while follower.step():
                pass
            nets = {names.get(row.party_id, "pool"): row.net for row in balances.all(connection, schema)}
            debts: dict[tuple[str, str], int] = {}
            for row in obligations.all(connection, schema):
                pair = names.get(row.debtor_id, "pool"), names.get(row.creditor_id, "pool")
                debts[pair] = debts.get(pair, 0) + row.owed
            kept = [
                (row.till_id, row.sequence, row.status, row.code, row.borne_by, str(row.breaches))
                for till in self.tills
                for row in offline.of_till(connection, schema, till.till_id, journal=1, after=0, limit=100)
            ]
        net_debts = {pair: debts.get(pair, 0) - debts.get(pair[::-1], 0) for pair in debts}
        with psycopg.connect(database_url, autocommit=True) as connection:
            report = audit(connection, schema)
        assert report.findings == []
        return sorted(nets.items()), sorted((pair, owed) for pair, owed in net_debts.items() if owed > 0), kept


def orders(tills: list[OfflineTill], seed: int) -> Iterator[tuple[int, list[bytes]]]:
    """Each till delivers its journal in order, in pieces that now and then repeat what came before."""
    chance = Random(seed)
    left = {number: 0 for number, till in enumerate(tills) if till.receipts}
    while left:
        number = chance.choice(sorted(left))
        receipts, done = tills[number].receipts, left[number]
        until = min(len(receipts), done + chance.randint(1, 3))
        yield number, receipts[chance.randint(0, done) : until]
        if until == len(receipts):
            del left[number]
        else:
            left[number] = until


@pytest.fixture(scope="module")
def outcomes(coalitions: Coalitions, clock: HandClock, module_database_url: str) -> list[tuple[Any, ...]]:
    started = clock.now
    results = []
    for seed in range(4):
        clock.now = started
        evening = Evening(found(coalitions, clock))
        for number, receipts in orders(evening.tills, seed):
            evening.deliver(number, receipts)
        results.append(evening.outcome(module_database_url))
    return results


def test_every_order_of_delivery_ends_in_the_same_balances_and_losers(outcomes: list[tuple[Any, ...]]) -> None:
    first, *others = outcomes

    assert [other == first for other in others] == [True] * len(others)


def test_the_evening_has_winners_honest_losers_and_careless_ones(outcomes: list[tuple[Any, ...]]) -> None:
    *_, kept = outcomes[0]

    codes = {code for _, _, _, code, _, _ in kept}
    assert len(kept) == 11
    assert {"earlier_offline", "already_redeemed", "certificate_passed_on"} <= codes
    assert {status for _, _, status, *_ in kept} >= {"booked", "conflicted"}
    assert {borne_by for *_, borne_by, _ in kept} >= {"issuer", "acceptor"}


def test_two_deliveries_at_once_take_each_receipt_once(coalitions: Coalitions, clock: HandClock) -> None:
    evening = Evening(found(coalitions, clock))
    receipts = evening.tills[1].receipts

    with evening.street.one_batch():
        read = [opened(one) for one in receipts]
        sent = [Delivered(one, shown_in(one.receipt, evening.street.opened.keyring)) for one in read]
        asked = {"till_id": evening.tills[1].till_id, "merchant_id": evening.restaurant, "receipts": sent}
        futures = [evening.street.ask("deliver_receipts", key=str(uuid4()), **asked) for _ in range(3)]
    answers = [future.result(30).facts()["receipts"] for future in futures]

    assert answers[0] == answers[1] == answers[2]
    assert evening.street.topics().count("Till.ReceiptTaken") == len(receipts)
