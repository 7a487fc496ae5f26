"""A demo neighbourhood: five shops, agreements of every funding model, and four weeks of history."""

import random
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid5

from network.access.invitations import ENTRY, TILL, invite
from network.access.people import add_person, find_person
from network.application import Answer, Application, Request
from network.application.imports import Imported
from network.coalitions import Coalitions, OpenCoalition
from network.credentials import create_credential
from network.demo_closing import TERMS, close_first_window
from network.domain.draw import Standing
from network.domain.payment import payment_id_of
from network.domain.terms import Commission, FaceValue, Fee, Funding, Reward, Side, Terms
from network.settings import Settings

SLUG = "demo"
COALITION = UUID("7a0c6a8e-3f0b-5b0e-9d57-0d0c0a1f0001")
DAYS = 28
GUESTS = 40

Credential = tuple[str, str, str]
"""Role, whose it is, secret."""


def _id(name: str) -> UUID:
    return uuid5(COALITION, name)


@dataclass(frozen=True)
class Shop:
    """A shop of the street and what its guests usually pay, in cents."""

    name: str
    category: str
    address: str
    bill: tuple[int, int]

    @property
    def id(self) -> UUID:
        """The same in every demo."""
        return _id(f"merchant {self.name}")


SALON = Shop("Anna's Salon", "beauty", "Brivibas iela 10", (2000, 6500))
RESTAURANT = Shop("Terrace Restaurant", "restaurant", "Brivibas iela 12", (1200, 5200))
CAR_WASH = Shop("Bright Car Wash", "car wash", "Matisa iela 3", (900, 2500))
BAKERY = Shop("Corner Bakery", "bakery", "Brivibas iela 11", (300, 1500))
BOOKSHOP = Shop("Reading Room Books", "books", "Gertrudes iela 7", (800, 4000))
STREET = (SALON, RESTAURANT, CAR_WASH, BAKERY, BOOKSHOP)

AGREEMENTS: tuple[tuple[Shop, Shop, Terms], ...] = (
    # acceptor-funded, with a commission that thanks for new guests most
    (SALON, RESTAURANT, Terms(
        face=FaceValue(fixed=500), smallest_bill_to_issue=2000, smallest_bill_to_redeem=1000, validity_days=30,
        commission=Commission(new=Reward(share=500, fixed=100), lapsed=Reward(share=500), returning=Reward(share=200)),
    )),
    # issuer-funded: the restaurant treats its guests
    (RESTAURANT, CAR_WASH, Terms(
        face=FaceValue(fixed=300), smallest_bill_to_issue=1500, funding=Funding(issuer=10_000), validity_days=14,
    )),
    # shared half and half, used in parts
    (CAR_WASH, BAKERY, Terms(
        face=FaceValue(share=2000, at_most=400), smallest_bill_to_issue=900, funding=Funding(issuer=5_000),
        partial_redemption=True, validity_days=30,
    )),
    # the coalition's pool pays
    (BAKERY, BOOKSHOP, Terms(
        face=FaceValue(fixed=200), smallest_bill_to_issue=500, smallest_bill_to_redeem=800,
        funding=Funding(pool=10_000), validity_days=30,
    )),
    # acceptor-funded, with a network fee that the acceptor pays, and not to be passed on
    (BOOKSHOP, SALON, Terms(
        face=FaceValue(fixed=700), smallest_bill_to_issue=1000, smallest_bill_to_redeem=2500, transferable=False,
        fee=Fee(payer=Side.ACCEPTOR, share=300, fixed=10), validity_days=45,
    )),
    # for a stock that the bakery sets aside: a coffee with the hair cut
    (SALON, BAKERY, Terms(
        face=FaceValue(fixed=250), combinable=True, allotment_transferable=True, validity_days=7,
        commission=Commission(new=Reward(fixed=50), lapsed=Reward(fixed=50)),
    )),
)  # fmt: skip


def ensure_demo(database_url: str, settings: Settings) -> list[Credential]:
    """Found the demo neighbourhood, or find it as it stands; either way its credentials come back."""
    with _coalitions(database_url, settings) as coalitions:
        coalition = coalitions.found(
            coalition_id=COALITION, slug=SLUG, name="Brivibas Street", currency="EUR", time_zone="Europe/Riga"
        )
        _set_up(coalition.application)
        _History(coalition.application).trade()
        close_first_window(coalition, database_url, {shop.id: shop.name for shop in STREET})
        return _credentials(coalition)


@contextmanager
def _coalitions(database_url: str, settings: Settings) -> Iterator[Coalitions]:
    coalitions = Coalitions(database_url, settings.master_key)
    try:
        yield coalitions
    finally:
        coalitions.close()


