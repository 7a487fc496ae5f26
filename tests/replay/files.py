"""Writes the three files of an import, and runs it."""

import gzip
import os
import random
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from network.domain.statement import SettlementTerms
from network.replay.run import replay
from network.replay.source import Source, read_source
from tests.support import MASTER_KEY

NOW = datetime(2026, 3, 2, tzinfo=UTC)
REPLAY = [sys.executable, "-P", "-m", "network.cli.replay"]

PAYMENTS = "payment_ref,merchant,customer_ref,paid_at,amount_minor,currency"
CERTIFICATES = (
    "certificate_ref,campaign,issuer,acceptor,customer_ref,payment_ref,issued_at,expires_at,face_minor,currency"
)
ATTEMPTS = "certificate_ref,acceptor,redeemed_at,bill_minor"

PAID = ["p1,salon,anna,2017-01-02T10:00:00Z,2400,EUR", "p2,bakery,boris,2017-01-03T10:00:00Z,700,EUR"]
ISSUED = [
    "c1,spring,salon,restaurant,anna,p1,2017-01-04T00:00:00Z,2017-02-04T23:59:59Z,500,EUR",
    "c2,spring,salon,bakery,anna,p1,2017-01-04T00:00:00Z,2017-02-04T23:59:59Z,500,EUR",
    "c3,spring,bakery,salon,boris,p2,2017-01-04T00:00:00Z,2017-02-04T23:59:59Z,300,EUR",
]
TRIED = ["c1,restaurant,2017-01-05T12:00:00Z,1800", "c2,bakery,2017-01-06T12:00:00Z,120"]


def write(
    folder: Path,
    payments: list[str] | None = None,
    certificates: list[str] | None = None,
    attempts: list[str] | None = None,
) -> Path:
    """Three good files, with the lines below the header replaced where they are given."""
    folder.mkdir(exist_ok=True)
    for name, header, lines in (
        ("payments", PAYMENTS, PAID if payments is None else payments),
        ("certificates", CERTIFICATES, ISSUED if certificates is None else certificates),
        ("redemption_attempts", ATTEMPTS, TRIED if attempts is None else attempts),
    ):
        (folder / f"{name}.csv").write_text("\n".join([header, *lines, ""]))
    return folder


def pack(folder: Path, name: str, cut: int = 0) -> Path:
    """Replace one file by its gzip, without its last `cut` bytes."""
    plain = folder / f"{name}.csv"
    packed = gzip.compress(plain.read_bytes())
    plain.unlink()
    path = folder / f"{name}.csv.gz"
    path.write_bytes(packed[: len(packed) - cut])
    return path


def source_of(folder: Path, currency: str | None = None) -> Source:
    return read_source(folder, currency=currency, now=NOW)


def bad_lines(folder: Path) -> list[str]:
    return [str(bad) for some in source_of(folder).bad.values() for bad in some]


def _unwatched(what: str, total: int) -> Callable[[int], None]:
    return lambda more: None


def imported(
    folder: Path,
    database_url: str,
    *,
    slug: str = "street",
    limit: int | None = None,
    monthly: SettlementTerms | None = None,
) -> dict[str, Any]:
    """The report of an import in this process, which the audit must agree with."""
    report = replay(
        source_of(folder),
        database_url=database_url,
        master_key=MASTER_KEY,
        slug=slug,
        name="Street",
        time_zone="UTC",
        limit=limit,
        audited=True,
        watch=_unwatched,
        monthly=monthly,
    )
    assert report["audit"] == {"sound": True, "findings": []}
    return report


def surroundings(folder: Path, database_url: str | None) -> dict[str, str]:
    mine = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "POLLEN_MASTER_KEY")}
    mine["POLLEN_DATA_DIR"] = str(folder / "data")
    return mine | ({"DATABASE_URL": database_url} if database_url else {})


def command(folder: Path, files: Path, database_url: str | None, *options: str) -> subprocess.CompletedProcess[str]:
    """`scripts/replay` to its end."""
    return subprocess.run(
        [*REPLAY, str(files), *options],
        env=surroundings(folder, database_url),
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )


def a_busy_year(folder: Path, *, seed: int, customers: int = 60, days: int = 50) -> Path:
    """A few thousand random lines: certificates for most payments, attempts for many, some of them again."""
    drawn = random.Random(seed)
    shops = ["salon", "bakery", "restaurant", "fuel", "deli"]
    start = datetime(2017, 1, 1, tzinfo=UTC)
    paid, issued, tried = [], [], []
    for number in range(days * customers // 2):
        at = start + timedelta(minutes=number * 48)
        customer, shop = f"hh-{drawn.randrange(customers)}", drawn.choice(shops)
        paid.append(f"p{number},{shop},{customer},{_z(at)},{drawn.randrange(100, 9_000)},EUR")
        for other in drawn.sample([s for s in shops if s != shop], drawn.randrange(3)):
            ref, given = f"c{number}-{other}", at + timedelta(hours=1)
            until = given + timedelta(days=drawn.randrange(1, 30))
            issued.append((given, f"{ref},k,{shop},{other},{customer},p{number},{_z(given)},{_z(until)},200,EUR"))
            for _ in range(drawn.choice([0, 0, 1, 2])):
                used = given + timedelta(hours=drawn.randrange(1, 20 * 24))
                tried.append((used, f"{ref},{other},{_z(used)},{drawn.choice([0, 150, 2_000])}"))
    return write(folder, paid, [line for _, line in sorted(issued)], [line for _, line in sorted(tried)])


def _z(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")
