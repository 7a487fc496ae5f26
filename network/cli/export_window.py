"""`scripts/export_window`: write a stated window as one file that a partner checks offline.

    export_window --window 3 --party Salon salon.zip     for a partner: nothing of the others, and no guest
    export_window --window 3 all.zip                     for the organizer and auditors: every event, every statement

Check it: python -m merchants statement check FILE
Exit codes: 0 written; 1 the facts forbid it; 2 it could not be tried.
"""

import argparse
import os
import sys
from pathlib import Path

from network.archive.writing import write_archive
from network.cli.settle import party_named, settling
from network.cli.settle_options import OptionRefused, whole_file
from network.domain.errors import CoalitionNotFound, Refusal
from network.projections.tracking import ViewBehind
from network.public_keys import KeyRefused
from network.settings import SettingRefused, Settings
from network.settlement.reading import stated_window
from network.settlement.statement import StatementDiffers
from network.store.embedded import open_database
from network.store.unprivileged import DatabaseUnavailable


def main() -> int:
    """Write it whole or not at all."""
    options = _options()
    environment = {**os.environ, **({"DATABASE_URL": options.database_url} if options.database_url else {})}
    try:
        settings = Settings.from_environment(environment)
        with (
            open_database(settings.data_dir, environment) as url,
            settling(url, settings.master_key, options) as closing,
        ):
            party_id = None
            if options.party:
                with stated_window(closing.opened, options.window) as reading:
                    party_id = party_named(reading, options.party)
            with whole_file(options.out) as out:
                write_archive(closing.opened, options.window, party_id, out)
            root = closing.opened.keyring.root().key.public_key.hex()
    except (OptionRefused, SettingRefused, DatabaseUnavailable, CoalitionNotFound) as refusal:
        print(refusal, file=sys.stderr)
        return 2
    except KeyRefused:
        print("The master key is not the one that this coalition's keys are sealed with.", file=sys.stderr)
        return 2
    except (Refusal, ViewBehind, StatementDiffers) as refusal:
        print(refusal, file=sys.stderr)
        return 1
    print(f"{options.out}: {options.out.stat().st_size} bytes. Tell its reader the root key by another way: {root}")
    return 0


def _options() -> argparse.Namespace:
    what, _, how = (__doc__ or "").partition("\n\n")
    parser = argparse.ArgumentParser(
        prog="scripts/export_window", description=what, epilog=how, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("out", metavar="OUT", type=Path, help="the file to write")
    parser.add_argument("--window", metavar="N", type=int, required=True)
    parser.add_argument("--party", metavar="ID", help="a partner's id or name; without it everything")
    parser.add_argument("--coalition", metavar="SLUG", help="which coalition (default: the only one)")
    parser.add_argument("--database-url", help="a PostgreSQL (default: DATABASE_URL, else the embedded one)")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