def _request(name: str, at: datetime | None = None) -> Request:
    return Request(caller="demo", key=str(_id(name)), fingerprint=name.encode(), at=at)


def _set_up(application: Application) -> None:
    for shop in STREET:
        application.apply_to_join(
            request=_request(f"apply {shop.name}"),
            merchant_id=shop.id,
            name=shop.name,
            category=shop.category,
            address=shop.address,
        ).result().facts()
        application.admit_merchant(request=_request(f"admit {shop.name}"), merchant_id=shop.id).result().facts()
    for issuer, acceptor, terms in AGREEMENTS:
        name = f"agreement {issuer.name} {acceptor.name}"
        application.propose_agreement(
            request=_request(f"propose {name}"),
            agreement_id=_id(name),
            issuer_id=issuer.id,
            acceptor_id=acceptor.id,
            terms=terms,
            by=issuer.id,
        ).result().facts()
        application.accept_version(
            request=_request(f"accept {name}"), agreement_id=_id(name), version=1, by=acceptor.id
        ).result().facts()
    application.set_allotment_aside(
        request=_request("allotment"),
        allotment_id=_id("allotment"),
        acceptor_id=BAKERY.id,
        agreement_id=_id(f"agreement {SALON.name} {BAKERY.name}"),
        number=100,
        face=250,
        last_on=(datetime.now(UTC) + timedelta(days=365)).date().isoformat(),
    ).result()
    for guest in range(GUESTS):
        application.open_wallet(request=_request(f"wallet {guest}"), wallet_id=_id(f"guest {guest}")).result().facts()


@dataclass(frozen=True)
class _Held:
    """A certificate that its guest means to use, not before `from_at`."""

    certificate_id: UUID
    guest_id: UUID
    acceptor: Shop
    terms: Terms
    from_at: datetime


class _History:
    """Four weeks of ordinary trade that end yesterday.

    Each command has its own key, so a first start that was cut off goes on where it stood.
    """

    def __init__(self, application: Application) -> None:
        self._application = application
        self._random = random.Random(20_171)  # noqa: S311  invented guests need no secrecy
        self._answers: list[Future[Answer]] = []
        self._held: list[_Held] = []

    def trade(self) -> None:
        """Run the four weeks."""
        opens = datetime.now(UTC).replace(hour=7, minute=0, second=0, microsecond=0) - timedelta(days=DAYS)
        for day in range(DAYS):
            if day == DAYS // 2:
                cut = _request("cut window 1", opens + timedelta(days=day))
                self._answers.append(self._application.cut_window(request=cut, number=1, terms=TERMS))
            minutes = sorted(self._random.randint(0, 12 * 60) for _ in range(self._random.randint(14, 26)))
            for visit, minute in enumerate(minutes):
                self._visit(f"{day + 1}-{visit + 1}", opens + timedelta(days=day, minutes=minute))
        for answer in self._answers:
            answer.result().facts()

    def _visit(self, name: str, at: datetime) -> None:
        shop = self._random.choice(STREET)
        bill = self._random.randint(*shop.bill) // 10 * 10
        guest_id = _id(f"guest {min(int(self._random.expovariate(1 / 14)), GUESTS - 1)}")
        due = next((h for h in self._held if h.acceptor is shop and h.from_at <= at), None)
        if due is not None and bill >= due.terms.smallest_bill_to_redeem:
            self._held.remove(due)
            self._redeem(name, due, bill, at)
            guest_id = due.guest_id
        self._pay(name, shop, bill, guest_id, at)

    def _pay(self, name: str, shop: Shop, bill: int, guest_id: UUID, at: datetime) -> None:
        self._answers.append(
            self._application.record_payment(
                request=_request(f"payment {name}", at),
                merchant_id=shop.id,
                bill_reference=f"D{name}",
                amount=bill,
                currency="EUR",
                customer_id=guest_id,
                imported=True,
            )
        )
        fitting = [(a, terms) for i, a, terms in AGREEMENTS if i is shop and bill - 700 >= terms.smallest_bill_to_issue]
        if fitting and self._random.random() < 0.7:
            acceptor, terms = self._random.choice(fitting)
            if self._random.random() < 0.5:
                self._draw(name, shop, bill, guest_id, at)
            else:
                self._issue(name, shop, bill, guest_id, at, acceptor, terms)

    def _issue(
        self, name: str, shop: Shop, bill: int, guest_id: UUID, at: datetime, acceptor: Shop, terms: Terms
    ) -> None:
        certificate = Imported(
            _id(f"certificate {name}"),
            _id(f"agreement {shop.name} {acceptor.name}"),
            terms.face.of(bill),
            terms.expires_at(at, "Europe/Riga"),
        )
        self._answers.append(
            self._application.import_certificates(
                request=_request(f"issue {name}", at + timedelta(minutes=1)),
                merchant_id=shop.id,
                payment_id=payment_id_of(shop.id, f"D{name}"),
                campaign="",
                holder_id=guest_id,
                certificates=(certificate,),
            )
        )
        self._will_use(certificate.certificate_id, guest_id, acceptor, terms, at)

    def _draw(self, name: str, shop: Shop, bill: int, guest_id: UUID, at: datetime) -> None:
        """The network chooses the neighbour, and now and then none. No views are there yet that it could ask; what is
        drawn is handed out as an import, since no key of today may sign for the past.
        """
        partners = {acceptor.id: (acceptor, terms) for issuer, acceptor, terms in AGREEMENTS if issuer is shop}
        names = [f"agreement {shop.name} {acceptor.name}" for acceptor, _ in partners.values()]
        drawn = self._application.propose_certificate(
            request=_request(f"draw {name}", at + timedelta(minutes=1)),
            merchant_id=shop.id,
            payment_id=payment_id_of(shop.id, f"D{name}"),
            standing=Standing(seen_at=0, agreements=tuple(map(_id, names))),
        )
        certificate = drawn.result().facts()["certificate"]
        if isinstance(certificate, dict):
            self._issue(name, shop, bill, guest_id, at, *partners[UUID(certificate["acceptor_id"])])

    def _will_use(self, certificate_id: UUID, guest_id: UUID, acceptor: Shop, terms: Terms, at: datetime) -> None:
        """Every second guest means to."""
        if self._random.random() < 0.55:
            from_at = at + timedelta(hours=self._random.randint(2, 120))
            self._held.append(_Held(certificate_id, guest_id, acceptor, terms, from_at))

    def _redeem(self, name: str, held: _Held, bill: int, at: datetime) -> None:
        self._answers.append(
            self._application.redeem_certificate(
                request=_request(f"redeem {name}", at),
                certificate_id=held.certificate_id,
                epoch=0,
                redemption_id=_id(f"redemption {name}"),
                acceptor_id=held.acceptor.id,
                bill_reference=f"D{name}",
                bill=bill,
            )
        )


