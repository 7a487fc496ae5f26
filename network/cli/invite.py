"""`scripts/invite`: print a one-time link for a new person or till, or for somebody who cannot get in any more."""

import argparse
import os
import sys
from datetime import UTC, datetime
from uuid import UUID

from network.access import invitations
from network.access.people import OWNER, people_of
from network.coalitions import Coalitions, OpenCoalition
from network.domain.errors import Refusal
from network.projections import merchants
from network.settings import SettingRefused, Settings
from network.store.embedded import open_database
from network.store.migrations import migrate_all
from network.store.unprivileged import DatabaseUnavailable


class NobodyFound(Refusal):
    """The name does not lead to one shop, or to one person."""

    code = "nobody_found"
    sentence = "{what} is not the name of exactly one here."


def main() -> int:
    """Parse, find whom and what for, and print the link."""
    parser = argparse.ArgumentParser(prog="scripts/invite", description=__doc__)
    parser.add_argument("slug", help="the coalition's short name")
    parser.add_argument("role", choices=("organizer", "owner", "till"))
    parser.add_argument("name", help="of the person, or of the till")
    parser.add_argument("--shop", help="for an owner or a till: the shop's name")
    parser.add_argument("--known", action="store_true", help="the person is known, and is let in without a password")
    options = parser.parse_args()
    try:
        settings = Settings.from_environment(os.environ)
        with open_database(settings.data_dir, os.environ) as url:
            migrate_all(url)
            coalitions = Coalitions(url, settings.master_key)
            try:
                code = _code(coalitions.open(options.slug), options)
            finally:
                coalitions.close()
            print(f"{settings.public_url}/enrol#{code}")
    except (SettingRefused, DatabaseUnavailable, Refusal) as refusal:
        print(refusal, file=sys.stderr)
        return 2
    return 0


def _code(coalition: OpenCoalition, options: argparse.Namespace) -> str:
    subject_id = coalition.coalition_id if options.role == "organizer" else _shop(coalition, options.shop)
    if options.role == "till":
        return _invite(coalition, invitations.TILL, options, subject_id)
    if not options.known:
        return _invite(coalition, invitations.PERSON, options, subject_id)
    found = [one for one, _ in people_of(coalition, subject_id, (options.role,)) if one.name == options.name]
    if len(found) != 1:
        raise NobodyFound(what=options.name)
    return _invite(coalition, invitations.ENTRY, options, subject_id, found[0].person_id)


def _invite(
    coalition: OpenCoalition, kind: str, options: argparse.Namespace, subject_id: UUID, person_id: UUID | None = None
) -> str:
    return invitations.invite(
        coalition, kind=kind, role=options.role, subject_id=subject_id, label=options.name, at=datetime.now(UTC),
        person_id=person_id,
    )  # fmt: skip


def _shop(coalition: OpenCoalition, name: str | None) -> UUID:
    with coalition.readers.connection() as connection:
        found = [one for one in merchants.all(connection, coalition.schema) if one.name == name]
    if len(found) != 1:
        raise NobodyFound(what=name or OWNER)
    return found[0].merchant_id


if __name__ == "__main__":
    sys.exit(main())
