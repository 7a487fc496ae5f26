"""What the pages of owners and organizers both call parties that are no partners, and people on record."""

from typing import Final
from uuid import UUID

from network.access.people import find_person
from network.api.pages.texts import N_
from network.api.pages.visits import Visit
from network.domain.postings import own_parties

_OWN: Final = (N_("The common pool"), N_("The organizer"), N_("The deposits"))
"""In the order of `own_parties`."""


def own_names(visit: Visit) -> dict[str, str]:
    """The parties that are no partners, by id as text."""
    return dict(zip(map(str, own_parties(visit.coalition.coalition_id)), map(visit.gettext, _OWN), strict=True))


def people_named(visit: Visit, ids: set[UUID]) -> dict[str, str]:
    """The names of people who are still on record, by id as text. For a thread."""
    found = {one: find_person(visit.coalition, one) for one in ids}
    return {str(one): person.name for one, person in found.items() if person is not None}
