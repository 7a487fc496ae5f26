"""Databases for tests: one embedded server a test run (or one of yours), a new empty database a test.

Making a coalition's tables takes the longest of what most tests begin with. So each run makes those of some
coalitions once, and the database of a test file is a copy of them: who is founded there finds its tables made.
"""

import itertools
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import psycopg
from psycopg import sql

from network.store.migrations import migrate_all, migrate_coalition

_numbers = itertools.count(1)
_PREPARED = 12
"""A copy takes a few milliseconds for each; a file that founds more has the others made."""
_MEMORY = Path("/dev/shm")
_ROOM_NEEDED = 4 << 30


def quick_folder() -> Path:
    """A new folder for a PostgreSQL of tests: in memory where there is room, for it makes thousands of small files."""
    roomy = _MEMORY.is_dir() and os.access(_MEMORY, os.W_OK) and shutil.disk_usage(_MEMORY).free > _ROOM_NEEDED
    return Path(tempfile.mkdtemp(prefix="pollen-test-", dir=_MEMORY if roomy else None))


@contextmanager
def fresh_database(server_url: str, template: str = "template0") -> Iterator[str]:
    """The URL of a new database, empty or a copy of `template`, dropped afterwards whoever is still connected."""
    name = f"test_{os.getpid()}_{next(_numbers)}"
    created = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy").format(
        sql.Identifier(name), sql.Identifier(template)
    )
    dropped = sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name))
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(created)
    try:
        yield _with_database(server_url, name)
    finally:
        with psycopg.connect(server_url, autocommit=True) as connection:
            connection.execute(dropped)


def prepared_template(server_url: str) -> str:
    """The name of a migrated database with room for coalitions."""
    return made_once(server_url, "prepared", _prepare)


def made_once(server_url: str, name: str, make: Callable[[str], None]) -> str:
    """`name`, once there is such a database to copy, made by the first of the run's workers to ask."""
    wanted, half = sql.Identifier(name), sql.Identifier(f"half_{name}")
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute("SELECT pg_advisory_lock(hashtext(%s))", (name,))
        if connection.execute("SELECT FROM pg_database WHERE datname = %s", (name,)).fetchone() is None:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(half))
            connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(half))
            make(_with_database(server_url, f"half_{name}"))
            connection.execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(half, wanted))
    return name


def _with_database(server_url: str, name: str) -> str:
    return urlsplit(server_url)._replace(path=f"/{name}").geturl()


def _prepare(database_url: str) -> None:
    migrate_all(database_url)
    for _ in range(_PREPARED):
        with psycopg.connect(database_url) as connection:
            migrate_coalition(connection, f"coalition_{uuid4().hex}")


def prepared_id(database_url: str) -> UUID:
    """An id for a new coalition: one whose tables are there, if any is left."""
    with psycopg.connect(database_url) as connection:
        row = connection.execute(
            "SELECT nspname FROM pg_namespace WHERE nspname LIKE 'coalition\\_%'"
            " AND NOT EXISTS (SELECT FROM pollen.coalitions WHERE schema_name = nspname) LIMIT 1"
        ).fetchone()
    return UUID(row[0].removeprefix("coalition_")) if row else uuid4()
