"""`scripts/expire`: write down that the time of certificates is over. A running server does this by itself."""

import argparse
import os
import sys

from network.coalitions import Coalitions, open_connection
from network.domain.errors import CoalitionNotFound
from network.expiry import expire_due
from network.projections.batches import Follower
from network.settings import SettingRefused, Settings
from network.store.embedded import open_database
from network.store.migrations import migrate_all
from network.store.unprivileged import DatabaseUnavailable


def main() -> int:
    """Bring the views up to the log, then expire what is due."""
    options = _options()
    environment = {**os.environ, **({"DATABASE_URL": options.database_url} if options.database_url else {})}
    try:
        settings = Settings.from_environment(environment)
        with open_database(settings.data_dir, environment) as url:
            migrate_all(url)
            _expire(url, settings.master_key, options.coalition)
    except (SettingRefused, DatabaseUnavailable, CoalitionNotFound) as refusal:
        print(refusal, file=sys.stderr)
        return 2
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="scripts/expire", description=__doc__)
    parser.add_argument("--coalition", metavar="SLUG", help="only this coalition (default: all)")
    parser.add_argument("--database-url", help="a PostgreSQL (default: DATABASE_URL, else the embedded one)")
    return parser.parse_args()


def _expire(url: str, master_key: bytes, slug: str | None) -> None:
    coalitions = Coalitions(url, master_key)
    try:
        for each in [slug] if slug else [entry.slug for entry in coalitions.directory.all()]:
            opened = coalitions.open(each)
            if opened.entry.importing:
                print(f"{each}: its past is being imported, so nothing is expired by the clock")
                continue
            with open_connection(opened.entry.database_url or url) as connection:
                follower = Follower(connection, opened.schema)
                while follower.step():
                    pass
            done = expire_due(opened, coalitions.clock())
            print(f"{each}: {done.expired} expired, {done.refused} had ended before")
    finally:
        coalitions.close()


if __name__ == "__main__":
    sys.exit(main())
