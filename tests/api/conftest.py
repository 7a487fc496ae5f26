"""Two coalitions on one running server, for the tests of a file."""

from collections.abc import Iterator

import pytest

from tests.api.street import Server, Street, serving


@pytest.fixture(scope="module")
def server(module_database_url: str) -> Iterator[Server]:
    with serving(module_database_url) as running:
        yield running


@pytest.fixture(scope="module")
def street(server: Server) -> Iterator[Street]:
    founded = Street.found(server, "street")
    yield founded
    founded.http.close()


@pytest.fixture(scope="module")
def elsewhere(server: Server) -> Iterator[Street]:
    """Another coalition on the same server."""
    founded = Street.found(server, "elsewhere")
    yield founded
    founded.http.close()
