"""`scripts/export_window` writes what the accountant's command then recomputes."""

import base64
from pathlib import Path

import pytest

from merchants.cli import main as till
from network.cli import export_window
from tests.settlement.streets import close, owes
from tests.support import MASTER_KEY, HandClock, coalitions_of, found, migrated


def test_a_partners_archive_is_written_and_recomputed(
    database_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setenv("POLLEN_DATA_DIR", str(tmp_path / "home"))
    monkeypatch.setenv("POLLEN_MASTER_KEY", base64.b64encode(MASTER_KEY).decode())
    clock, path = HandClock(), tmp_path / "salon.zip"
    with coalitions_of(migrated(database_url), clock) as coalitions:
        street = found(coalitions, clock)
        salon, restaurant = street.merchant("Salon"), street.merchant("Restaurant")
        owes(street, salon, restaurant, 500)
        close(database_url, street.opened, 1)

    def run(*words: str) -> int:
        monkeypatch.setattr("sys.argv", ["export_window", "--database-url", database_url, *words])
        return export_window.main()

    assert run("--window", "1", "--party", "salon", str(path)) == 0
    root_key = capsys.readouterr().out.split()[-1]
    assert till(["statement", "check", str(path), "--root-key", root_key], {}) == 0
    assert run("--window", "1", str(path)) == 0
    assert till(["statement", "check", str(path)], {}) == 0
    assert run("--window", "2", str(path)) == 1
    assert run("--window", "1", "--party", "nobody", str(path)) == 2
    assert run("--window", "1", str(tmp_path / "nowhere" / "a.zip")) == 2
    capsys.readouterr()
    monkeypatch.setenv("POLLEN_MASTER_KEY", base64.b64encode(bytes(32)).decode())
    assert run("--window", "1", str(path)) == 2
    assert "master key" in capsys.readouterr().err
