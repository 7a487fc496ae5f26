"""A street on one running server, and browsers without a screen that sign in on it."""

from collections.abc import Iterator

import pytest

from tests.api.street import Server, Street, serving
from tests.pages.owners import owner
from tests.pages.visitors import Visitor
from tests.support import HandClock


@pytest.fixture(scope="module")
def clock() -> HandClock:
    return HandClock()


@pytest.fixture(scope="module")
def server(module_database_url: str, clock: HandClock) -> Iterator[Server]:
    with serving(module_database_url, clock=clock) as running:
        yield running


@pytest.fixture(scope="module")
def street(server: Server) -> Iterator[Street]:
    founded = Street.found(server, "street")
    yield founded
    founded.http.close()


@pytest.fixture
def visitor(street: Street, clock: HandClock) -> Iterator[Visitor]:
    """Somebody who is not signed in."""
    came = Visitor(street, clock)
    yield came
    came.http.close()


@pytest.fixture(scope="module")
def anna(street: Street, clock: HandClock) -> Iterator[Visitor]:
    """The salon's owner."""
    came = owner(street, clock, "salon", "anna")
    yield came
    came.http.close()


@pytest.fixture(scope="module")
def ivan(street: Street, clock: HandClock) -> Iterator[Visitor]:
    """The restaurant's owner."""
    came = owner(street, clock, "restaurant", "ivan")
    yield came
    came.http.close()


@pytest.fixture(scope="module")
def stranger(street: Street, clock: HandClock) -> Iterator[Visitor]:
    """The owner of a shop that has nothing to do with those two."""
    street.shops["books"] = street.join("books")
    came = owner(street, clock, "books", "zane")
    yield came
    came.http.close()


@pytest.fixture(scope="module")
def organizer(street: Street, clock: HandClock) -> Iterator[Visitor]:
    """Who closes the books."""
    came = Visitor(street, clock)
    came.enrol("organizer", str(came.coalition.coalition_id), "olga")
    yield came
    came.http.close()
