"""A neighbourhood that trades at random through the application: the histories that views and audit are tested on."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

import psycopg
from psycopg import sql

from network.application import Request
from network.application.issuing import Choice
from network.audit.books import Books
from network.audit.chain import Row
from network.audit.fold import apply
from network.audit.report import AuditReport
from network.coalitions import Coalitions, OpenCoalition, open_connection
from network.domain.draw import Hand, PartnerRule, Rules, Standing
from network.domain.errors import Refusal
from network.domain.payment import payment_id_of
from network.domain.terms import Commission, FaceValue, Fee, Funding, Reward, Side, Terms
from network.projections.batches import Follower
from network.projections.catalogue import NAMES, PROJECTIONS, named
from network.store.migrations import migrate_all

MASTER_KEY = b"k" * 32
TERMS = (
    Terms(face=FaceValue(fixed=500), funding=Funding(issuer=10_000), validity_days=3),
    Terms(
        face=FaceValue(share=3_333, at_most=2_001),
        partial_redemption=True,
        funding=Funding(issuer=3_334, pool=3_333),
        commission=Commission(Reward(1_000, 50), Reward(700, 30), Reward(333, 7)),
        fee=Fee(Side.ISSUER, 111, 3),
        combinable=True,
    ),
    Terms(
        face=FaceValue(fixed=701),
        smallest_bill_to_issue=500,
        smallest_bill_to_redeem=300,
        validity_days=1,
        funding=Funding(pool=10_000),
        commission=Commission(new=Reward(0, 99)),
        fee=Fee(Side.ACCEPTOR, 250, 0),
        combinable=True,
        allotment_transferable=True,
        reversal_hours=48,
    ),
    Terms(face=FaceValue(fixed=123), transferable=False, partial_redemption=True, validity_days=0, combinable=True),
)


@dataclass
class World:
    """One coalition with its hand-moved clock. `random` decides everything, so a seed is a history."""

    coalitions: Coalitions
    opened: OpenCoalition
    random: Random
    now: datetime
    merchants: list[UUID] = field(default_factory=list)
    wallets: list[UUID] = field(default_factory=list)
    agreements: list[tuple[UUID, UUID, UUID]] = field(default_factory=list)
    allotments: list[tuple[UUID, UUID, UUID]] = field(default_factory=list)
    payments: list[tuple[UUID, UUID]] = field(default_factory=list)
    certificates: list[UUID] = field(default_factory=list)
    redemptions: list[tuple[UUID, UUID, UUID]] = field(default_factory=list)
    bills: int = 0
    refused: int = 0
    caps: set[str] = field(default_factory=set)
    _followers: dict[tuple[str, ...], Follower] = field(default_factory=dict)
    _books: Books = field(default_factory=lambda: Books(AuditReport("")))

    @property
    def schema(self) -> str:
        return self.opened.schema

    def id(self) -> UUID:
        return UUID(int=self.random.getrandbits(128), version=4)

    def do(self, command: str, **facts: Any) -> dict[str, Any]:
        """Run one command now. Raises: Refusal."""
        request = Request("test", str(self.id()), b"f")
        answer: dict[str, Any] = getattr(self.opened.application, command)(request=request, **facts).result().facts()
        return answer

    def try_to(self, command: str, **facts: Any) -> dict[str, Any] | None:
        """Run one command that the facts may forbid."""
        try:
            return self.do(command, **facts)
        except Refusal:
            self.refused += 1
            return None

    def later(self, **duration: float) -> None:
        self.now += timedelta(**duration)

    def catch_up(self, views: tuple[str, ...] = NAMES) -> None:
        """Bring these views to the end of the log, over one connection for all of them."""
        if views not in self._followers:
            known = next(iter(self._followers.values()), None)
            connection = known.connection if known else open_connection(self.coalitions.database_url)
            self._followers[views] = Follower(connection, self.schema, named(views))
        follower = self._followers[views]
        while follower.step():
            pass
        assert not [place for place in follower.places()[0] if place.stopped]

    def close(self) -> None:
        for follower in self._followers.values():
            follower.connection.close()

    def settle_in(self) -> None:
        """Partners, wallets and agreements of every kind."""
        for place, name in enumerate(("Salon", "Restaurant", "Car wash", "Flowers")):
            merchant_id = self.id()
            self.do("apply_to_join", merchant_id=merchant_id, name=name, category="x", address=f"{place} Street")
            self.do("admit_merchant", merchant_id=merchant_id)
            self.merchants.append(merchant_id)
        for _ in range(4):
            self.wallets.append(self.id())
            self.do("open_wallet", wallet_id=self.wallets[-1])
        for place, terms in enumerate(TERMS):
            self.agree(self.merchants[place], self.merchants[(place + 1) % 4], terms)
        self.agree(self.merchants[0], self.merchants[3], TERMS[2])

    def agree(self, issuer_id: UUID, acceptor_id: UUID, terms: Terms) -> UUID:
        agreement_id = self.id()
        self.do(
            "propose_agreement",
            agreement_id=agreement_id,
            issuer_id=issuer_id,
            acceptor_id=acceptor_id,
            terms=terms,
            by=issuer_id,
        )
        self.do("accept_version", agreement_id=agreement_id, version=1, by=acceptor_id)
        self.agreements.append((agreement_id, issuer_id, acceptor_id))
        return agreement_id

    def pay(self, merchant_id: UUID, amount: int, wallet_id: UUID | None = None) -> UUID:
        """A paid bill."""
        self.bills += 1
        self.do(
            "record_payment",
            merchant_id=merchant_id,
            bill_reference=f"b{self.bills}",
            amount=amount,
            currency="EUR",
            customer_id=wallet_id,
        )
        return payment_id_of(merchant_id, f"b{self.bills}")

    def issue(self, agreement: tuple[UUID, UUID, UUID], wallet_id: UUID | None = None, bill: int = 2_400) -> UUID:
        """A certificate for a new bill."""
        agreement_id, issuer_id, _ = agreement
        payment_id, certificate_id = self.pay(issuer_id, bill), self.id()
        self.do(
            "issue_certificates",
            merchant_id=issuer_id,
            payment_id=payment_id,
            choices=(Choice(certificate_id, agreement_id),),
            holder_id=wallet_id,
        )
        self.certificates.append(certificate_id)
        return certificate_id

    def trade(self, steps: int) -> None:
        """Do `steps` things of any kind, many of which the facts forbid."""
        deeds = (
            [self._issue] * 5
            + [self._draw] * 3
            + [self._draw_rules]
            + [self._redeem] * 6
            + [self._claim, self._pass_on] * 3
            + [self._reverse, self._refund] * 2
            + [self._revoke, self._expire, self._stock, self._terms, self._wait, self._people, self._cap]
        )
        for _ in range(steps):
            self.random.choice(deeds)()

    def _issue(self) -> None:
        random = self.random
        agreement_id, issuer_id, _ = random.choice(self.agreements)
        wallet_id = random.choice([None, *self.wallets])
        try:
            payment_id = self.pay(issuer_id, random.randint(1, 5_000), wallet_id)
        except Refusal:
            return
        self.payments.append((issuer_id, payment_id))
        stocks = [one for one, agreement, _ in self.allotments if agreement == agreement_id]
        allotment_id = random.choice([None, *stocks])
        choices = [Choice(self.id(), agreement_id, allotment_id)]
        others = [one for one, issuer, _ in self.agreements if issuer == issuer_id and one != agreement_id]
        if others and random.random() < 0.3:
            choices.append(Choice(self.id(), random.choice(others)))
        issued = self.try_to(
            "issue_certificates",
            merchant_id=issuer_id,
            payment_id=payment_id,
            choices=tuple(choices),
            holder_id=random.choice([None, wallet_id]),
        )
        if issued:
            self.certificates += [choice.certificate_id for choice in choices]

    def standing(self, merchant_id: UUID) -> Standing:
        """What views would say at the end of the log, by the auditor's fold: the street's own stay as they are."""
        books = self._books
        with self.opened.reading() as recorder:
            statement = sql.SQL(
                "SELECT position, originator_id::text, originator_version, topic, state, hash FROM {}"
                " WHERE position > %s ORDER BY position"
            ).format(sql.Identifier(self.schema, "events"))
            for row in recorder.connection.execute(statement, (books.position,)):
                apply(books, Row(*row))
        agreements = [one for one in self.agreements if one[1] == merchant_id]
        partners = {acceptor_id for _, _, acceptor_id in agreements}
        return Standing(
            seen_at=books.position,
            agreements=tuple(agreement_id for agreement_id, _, _ in agreements),
            gave={one: books.gave[str(one)].at(books.position) or 0 for one in partners},
            received={one: books.received[str(one)].at(books.position) or 0 for one in partners},
            owed={one: books.owed_net[str(merchant_id), str(one)].at(books.position) or 0 for one in partners},
        )

    def _draw(self) -> None:
        """A bill for which the network draws; now and then the cashier gives something else, or looks first."""
        random, merchant_id = self.random, self.random.choice(self.merchants)
        wallet_id = random.choice([None, *self.wallets])
        payment_id = self.pay(merchant_id, random.randint(1, 5_000), wallet_id)
        self.payments.append((merchant_id, payment_id))
        bill = {"merchant_id": merchant_id, "payment_id": payment_id}
        certificate_id, standing = self.id(), self.standing(merchant_id)
        if random.random() < 0.4:
            self.try_to("propose_certificate", **bill, standing=standing)
        if random.random() < 0.2:
            choices = (Choice(certificate_id, random.choice(self.agreements)[0]),)
            done = self.try_to("issue_certificates", **bill, choices=choices, holder_id=wallet_id, override_reason="x")
        else:
            done = self.try_to(
                "issue_drawn", **bill, certificate_id=certificate_id, holder_id=wallet_id, standing=standing
            )
        if done and done["certificates"]:
            self.certificates.append(certificate_id)

    def _draw_rules(self) -> None:
        random, partner_id = self.random, self.random.choice(self.merchants)
        hand = random.choice(list(Hand))
        partners = (PartnerRule(partner_id, hand, 4_000 if hand is Hand.SHARE else 0),)
        rules = Rules(random.choice([0, 500, 3_000]), random.choice([500, 10_000]), partners)
        self.do("set_draw_rules", merchant_id=random.choice(self.merchants), rules=rules, by="owner")

    def _certificate(self) -> tuple[UUID, Any] | None:
        """One of them with its present facts, as the till would know them from a token."""
        if not self.certificates:
            return None
        certificate_id = self.random.choice(self.certificates[-40:])
        with self.opened.reading() as recorder:
            found = None
            for stored in recorder.select_events(certificate_id):
                found = self.opened.mapper.to_domain_event(stored).mutate(found)  # type: ignore[attr-defined]
        return certificate_id, found

    def _claim(self) -> None:
        if one := self._certificate():
            epoch = one[1].epoch - (self.random.random() < 0.2)
            self.try_to(
                "claim_certificate", certificate_id=one[0], epoch=epoch, wallet_id=self.random.choice(self.wallets)
            )

    def _pass_on(self) -> None:
        if one := self._certificate():
            wallet_id = one[1].holder_id or self.random.choice(self.wallets)
            self.try_to("pass_on_certificate", certificate_id=one[0], wallet_id=wallet_id)

    def _redeem(self) -> None:
        if not (one := self._certificate()):
            return
        random, (certificate_id, certificate) = self.random, one
        if random.random() < 0.8 or not self.bills:
            self.bills += 1
        reference = random.choice([f"r{self.bills}", f"r{self.bills}", None])
        redemption_id = self.id()
        done = self.try_to(
            "redeem_certificate",
            certificate_id=certificate_id,
            epoch=certificate.epoch,
            redemption_id=redemption_id,
            acceptor_id=certificate.acceptor_id,
            bill_reference=reference,
            bill=2_000 if reference else None,
            amount=random.choice([None, None, random.randint(1, 400)]),
        )
        if not done:
            return
        self.redemptions.append((certificate_id, redemption_id, certificate.acceptor_id))
        if reference and random.random() < 0.7:
            paid = self.try_to(
                "record_payment",
                merchant_id=certificate.acceptor_id,
                bill_reference=reference,
                amount=2_000,
                currency="EUR",
                customer_id=random.choice([None, certificate.holder_id]),
            )
            if paid:
                self.payments.append((certificate.acceptor_id, payment_id_of(certificate.acceptor_id, reference)))

    def _reverse(self) -> None:
        if self.redemptions:
            certificate_id, redemption_id, acceptor_id = self.random.choice(self.redemptions[-15:])
            self.try_to(
                "reverse_redemption",
                certificate_id=certificate_id,
                redemption_id=redemption_id,
                acceptor_id=self.random.choice([acceptor_id, None]),
                reason="a slip",
            )

    def _refund(self) -> None:
        if self.payments:
            merchant_id, payment_id = self.random.choice(self.payments[-15:])
            done = self.try_to(
                "refund_payment",
                merchant_id=merchant_id,
                payment_id=payment_id,
                refund_id=self.id(),
                amount=self.random.randint(1, 2_000),
            )
            self.certificates += [UUID(one["certificate_id"]) for one in (done or {}).get("certificates", [])]

    def _revoke(self) -> None:
        if one := self._certificate():
            issuer_id = self.random.choice([one[1].issuer_id, None])
            self.try_to("revoke_certificate", certificate_id=one[0], issuer_id=issuer_id, reason="a mistake")

    def _expire(self) -> None:
        for certificate_id in self.certificates[-30:]:
            if self.random.random() < 0.3:
                self.try_to("expire_certificate", certificate_id=certificate_id)

    def _stock(self) -> None:
        random = self.random
        if not self.allotments or random.random() < 0.4:
            agreement_id, issuer_id, acceptor_id = random.choice(self.agreements)
            allotment_id = self.id()
            made = self.try_to(
                "set_allotment_aside",
                allotment_id=allotment_id,
                acceptor_id=acceptor_id,
                agreement_id=agreement_id,
                number=random.randint(1, 5),
                face=450,
                last_on="2030-01-01",
            )
            if made:
                self.allotments.append((allotment_id, agreement_id, issuer_id))
            return
        allotment_id, _, partner_id = random.choice(self.allotments)
        if random.random() < 0.5:
            self.try_to("return_allotment", allotment_id=allotment_id, partner_id=partner_id, number=1)
            return
        to_agreement, to_partner, _ = random.choice(self.agreements)
        to_allotment = self.id()
        moved = self.try_to(
            "transfer_allotment",
            allotment_id=allotment_id,
            partner_id=partner_id,
            to_allotment_id=to_allotment,
            to_agreement_id=to_agreement,
            number=1,
        )
        if moved:
            self.allotments.append((to_allotment, to_agreement, to_partner))

    def _terms(self) -> None:
        random = self.random
        agreement_id, issuer_id, acceptor_id = random.choice(self.agreements)
        both = [issuer_id, acceptor_id]
        random.shuffle(both)
        offered = self.try_to("propose_version", agreement_id=agreement_id, terms=random.choice(TERMS), by=both[0])
        if offered and random.random() < 0.7:
            version = offered["version_waiting"]
            self.try_to("accept_version", agreement_id=agreement_id, version=version, by=both[1])
        elif random.random() < 0.3:
            self.try_to("pause_agreement", agreement_id=agreement_id, by=both[0])
            self.try_to("resume_agreement", agreement_id=agreement_id, by=both[0])

    def _wait(self) -> None:
        self.later(hours=self.random.choice([0.1, 3, 20, 60]))

    def _people(self) -> None:
        merchant_id = self.random.choice(self.merchants)
        self.try_to("suspend_merchant", merchant_id=merchant_id, reason="unpaid fees")
        self.do("readmit_merchant", merchant_id=merchant_id)

    def _cap(self) -> None:
        random = self.random
        agreement_id, issuer_id, acceptor_id = random.choice(self.agreements)
        scope = random.choice(
            [f"pair:{issuer_id}:{acceptor_id}", f"debtor:{issuer_id}", f"agreement:{agreement_id}", "customer"]
        )
        limit = random.choice([None, None, None, 5, 10_000, 50_000])
        self.caps.add(scope)
        self.set_cap(scope, limit)

    def set_cap(self, scope: str, limit: int | None) -> None:
        """One organizer sets it, or two raise it."""
        if self.try_to("set_cap", scope=scope, limit=limit, by="organizer", reason="prudence", person_id=self.id()):
            return
        first, raise_id = self.id(), self.id()
        asked = {"raise_id": raise_id, "scope": scope, "limit": limit, "reason": "trust", "others": True}
        self.do("propose_raise", **asked, person_id=first)
        if self.random.random() < 0.2:
            self.do("withdraw_raise", raise_id=raise_id, person_id=first, reason="too early")
        else:
            self.do("confirm_raise", raise_id=raise_id, person_id=self.id(), since=self.now)


@contextmanager
def world(database_url: str, seed: int = 1, slug: str = "street") -> Iterator[World]:
    """A new coalition in this database, with its views; or that of this seed, where it has settled in already."""
    migrate_all(database_url)
    random = Random(seed)
    with settled(database_url, random, slug, UUID(int=random.getrandbits(128), version=4)) as street:
        yield street


def settle(database_url: str) -> None:
    """Make a database whose copies need not: every command of `world` finds its answer there."""
    with world(database_url):
        pass


@contextmanager
def settled(database_url: str, random: Random, slug: str, coalition_id: UUID) -> Iterator[World]:
    """A new coalition in a migrated database, with its views."""
    made: list[World] = []
    start = datetime(2024, 3, 29, 9, tzinfo=UTC)  # two days before the clocks change
    coalitions = Coalitions(database_url, MASTER_KEY, clock=lambda: made[0].now if made else start)
    try:
        opened = coalitions.found(
            coalition_id=coalition_id, slug=slug, name="Street", currency="EUR", time_zone="Europe/Riga"
        )
        made.append(World(coalitions, opened, random, start))
        made[0].settle_in()
        yield made[0]
    finally:
        for one in made:
            one.close()
        coalitions.close()


def catch_up(database_url: str, schema: str) -> None:
    """Bring every view to the end of the log."""
    with open_connection(database_url) as connection:
        follower = Follower(connection, schema)
        while follower.step():
            pass
        assert not [place for place in follower.places()[0] if place.stopped]


def contents(database_url: str, schema: str) -> dict[str, list[str]]:
    """`{table: every row as PostgreSQL writes it}` of every view, and where each view stands."""
    found: dict[str, list[str]] = {}
    with psycopg.connect(database_url) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        for table in (table for projection in PROJECTIONS for table in projection.tables):
            rows = connection.execute(
                sql.SQL("SELECT t::text FROM {} t ORDER BY {}").format(
                    sql.Identifier(schema, table.name), sql.SQL(", ".join(table.key))
                )
            )
            found[table.name] = [text for (text,) in rows]
        rows = connection.execute(
            sql.SQL("SELECT t::text FROM {} t ORDER BY projection").format(sql.Identifier(schema, "tracking"))
        )
        found["tracking"] = [text for (text,) in rows]
    return found
