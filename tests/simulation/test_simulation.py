"""A few seeds of trade on every run, and a long one when asked for; see `trading.py` for what is checked."""

import ast
from pathlib import Path

import pytest

from tests.simulation.trading import Trading
from tests.support import migrated


def trade(database_url: str, seed: int, steps: int) -> Trading:
    trading = Trading(migrated(database_url), seed)
    try:
        for _ in range(steps):
            trading.step()
        trading.check_everything()
    finally:
        trading.close()
    return trading


@pytest.mark.parametrize("seed", [1, pytest.param(20_261_121, marks=pytest.mark.slow)])
def test_the_network_trades_as_the_model_does(database_url: str, seed: int) -> None:
    trading = trade(database_url, seed, steps=1_200)

    for topic in (
        "Issued", "Claimed", "PassedOn", "Rebound", "Printed", "Redeemed", "RedemptionReversed", "RedemptionRefunded",
        "Expired",
    ):  # fmt: skip
        assert trading.seen["event", f"Certificate.{topic}"] > 0, f"the run never saw {topic}"
    assert any(trading.seen["redeem_certificate", f"proof_{why}"] for why in ("missing", "stale", "used"))
    assert trading.seen["issue_certificates", "cap_reached"] > 0
    assert trading.seen["issue_drawn", "done"] > 20
    assert trading.seen["event", "Payment.Assigned"] > 20
    for what in ("booked", "already_redeemed", "earlier_offline"):
        assert trading.seen["receipt", what] > 0, f"no till without a network was told {what}"
    assert trading.days >= 3


@pytest.mark.slow
@pytest.mark.timeout(1_800)
@pytest.mark.parametrize("seed", range(100, 110))
def test_the_network_trades_for_months_as_the_model_does(database_url: str, seed: int) -> None:
    trading = trade(database_url, seed, steps=8_000)

    assert trading.seen["redeem_certificate", "done"] > 300


def test_the_model_knows_nothing_of_the_network() -> None:
    imported: set[str] = set()
    for path in Path(__file__).with_name("notebook").glob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        imported |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        imported |= {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}

    elsewhere = {name for name in imported if not name.startswith("tests.simulation.notebook.")}
    assert "tests.simulation.notebook.sums" in imported
    assert not [name for name in elsewhere if name.split(".")[0] in ("network", "tests", "eventsourcing")]
