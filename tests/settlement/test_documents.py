"""The bytes of a statement: the same for the same window, exact, and harmless in a spreadsheet."""

import csv
import io
import json
from collections import Counter
from uuid import UUID

import pytest

from tests.settlement.streets import close, statements
from tests.support import Neighbourhood
from tests.written import as_csv, as_json


@pytest.fixture
def shops(street: Neighbourhood) -> tuple[UUID, UUID]:
    return street.merchant("Salon"), street.merchant('=Restaurant "R"')


def printed(document: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(document.decode(), newline="")))


@pytest.mark.parametrize("reference", ["=1+1", "+1", "-1", "@SUM(A1)"])
def test_what_begins_like_a_formula_stays_text(
    street: Neighbourhood, shops: tuple[UUID, UUID], module_database_url: str, reference: str
) -> None:
    salon, restaurant = shops
    street.redeem(street.issued(salon, street.agreement(salon, restaurant)), restaurant, bill_reference=reference)
    close(module_database_url, street.opened, 1)

    statement = statements(street.opened, 1)[salon]

    (line,) = [row for row in printed(as_csv(statement)) if row["row"] == "line"]
    assert (line["bill_reference"], line["counterparty"]) == (f"'{reference}", '\'=Restaurant "R"')
    assert (line["amount"], line["deducted"], line["bill"]) == ("-500", "500", "1800")
    exact = json.loads(as_json(statement))["statement"]["pairs"][0]["lines"][0]
    assert exact["bill_reference"] == reference


def test_the_rows_of_a_csv_add_up(street: Neighbourhood, shops: tuple[UUID, UUID], module_database_url: str) -> None:
    salon, restaurant = shops
    agreement = street.agreement(salon, restaurant)
    for _ in range(3):
        street.redeem(street.issued(salon, agreement), restaurant)
    close(module_database_url, street.opened, 1)

    rows = printed(as_csv(statements(street.opened, 1)[restaurant]))

    sums: Counter[str] = Counter()
    for row in rows:
        sums[row["row"]] += int(row["amount"] or 0)
    assert sums["opening"] + sums["line"] == sums["closing"] == sums["cleared"] + sums["due"] + sums["rolled_over"]
    assert sums["total_closing"] == sums["closing"] == 1_500
    assert sum(int(row["deducted"] or 0) for row in rows) == 1_500
