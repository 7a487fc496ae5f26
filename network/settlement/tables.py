"""Windows, statements and netting as an organizer reads them in a terminal."""

from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from network.domain.statement import Figures, Step
from network.domain.units import money
from network.projections.windows import WindowRow
from network.settlement.months import Month
from network.settlement.statement import Line, PairStatement, Statement


def print_windows(rows: Iterable[WindowRow], currency: str, console: Console) -> None:
    """Every window that was cut, and how far its closing has come."""
    table = _table("window", "state", "since (UTC)", "log until", "gross", "to pay", "payments", "rolled over")
    for row in rows:
        sums = [_sum(amount, currency) for amount in (row.gross, row.to_pay)]
        rolled_over = _sum(row.rolled_over, currency)
        table.add_row(
            str(row.number),
            row.state,
            f"{row.state_at:%Y-%m-%d %H:%M}",
            str(row.position),
            *sums,
            "" if row.payments is None else str(row.payments),
            rolled_over,
        )
    console.print(table)


def print_overview(statements: Sequence[Statement], console: Console) -> None:
    """One row a party; the last row sums to zero where it has to."""
    table = _table("party", "opening", "receives", "owes", "closing", "paid now", "rolls over", "redeemed here")
    for one in statements:
        receives = sum(turnover.receives for turnover in one.sections.values())
        owes = sum(turnover.owes for turnover in one.sections.values())
        amounts = (one.opening, receives, owes, one.closing, one.due, one.rolled_over, one.redeemed_here)
        name = escape(one.party_name) or str(one.party_id)
        table.add_row(name, *(money(amount, one.heading.currency) for amount in amounts))
    console.print(table)
    for version in {one.version for one in statements}:
        console.print(f"By version {version}.")
    console.print(f"The nets of {len(statements)} parties sum to {sum(one.closing for one in statements)}.")


def print_statement(statement: Statement, console: Console) -> None:
    """One party's statement, counterparty by counterparty, line by line."""
    heading, currency = statement.heading, statement.heading.currency
    console.print(
        f"[bold]{escape(statement.party_name)}[/], window {heading.window} of {escape(heading.coalition_name)}"
    )
    console.print(f"log {heading.after_position + 1} to {heading.position}, hash {heading.chain_hash}")
    made = f" of {statement.made_at:%Y-%m-%d %H:%M} (UTC)" if statement.made_at else ", as stated"
    console.print(f"version {statement.version}{made}")
    console.print(f"review until {heading.review_ends_at:%Y-%m-%d %H:%M} (UTC)")
    for pair in statement.pairs:
        _print_pair(pair, currency, console)
    console.print(
        f"Balance {money(statement.balance, currency)}: {money(statement.due, currency)} is paid now,"
        f" {money(statement.rolled_over, currency)} rolls over."
    )


def print_netting(title: str, figures: Figures, currency: str, console: Console) -> None:
    """What netting leaves to pay, and what it saves."""
    savings = figures.savings
    table = _table("", "changes hands", "payments", "saved")
    steps = {"gross": savings.gross, "bilateral": savings.bilateral, "loops": savings.loops}
    for name, step in (steps | {"multilateral": savings.multilateral}).items():
        table.add_row(name, money(step.amount, currency), str(step.payments), _share_rounded_down(step, savings.gross))
    console.print(title, table)
    console.print(
        f"By the terms: {len(figures.payments)} payments of {money(sum(d.amount for d in figures.payments), currency)};"
        f" {money(sum(d.amount for d in figures.carried), currency)} rolls over."
    )


def print_months(report: Sequence[Month], currency: str, console: Console) -> None:
    """Twelve windows of a year, say, with what netting would have saved."""
    table = _table("month", "lines", "parties", "gross", "bilateral", "loops", "multilateral", "payments", "rolls over")
    for one in report:
        figures, savings = one.figures, one.figures.savings
        steps = (savings.gross, savings.bilateral, savings.loops, savings.multilateral)
        table.add_row(
            one.month,
            str(one.lines),
            str(len(figures.parties)),
            *(money(step.amount, currency) for step in steps),
            str(len(figures.payments)),
            money(sum(due.amount for due in figures.carried), currency),
        )
    console.print(table)
    nets = sum(party.net for one in report for party in one.figures.parties)
    console.print(f"{len(report)} months; their nets sum to {nets}. Payments are those of the chosen method.")


def _print_pair(pair: PairStatement, currency: str, console: Console) -> None:
    table = _table("position", "at (UTC)", "bill", "what", "amount", left=4)
    table.add_row("", "", "", "opening", money(pair.opening, currency))
    for line in pair.lines:
        table.add_row(
            str(line.position),
            f"{line.happened_at:%Y-%m-%d %H:%M}",
            escape(line.bill_reference or ""),
            _what(line, currency),
            money(line.amount, currency),
        )
    since = [(f"{cause} since", amount) for cause, amount in pair.changes.items()]
    for name, amount in (
        ("closing", pair.closing),
        *since,
        ("cleared against others", pair.cleared),
        ("due", pair.due),
    ):
        table.add_row("", "", "", name, money(amount, currency))
    table.add_row("", "", "", "rolls over", money(pair.rolled_over, currency))
    console.print(f"with [bold]{escape(pair.counterparty_name) or pair.counterparty_id}[/]", table)


def _what(line: Line, currency: str) -> str:
    kinds = ", ".join(dict.fromkeys(entry.section for entry in line.entries)) or "nothing owed"
    adjusts = f" of window {line.adjusts}" if line.adjusts else ""
    return f"{line.cause} {money(line.deducted, currency)}: {kinds}{adjusts}"


def _share_rounded_down(step: Step, whole: Step) -> str:
    return f"{(whole.amount - step.amount) * 100 // whole.amount} %" if whole.amount else ""


def _sum(amount: int | None, currency: str) -> str:
    return "" if amount is None else money(amount, currency)


def _table(*columns: str, left: int = 1) -> Table:
    table = Table(box=None, pad_edge=False)
    for place, column in enumerate(columns):
        table.add_column(column, justify="left" if place < left else "right", no_wrap=place >= left)
    return table
