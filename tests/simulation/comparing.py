"""The network held to the notebook: what it answers, and what its log says."""

import random
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

import psycopg

from network.application import Answer
from network.coalitions import Coalitions, draw_key_of
from network.domain.postings import organizer_of, pool_of
from tests.simulation import lots
from tests.simulation.notebook import Model
from tests.simulation.notebook.sums import Outcome, Plain, funded
from tests.simulation.observed import Observed
from tests.simulation.wire import code_of, net, nonzero
from tests.support import MASTER_KEY, MORNING, HandClock

TIME_ZONE = "Europe/Riga"


class Difference(AssertionError):
    """Network and model disagree."""


class Comparing:
    """One seed's neighbourhood, on two applications and in one notebook."""

    def __init__(self, database_url: str, seed: int) -> None:
        self.seed = seed
        self.steps = 0
        self.random = random.Random(seed)
        self.clock = HandClock(MORNING)
        self.seen: Counter[tuple[str, str]] = Counter()
        self._networks = [Coalitions(database_url, MASTER_KEY, clock=self.clock) for _ in range(2)]
        coalition_id = self._id()
        founding: Plain = {
            "coalition_id": coalition_id,
            "slug": f"sim-{coalition_id.hex[:16]}",
            "name": "Elm Street",
            "currency": "EUR",
            "time_zone": TIME_ZONE,
        }
        self._tills = [network.found(**founding).application for network in self._networks]
        self.schema = self._networks[0].open(founding["slug"]).schema
        self.pool, self.organizer = pool_of(coalition_id), organizer_of(coalition_id)
        secret = draw_key_of(MASTER_KEY, coalition_id)
        self.model = Model(coalition_id, self.pool, self.organizer, TIME_ZONE, "EUR", secret, (lots.pulled, lots.drawn))
        self._owner = psycopg.connect(database_url, autocommit=True)
        self.observed = Observed(self._owner, self.schema)
        self._sent: list[tuple[str, str, Plain, bytes]] = []
        self._references = 0

    def close(self) -> None:
        """Stop both applications."""
        for network in self._networks:
            network.close()
        self._owner.close()

    @property
    def days(self) -> int:
        """How long the neighbourhood has traded."""
        return (self.clock.now - MORNING).days

    def check_everything(self) -> None:
        """Compare all there is, not only what the last step touched."""
        with self._located():
            self._compare_certificates(set(self.model.certificates) | set(self.observed.certificates))
            self._compare_uses(set(self.model.use))
            self._compare_balances()
            needed: Counter[tuple[UUID, UUID]] = Counter()
            for certificate in self.model.certificates.values():
                parts = funded(certificate["terms"], certificate["outstanding"])
                for funder, part in zip(self.model.funders(certificate), parts, strict=True):
                    needed[funder, certificate["acceptor"]] += part
            self._same("reserve of what is outstanding", nonzero(needed), nonzero(self.observed.reserve))

    def _compare_answer(self, command: str, details: Plain, answer: Answer, outcome: Outcome) -> None:
        code, facts = outcome
        self.seen[command, code] += 1
        self._same(f"{command} {details}", code_of(answer), code)
        if code == "done":
            body = answer.facts()
            for name, value in facts.items():
                if name == "certificates":
                    self._same(f"{command}: faces", [one["face"] for one in body["certificates"]], value)  # type: ignore[attr-defined]
                elif name == "revoked":
                    self._same(f"{command}: revoked", sorted(body["revoked"]), sorted(map(str, value)))  # type: ignore[call-overload]
                elif name == "proposed":
                    offered = body["certificate"] and body["certificate"]["agreement_id"]  # type: ignore[index]
                    self._same(f"{command}: drawn", offered, value and str(value))
                elif name == "receipts":
                    told = [(one["status"], one["code"], one["borne_by"], one["breaches"]) for one in body[name]]  # type: ignore[index]
                    self._same(f"{command}: receipts", told, value)
                    self.seen.update(("receipt", one[1] or one[0]) for one in told)
                elif name == "partner_id":
                    self._same(f"{command}: partner", body["partner_id"], str(value))
                elif name != "expires":
                    self._same(f"{command}: {name}", body[name], value)

    def _compare_effects(self, outcome: Outcome, before: Plain) -> None:
        topics = self.observed.catch_up()
        self.seen.update(("event", topic) for topic in topics)
        if outcome[0] != "done" and not topics:
            self._same("balances after a refusal", self._ledger(), before)
        self._compare_certificates(self.model.touched | (self.observed.touched & set(self.observed.certificates)))
        for stock_id in self.observed.touched & set(self.observed.stocks):
            left = self.observed.stocks[stock_id]
            self._same("left in a stock", left, self.model.stocks[stock_id]["left"])
            self._same("a stock is never overdrawn", left >= 0, True)
        self._compare_uses(self.model.moved)
        self._compare_balances()

    def _compare_certificates(self, ids: set[UUID]) -> None:
        for certificate_id in ids:
            seen, expected = self.observed.certificates[certificate_id], self.model.certificates[certificate_id]
            for name in ("state", "face", "outstanding", "holder", "epoch"):
                self._same(f"{name} of certificate {certificate_id}", seen[name], expected[name])
            self._same("last instant", seen["expires"], f"{expected['expires']:%Y-%m-%dT%H:%M:%SZ}")
            for agreement_id in {seen["agreement"]}:
                counts = self.observed.by_agreement[agreement_id]
                value = sum(counts[name] for name in ("active", "redeemed", "released", "lapsed"))
                self._same("value of an agreement", counts["issued"], value)
                number = sum(counts[f"{name}_count"] for name in ("active", "redeemed", "expired", "revoked"))
                self._same("certificates of an agreement", counts["issued_count"], number)

    def _compare_uses(self, keys: set[tuple[str, str]]) -> None:
        wanted = sorted(keys)
        if wanted:
            seen = self.observed.uses(wanted)
            self._same("use of limits", {k: seen.get(k, 0) for k in wanted}, {k: self.model.use[k] for k in wanted})

    def _compare_balances(self) -> None:
        self._same("owed", net(self.observed.owed), net(self.model.owed))
        self._same("reserve", nonzero(self.observed.reserve), nonzero(self.model.reserve))
        positions: Counter[UUID] = Counter()
        for (debtor, creditor), amount in self.observed.owed.items():
            positions[debtor] -= amount
            positions[creditor] += amount
        self._same("sum of net positions", sum(positions.values()), 0)
        self._same("a reserve is never negative", [v for v in self.observed.reserve.values() if v < 0], [])

    def _ledger(self) -> Plain:
        return {"owed": net(self.observed.owed), "reserve": nonzero(self.observed.reserve)}

    @staticmethod
    def _same(what: str, seen: object, expected: object) -> None:
        if seen != expected:
            raise Difference(f"{what}: the network says {seen!r}, the model {expected!r}")

    @contextmanager
    def _located(self) -> Iterator[None]:
        try:
            yield
        except Exception as error:
            error.add_note(f"seed {self.seed}, step {self.steps}, at {self.clock.now}: replay with "
                           f"scripts/simulate --seed {self.seed} --steps {self.steps}")  # fmt: skip
            raise

    def _id(self) -> UUID:
        return UUID(int=self.random.getrandbits(128), version=4)
