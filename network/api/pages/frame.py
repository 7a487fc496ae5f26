"""The frame of signed-in pages: where each role can go. A room of pages adds its places here, one line each."""

from dataclasses import dataclass
from typing import Final

from network.api.pages.texts import N_

ORGANIZER, OWNER, TILL = "organizer", "owner", "till"


@dataclass(frozen=True)
class Place:
    """One entry of the navigation. `about` says on the first page what is done there."""

    path: str
    name: str
    about: str
    roles: tuple[str, ...]
    also: tuple[str, ...] = ()
    """Other pages of the same room."""

    def holds(self, path: str) -> bool:
        """Whether a page is of this room."""
        return path.startswith((self.path, *self.also))


PLACES: Final[tuple[Place, ...]] = (
    Place("/till/pay", N_("After payment"), N_("Give a guest a certificate."), (TILL,)),
    Place("/till/redeem", N_("Redeem"), N_("Take a certificate off a bill."), (TILL,)),
    Place("/till/shift", N_("Shift"), N_("What was given and taken today, and by whom."), (TILL,)),
    Place("/shop/agreements", N_("Agreements"), N_("Who sends guests to whom, and on which terms."), (OWNER,)),
    Place("/shop/certificates", N_("Certificates"), N_("What was given and taken, one by one."), (OWNER,)),
    Place("/shop/money", N_("Money"), N_("Who owes whom, statements, and what is to be paid."), (OWNER,)),
    Place("/shop/effect", N_("Effect"), N_("What certificates bring, and which neighbour is drawn."), (OWNER,)),
    Place("/tills", N_("Tills"), N_("Connect a till, or cut one off."), (OWNER,)),
    Place("/console/partners", N_("Partners"), N_("Admit, stop, and invite owners."), (ORGANIZER,)),
    Place("/console/agreements", N_("Agreements"), N_("Who gives whose certificates, on which terms."), (ORGANIZER,)),
    Place(
        "/console/settlement", N_("Settlement"), N_("End a month, follow its payments, decide disputes."), (ORGANIZER,)
    ),
    Place("/console/limits", N_("Limits"), N_("What is limited, how full it is, and who raises it."), (ORGANIZER,)),
    Place(
        "/console/flows",
        N_("Reports"),
        N_("Who sends whom guests, what certificates changed, exports."),
        (ORGANIZER,),
        ("/console/effect", "/console/exports"),
    ),
    Place("/console/log", N_("Log"), N_("Everything that happened, to be searched."), (ORGANIZER,)),
    Place(
        "/console/health",
        N_("Health"),
        N_("Whether every figure is up to date, and the audit of everything from the log."),
        (ORGANIZER,),
    ),
    Place("/people", N_("People"), N_("Who may sign in, and as what."), (ORGANIZER, OWNER)),
    Place("/shop/profile", N_("My shop"), N_("Address, bank account, taxes, keys and webhooks."), (OWNER,)),
    Place("/account", N_("My account"), N_("Password, second step, and where you are signed in."), (ORGANIZER, OWNER)),
)

HOMES: Final = {ORGANIZER: "/console", OWNER: "/shop", TILL: "/till"}
"""Where each role begins."""


def places_of(role: str) -> list[Place]:
    """The navigation of a role."""
    return [place for place in PLACES if role in place.roles]
