"""Days of trade from one seed, against the real application, checked against the naive model at every step.

The invariants that hold after each step (numbers of DOMAIN 9):

1. The network accepts and refuses what the model does, with the same code. Rival tills that redeem one certificate
   at the same time through two applications get what one of the two orders gives, never both the whole of it, and
   the parts never exceed the face value.
2. A command that is sent again, at once or after a lost reply, through the same application or another, is answered
   with the same bytes and has no second effect; the same key with other details is `request_conflict`. This holds
   when the database connection of an application is cut.
3. For every agreement: issued = active + redeemed + released + lapsed, in value; issued = active + redeemed + expired +
   revoked, in number; and what a certificate has outstanding, its holder and its epoch are those of the model.
4. What is owed between each pair, and the reserve, are those of the model's own ledger; all net positions sum to zero;
   the reserve is the funders' share of what is outstanding on active certificates.
7. A redemption and its reversal restore every balance (checked when one follows the other at once).
8. The use of each limit is the model's, and no issue passes a limit that was set, whatever else shares its batch.
10. Positions have no gaps.

5, 6 and 9 speak of views, windows and erasure and are tested with them.
"""

import copy
import random
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from psycopg import sql

from network.application import Answer, Request
from network.application.issuing import Choice
from network.coalitions import Coalitions, draw_key_of
from network.domain.certificate import Proof
from network.domain.draw import Hand, PartnerRule, Rules, Standing
from network.domain.errors import Refusal
from network.domain.payment import payment_id_of
from network.domain.postings import organizer_of, pool_of
from network.domain.terms import Commission, FaceValue, Fee, Funding, Reward, Side, Terms
from network.public_keys import Algorithm, key_of_point, key_text
from tests.simulation import lots
from tests.simulation.model import Model, Outcome, Plain, funded, funders, used
from tests.simulation.observed import Observed
from tests.support import MASTER_KEY, MORNING, HandClock

TIME_ZONE = "Europe/Riga"
MINUTES_A_STEP = 6
KEPT = 400
ORGANIZERS = [UUID(int=person, version=4) for person in (1, 2, 3)]
SINCE = MORNING - timedelta(days=1)
KEYS = [
    key_text(
        key_of_point(Algorithm.ED25519, Ed25519PrivateKey.from_private_bytes(seed * 32).public_key().public_bytes_raw())
    )
    for seed in (b"1", b"2", b"3")
]

FUNDINGS = [(0, 0), (10_000, 0), (5_000, 0), (0, 10_000), (3_333, 3_333), (2_500, 5_000), (1, 1), (9_999, 0)]


class Difference(AssertionError):
    """Network and model disagree."""


