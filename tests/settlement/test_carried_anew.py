"""A window opens with what the one before carried when it was stated, and its archive keeps saying which version."""

import json
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from network.domain.statement import Method, SettlementTerms
from network.settlement.restating import recompute_window
from tests.archive.test_archive import files_of, report_of
from tests.projections.worlds import catch_up
from tests.settlement.streets import close, must_be_sound, owes, statements
from tests.settlement.test_disputes import dispute, line_of
from tests.support import Neighbourhood
from tests.written import archive_of

Shops = tuple[UUID, UUID, UUID]


@pytest.fixture
def shops(street: Neighbourhood) -> Shops:
    """The salon owes the restaurant 400, which rolls over, and the bakery 900, which is paid."""
    salon, restaurant, bakery = street.merchant("Salon"), street.merchant("Restaurant"), street.merchant("Bakery")
    owes(street, salon, restaurant, 400)
    owes(street, salon, bakery, 900)
    return salon, restaurant, bakery


def withhold(street: Neighbourhood, debtor: UUID, creditor: UUID, amount: int) -> None:
    """Dispute a part of the first line between the two in window 1, and make the next version."""
    dispute(street, debtor, creditor, line_of(street, 1, debtor, creditor), amount=amount)
    recompute_window(street.opened, 1).facts()


def opening(archive: bytes) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(files_of(archive)["manifest.json"])["opening"]
    return told


def test_a_roll_over_that_changes_before_the_next_statement_opens_it(
    street: Neighbourhood, shops: Shops, module_database_url: str, tmp_path: Path
) -> None:
    salon, restaurant, _ = shops
    close(module_database_url, street.opened, 1, SettlementTerms(Method.BILATERAL, threshold=500))
    withhold(street, salon, restaurant, 150)
    owes(street, salon, restaurant, 10)
    close(module_database_url, street.opened, 2)

    archives = [archive_of(street.opened, 2, party) for party in (None, salon, restaurant)]

    assert statements(street.opened, 2)[salon].opening == -250
    assert [opening(one)["version"] for one in archives] == [2, 2, 2]
    assert [report_of(one, tmp_path)["findings"] for one in archives] == [[], [], []]
    must_be_sound(module_database_url, street.opened)


def test_a_version_after_the_next_statement_leaves_the_archive_as_it_was(
    street: Neighbourhood, shops: Shops, module_database_url: str, tmp_path: Path
) -> None:
    salon, _, bakery = shops
    close(module_database_url, street.opened, 1, SettlementTerms(Method.BILATERAL, threshold=500))
    close(module_database_url, street.opened, 2)
    catch_up(module_database_url, street.opened.schema)
    parties = (None, salon, bakery)
    before = [archive_of(street.opened, 2, party) for party in parties]

    withhold(street, salon, bakery, 300)
    catch_up(module_database_url, street.opened.schema)
    after = [archive_of(street.opened, 2, party) for party in parties]

    assert [opening(one)["version"] for one in after] == [1, 1, 1], "window 2 was stated by version 1"
    assert after == before
    assert [report_of(one, tmp_path)["findings"] for one in after] == [[], [], []]
