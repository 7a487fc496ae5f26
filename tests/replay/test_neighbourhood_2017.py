"""A year of real purchases, against an independent count straight from the files."""

import csv
import gzip
from collections import Counter
from pathlib import Path

import pytest

from network.replay.report import as_json
from tests.replay.files import imported, source_of
from tests.support import migrated

DATA = Path(__file__).resolve().parents[3] / "shared/data/neighbourhood-2017"
needs_data = pytest.mark.skipif(not DATA.is_dir(), reason=f"there is no {DATA}, which is not part of the project")
pytestmark = needs_data


def rows(name: str) -> list[dict[str, str]]:
    with gzip.open(DATA / f"{name}.csv.gz", "rt", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def owed() -> dict[tuple[str, str], int]:
    """`{(issuer, acceptor): minor units}`: for each certificate's first attempt the smaller of face and bill."""
    certificates = {row["certificate_ref"]: row for row in rows("certificates")}
    sums: Counter[tuple[str, str]] = Counter()
    used = set()
    for attempt in rows("redemption_attempts"):
        certificate = certificates[attempt["certificate_ref"]]
        if attempt["certificate_ref"] not in used:
            used.add(attempt["certificate_ref"])
            face, bill = int(certificate["face_minor"]), int(attempt["bill_minor"])
            sums[certificate["issuer"], certificate["acceptor"]] += min(face, bill) if bill else face
    return dict(sums)


def test_every_line_is_read() -> None:
    source = source_of(DATA)

    assert source.lines == {"payments": 58_052, "certificates": 35_695, "redemption_attempts": 1_413}
    assert not any(source.bad.values())
    assert len(source.decisions) == len({(row["payment_ref"], row["campaign"]) for row in rows("certificates")})


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_the_whole_year_is_imported_once_and_owes_what_the_files_say(module_database_url: str) -> None:
    url = migrated(module_database_url)

    report = imported(DATA, url, slug="year")
    again = imported(DATA, url, slug="year")

    files = report["files"]
    assert {name: (file["accepted"], file["refused"]) for name, file in files.items()} == {
        "payments": (58_052, {}),
        "certificates": (35_695, {}),
        "redemption_attempts": (1_149, {"certificate_redeemed": 264}),
    }
    assert {(row["debtor"], row["creditor"]): row["owed"] for row in report["obligations"]} == owed()
    assert report["sum_of_balances"] == 0
    assert [row["net"] for row in report["balances"]] == [
        sum(n for (_, to), n in owed().items() if to == row["partner"])
        - sum(n for (by, _), n in owed().items() if by == row["partner"])
        for row in report["balances"]
    ]
    ends_at = max(row["paid_at"] for row in rows("payments"))
    used = {row["certificate_ref"] for row in rows("redemption_attempts")}
    over = [r for r in rows("certificates") if r["expires_at"] <= ends_at and r["certificate_ref"] not in used]
    assert report["expired"]["accepted"] == report["certificates"]["expired_count"] == len(over)
    assert as_json(again) == as_json(report)
