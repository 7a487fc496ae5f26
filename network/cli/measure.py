"""`scripts/effect measure`: the effect of certificates, from the log of a coalition."""

import argparse
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
from rich import box
from rich.console import Console
from rich.table import Table

from network.coalitions import open_connection
from network.effect.answers import Effect
from network.effect.tables import conclusion, interval_text
from network.measuring.document import is_hidden, more_days, report_document
from network.measuring.reading import Measured, Report, measure
from network.projections import merchants
from network.projections.batches import Follower
from network.projections.catalogue import named
from network.settings import Settings
from network.store.directory import Directory
from network.store.embedded import open_database
from network.store.migrations import migrate_all

Names = dict[object, str]


def measured(options: argparse.Namespace, console: Console) -> dict[str, Any]:
    """Print what was measured, unless JSON alone is wanted, and return it as a document.

    Raises: SettingRefused, DatabaseUnavailable, CoalitionNotFound.
    """
    environment = {**os.environ, **({"DATABASE_URL": options.database_url} if options.database_url else {})}
    settings = Settings.from_environment(environment)
    with open_database(settings.data_dir, environment) as url:
        migrate_all(url)
        entry = Directory(url).find(options.coalition)
        with open_connection(entry.database_url or url, timeout="0") as connection:
            _catch_up(connection, entry.schema_name)
            report = measure(connection, entry.schema_name, at=datetime.now(UTC))
            shops = merchants.all(connection, entry.schema_name)
    if options.json != Path("-"):
        print_report(report, {shop.merchant_id: shop.name for shop in shops}, console)
    return report_document(report, margin=options.margin)


def _catch_up(connection: psycopg.Connection, schema: str) -> None:
    follower = Follower(connection, schema, named(("assignments", "merchants")))
    while follower.step():
        pass


def print_report(report: Report, names: Names, console: Console) -> None:
    """What an owner reads: who was compared, what is known, and how much longer the rest takes."""
    counts = report.counts
    console.print(
        f"{counts.drawn} draws at log position {report.position}; {counts.measured} are measured: known guests,"
        f" drawn by {report.until:%Y-%m-%d %H:%M} UTC, so that their {report.horizon_days} days are over."
    )
    console.print(
        f"Not measured: {counts.without_guest} without a known guest, {counts.not_random} pinned, {counts.again} again"
        f" within the {report.horizon_days} days of a guest's draw, {counts.waiting} whose days are not over,"
        f" {counts.without_neutral} without a neutral arm. In {counts.otherwise} the cashier gave something else:"
        " they stay where they were drawn."
    )
    every = [*report.pairs, report.together]
    for title, times, which in (
        ("Visits: percentage points more than guests drawn for none", 100.0, "visits"),
        ("Revenue: minor units a guest more", 1.0, "revenue"),
    ):
        table = Table(title=title, title_justify="left", box=box.SIMPLE)
        for column in ("From, to", "Guests", "of them for none", "Interval, always valid", "It says"):
            table.add_column(column, justify="left" if column in ("From, to", "It says") else "right")
        for one in every:
            effect: Effect | None = getattr(one.comparison, which) if one.comparison else None
            table.add_row(_named(one, names), *_cells(one, effect, times, report))
        console.print(table)
    console.print(
        f"{len(report.pairs)} pairs were looked at together: their intervals hold all at once, and p-values are"
        " adjusted by Holm. Arms with fewer than 5 guests or visits are not shown."
    )
    broken = [_named(one, names) for one in every if one.answer is not None and not one.answer.sizes.passed]
    if broken:
        console.print(
            f"DO NOT TRUST: the arms' sizes are not those that were drawn: {'; '.join(broken)}", style="bold red"
        )


def _cells(one: Measured, effect: Effect | None, times: float, report: Report) -> tuple[str, str, str, str]:
    if one.answer is None or effect is None:
        return "", "", "", one.note or ""
    if is_hidden(one.answer):
        return "under 5", "under 5", "", f"not enough data yet{_longer(one, effect, report)}"
    neutral = next(arm.guests for arm in one.answer.arms if arm.arm == one.answer.question.control)
    known = effect.verdict != "not_enough_yet"
    return (
        str(one.answer.guests),
        str(neutral),
        interval_text(effect.always_valid_interval_all_arms, times) if known else "",
        conclusion(effect, times) + ("" if known else _longer(one, effect, report)),
    )


def _longer(one: Measured, effect: Effect, report: Report) -> str:
    days = more_days(one, effect, report)
    return "" if days is None else f"; some {days} days at this pace"


def _named(one: Measured, names: Names) -> str:
    if one.acceptor_id is None:
        return "all together"
    return f"{names.get(one.issuer_id, one.issuer_id)} -> {names.get(one.acceptor_id, one.acceptor_id)}"
