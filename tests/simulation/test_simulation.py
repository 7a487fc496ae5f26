"""A few seeds of trade on every run, and a long one when asked for; see `trading.py` for what is checked."""

import ast
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.simulation.trading import Trading
from tests.support import migrated


def trade(database_url: str, seed: int, steps: int, wanted: Callable[[Trading], list[str]] = lambda _: []) -> Trading:
    """So many steps, and up to three times as many until everything wanted was seen: races take a seed elsewhere."""
    trading = Trading(migrated(database_url), seed)
    try:
        for _ in range(steps):
            trading.step()
        for _ in range(2 * steps):
            if not wanted(trading):
                break
            trading.step()
        trading.check_everything()
    finally:
        trading.close()
    return trading


def not_seen(trading: Trading) -> list[str]:
    """What every run has to have met."""
    seen = trading.seen
    events = (
        "Certificate.Issued", "Certificate.Claimed", "Certificate.PassedOn", "Certificate.Rebound",
        "Certificate.Printed", "Certificate.Redeemed", "Certificate.RedemptionReversed",
        "Certificate.RedemptionRefunded", "Certificate.Expired",
    )  # fmt: skip
    missing = [event for event in events if not seen["event", event]]
    missing += [what for what in ("booked", "already_redeemed", "earlier_offline") if not seen["receipt", what]]
    if not any(seen["redeem_certificate", f"proof_{why}"] for why in ("missing", "stale", "used")):
        missing.append("a copy that its phone had not just signed")
    if not seen["issue_certificates", "cap_reached"]:
        missing.append("a limit that was reached")
    if seen["issue_drawn", "done"] <= 20 or seen["event", "Payment.Assigned"] <= 20:
        missing.append("twenty draws")
    return missing


@pytest.mark.parametrize("seed", [1, pytest.param(20_261_121, marks=pytest.mark.slow)])
def test_the_network_trades_as_the_model_does(database_url: str, seed: int) -> None:
    trading = trade(database_url, seed, 1_200, not_seen)

    assert not_seen(trading) == []
    assert trading.days >= 3


@pytest.mark.slow
@pytest.mark.timeout(1_800)
@pytest.mark.parametrize("seed", range(100, 110))
def test_the_network_trades_for_months_as_the_model_does(database_url: str, seed: int) -> None:
    trading = trade(database_url, seed, 8_000)

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
