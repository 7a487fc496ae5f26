"""`scripts/found`: found a coalition and print its organizer's first credential, once."""

import argparse
import os
import sys
from uuid import NAMESPACE_URL, uuid4, uuid5

from network.coalitions import Coalitions
from network.credentials import create_credential
from network.domain.errors import Refusal
from network.settings import SettingRefused, Settings
from network.store.embedded import open_database
from network.store.migrations import migrate_all
from network.store.unprivileged import DatabaseUnavailable


def main() -> int:
    """Found it; the same name and details again change nothing, and make one more credential."""
    parser = argparse.ArgumentParser(prog="scripts/found", description=__doc__)
    parser.add_argument("slug", help="its short name, such as riga-center: small letters, digits, dashes")
    parser.add_argument("--name", required=True, help="its name, as guests read it")
    parser.add_argument("--currency", required=True, help="ISO 4217, such as EUR")
    parser.add_argument("--time-zone", required=True, help="IANA, such as Europe/Riga")
    options = parser.parse_args()
    try:
        settings = Settings.from_environment(os.environ)
        with open_database(settings.data_dir, os.environ) as url:
            migrate_all(url)
            print(_found(Coalitions(url, settings.master_key), options))
    except (SettingRefused, DatabaseUnavailable, Refusal) as refusal:
        print(refusal, file=sys.stderr)
        return 2
    return 0


def _found(coalitions: Coalitions, options: argparse.Namespace) -> str:
    try:
        coalition = coalitions.found(
            coalition_id=uuid5(NAMESPACE_URL, f"pollen:{options.slug}"),
            slug=options.slug,
            name=options.name,
            currency=options.currency,
            time_zone=options.time_zone,
        )
        return create_credential(coalition, uuid4(), "organizer", coalition.coalition_id, "first organizer")
    finally:
        coalitions.close()


if __name__ == "__main__":
    sys.exit(main())
