"""The demo's shops, what they agreed on, and how their owners let the network choose."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID, uuid5

from network.application import Request
from network.domain.draw import Hand, PartnerRule, Rules
from network.domain.terms import Commission, FaceValue, Fee, Funding, Reward, Side, Terms

SLUG: Final = "demo"
COALITION: Final = UUID("7a0c6a8e-3f0b-5b0e-9d57-0d0c0a1f0001")


def id_of(name: str) -> UUID:
    """The same in every demo."""
    return uuid5(COALITION, name)


def asked(name: str, at: datetime | None = None) -> Request:
    """A command of the demo: under the same name it is done once, however often it is sent."""
    return Request(caller="demo", key=str(id_of(name)), fingerprint=name.encode(), at=at)


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
        return id_of(f"merchant {self.name}")


SALON = Shop("Anna's Salon", "beauty", "Brivibas iela 10", (2000, 6500))
RESTAURANT = Shop("Terrace Restaurant", "restaurant", "Brivibas iela 12", (1200, 5200))
CAR_WASH = Shop("Bright Car Wash", "car wash", "Matisa iela 3", (900, 2500))
BAKERY = Shop("Corner Bakery", "bakery", "Brivibas iela 11", (300, 1500))
BOOKSHOP = Shop("Reading Room Books", "books", "Gertrudes iela 7", (800, 4000))
STREET: Final = (SALON, RESTAURANT, CAR_WASH, BAKERY, BOOKSHOP)


@dataclass(frozen=True)
class Agreed:
    """That `issuer` gives its guests certificates of `acceptor`."""

    issuer: Shop
    acceptor: Shop
    terms: Terms

    @property
    def name(self) -> str:
        """For keys and ids."""
        return f"agreement {self.issuer.name} {self.acceptor.name}"

    @property
    def id(self) -> UUID:
        """The same in every demo."""
        return id_of(self.name)


TREAT: Final = Agreed(SALON, BAKERY, Terms(
    face=FaceValue(fixed=250), combinable=True, allotment_transferable=True, validity_days=7,
    commission=Commission(new=Reward(fixed=50), lapsed=Reward(fixed=50)),
))  # fmt: skip
"""For a stock that the bakery sets aside: a coffee with the hair cut."""

AGREEMENTS: Final = (
    # acceptor-funded, with a commission that thanks for new guests most
    Agreed(SALON, RESTAURANT, Terms(
        face=FaceValue(fixed=500), smallest_bill_to_issue=2000, smallest_bill_to_redeem=1000, validity_days=30,
        commission=Commission(new=Reward(share=500, fixed=100), lapsed=Reward(share=500), returning=Reward(share=200)),
    )),
    # issuer-funded: the restaurant treats its guests
    Agreed(RESTAURANT, CAR_WASH, Terms(
        face=FaceValue(fixed=300), smallest_bill_to_issue=1500, funding=Funding(issuer=10_000), validity_days=14,
    )),
    # shared half and half, used in parts
    Agreed(CAR_WASH, BAKERY, Terms(
        face=FaceValue(share=2000, at_most=400), smallest_bill_to_issue=900, funding=Funding(issuer=5_000),
        partial_redemption=True, validity_days=30,
    )),
    # the coalition's pool pays
    Agreed(BAKERY, BOOKSHOP, Terms(
        face=FaceValue(fixed=200), smallest_bill_to_issue=500, smallest_bill_to_redeem=800,
        funding=Funding(pool=10_000), validity_days=30,
    )),
    # acceptor-funded, with a network fee that the acceptor pays, and not to be passed on
    Agreed(BOOKSHOP, SALON, Terms(
        face=FaceValue(fixed=700), smallest_bill_to_issue=1000, smallest_bill_to_redeem=2500, transferable=False,
        fee=Fee(payer=Side.ACCEPTOR, share=300, fixed=10), validity_days=45,
    )),
    TREAT,
)  # fmt: skip

RULES: Final = {
    SALON: Rules(neutral=3_000, partners=(PartnerRule(BAKERY.id, Hand.SHARE, 1_000),)),
    RESTAURANT: Rules(neutral=3_000),
}
"""These two wanted to know soon what certificates bring, so three guests of ten got none. Now that they know, they
leave it at one guest of twenty, as the others did all the time; those wait for an answer much longer."""

MARGINS: Final = {RESTAURANT: 6_000}
"""Basis points of a bill that stay after goods. The others have not told theirs, and are asked for it."""
