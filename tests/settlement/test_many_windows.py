"""Many short windows, cut while redemptions and their undoing are under way: empty ones, zero ones, all kinds.

Nothing waits for an answer: cuts and redemptions queue together, and the group commit puts them in an order of its own.
"""

import os
from collections import Counter, deque
from contextlib import suppress
from random import Random
from uuid import UUID

import psycopg
import pytest

from network.audit import audit
from network.domain.errors import RedemptionReversed
from network.domain.statement import Method, SettlementTerms
from network.domain.terms import FaceValue, Funding, Terms
from network.settlement.closing import state_window
from tests.projections.worlds import catch_up
from tests.settlement.streets import naive_windows, stated_figures
from tests.support import Facts, Neighbourhood

SEED = int(os.environ.get("POLLEN_SEED", "20261122"))
IN_PARTS = Terms(
    face=FaceValue(fixed=10**9), funding=Funding(issuer=10_000), partial_redemption=True, reversal_hours=720
)
STATED_AT_ONCE = 40


class Trade:
    """Redemptions between every pair, and which of them can still be undone."""

    def __init__(self, street: Neighbourhood, random: Random) -> None:
        self.street, self.random = street, random
        shops = [street.merchant(name) for name in "ABCD"]
        self.pairs: list[tuple[UUID, UUID]] = []
        for issuer in shops:
            for acceptor in shops:
                if issuer != acceptor:
                    agreement = street.agreement(issuer, acceptor, IN_PARTS)
                    self.pairs.append((street.issued(issuer, agreement), acceptor))
        self.standing: deque[Facts] = deque(maxlen=60)
        self.waiting: deque[object] = deque()

    def redeem(self, certificate_id: UUID, acceptor_id: UUID, amount: int) -> Facts:
        details = self.street.redemption(certificate_id, acceptor_id, amount=amount)
        self.ask("redeem_certificate", **details)
        return details

    def ask(self, command: str, **details: object) -> None:
        self.waiting.append(self.street.ask(command, **details))
        while len(self.waiting) > 64:
            self.answered()

    def answered(self) -> None:
        with suppress(RedemptionReversed):  # drawn twice to be undone
            self.waiting.popleft().result(30).facts()  # type: ignore[attr-defined]

    def undo(self, details: Facts) -> None:
        names = ("certificate_id", "redemption_id", "acceptor_id")
        self.ask("reverse_redemption", reason="a slip", **{name: details[name] for name in names})

    def one_window(self, number: int) -> None:
        match self.random.choice(["empty", "zero", "undone", "busy", "busy"]):
            case "zero":
                amount = self.random.randrange(1, 500)
                there, back = self.pairs[0], self.pairs[3]  # A to B, B to A
                self.redeem(*there, amount)
                self.redeem(*back, amount)
            case "undone":
                details = self.redeem(*self.random.choice(self.pairs), 77)
                self.undo(details)
            case "busy":
                for _ in range(self.random.randrange(1, 8)):
                    self.standing.append(self.redeem(*self.random.choice(self.pairs), self.random.randrange(1, 900)))
                if self.random.random() < 0.5:
                    self.undo(self.random.choice(self.standing))
        terms = SettlementTerms(self.random.choice(list(Method)), self.random.choice([0, 0, 300, 2_000]), 3)
        self.ask("cut_window", number=number, terms=self.random.choice([None, terms]))


def trade(street: Neighbourhood, url: str, windows: int) -> None:
    random = Random(SEED)
    trade = Trade(street, random)
    for number in range(1, windows + 1):
        trade.one_window(number)
        if number % STATED_AT_ONCE == 0 or number == windows:
            while trade.waiting:
                trade.answered()
            catch_up(url, street.opened.schema)
            first = number - (number - 1) % STATED_AT_ONCE
            for one in range(first, number + 1):
                state_window(street.opened, one).facts()
    catch_up(url, street.opened.schema)
    check(street, url, windows)


def check(street: Neighbourhood, url: str, windows: int) -> None:
    naive, stated = naive_windows(url, street.opened.schema), stated_figures(url, street.opened.schema)
    sections = ("value", "commission", "fee", "adjustment")
    own = [
        Counter({(d["debtor"], d["creditor"]): sum(d[name] for name in sections) for d in one["debts"]})
        for one in stated
    ]
    assert len(stated) == windows, f"seed {SEED}"
    assert [+one for one in own] == [+one for one in naive[:-1]], f"seed {SEED}"
    assert not any(sum(party["net"] for party in one["parties"]) for one in stated)
    assert min(len(one["debts"]) for one in stated) == 0, "there were empty windows"
    paid: Counter[str] = Counter()
    for due in (
        due for one in stated for due in (*one["payments"], *(stated[-1]["carried"] if one is stated[-1] else ()))
    ):
        paid[due["creditor"]] += due["amount"]
        paid[due["debtor"]] -= due["amount"]
    posted: Counter[str] = Counter()
    for (debtor, creditor), amount in sum(naive[:-1], Counter()).items():
        posted[creditor] += amount
        posted[debtor] -= amount
    assert {p: n for p, n in paid.items() if n} == {p: n for p, n in posted.items() if n}, (
        "what is paid is what is owed"
    )
    with psycopg.connect(url, autocommit=True) as connection:
        assert audit(connection, street.opened.schema).findings == []


def test_forty_windows_among_commands_that_queue(street: Neighbourhood, module_database_url: str) -> None:
    trade(street, module_database_url, 40)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_three_thousand_windows_among_commands_that_queue(street: Neighbourhood, module_database_url: str) -> None:
    trade(street, module_database_url, 3_000)