def _credentials(coalition: OpenCoalition) -> list[Credential]:
    subjects = [("organizer", "Brivibas Street", COALITION)]
    for shop in STREET:
        subjects += [("owner", shop.name, shop.id), ("till", shop.name, shop.id)]
    founding = coalition.entry.founded_at.isoformat()  # a demo that is founded anew has new secrets
    return [
        (role, name, create_credential(coalition, _id(f"credential {role} {name} {founding}"), role, subject_id, name))
        for role, name, subject_id in subjects
    ]


PEOPLE: tuple[tuple[str, str, Shop | None, str], ...] = (
    ("Olga", "organizer", None, ""),
    ("Oskars", "organizer", None, ""),
    ("Anna", "owner", SALON, ""),
    ("Ruta", "owner", RESTAURANT, ""),
    ("Liga", "cashier", SALON, "2580"),
    ("Marks", "shift_leader", SALON, "3690"),
    ("Ivan", "cashier", RESTAURANT, "2580"),
    ("Elina", "cashier", BAKERY, "2580"),
)
"""Name, role, shop, and the PIN at its till."""
_TILLS = (SALON, RESTAURANT, BAKERY)


def demo_doors(database_url: str, settings: Settings) -> list[tuple[str, str]]:
    """How to come in to each role's pages: who, and a one-time code, new at each start; none without the demo."""
    at = datetime.now(UTC)
    with _coalitions(database_url, settings) as coalitions:
        if not any(entry.slug == SLUG for entry in coalitions.directory.all()):
            return []
        coalition = coalitions.open(SLUG)
        doors = []
        for name, role, shop, pin in PEOPLE:
            subject_id, person_id = shop.id if shop else COALITION, _id(f"person {name}")
            if find_person(coalition, person_id) is None:
                add_person(coalition, name=name, post=(role, subject_id), at=at, pin=pin or None, person_id=person_id)
            if not pin:
                code = invite(
                    coalition, kind=ENTRY, role=role, subject_id=subject_id, label=name, at=at, person_id=person_id
                )
                doors.append((f"{name}, {role}{f' of {shop.name}' if shop else ''}", code))
        for shop in _TILLS:
            code = invite(coalition, kind=TILL, role="till", subject_id=shop.id, label="counter", at=at)
            staff = " or ".join(f"{name} {pin}" for name, _, of, pin in PEOPLE if of is shop and pin)
            doors.append((f"till of {shop.name}, then PIN of {staff}", code))
        return doors