class Trading:
    """One seed's neighbourhood. `step` does one thing that a shop, a guest or the organizer might do."""

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
        self._settle()

    def close(self) -> None:
        """Stop both applications."""
        for network in self._networks:
            network.close()
        self._owner.close()

    @property
    def days(self) -> int:
        """How long the neighbourhood has traded."""
        return (self.clock.now - MORNING).days

    def step(self) -> None:
        """One thing happens, and everything is compared. Raises: Difference, which names seed and step."""
        self.steps += 1
        with self._located():
            self._let_time_pass()
            action = self.random.choices(ACTIONS, WEIGHTS)[0]
            action(self)

    def check_everything(self) -> None:
        """Compare all there is, not only what the last step touched."""
        with self._located():
            self._compare_certificates(set(self.model.certificates) | set(self.observed.certificates))
            self._compare_uses(set(self.model.use))
            self._compare_balances()
            needed: Counter[tuple[UUID, UUID]] = Counter()
            for certificate in self.model.certificates.values():
                parts = funded(certificate["terms"], certificate["outstanding"])
                for funder, part in zip(funders(self.model, certificate), parts, strict=True):
                    needed[funder, certificate["acceptor"]] += part
            self._same("reserve of what is outstanding", _nonzero(needed), _nonzero(self.observed.reserve))

    # -- Sending ----------------------------------------------------------------------------------------------------

    def do(self, command: str, **details: Any) -> Outcome:
        """Send one command, sometimes twice at once, and compare answer and effect with the model's."""
        self.model.now = self.clock.now
        key = str(self._id())
        before = self._ledger()
        times = 2 if self.random.random() < 0.06 else 1
        tills = [self.random.choice(self._tills) for _ in range(times)]
        if self.random.random() < 0.004:
            self._cut_connections()
        futures = [self._send(till, command, key, details) for till in tills]
        answers = [future.result(60) for future in futures]
        self._same("the answer of a duplicate", {answer.body for answer in answers}, {answers[0].body})
        outcome = self.model.act(command, details)
        self._compare_answer(command, details, answers[0], outcome)
        self._remember(command, key, details, answers[0].body)
        self._compare_effects(outcome, before)
        return outcome

    def _send(self, till: Any, command: str, key: str, details: Plain) -> "Future[Answer]":
        request = Request("till", key, repr(details).encode())
        future: Future[Answer] = getattr(till, command)(request=request, **_for_network(command, details))
        return future

    def _remember(self, command: str, key: str, details: Plain, body: bytes) -> None:
        self._sent.append((command, key, details, body))
        if len(self._sent) > KEPT:
            del self._sent[self.random.randrange(KEPT)]

    def send_again(self) -> None:
        """A client never got its reply and asks again, perhaps much later, perhaps at another process."""
        if not self._sent:
            return
        command, key, details, body = self.random.choice(self._sent)
        answer = self._send(self.random.choice(self._tills), command, key, details).result(60)
        self._same("the answer of a retry", answer.body, body)
        self._same("the effect of a retry", self.observed.catch_up(), [])

    def reuse_key(self) -> None:
        """A broken client sends something else under an old key."""
        if not self._sent:
            return
        command, key, details, _ = self.random.choice(self._sent)
        other = Request("till", key, b"other details")
        answer = getattr(self.random.choice(self._tills), command)(request=other, **_for_network(command, details))
        self._same("the code of a reused key", _code(answer.result(60)), "request_conflict")
        self._same("the effect of a reused key", self.observed.catch_up(), [])

    def race(self) -> None:
        """Two tills redeem one certificate at the same instant, each at its own application."""
        certificate_id = self._some_certificate()
        if certificate_id is None:
            return
        self.model.now = self.clock.now
        both = [self._redemption(certificate_id) for _ in range(2)]
        before = self._ledger()
        keys = [str(self._id()) for _ in both]
        futures = [
            self._send(till, "redeem_certificate", key, details)
            for till, key, details in zip(self._tills, keys, both, strict=True)
        ]
        codes = [_code(future.result(60)) for future in futures]
        untouched = self.model
        for order in ((0, 1), (1, 0)):
            self.model = copy.deepcopy(untouched)
            outcomes: dict[int, Outcome] = {}
            touched: set[UUID] = set()
            moved: set[tuple[str, str]] = set()
            for i in order:
                outcomes[i] = self.model.act("redeem_certificate", both[i])
                touched, moved = touched | self.model.touched, moved | self.model.moved
            self.model.touched, self.model.moved = touched, moved
            answers = [future.result() for future in futures]
            if [outcomes[0][0], outcomes[1][0]] == codes and all(
                _agrees(answer, outcomes[i]) for i, answer in enumerate(answers)
            ):
                self.seen["race", "+".join(sorted(codes))] += 1
                self._compare_effects(outcomes[0], before)
                return
        self.model = untouched
        raise Difference(f"a race answered {codes}, which no order of {both} gives")

    def _cut_connections(self) -> None:
        """Every connection of both applications is lost; they have to come back by themselves."""
        self._owner.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )

    # -- Comparing --------------------------------------------------------------------------------------------------

    def _compare_answer(self, command: str, details: Plain, answer: Answer, outcome: Outcome) -> None:
        code, facts = outcome
        self.seen[command, code] += 1
        self._same(f"{command} {details}", _code(answer), code)
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
        self._same("owed", _net(self.observed.owed), _net(self.model.owed))
        self._same("reserve", _nonzero(self.observed.reserve), _nonzero(self.model.reserve))
        positions: Counter[UUID] = Counter()
        for (debtor, creditor), amount in self.observed.owed.items():
            positions[debtor] -= amount
            positions[creditor] += amount
        self._same("sum of net positions", sum(positions.values()), 0)
        self._same("a reserve is never negative", [v for v in self.observed.reserve.values() if v < 0], [])

    def _ledger(self) -> Plain:
        return {"owed": _net(self.observed.owed), "reserve": _nonzero(self.observed.reserve)}

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

    # -- What happens in a neighbourhood ----------------------------------------------------------------------------

    def _settle(self) -> None:
        self.shops = [self._id() for _ in range(6)]
        for number, shop in enumerate(self.shops):
            self.do("apply_to_join", merchant_id=shop, name=f"Shop {number}", category="shop", address="Elm Street")
            self.do("admit_merchant", merchant_id=shop)
        for _ in range(8):
            self.do("open_wallet", wallet_id=self._id())
        for _ in range(10):
            self.new_agreement()

    def _let_time_pass(self) -> None:
        minutes = self.random.expovariate(1 / MINUTES_A_STEP)
        if self.random.random() < 0.01:
            minutes += self.random.choice([60, 300, 600, 1_440])
        if self.random.random() < 0.0003:
            minutes += 181 * 1_440
        self.clock.move(minutes=round(minutes, 3))

    def new_agreement(self) -> None:
        agreement_id = self._id()
        issuer, acceptor = self.random.sample(self.shops, 2)
        if self.random.random() < 0.02:
            acceptor = issuer
        by = self.random.choice([issuer, issuer, acceptor, self.random.choice(self.shops)])
        code, _ = self.do(
            "propose_agreement",
            agreement_id=agreement_id,
            issuer_id=issuer,
            acceptor_id=acceptor,
            terms=self._terms(),
            by=by,
        )
        if code == "done" and self.random.random() < 0.9:
            other = acceptor if by == issuer else issuer
            self.do("accept_version", agreement_id=agreement_id, version=1, by=other)

    def change_agreement(self) -> None:
        agreement_id = self._some(self.model.agreements)
        agreement = self.model.agreements[agreement_id]
        by = self.random.choice([agreement["issuer"], agreement["acceptor"], self.random.choice(self.shops)])
        what = self.random.choice(["version", "accept", "accept", "pause", "resume", "resume", "end"])
        if what == "version":
            self.do("propose_version", agreement_id=agreement_id, terms=self._terms(), by=by)
        elif what == "accept":
            version = agreement["pending"] or 1
            self.do("accept_version", agreement_id=agreement_id, version=version, by=by)
        elif what == "end":
            if self.random.random() < 0.1:
                self.do("end_agreement", agreement_id=agreement_id, by=by, reason="enough")
        else:
            self.do(f"{what}_agreement", agreement_id=agreement_id, by=by)

    def _terms(self) -> Plain:
        fixed = self.random.choice([1, 3, 100, 499, 500, 500, 501, 2_000])
        by_share = self.random.random() < 0.35
        issuer_rate, pool_rate = self.random.choice(FUNDINGS)
        chance = self.random.random
        reward = lambda: (self.random.choice([0, 1, 500, 1_000]), self.random.choice([0, 0, 50]))  # noqa: E731
        return {
            "fixed": 0 if by_share else fixed,
            "share": self.random.choice([1, 333, 1_000, 2_500, 10_000]) if by_share else int(chance() < 0.01),
            "at_most": self.random.choice([None, 1, 500]) if by_share else None,
            "min_issue": self.random.choice([0, 0, 1_000]),
            "min_redeem": self.random.choice([0, 0, 0, 500, 1_000]),
            "days": self.random.choice([0, 1, 3, 3, 30, 1_097 if chance() < 0.05 else 90]),
            "transferable": chance() < 0.8,
            "partial": chance() < 0.5,
            "issuer_rate": issuer_rate,
            "pool_rate": pool_rate,
            "commission": {g: reward() for g in ("new", "lapsed", "returning")} if chance() < 0.5 else None,
            "fee": {
                "payer": self.random.choice(["issuer", "acceptor"]),
                "share": 150,
                "fixed": self.random.choice([0, 5]),
            }
            if chance() < 0.5
            else None,
            "combinable": chance() < 0.6,
            "stock_transferable": chance() < 0.6,
            "reversal_hours": self.random.choice([0, 1, 24, 720]),
        }

    def sell(self) -> None:
        """A guest pays a bill; often certificates follow at once."""
        merchant_id = self.random.choice([a["issuer"] for a in self.model.agreements.values()])
        self._references += 1
        reference = f"b{self._references}"
        wallet = self._some(self.model.wallets) if self.random.random() < 0.6 else None
        amount = self.random.choice([1, 999, 1_000, 1_001, 2_400, self.random.randrange(1, 20_000)])
        self._record(merchant_id, reference, amount, wallet)
        if self.random.random() < 0.8:
            self._issue(merchant_id, reference, wallet)

    def pay_again(self) -> None:
        """A bill that is on record, or was announced by a certificate, is sent (again), perhaps with other details."""
        known = self._some_bill()
        if known is None:
            return
        merchant_id, reference = known
        bill = self.model.bills[known]
        wallet = bill["customer"] if self.random.random() < 0.8 else self._some(self.model.wallets)
        announced = [r["asked"][1] for d, r in self._redemptions_on(bill)]
        usual = bill["amount"] or max([1, *(b for b in announced if b)])
        self._record(merchant_id, reference, self._about(usual), wallet)

    def _record(self, merchant_id: UUID, reference: str, amount: int, wallet: UUID | None) -> None:
        odd = self.random.random()
        self.do(
            "record_payment",
            merchant_id=merchant_id,
            bill_reference=reference,
            amount=self.random.choice([0, -1, 10**12 + 1]) if odd < 0.01 else amount,
            currency="USD" if 0.01 <= odd < 0.02 else "EUR",
            customer_id=self._id() if 0.02 <= odd < 0.03 else wallet,
        )

    def issue_for_old_bill(self) -> None:
        """A till asks (again) for certificates for some bill."""
        known = self._some_bill()
        if known is not None:
            self._issue(*known, self._some(self.model.wallets))

    def _issue(self, merchant_id: UUID, reference: str, wallet: UUID | None) -> None:
        agreements = self.model.agreements
        active = self.random.random() < 0.9
        mine = [
            i for i, a in agreements.items() if a["issuer"] == merchant_id and (a["state"] == "active") == active
        ] or list(agreements)
        number = self.random.choices([0, 1, 2, 3], [3, 80, 12, 5])[0]
        chosen = [self.random.choice(mine) for _ in range(number)]
        if self.random.random() < 0.03 and chosen:
            chosen[0] = self._some(self.model.agreements)
        choices = []
        for agreement_id in chosen:
            stocks = [i for i, s in self.model.stocks.items() if s["agreement"] == agreement_id]
            stock_id = self.random.choice(stocks) if stocks and self.random.random() < 0.6 else None
            if self.model.stocks and self.random.random() < 0.02:
                stock_id = self._some(self.model.stocks)
            new = self._id() if self.random.random() < 0.99 else self._some(self.model.certificates) or self._id()
            choices.append((new, agreement_id, stock_id))
        holder = wallet if self.random.random() < 0.8 else None
        self.do(
            "issue_certificates",
            merchant_id=merchant_id,
            bill_reference=reference,
            choices=choices,
            holder_id=self._id() if self.random.random() < 0.01 else holder,
        )

    def draw(self) -> None:
        """A guest pays, and the network draws a neighbour; sometimes the till only looks, or asks twice."""
        merchant_id = self.random.choice([a["issuer"] for a in self.model.agreements.values()])
        known = self._some_bill() if self.random.random() < 0.1 else None
        if known is None:
            self._references += 1
            known = merchant_id, f"d{self._references}"
            wallet = self._some(self.model.wallets) if self.random.random() < 0.6 else None
            self._record(*known, self.random.choice([1_000, 2_400, self.random.randrange(1, 20_000)]), wallet)
        bill: Plain = {"merchant_id": known[0], "bill_reference": known[1]}
        for _ in range(self.random.choice([0, 0, 1, 2])):
            self.do("propose_certificate", **bill, standing=self._standing(known[0]))
        if self.random.random() < 0.9:
            new = self._id() if self.random.random() < 0.99 else self._some(self.model.certificates) or self._id()
            holder = self._some(self.model.wallets) if self.random.random() < 0.5 else None
            holder = self._id() if self.random.random() < 0.01 else holder
            self.do("issue_drawn", **bill, certificate_id=new, holder_id=holder, standing=self._standing(known[0]))

    def _standing(self, merchant_id: UUID) -> Plain:
        """What views say: here they are never late."""
        model, counted = self.model, [one for one in self.model.certificates.values() if used(one)]
        mine = [i for i, a in model.agreements.items() if a["issuer"] == merchant_id and a["state"] != "ended"]
        partners = {model.agreements[i]["acceptor"] for i in mine}
        return {
            "agreements": mine,
            "gave": dict(Counter(one["issuer"] for one in counted)),
            "received": dict(Counter(one["acceptor"] for one in counted)),
            "owed": {p: model.owed.get((merchant_id, p), 0) - model.owed.get((p, merchant_id), 0) for p in partners},
        }

    def rule_draws(self) -> None:
        """An owner takes a hand in the draw."""
        partners: Plain = {}
        for partner in self.random.sample(self.shops, self.random.randrange(3)):
            hand = self.random.choice(["pinned", "excluded", "share", "free"])
            partners[partner] = hand, self.random.choice([1, 3_333, 6_000]) if hand == "share" else 0
        rules = {
            "neutral": self.random.choice([0, 500, 2_500, 5_001]),
            "exploration": self.random.choice([500, 2_000, 10_000]),
            "partners": partners,
        }
        self.do("set_draw_rules", merchant_id=self.random.choice(self.shops), rules=rules, by="owner")

    def redeem(self) -> None:
        """A certificate is shown at a till, sometimes a dead copy, at the wrong shop, or for an odd sum."""
        certificate_id = self._some_certificate()
        if certificate_id is None:
            return
        before = self._ledger()
        details = self._redemption(certificate_id)
        code, _ = self.do("redeem_certificate", **details)
        redemption = self.model.certificates[certificate_id]["redemptions"].get(details["redemption_id"])
        if code == "done" and redemption["at"] == self.clock.now and self.random.random() < 0.15:
            code, _ = self.do(
                "reverse_redemption",
                certificate_id=certificate_id,
                redemption_id=details["redemption_id"],
                acceptor_id=details["acceptor_id"],
                reason="a slip",
            )
            if code == "done":
                self._same("balances after a reversal", self._ledger(), before)
        elif code == "done" and self.random.random() < 0.75:
            self._pay_after(details, certificate_id)

    def _pay_after(self, redemption: Plain, certificate_id: UUID) -> None:
        if redemption["bill_reference"] is not None:
            holder = self.model.certificates[certificate_id]["holder"]
            self._record(redemption["acceptor_id"], redemption["bill_reference"], redemption["bill"], holder)

    def _redemption(self, certificate_id: UUID) -> Plain:
        certificate = self.model.certificates[certificate_id]
        chance = self.random.random
        outstanding, face = certificate["outstanding"], certificate["face"]
        smallest = certificate["terms"]["min_redeem"]
        near = [1, face - 1, face, face + 1, outstanding, outstanding + 1, smallest - 1, smallest, smallest + 1]
        bill = self.random.choice([*near, face + 700, self.random.randrange(1, 5_000)])
        amount = None if chance() < 0.5 else self.random.choice([0, 1, *near, bill, self.random.randrange(1, face + 2)])
        self._references += 1
        details: Plain = {
            "certificate_id": certificate_id,
            "epoch": certificate["epoch"],
            "redemption_id": self._id(),
            "acceptor_id": certificate["acceptor"],
            "bill_reference": f"b{self._references}",
            "bill": bill,
            "amount": amount,
            "shown_at": self._shown_at(certificate),
        }
        if chance() < 0.15:
            details |= self._bill_on_record(certificate)
        if chance() < 0.03:
            details |= {"bill_reference": None, "bill": None}
        if chance() < 0.07 and certificate["epoch"]:
            details["epoch"] = self.random.randrange(certificate["epoch"])
        if chance() < 0.01:
            details["epoch"] += 1
        if chance() < 0.02:
            details["acceptor_id"] = self.random.choice(self.shops)
        if chance() < 0.08 and certificate["redemptions"]:
            details |= self._same_redemption(certificate, exactly=chance() < 0.6)
        if chance() < 0.01:
            details["certificate_id"] = self._id()
            details["acceptor_id"] = self.random.choice(self.shops)
        return details

    def _bill_on_record(self, certificate: Plain) -> Plain:
        """A bill that other certificates lowered, or that is paid already."""
        recent = list(self.model.bills.items())[-60:]
        bills = [(reference, bill) for (shop, reference), bill in recent if shop == certificate["acceptor"]]
        if not bills:
            return {}
        reference, bill = self.random.choice(bills)
        named = [r["asked"][1] for _, r in self._redemptions_on(bill)]
        usual = bill["amount"] or max([1, *(b for b in named if b)])
        found: Plain = {"bill_reference": reference, "bill": self._about(usual)}
        if bill["deductions"] and self.random.random() < 0.05:
            found["redemption_id"] = self.random.choice(list(bill["deductions"]))
        return found

    def _same_redemption(self, certificate: Plain, *, exactly: bool) -> Plain:
        redemption_id = self.random.choice(list(certificate["redemptions"]))
        reference, bill, amount = certificate["redemptions"][redemption_id]["asked"]
        return {
            "redemption_id": redemption_id,
            "acceptor_id": certificate["acceptor"],
            "bill_reference": reference,
            "bill": bill,
            "amount": amount if exactly else 1,
        }

    def _redemptions_on(self, bill: Plain) -> list[tuple[UUID, Plain]]:
        return [(r, self.model.certificates[d["certificate"]]["redemptions"][r]) for r, d in bill["deductions"].items()]

    def undo_redemption(self) -> None:
        used = [i for i in self._recent(self.model.certificates) if self.model.certificates[i]["redemptions"]]
        if not used:
            return
        certificate_id = self.random.choice(used)
        certificate = self.model.certificates[certificate_id]
        redemption_id = self.random.choice(list(certificate["redemptions"]))
        shops = [certificate["acceptor"], certificate["acceptor"], None, self.random.choice(self.shops)]
        self.do(
            "reverse_redemption",
            certificate_id=certificate_id,
            redemption_id=redemption_id if self.random.random() < 0.97 else self._id(),
            acceptor_id=self.random.choice(shops),
            reason="a slip",
        )

    def refund(self) -> None:
        known = self._some_bill(redeemed=self.random.random() < 0.7)
        if known is None:
            return
        merchant_id, reference = known
        bill = self.model.bills[known]
        left = (bill["amount"] or 0) - bill["refunded"]
        amount = self.random.choice([1, left, left, left + 1, max(1, left // 2), max(1, left // 3), 0])
        old = self.random.choice(list(bill["refunds"])) if bill["refunds"] and self.random.random() < 0.1 else None
        self.do(
            "refund_payment",
            merchant_id=merchant_id if self.random.random() < 0.98 else self.random.choice(self.shops),
            bill_reference=reference,
            refund_id=old or self._id(),
            amount=amount,
        )

    def pass_on(self) -> None:
        certificate_id = self._some_certificate()
        if certificate_id is None:
            return
        wallet = self.model.certificates[certificate_id]["holder"]
        if wallet is None or self.random.random() < 0.05:
            wallet = self._some(self.model.wallets)
        code, _ = self.do("pass_on_certificate", certificate_id=certificate_id, wallet_id=wallet)
        if code == "done" and self.random.random() < 0.7:
            self._claim(certificate_id)

    def claim(self) -> None:
        certificate_id = self._some_certificate()
        if certificate_id is not None:
            self._claim(certificate_id)

    def _claim(self, certificate_id: UUID) -> None:
        certificate = self.model.certificates[certificate_id]
        epoch = certificate["epoch"]
        if self.random.random() < 0.15:
            epoch = self.random.randrange(-1, epoch + 2)
        holder = certificate["holder"] if self.random.random() < 0.3 else None
        wallet = holder or (self._some(self.model.wallets) if self.random.random() < 0.98 else self._id())
        key = self._some_key() if self.random.random() < 0.5 else None
        self.do("claim_certificate", certificate_id=certificate_id, epoch=epoch, wallet_id=wallet, holder_key=key)

    def keep_or_print(self) -> None:
        """A phone makes a new key, or its guest prefers paper; sometimes one who does not hold it tries."""
        certificate_id = self._some_certificate()
        if certificate_id is None:
            return
        certificate = self.model.certificates[certificate_id]
        wallet = certificate["holder"] or self._some(self.model.wallets)
        if self.random.random() < 0.05:
            wallet = self._some(self.model.wallets)
        if self.random.random() < 0.3:
            self.do("print_certificate", certificate_id=certificate_id, wallet_id=wallet)
        else:
            key = certificate["key"] if certificate["key"] and self.random.random() < 0.2 else self._some_key()
            self.do("rebind_certificate", certificate_id=certificate_id, wallet_id=wallet, holder_key=key)

    def _some_key(self) -> str:
        return self.random.choice(KEYS)

    def _shown_at(self, certificate: Plain) -> datetime | None:
        """When the phone showed it: mostly now, sometimes a moment ago, as before, too long ago, or not at all."""
        if not certificate["key"]:
            return None
        chance = self.random.random()
        if chance < 0.04:
            return None
        if chance < 0.12 and certificate["proved"] is not None:
            return certificate["proved"]  # type: ignore[no-any-return]
        seconds = self.random.choice([0, 1, 10, 45, -45, -3, 46, -46]) if chance < 0.5 else 0
        return self.clock.now - timedelta(seconds=seconds)

    def revoke(self) -> None:
        certificate_id = self._some_certificate()
        if certificate_id is None:
            return
        issuer = self.model.certificates[certificate_id]["issuer"]
        by = self.random.choice([issuer, issuer, issuer, None, self.random.choice(self.shops)])
        self.do("revoke_certificate", certificate_id=certificate_id, issuer_id=by, reason="a slip")

    def expire(self) -> None:
        """The daily round writes down whose time is over; sometimes it asks too early."""
        over = [
            i
            for i in self._recent(self.model.certificates)
            if self.model.certificates[i]["state"] == "active"
            and self.model.certificates[i]["expires"] <= self.clock.now
        ]
        certificate_id = self.random.choice(over) if over else self._some(self.model.certificates)
        if certificate_id is not None:
            self.do("expire_certificate", certificate_id=certificate_id)

    def limit(self) -> None:
        """The organizer sets a limit at, under or over what is used, or lifts it."""
        scopes = [*self._recent(self.model.use), *((scope, "") for scope in self.model.caps)]
        if not scopes:
            return
        scope, key = self.random.choice(scopes)
        now = self.model.use[scope, key]
        limit = self.random.choice([None, None, now - 1, now, now + 1, now + 500, now * 2 + 3, 0])
        odd = 10**12 + 1 if self.random.random() < 0.02 else limit
        self.set_limit(scope, None if odd is None else max(0, odd))

    def set_limit(self, scope: str, limit: int | None) -> None:
        """One organizer sets it; where it takes two, one proposes, and soon, late or never another one confirms."""
        code, _ = self.do("set_cap", scope=scope, limit=limit, by="organizer", reason="prudence")
        if code == "raise_needs_two":
            raise_id = self._id()
            asked = {"raise_id": raise_id, "scope": scope, "limit": limit, "reason": "trust"}
            self.do("propose_raise", **asked, person_id=ORGANIZERS[0], others=self.random.random() < 0.9)
            if self.random.random() < 0.8:
                self.confirm(raise_id)
        waiting = [one for one in self.model.raises if not self.model.raises[one].get("done")]
        if waiting and self.random.random() < 0.3:
            self.confirm(self.random.choice(waiting))

    def confirm(self, raise_id: UUID) -> None:
        person_id = self.random.choice([*ORGANIZERS[1:] * 4, ORGANIZERS[0]])
        self.do("confirm_raise", raise_id=raise_id, person_id=person_id, since=SINCE)

    def lift_limits(self) -> None:
        """Now and then everything may be issued again, so that a run does not end in refusals."""
        for scope in list(self.model.caps):
            raise_id = self._id()
            asked = {"raise_id": raise_id, "scope": scope, "limit": None, "reason": "a new year", "others": True}
            self.do("propose_raise", **asked, person_id=ORGANIZERS[0])
            self.do("confirm_raise", raise_id=raise_id, person_id=ORGANIZERS[1], since=SINCE)
        for shop, state in list(self.model.shops.items()):
            if state == "suspended":
                self.do("readmit_merchant", merchant_id=shop)

    def discipline(self) -> None:
        shop = self.random.choice(self.shops)
        if "suspended" in self.model.shops.values() or self.random.random() < 0.1:
            shop = next((one for one, state in self.model.shops.items() if state == "suspended"), shop)
            self.do("readmit_merchant", merchant_id=shop)
        else:
            self.do("suspend_merchant", merchant_id=shop, reason="complaints")

    def set_aside(self) -> None:
        agreement_id = self._some(self.model.agreements)
        agreement = self.model.agreements[agreement_id]
        day = (self.clock.now + timedelta(days=self.random.choice([0, 1, 5, 30]))).date()
        self.do(
            "set_allotment_aside",
            allotment_id=self._id(),
            acceptor_id=agreement["acceptor"] if self.random.random() < 0.97 else agreement["issuer"],
            agreement_id=agreement_id,
            number=self.random.choice([1, 2, 3, 10, 0 if self.random.random() < 0.1 else 5]),
            face=self.random.choice([1, 500, 777]),
            last_on=day.isoformat(),
        )

    def move_stock(self) -> None:
        stock_id = self._some(self.model.stocks)
        if stock_id is None:
            return
        stock = self.model.stocks[stock_id]
        partner = stock["partner"] if self.random.random() < 0.95 else self.random.choice(self.shops)
        number = self.random.choice([1, 1, stock["left"], stock["left"] + 1, 0])
        if self.random.random() < 0.4:
            self.do("return_allotment", allotment_id=stock_id, partner_id=partner, number=number)
            return
        same = [i for i, a in self.model.agreements.items() if a["acceptor"] == stock["acceptor"]]
        to_agreement = self.random.choice(same) if self.random.random() < 0.95 else self._some(self.model.agreements)
        self.do(
            "transfer_allotment",
            allotment_id=stock_id,
            partner_id=partner,
            to_allotment_id=self._id() if self.random.random() < 0.97 else stock_id,
            to_agreement_id=to_agreement,
            number=number,
        )

    # -- Choosing ---------------------------------------------------------------------------------------------------

    def _id(self) -> UUID:
        return UUID(int=self.random.getrandbits(128), version=4)

    def _about(self, amount: int) -> int:
        return max(1, amount + self.random.choice([0, 0, 0, 0, 0, -1, 1]))

    def _some(self, of: Any) -> Any:
        """A known id, more often a new one; None when there is none."""
        recent = self._recent(of)
        return self.random.choice(recent) if recent else None

    def _recent(self, of: Any) -> list[Any]:
        known = sorted(of) if isinstance(of, set) else list(of)
        return known[-150:] if self.random.random() < 0.9 else known

    def _some_certificate(self) -> UUID | None:
        """One that is alive, more often than not."""
        known = self._recent(self.model.certificates)
        alive = [i for i in known if self.model.certificates[i]["state"] == "active"]
        chosen: UUID | None = self.random.choice(alive) if alive and self.random.random() < 0.85 else None
        return chosen or (self.random.choice(known) if known else None)

    def _some_bill(self, *, redeemed: bool = False) -> tuple[UUID, str] | None:
        bills = self._recent(self.model.bills)
        lowered = [key for key in bills if self.model.bills[key]["deductions"]]
        chosen = lowered if redeemed and lowered else bills
        return self.random.choice(chosen) if chosen else None


_MIX: list[tuple[Callable[[Trading], None], float]] = [
    (Trading.sell, 26),
    (Trading.redeem, 26),
    (Trading.draw, 10),
    (Trading.rule_draws, 0.7),
    (Trading.pass_on, 7),
    (Trading.claim, 6),
    (Trading.keep_or_print, 3),
    (Trading.refund, 5),
    (Trading.undo_redemption, 5),
    (Trading.send_again, 4),
    (Trading.expire, 4),
    (Trading.race, 2.5),
    (Trading.pay_again, 3),
    (Trading.issue_for_old_bill, 2),
    (Trading.limit, 2),
    (Trading.set_aside, 2),
    (Trading.move_stock, 2),
    (Trading.revoke, 2),
    (Trading.change_agreement, 1.5),
    (Trading.new_agreement, 0.5),
    (Trading.reuse_key, 1),
    (Trading.discipline, 0.4),
    (Trading.lift_limits, 0.7),
]
ACTIONS = [action for action, _ in _MIX]
WEIGHTS = [weight for _, weight in _MIX]


def _code(answer: Answer) -> str:
    try:
        answer.facts()
    except Refusal as refusal:
        return refusal.code
    return "done"


def _agrees(answer: Answer, outcome: Outcome) -> bool:
    code, facts = outcome
    if code != "done":
        return _code(answer) == code
    body = answer.facts()
    return all(body[name] == value for name, value in facts.items())


def _nonzero(amounts: Any) -> Plain:
    return {pair: amount for pair, amount in amounts.items() if amount}


def _net(owed: Any) -> Plain:
    """What each pair owes net, under the pair in one fixed order."""
    net: Counter[tuple[UUID, UUID]] = Counter()
    for (debtor, creditor), amount in owed.items():
        net[min(debtor, creditor), max(debtor, creditor)] += amount if debtor < creditor else -amount
    return _nonzero(net)


def _for_network(command: str, details: Plain) -> Plain:
    """The model's plain details as the application wants them."""
    sent = dict(details)
    if "terms" in sent:
        sent["terms"] = _terms_of(sent["terms"])
    if "standing" in sent:
        sent["standing"] = Standing(seen_at=0, **sent["standing"])
    if "rules" in sent:
        partners = tuple(
            PartnerRule(one, Hand(hand), share) for one, (hand, share) in sent["rules"]["partners"].items()
        )
        sent["rules"] = Rules(sent["rules"]["neutral"], sent["rules"]["exploration"], partners)
    if command in ("issue_certificates", "refund_payment", "propose_certificate", "issue_drawn"):
        sent["payment_id"] = payment_id_of(sent["merchant_id"], sent.pop("bill_reference"))
    if command == "redeem_certificate":
        shown_at = sent.pop("shown_at", None)
        sent["proof"] = None if shown_at is None else Proof(shown_at, 45)
    if "choices" in sent:
        sent["choices"] = tuple(Choice(*choice) for choice in sent["choices"])
    return sent


def _terms_of(plain: Plain) -> Terms:
    commission, fee = plain["commission"], plain["fee"]
    return Terms(
        face=FaceValue(fixed=plain["fixed"], share=plain["share"], at_most=plain["at_most"]),
        smallest_bill_to_issue=plain["min_issue"],
        smallest_bill_to_redeem=plain["min_redeem"],
        validity_days=plain["days"],
        transferable=plain["transferable"],
        partial_redemption=plain["partial"],
        funding=Funding(issuer=plain["issuer_rate"], pool=plain["pool_rate"]),
        commission=Commission(**{guest: Reward(*reward) for guest, reward in commission.items()})
        if commission
        else None,
        fee=Fee(payer=Side(fee["payer"]), share=fee["share"], fixed=fee["fixed"]) if fee else None,
        combinable=plain["combinable"],
        allotment_transferable=plain["stock_transferable"],
        reversal_hours=plain["reversal_hours"],
    )


def chain_holds(connection: psycopg.Connection, schema: str) -> bool:
    """Whether the head's hash is that of the last event."""
    row = connection.execute(
        sql.SQL("SELECT h.hash = e.hash FROM {0}.head h JOIN {0}.events e USING (position)").format(
            sql.Identifier(schema)
        )
    ).fetchone()
    return row is not None and bool(row[0])
