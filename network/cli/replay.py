"""`scripts/replay`: import a coalition's history from three CSV files, with its recorded times.

Exit codes: 0 imported; 1 imported but for bad lines; 2 refused; 3 the balances do not sum to zero, or the
audit disagrees; 4 stopped by the database; 130 stopped by Ctrl-C. After 4 and 130 the same command goes on.
"""

import argparse
import os
import re
import signal
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import available_timezones

import psycopg
from cryptography.exceptions import InvalidTag
from rich.console import Console

from network.cli.screen import screen
from network.domain.errors import Refusal
from network.domain.statement import Method, SettlementTerms
from network.domain.units import is_currency
from network.projections.tracking import ViewBehind
from network.replay.lines import FileRefused
from network.replay.progress import Bars
from network.replay.report import as_json
from network.replay.run import SetupRefused, replay
from network.replay.source import Source, read_source
from network.replay.tables import print_report
from network.settings import SettingRefused, Settings
from network.store.embedded import open_database
from network.store.migrations import migrate_all
from network.store.recorder import CoalitionMoved
from network.store.unprivileged import DatabaseUnavailable

IMPORTED, BUT_BAD_LINES, REFUSED, WRONG, STOPPED, INTERRUPTED = 0, 1, 2, 3, 4, 128 + signal.SIGINT
_SLUG = "[a-z][a-z0-9-]{1,39}"
_KEPT = "What was imported is kept: run the same command again to go on."


class OptionRefused(ValueError):
    """An option that can't be meant."""


def main() -> int:
    """Read the files, refuse what can't work before anything is written, then import and report."""
    options = _options()
    bars = Bars(Console(stderr=True))
    try:
        _check(options)
        source = read_source(options.folder, currency=options.currency, now=datetime.now(UTC))
        report = _replayed(options, source, bars)
    except (OptionRefused, FileRefused, SettingRefused, DatabaseUnavailable) as refusal:
        return _said(str(refusal), REFUSED)
    except (Refusal, SetupRefused) as refusal:
        others = "with other details: repeat its --name, --time-zone and --currency, or choose a new --slug."
        return _said(f"{refusal} The coalition {options.slug!r} is already there {others}", REFUSED)
    except InvalidTag:
        return _said("The master key is not the one that this coalition was written with.", REFUSED)
    except (psycopg.Error, CoalitionMoved, ViewBehind) as problem:
        return _said(f"The database stopped it {bars.where()}: {str(problem).strip()}\n{_KEPT}", STOPPED)
    except KeyboardInterrupt:
        return _said(f"Stopped {bars.where()}. {_KEPT}", INTERRUPTED)
    return _shown(report, options)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="scripts/replay",
        description="Import payments, certificates and redemption attempts from DIR into a coalition of their own.",
        epilog=(__doc__ or "").partition("\n\n")[2] + " DATABASE_URL uses an existing PostgreSQL.",
    )
    parser.add_argument("folder", metavar="DIR", type=Path, help="holds the three files, as .csv or .csv.gz")
    parser.add_argument("--slug", default="neighbourhood-2017", help="short name of the coalition (%(default)s)")
    parser.add_argument("--name", default="Neighbourhood 2017", help="its name for people (%(default)s)")
    parser.add_argument("--time-zone", default="UTC", help="where its days end (%(default)s, as in the files)")
    parser.add_argument("--currency", help="ISO 4217 (default: that of most payments)")
    parser.add_argument("--json", metavar="FILE", type=Path, help="write the report there, too")
    parser.add_argument("--audit", action="store_true", help="recompute it all from the log at the end, and compare")
    parser.add_argument("--windows", choices=["monthly"], help="close a window at the end of each month")
    parser.add_argument("--method", type=Method, choices=list(Method), default=Method.LOOPS, help="how they net")
    parser.add_argument("--limit", metavar="N", type=int, help="stop after the first N lines, in order of time")
    return parser.parse_args()


def _check(options: argparse.Namespace) -> None:
    """Raises: OptionRefused."""
    zone, currency, limit, file = options.time_zone, options.currency, options.limit, options.json
    problems = [
        ("--slug needs 2 to 40 of a-z, 0-9 and -, a letter first", not re.fullmatch(_SLUG, options.slug)),
        ("--name needs printable text", not options.name.strip() or not options.name.isprintable()),
        (f"--time-zone {zone!r} is none, such as Europe/Riga", zone not in available_timezones()),
        (f"--currency {currency!r} is not in ISO 4217", currency is not None and not is_currency(currency)),
        ("--limit needs 1 or more", limit is not None and limit < 1),
        (f"--json: there is no folder for {file}", file is not None and not file.absolute().parent.is_dir()),
        (f"--json: {file} is a folder", file is not None and file.is_dir()),
    ]
    for problem, wrong in problems:
        if wrong:
            raise OptionRefused(problem)


def _replayed(options: argparse.Namespace, source: Source, bars: Bars) -> dict[str, Any]:
    settings = Settings.from_environment(os.environ)
    with open_database(settings.data_dir, os.environ) as url:
        migrate_all(url)
        with bars:
            return replay(
                source,
                database_url=url,
                master_key=settings.master_key,
                slug=options.slug,
                name=options.name,
                time_zone=options.time_zone,
                limit=options.limit,
                audited=options.audit,
                watch=bars.begin,
                monthly=SettlementTerms(options.method) if options.windows else None,
            )


def _shown(report: dict[str, Any], options: argparse.Namespace) -> int:
    if options.json:
        _write(options.json, as_json(report))
    print_report(report, screen())
    wrong = any(one["sum_of_nets"] for one in report.get("windows", ()))
    if wrong or report["sum_of_balances"] != 0 or report["audit"].get("findings"):
        return _said("The figures do not agree: this is a bug, please report it.", WRONG)
    if not options.audit:
        print(f"Next: scripts/audit --coalition {options.slug}")
    return BUT_BAD_LINES if report["bad_lines"] else IMPORTED


def _write(path: Path, document: bytes) -> None:
    """Whole or not at all, unless the path is a device or a pipe."""
    if path.exists() and not path.is_file():
        path.write_bytes(document)
        return
    draft = path.with_name(f"{path.name}.draft")
    draft.write_bytes(document)
    draft.replace(path)


def _said(sentence: str, code: int) -> int:
    print(sentence, file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(main())
