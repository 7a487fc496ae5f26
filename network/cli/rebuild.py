"""`scripts/rebuild`: fold the log into new views and swap them in, while the network goes on serving."""

import argparse
import os
import sys

import psycopg
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from network.domain.errors import CoalitionNotFound
from network.projections.catalogue import NAMES, PROJECTIONS, named
from network.projections.projection import Projection
from network.projections.rebuilding import RebuildFailed, rebuild
from network.settings import SettingRefused, Settings
from network.store.directory import Directory, Entry
from network.store.embedded import open_database
from network.store.migrations import migrate_all
from network.store.unprivileged import DatabaseUnavailable


def main() -> int:
    """Rebuild what was asked for; the exit code is 0 when every view was swapped in."""
    options = _options()
    environment = {**os.environ, **({"DATABASE_URL": options.database_url} if options.database_url else {})}
    projections = named(options.projection) if options.projection else PROJECTIONS
    try:
        settings = Settings.from_environment(environment)
        with open_database(settings.data_dir, environment) as url:
            migrate_all(url)
            directory = Directory(url)
            entries = [directory.find(options.coalition)] if options.coalition else directory.all()
            return max([_rebuild(entry, entry.database_url or url, projections) for entry in entries], default=0)
    except (SettingRefused, DatabaseUnavailable, CoalitionNotFound) as refusal:
        print(refusal, file=sys.stderr)
        return 2


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="scripts/rebuild",
        description="Make views anew from the log, beside the old ones, and swap them in. The network may serve on.",
    )
    parser.add_argument("--coalition", metavar="SLUG", help="only this coalition (default: all)")
    parser.add_argument(
        "--projection", metavar="NAME", action="append", choices=NAMES, help=f"only this view: {', '.join(NAMES)}"
    )
    parser.add_argument("--database-url", help="a PostgreSQL (default: DATABASE_URL, else the embedded one)")
    return parser.parse_args()


def _rebuild(entry: Entry, url: str, projections: tuple[Projection, ...]) -> int:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]} events/s"),
        TimeRemainingColumn(),
    )
    with psycopg.connect(url, autocommit=True) as connection, Progress(*columns) as bar:
        task = bar.add_task(entry.slug, total=None, rate="-")

        def progress(done: int, total: int) -> None:
            speed = bar.tasks[task].speed
            bar.update(task, completed=done, total=total, rate=f"{speed:.0f}" if speed else "-")

        try:
            position = rebuild(connection, entry.schema_name, projections, progress=progress)
        except RebuildFailed as failure:
            print(f"{entry.slug}: {failure}", file=sys.stderr)
            return 1
    print(f"{entry.slug}: {len(projections)} views speak for position {position}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
