"""The proof for a terminal: what was promised, what the worlds showed, and how large an experiment has to be."""

from collections import Counter

from rich import box
from rich.console import Console
from rich.table import Table

from network.effect.bars import (
    CLAIMS,
    CLAIMS_AT_MOST,
    HOLDS_AT_LEAST,
    HOLDS_DAILY,
    HOLDS_ONCE,
    Bar,
    has_effect,
    name_of,
)
from network.effect.proof import Proof

_MARKS = {"passed": "", "within_luck": " (luck?)", "missed": " MISSED"}


def print_proof(proofs: list[Proof], bars: list[Bar], power: list[Proof], limit: Proof, console: Console) -> None:
    """All bars; a missed one is in capitals."""
    console.print(_bars(bars, proofs))
    for proof in proofs:
        if withheld := proof.revenue.worlds - proof.revenue.known_at_horizon:
            said = f"{withheld} of {proof.revenue.worlds} worlds"
            console.print(f"{name_of(proof.place)}: revenue withheld in {said} at the horizon, too few payers.")
    console.print(_peeking(proofs))
    console.print(_power(power))
    revenue = limit.revenue
    if revenue.known_at_horizon:
        console.print(
            f"A known limit, {limit.place.name}: revenue is given in "
            f"{_percent(revenue.known_at_horizon, revenue.worlds)} of worlds, and holds there in "
            f"{_percent(revenue.held_at_horizon, revenue.known_at_horizon)} with one look and in "
            f"{_percent(revenue.held_at_every_look, revenue.ever_known)} with daily ones."
        )
    counts = Counter(bar.verdict for bar in bars)
    console.print(
        f"{len(bars)} bars: {counts['passed']} passed, {counts['within_luck']} beyond the bar by no more than chance, "
        f"{counts['missed']} MISSED."
    )


def _bars(bars: list[Bar], proofs: list[Proof]) -> Table:
    title = (
        f"In at least {HOLDS_AT_LEAST:.0%} of worlds the interval holds the truth, with one look and with daily ones;"
        f"\nwithout an effect daily looks ever claim one in at most {CLAIMS_AT_MOST:.0%}. "
        f"{proofs[0].visits.worlds} worlds each"
    )
    table = _table(title, "Neighbourhood", "Outcome", "One look", "Daily looks", "Ever claimed")
    found = {(bar.neighbourhood, bar.outcome, bar.promise): bar for bar in bars}
    for name, outcome in dict.fromkeys((bar.neighbourhood, bar.outcome) for bar in bars):
        cells = (found.get((name, outcome, promise)) for promise in (HOLDS_ONCE, HOLDS_DAILY, CLAIMS))
        table.add_row(name, outcome, *(_cell(bar) for bar in cells))
    return table


def _cell(bar: Bar | None) -> str:
    return "-" if bar is None else f"{100 * bar.share:.1f} %{_MARKS[bar.verdict]}"


def _peeking(proofs: list[Proof]) -> Table:
    """Why there are two intervals."""
    columns = ("Neighbourhood", "Outcome", "One look", "Daily looks", "Daily, but with the one-look interval")
    table = _table("Claims where there is no effect", *columns)
    for proof in proofs:
        if not has_effect(proof.place):
            for outcome, tally in (("visits", proof.visits), ("revenue", proof.revenue)):
                counts = (tally.claimed_at_horizon, tally.claimed_at_any_look, tally.claimed_by_peeking)
                table.add_row(proof.place.name, outcome, *(_percent(count, tally.worlds) for count in counts))
    return table


def _power(power: list[Proof]) -> Table:
    columns = ("Guests", "Visits, one look", "Visits, daily", "Revenue, one look", "Revenue, daily")
    table = _table("Power: how often visits of 4 % against 1 % are found", *columns)
    for proof in power:
        tallies = (proof.visits, proof.revenue)
        counts = [count for tally in tallies for count in (tally.claimed_at_horizon, tally.claimed_at_any_look)]
        table.add_row(proof.place.name, *(_percent(count, proof.visits.worlds) for count in counts))
    return table


def _percent(count: int, worlds: int) -> str:
    return f"{100 * count / worlds:.1f} %"


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left", box=box.SIMPLE)
    for column in columns:
        table.add_column(column, justify="left" if column in ("Neighbourhood", "Outcome", "Guests") else "right")
    return table
