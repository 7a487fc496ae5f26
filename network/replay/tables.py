"""The report as tables for a terminal."""

from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from network.domain.units import money

BAD_LINES_SHOWN = 50


def print_report(report: dict[str, Any], console: Console) -> None:
    """Everything that the JSON says, for eyes; long lists of bad lines are cut."""
    currency = report["coalition"]["currency"]
    console.print(_files(report))
    for bad in report["bad_lines"][:BAD_LINES_SHOWN]:
        console.print(bad, soft_wrap=True, markup=False)
    if (more := len(report["bad_lines"]) - BAD_LINES_SHOWN) > 0:
        console.print(f"... and {more} more bad lines; --json names them all")
    console.print(_expired(report), soft_wrap=True)
    console.print(_certificates(report["certificates"], currency))
    console.print(_obligations(report["obligations"], currency))
    console.print(_balances(report, currency))
    if "windows" in report:
        console.print(_windows(report["windows"], currency))
    head = report["head"]
    console.print(f"Log position {head['position']}, hash {head['hash']}", soft_wrap=True)


def _files(report: dict[str, Any]) -> Table:
    table = _table("Lines", "File", "Lines", "Accepted", "Bad", "Refused")
    for name, counts in report["files"].items():
        _row(table, name, *(_number(counts[column]) for column in ("lines", "accepted", "bad")), _refused(counts))
    return table


def _refused(counts: dict[str, Any]) -> str:
    return "\n".join(f"{_number(n)} {code}" for code, n in sorted(counts["refused"].items())) or "0"


def _expired(report: dict[str, Any]) -> str:
    if report["expired"] is None:
        left = sum(counts["not_reached"] for counts in report["files"].values())
        return f"{_number(left)} lines were not reached because of --limit, so no certificates were ended."
    said = (
        f"{_number(report['expired']['accepted'])} certificates were over by {report['expired']['at']} and ended then."
    )
    return said + (f" Refused: {_refused(report['expired'])}" if report["expired"]["refused"] else "")


def _certificates(flow: dict[str, int], currency: str) -> Table:
    table = _table("Certificates", "", "Number", "Value")
    for state in ("issued", "active", "redeemed", "released", "expired", "revoked"):
        number = flow.get(f"{state}_count")
        _row(table, state, "" if number is None else _number(number), money(flow[f"{state}_value"], currency))
    return table


def _obligations(rows: list[dict[str, Any]], currency: str) -> Table:
    table = _table("Obligations", "Debtor", "Creditor", "For", "Owed", "Entries")
    for row in rows:
        owed = money(row["owed"], currency)
        _row(table, row["debtor"], row["creditor"], row["kind"], owed, _number(row["entries"]))
    return table


def _balances(report: dict[str, Any], currency: str) -> Table:
    table = _table("Balances", "Partner", "Receives", "Owes", "Net")
    for row in report["balances"]:
        _row(table, row["partner"], *(money(row[column], currency) for column in ("receives", "owes", "net")))
    table.add_section()
    _row(table, "sum", "", "", money(report["sum_of_balances"], currency))
    return table


def _windows(rows: list[dict[str, Any]], currency: str) -> Table:
    """What each month came to, and what each way of netting would have left of it; its number of payments behind it."""
    table = _table("Windows", "Month", "Statements", "Lines", "Gross", "Bilateral", "Loops", "Multilateral", "To pay")
    for row in rows:
        counted = [_number(row[name]) for name in ("statements", "lines")]
        sums = [money(row[name], currency) for name in ("gross", "bilateral", "loops", "multilateral", "to_pay")]
        _row(table, row["month"], *counted, *sums)
    table.add_section()
    names = ("gross", "bilateral", "loops", "multilateral", "to_pay")
    whole = {name: sum(row[name] for row in rows) for name in names}
    _row(table, "all", "", _number(sum(r["lines"] for r in rows)), *(money(whole[name], currency) for name in names))
    saved = (_saved(whole["gross"], whole[name]) for name in names)
    _row(table, "saved", "", "", *saved)
    payments = [sum(row[f"{name}_payments"] for row in rows) for name in ("gross", "loops", "multilateral")]
    _row(table, "payments", "", "", _number(payments[0]), "", _number(payments[1]), _number(payments[2]),
         _number(sum(row["payments"] for row in rows)))  # fmt: skip
    return table


def _saved(gross: int, left: int) -> str:
    return f"{(gross - left) * 100 // gross} %" if gross else ""


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left")
    for column in columns:
        table.add_column(column, justify="left" if column in _WORDS else "right", no_wrap=True)
    return table


_WORDS = ("", "File", "Refused", "Debtor", "Creditor", "For", "Partner", "Month")


def _row(table: Table, *cells: str) -> None:
    """As it is written: a shop may be called [bold]."""
    table.add_row(*(Text(cell) for cell in cells))


def _number(value: int) -> str:
    return f"{value:,}".replace(",", " ")
