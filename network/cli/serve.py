"""`scripts/serve`: serve the coalitions of a database, with no demo: what an operator runs."""

import argparse
import os
import sys

import uvicorn

from network.api.app import create_app
from network.beside import beside
from network.settings import SettingRefused, Settings
from network.store.embedded import open_database
from network.store.migrations import migrate_all
from network.store.unprivileged import DatabaseUnavailable


def main() -> int:
    """Migrate, then serve until it is told to stop."""
    argparse.ArgumentParser(
        prog="scripts/serve",
        description="Serve the coalitions of DATABASE_URL. Found one with scripts/found.",
        epilog="Every variable: network/settings.py. Several may serve one database.",
    ).parse_args()
    try:
        settings = Settings.from_environment(os.environ)
        with open_database(settings.data_dir, os.environ) as url:
            migrate_all(url)
            with beside(settings, url, os.environ):
                uvicorn.run(
                    create_app(settings, url, beside=False),
                    host=settings.host,
                    port=settings.port,
                    log_level=settings.log_level,
                    access_log=False,
                    timeout_graceful_shutdown=5,
                )
    except (SettingRefused, DatabaseUnavailable) as refusal:
        print(refusal, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
