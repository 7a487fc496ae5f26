"""The street's report on real purchases, against a count straight from the files."""

import csv
from collections import Counter
from datetime import UTC, date, datetime
from pathlib import Path

import psycopg
import pytest

from network.projections.tracking import at_one_position
from network.reports import documents, gathering, paper
from network.reports.period import Period
from network.reports.reading import VIEWS
from network.reports.suppression import is_small
from tests.projections.worlds import catch_up
from tests.replay.files import imported
from tests.replay.test_neighbourhood_2017 import DATA, rows
from tests.support import migrated

UNTIL = "2017-02-20"
"""The first campaign and its first uses."""
COLUMNS = {"payments": "paid_at", "certificates": "issued_at", "redemption_attempts": "redeemed_at"}
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not DATA.is_dir(), reason=f"there is no {DATA}, which is not part of the project"),
]


def test_the_street_of_the_first_weeks_is_what_the_files_say(database_url: str, tmp_path: Path) -> None:
    url = migrated(database_url)
    slice_of_the_year(tmp_path)
    imported(tmp_path, url, slug="weeks")
    with psycopg.connect(url, autocommit=True) as connection:
        (schema,) = connection.execute("SELECT schema_name FROM pollen.coalitions").fetchone() or ("",)
    catch_up(url, schema)

    with psycopg.connect(url, autocommit=True) as connection, at_one_position(connection, schema, VIEWS) as position:
        today = gathering.today(connection, schema, datetime.now(UTC))
        report = gathering.street(connection, schema, position, Period.of(date(2017, 1, 1), date(2017, 3, 31), today))

    names = {one.merchant_id: one.name for one in report.partners}
    cells = {(names[cell.issuer_id], names[cell.acceptor_id]): cell for cell in report.cells}
    assert today.year == 2017
    expected = first_uses()
    assert {pair: cell.used for pair, cell in cells.items()} == {
        pair: None if is_small(expected[pair]) else expected[pair] for pair in cells
    }
    assert sum(expected.values()) > 0
    facts = documents.as_facts(report, "en")
    assert facts["measured"]["why"].startswith("Not measured yet: nothing was randomised.")
    assert paper.street_pdf(report, "lv").startswith(b"%PDF")


def slice_of_the_year(folder: Path) -> None:
    for name, at in COLUMNS.items():
        kept = [row for row in rows(name) if row[at] < UNTIL]
        with (folder / f"{name}.csv").open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, list(kept[0]))
            writer.writeheader()
            writer.writerows(kept)


def first_uses() -> Counter[tuple[str, str]]:
    certificates = {row["certificate_ref"]: row for row in rows("certificates")}
    used = {row["certificate_ref"] for row in rows("redemption_attempts") if row["redeemed_at"] < UNTIL}
    return Counter((certificates[ref]["issuer"], certificates[ref]["acceptor"]) for ref in used)
