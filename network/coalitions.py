"""The coalitions that this process serves: each opened once, with its committer, its keys and its readers."""

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Protocol
from uuid import UUID

from psycopg import Connection, connect
from psycopg_pool import ConnectionPool

from network.application import Application, Request
from network.committer import Committer
from network.domain.coalition import check_settlement
from network.keyring import Keyring
from network.sealing import Seal, derive_key
from network.store.directory import Directory, Entry, check_slug
from network.store.mapper import EventMapper
from network.store.recorder import CoalitionRecorder, Write
from network.typed_code import code_digest, typed_code

Clock = Callable[[], datetime]

_SESSION = (
    "SET ROLE pollen_app; SET lock_timeout = '2s'; SET statement_timeout = '{timeout}'; SET TimeZone = 'UTC'; "
    # Before PostgreSQL 18 a plan that `look_up_by_index` leaves no other choice counts as immensely dear, and would be
    # compiled anew for each command (measured on 15: a twentieth of the speed).
    "SET jit = off"
)


def draw_key_of(master_key: bytes, coalition_id: UUID) -> bytes:
    """The secret that the seeds of a coalition's draws come from; the audit derives it again."""
    return derive_key(master_key, f"draws of {coalition_id}")


def open_connection(database_url: str, *, timeout: str = "10s") -> Connection:
    """A connection as the application: it may append to the log and may not rewrite it."""
    connection = connect(database_url, autocommit=True)
    _configure(connection, timeout)
    return connection


def _configure(connection: Connection, timeout: str = "10s") -> None:
    connection.execute(_SESSION.format(timeout=timeout).encode())


class Readable(Protocol):
    """A coalition whose log and views are read."""

    @property
    def coalition_id(self) -> UUID: ...  # noqa: D102
    @property
    def schema(self) -> str: ...  # noqa: D102
    @property
    def mapper(self) -> EventMapper: ...  # noqa: D102
    def reading(self) -> AbstractContextManager[CoalitionRecorder]: ...  # noqa: D102


@dataclass(frozen=True)
class ReadCoalition:
    """One coalition for a process that reads it and goes: it has no key and no writer."""

    database_url: str
    coalition_id: UUID
    schema: str
    mapper: EventMapper = field(default_factory=EventMapper)

    @contextmanager
    def reading(self) -> Iterator[CoalitionRecorder]:
        """A connection of its own, with time: no till waits for this process."""
        with open_connection(self.database_url, timeout="10min") as connection:
            yield CoalitionRecorder(connection, self.schema)


@dataclass(frozen=True)
class OpenCoalition:
    """One coalition as this process works with it."""

    entry: Entry
    database_url: str
    application: Application
    keyring: Keyring
    seal: Seal
    code_key: bytes
    credential_key: bytes
    bank_key: bytes
    readers: ConnectionPool
    mapper: EventMapper

    @property
    def coalition_id(self) -> UUID:
        """The tenant's id."""
        return self.entry.coalition_id

    @property
    def schema(self) -> str:
        """The schema that everything of it lives in."""
        return self.entry.schema_name

    @contextmanager
    def reading(self) -> Iterator[CoalitionRecorder]:
        """A connection to read the log or a view with."""
        with self.readers.connection() as connection:
            yield CoalitionRecorder(connection, self.schema, self.entry.epoch)

    def write(self, write: Write) -> None:
        """Something beside the log that no command goes with."""
        with self.readers.connection() as connection:
            connection.execute(write.statement(self.schema), write.values)


class Coalitions:
    """Opens coalitions by their short name. Close it when the process ends."""

    def __init__(
        self,
        database_url: str,
        master_key: bytes,
        *,
        clock: Clock = lambda: datetime.now(UTC),
        appended: Callable[[str, int], None] = lambda slug, position: None,
    ) -> None:
        self.database_url = database_url
        self.directory = Directory(database_url)
        self.clock = clock
        self._master_key = master_key
        self._appended = appended
        self._open: dict[str, OpenCoalition] = {}
        self._readers: dict[str, ConnectionPool] = {}
        self._lock = threading.Lock()

    def open(self, slug: str) -> OpenCoalition:
        """Raises: CoalitionNotFound."""
        found = self._open.get(slug)
        if found is None:
            with self._lock:
                found = self._open.get(slug) or self._opened(self.directory.find(slug))
                self._open[slug] = found
        return found

    def entries(self) -> list[Entry]:
        """The directory's lines of those that are open here."""
        return [one.entry for one in list(self._open.values())]

    def found(self, *, coalition_id: UUID, slug: str, name: str, currency: str, time_zone: str) -> OpenCoalition:
        """Make room for a coalition and write its first event; again with the same details it changes nothing.

        Raises: CoalitionConflict, InvalidCurrency, InvalidTimeZone.
        """
        check_settlement(currency, time_zone)
        check_slug(slug)
        entry = self.directory.enter(coalition_id=coalition_id, slug=slug)
        opened = self.open(slug)
        details = f"{slug}\0{name}\0{currency}\0{time_zone}".encode()
        request = Request(caller="network", key=f"found:{coalition_id}", fingerprint=details)
        opened.application.found_coalition(
            request=request, name=name, currency=currency, time_zone=time_zone, number=entry.number
        ).result().facts()
        return opened

    def close(self) -> None:
        """Answer what waits, then close every connection."""
        with self._lock:
            for opened in self._open.values():
                opened.application.committer.stop()
            for pool in self._readers.values():
                pool.close()
            self._open.clear()
            self._readers.clear()

    def _opened(self, entry: Entry) -> OpenCoalition:
        url = entry.database_url or self.database_url
        code_key = derive_key(self._master_key, f"typed codes of {entry.coalition_id}")
        seal = Seal(derive_key(self._master_key, f"answers of {entry.coalition_id}"))
        keyring = Keyring(
            connect=lambda: open_connection(url),
            schema=entry.schema_name,
            coalition_id=entry.coalition_id,
            coalition_number=entry.number,
            master_key=self._master_key,
            clock=self.clock,
        )
        committer = Committer(
            connect=lambda: open_connection(url),
            schema=entry.schema_name,
            epoch=entry.epoch,
            coalition_id=entry.coalition_id,
            seal=seal,
            code_of=lambda certificate, epoch: code_digest(code_key, typed_code(code_key, certificate, epoch)),
            clock=self.clock,
            appended=lambda position: self._appended(entry.slug, position),
        )
        application = Application(
            coalition_id=entry.coalition_id,
            committer=committer,
            keyring=keyring,
            code_key=code_key,
            draw_key=draw_key_of(self._master_key, entry.coalition_id),
        )
        return OpenCoalition(
            entry=entry,
            database_url=url,
            application=application,
            keyring=keyring,
            seal=seal,
            code_key=code_key,
            credential_key=derive_key(self._master_key, f"credentials of {entry.coalition_id}"),
            bank_key=derive_key(self._master_key, f"bank details of {entry.coalition_id}"),
            readers=self._pool(url),
            mapper=EventMapper(),
        )

    def _pool(self, url: str) -> ConnectionPool:
        if url not in self._readers:
            self._readers[url] = ConnectionPool(
                url, min_size=1, max_size=8, kwargs={"autocommit": True}, configure=_configure, open=True
            )
        return self._readers[url]
