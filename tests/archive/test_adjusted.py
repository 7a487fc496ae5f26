"""Disputes that ended and money that came back after a default are recomputed from an archive like any other line."""

from pathlib import Path

from tests.archive.test_archive import report_of
from tests.projections.worlds import catch_up, world
from tests.settlement.histories import fail_somebody, quarrel
from tests.settlement.streets import close
from tests.written import archive_of


def test_what_disputes_and_defaults_adjust_is_recomputed_to_the_cent(module_database_url: str, tmp_path: Path) -> None:
    with world(module_database_url, seed=92) as street:
        street.trade(220)
        close(module_database_url, street.opened, 1)
        quarrel(street, 1)
        fail_somebody(street)
        street.trade(60)
        close(module_database_url, street.opened, 2)
        catch_up(module_database_url, street.schema)

        reports = [report_of(archive_of(street.opened, 2, party), tmp_path) for party in (None, *street.merchants)]

    assert [report["findings"] for report in reports] == [[]] * 5
    causes = {entry["rule"].split(",")[0] for x in reports[0]["lines"] for entry in x["entries"]}
    assert causes & {"decided: dispute_upheld", "decided: dispute_rejected", "decided: recovered"}
