"""How to come in to each role's pages of the demo."""

from datetime import UTC, datetime
from typing import Final

from network.access.invitations import ENTRY, TILL, invite
from network.access.people import add_person, find_person
from network.demo.founding import opened
from network.demo.street import BAKERY, COALITION, RESTAURANT, SALON, SLUG, Shop, id_of
from network.settings import Settings

PEOPLE: Final[tuple[tuple[str, str, Shop | None, str], ...]] = (
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
    with opened(database_url, settings) as coalitions:
        if not any(entry.slug == SLUG for entry in coalitions.directory.all()):
            return []
        coalition = coalitions.open(SLUG)
        doors = []
        for name, role, shop, pin in PEOPLE:
            subject_id, person_id = shop.id if shop else COALITION, id_of(f"person {name}")
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
