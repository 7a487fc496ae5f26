"""`scripts/audit`: recompute everything from the log, trust no view, and say what disagrees."""

import argparse
import dataclasses
import json
import os
import re
import sys
from pathlib import Path

import psycopg
from rich.progress import Progress

from network.audit import AuditReport, audit
from network.coalitions import draw_key_of
from network.domain.errors import CoalitionNotFound
from network.settings import SettingRefused, Settings
from network.store.directory import Directory, Entry
from network.store.embedded import open_database
from network.store.unprivileged import DatabaseUnavailable

SHOWN = 20


def main() -> int:
    """The exit code is 0 when nothing disagrees, 1 when something does, 2 when it could not be looked at."""
    options = _options()
    environment = {**os.environ, **({"DATABASE_URL": options.database_url} if options.database_url else {})}
    try:
        settings = Settings.from_environment(environment)
        with open_database(settings.data_dir, environment) as url:
            directory = Directory(url)
            entries = [directory.find(options.coalition)] if options.coalition else directory.all()
            reports = {
                entry.slug: _audit(entry, entry.database_url or url, options.expect, settings.master_key)
                for entry in entries
            }
    except (SettingRefused, DatabaseUnavailable, CoalitionNotFound) as refusal:
        print(refusal, file=sys.stderr)
        return 2
    except psycopg.errors.UndefinedTable:
        print("There is no network in this database.", file=sys.stderr)
        return 2
    except psycopg.errors.UndefinedColumn as problem:
        what = f"{problem.diag.message_primary}"
        print(
            f"A view is of an older version than this program: scripts/rebuild makes it anew ({what}).", file=sys.stderr
        )
        return 2
    for slug, report in reports.items():
        _print(slug, report)
    if options.json:
        facts = {slug: {"sound": each.sound, **dataclasses.asdict(each)} for slug, each in reports.items()}
        options.json.write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")
    return 0 if all(report.sound for report in reports.values()) else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="scripts/audit",
        description="Recompute every figure from the raw log and compare. Reads a snapshot; the network may serve on.",
        epilog="A log rewritten to its end, head included, looks sound from inside: keep the head that is printed here"
        " somewhere else, and name it to a later audit with --expect.",
    )
    parser.add_argument("--coalition", metavar="SLUG", help="only this coalition (default: all)")
    parser.add_argument("--database-url", help="a PostgreSQL (default: DATABASE_URL, else the embedded one)")
    parser.add_argument("--json", metavar="FILE", type=Path, help="write the whole report there")
    parser.add_argument(
        "--expect", metavar="HASH@POSITION", type=_head, help="a head noted earlier; goes with --coalition"
    )
    options = parser.parse_args()
    if options.expect and not options.coalition:
        parser.error("--expect is the head of one coalition: name it with --coalition")
    return options


def _head(text: str) -> tuple[int, bytes]:
    found = re.fullmatch(r"([0-9a-f]{64})@(\d+)", text)
    if found is None:
        raise argparse.ArgumentTypeError(f"{text} is not HASH@POSITION as an audit prints it")
    return int(found[2]), bytes.fromhex(found[1])


def _audit(entry: Entry, url: str, expected: tuple[int, bytes] | None, master_key: bytes) -> AuditReport:
    with (
        psycopg.connect(url, autocommit=True) as connection,
        Progress(transient=True, disable=not sys.stderr.isatty()) as bar,
    ):
        connection.execute("SET TimeZone = 'UTC'")
        task = bar.add_task(f"reading the log of {entry.slug}", total=None)
        return audit(
            connection,
            entry.schema_name,
            expected=expected,
            draw_key=draw_key_of(master_key, entry.coalition_id),
            progress=lambda done, total: bar.update(task, completed=done, total=total),
        )


def _print(slug: str, report: AuditReport) -> None:
    verdict = "sound" if report.sound else f"{report.total} DIFFERENCES"
    print(
        f"{slug}: {verdict}. {report.events} events, {report.certificates} certificates, outstanding"
        f" {report.outstanding}, reserved {report.reserved}, to be paid {report.owed} (minor units)."
    )
    print(f"  head {report.head}@{report.position}")
    for note in report.notes:
        print(f"  note: {note}")
    for finding in report.findings[:SHOWN]:
        print(f"  {finding.check}, {finding.where}: {finding.says}")
    if report.total > SHOWN:
        print(f"  ... and {report.total - SHOWN} more; --json FILE has them")


if __name__ == "__main__":
    sys.exit(main())
