"""Which coalitions there are, and in which database and schema each one lives."""

import re
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from psycopg import Connection, connect
from psycopg.errors import UniqueViolation
from psycopg.rows import class_row

from network.domain.errors import CoalitionNotFound, Conflict, Invalid
from network.store.migrations import migrate_coalition


class CoalitionConflict(Conflict):
    """The short name is taken."""

    code = "coalition_conflict"
    sentence = "A coalition named {slug} already exists."


class InvalidSlug(Invalid):
    """A short name that could not stand in a credential or an address."""

    code = "invalid_slug"


def check_slug(slug: str) -> None:
    """Raises: InvalidSlug."""
    if not re.fullmatch(r"[a-z][a-z0-9-]{1,39}", slug):
        raise InvalidSlug(reason="A short name has 2 to 40 small letters, digits and dashes, and begins with a letter.")


@dataclass(frozen=True, slots=True)
class Entry:
    """One coalition's address. `epoch` grows when it moves; a log of an older epoch refuses to be written.

    `importing`: its past is being read from a file, so the expiry job, which goes by the clock, leaves it alone.
    """

    coalition_id: UUID
    slug: str
    number: int
    schema_name: str
    database_url: str | None
    epoch: int
    founded_at: datetime
    importing: bool


class Directory:
    """The small table that every process reads to find a coalition."""

    def __init__(self, database_url: str) -> None:
        self.database_url = database_url

    def all(self) -> list[Entry]:
        """Every coalition, by number."""
        with self._connect() as connection:
            return (
                connection.cursor(row_factory=class_row(Entry))
                .execute("SELECT * FROM pollen.coalitions ORDER BY number")
                .fetchall()
            )

    def find(self, slug: str) -> Entry:
        """Raises: CoalitionNotFound."""
        for entry in self.all():
            if entry.slug == slug:
                return entry
        raise CoalitionNotFound()

    def enter(self, *, coalition_id: UUID, slug: str) -> Entry:
        """Make room for a new coalition: a number and a migrated schema. The same id and slug again change nothing.

        Raises: CoalitionConflict when the slug is taken.
        """
        try:
            with self._connect() as connection, connection.transaction():
                connection.execute("LOCK TABLE pollen.coalitions IN SHARE ROW EXCLUSIVE MODE")
                earlier = self._find(connection, coalition_id)
                if earlier:
                    if earlier.slug != slug:
                        raise CoalitionConflict(slug=slug)
                    return earlier
                schema = f"coalition_{coalition_id.hex}"
                connection.execute(
                    "INSERT INTO pollen.coalitions (coalition_id, slug, number, schema_name) "
                    "SELECT %s, %s, coalesce(max(number), 0) + 1, %s FROM pollen.coalitions",
                    (coalition_id, slug, schema),
                )
                migrate_coalition(connection, schema)
                entry = self._find(connection, coalition_id)
                assert entry is not None
                return entry
        except UniqueViolation:
            raise CoalitionConflict(slug=slug) from None

    def mark_importing(self, coalition_id: UUID, *, importing: bool) -> None:
        """An import begins, or is complete. One that was cut off stays marked until it is resumed and ends."""
        with self._connect() as connection:
            connection.execute(
                "UPDATE pollen.coalitions SET importing = %s WHERE coalition_id = %s", (importing, coalition_id)
            )

    @staticmethod
    def _find(connection: Connection, coalition_id: UUID) -> Entry | None:
        cursor = connection.cursor(row_factory=class_row(Entry))
        return cursor.execute("SELECT * FROM pollen.coalitions WHERE coalition_id = %s", (coalition_id,)).fetchone()

    def _connect(self) -> Connection:
        return connect(self.database_url, autocommit=True)
