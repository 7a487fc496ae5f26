"""A past in real windows: cut where its months end, stated for everybody, audited."""

import re
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from network.domain.statement import Method, SettlementTerms
from network.replay.report import as_json
from tests.replay.files import a_busy_year, command, imported
from tests.replay.test_neighbourhood_2017 import DATA, needs_data, owed
from tests.settlement.streets import naive_windows, raw_log
from tests.support import coalitions_of, migrated, rows

MONTHLY = SettlementTerms(Method.LOOPS)


def schema_of(url: str, slug: str) -> str:
    with coalitions_of(url) as coalitions:
        return coalitions.open(slug).schema


def test_each_month_is_a_window_with_statements_for_everybody(tmp_path: Path, module_database_url: str) -> None:
    url = migrated(module_database_url)
    folder = a_busy_year(tmp_path, seed=5, customers=40, days=92)

    report = imported(folder, url, slug="months", monthly=MONTHLY)
    again = imported(folder, url, slug="months", monthly=MONTHLY)

    windows = report["windows"]
    assert [one["month"] for one in windows] == ["2017-01", "2017-02", "2017-03"]
    assert [one["sum_of_nets"] for one in windows] == [0, 0, 0]
    assert all(one["gross"] > one["bilateral"] >= one["loops"] >= one["multilateral"] > 0 for one in windows)
    assert sum(one["gross"] for one in windows) == sum(row["owed"] for row in report["obligations"])
    assert [one["statements"] for one in windows] == [5, 5, 5]
    assert as_json(again) == as_json(report)
    log = raw_log(url, schema_of(url, "months"))
    naive = naive_windows(url, schema_of(url, "months"))
    assert [sum(one.values()) for one in naive] == [*(one["gross"] for one in windows), 0]
    for _, topic, facts in log:
        if topic == "Window.Cut":
            at = datetime.fromisoformat(facts["timestamp"]).astimezone(ZoneInfo("UTC"))
            assert (at.day, at.hour, at.month) == (1, 0, facts["number"] + 1)
    assert [topic for _, topic, _ in log if topic.startswith("Window.")].count("Window.Agreed") == 2


def test_a_redemption_is_in_the_window_of_its_local_month(tmp_path: Path, module_database_url: str) -> None:
    url = migrated(module_database_url)
    folder = a_busy_year(tmp_path, seed=6, customers=20, days=100)
    imported(folder, url, slug="local", monthly=MONTHLY)

    found = rows(
        url,
        "SELECT DISTINCT window_number, date_part('month', happened_at AT TIME ZONE 'UTC')::int"
        f" FROM {schema_of(url, 'local')}.statement_causes ORDER BY 1",
    )

    assert found == [(1, 1), (2, 2)]


def test_the_command_prints_what_netting_saved(tmp_path: Path, database_url: str) -> None:
    files = a_busy_year(tmp_path / "files", seed=7, customers=10, days=70)

    done = command(tmp_path, files, database_url, "--windows", "monthly", "--method", "multilateral")

    assert done.returncode == 0, done.stderr
    assert re.search(r"2017-01 +[│|] +5", done.stdout)
    assert "saved" in done.stdout


@needs_data
@pytest.mark.slow
@pytest.mark.timeout(900)
def test_the_year_2017_is_twelve_windows(module_database_url: str) -> None:
    report = imported(DATA, migrated(module_database_url), slug="year-in-windows", monthly=MONTHLY)

    *windows, last = report["windows"]
    assert [one["month"] for one in windows] == [f"2017-{month:02}" for month in range(1, 13)]
    assert (last["month"], last["gross"]) == ("2018-01", 0), "guests still paid in January, and redeemed nothing"
    assert {one["sum_of_nets"] for one in windows} == {0}
    assert sum(one["gross"] for one in windows) == sum(owed().values())
    assert all(one["gross"] >= one["bilateral"] >= one["loops"] >= one["multilateral"] for one in windows)
