"""The till's memory: every command is on disk before it is sent, and stays until it is answered.

A crash, a power cut or a dead network therefore loses nothing; and nothing is doubled, because a command is only
ever sent with its own idempotency key and its own bytes. Within a stream (a bill) the next command is sent after the
one before it is answered. Several till processes may share the file: a lease keeps them from sending the same
command at once, which would be harmless, since the network knows the key, but slow.

A redemption needs its answer now. One that nobody waits for any more (`unwanted`) is asked for again with its key,
and when the network has taken it after all, it is undone.

The file has mode 0600. Tokens and typed codes are erased from it once the cashier has seen the answer.
"""

import json
import os
import random
import sqlite3
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from merchants.commands.base import Command
from merchants.entries import Entry, entry_of, scrubbed
from merchants.outbox_tables import NEXT, TABLES
from merchants.transport import encoded

LONGEST_PAUSE = 300.0
LEASE_SECONDS = 45.0


class OutboxOfAnother(Exception):
    """The file belongs to another shop or network: its commands must not be sent with this credential."""


class Outbox:
    """One thread's connection to the file. Threads and processes open their own."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        # Made with its mode before SQLite writes to it; SQLite gives its own side files the same mode.
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        path.chmod(0o600)
        self.path = path
        self._owner = f"{os.getpid()}:{uuid4()}"
        self._db = sqlite3.connect(path, timeout=10.0, isolation_level=None)
        self._db.row_factory = sqlite3.Row
        for setting in ("journal_mode = WAL", "synchronous = FULL", "secure_delete = ON"):
            self._db.execute(f"PRAGMA {setting}")
        self._db.executescript(f"BEGIN IMMEDIATE; {TABLES} COMMIT;")

    def close(self) -> None:
        """What waits stays on disk."""
        self._db.close()

    def add(
        self,
        command: Command,
        *,
        stream: str,
        key: str | None = None,
        note: dict[str, Any] | None = None,
        after_key: str | None = None,
        due_in: float = 0.0,
        undo: bool = False,
    ) -> Entry:
        """Write a command down; only then may it be sent.

        `after_key` names the earlier command of the stream whose answer fills `{payment_id}` in the route.
        With `undo`, a delivery that nobody waits for undoes it again; `due_in` seconds is when nobody waits any more.
        """
        now = time.time()
        with self._writing():
            row = self._insert(command, stream, key or str(uuid4()), note or {}, after_key, now, now + due_in, undo)
        return entry_of(row)

    def take(self, *, stream: str | None = None, skip: Collection[int] = ()) -> Entry | None:
        """Lease the next command that is due, or the next of `stream`, due or not. None: nothing, or another has it."""
        now = time.time()
        asked = {"stream": stream, "now": now, "longest": LONGEST_PAUSE * 2}
        with self._writing():
            for row in self._db.execute(NEXT, asked).fetchall():
                if row["number"] in skip or self._is_leased(row, now):
                    continue
                if row["after_key"] is not None and not self._fill(row, now):
                    continue
                self._db.execute(
                    "UPDATE commands SET leased_by = ?, leased_until = ?, attempts = attempts + 1,"
                    " may_have_arrived = 1 WHERE number = ?",
                    (self._owner, now + LEASE_SECONDS, row["number"]),
                )
                # `may_have_arrived` as it was before: a crash from here on leaves the careful answer in the file.
                return entry_of(self._row(row["number"]), may_have_arrived=bool(row["may_have_arrived"]))
        return None

    def settle(
        self,
        entry: Entry,
        *,
        state: str,
        status: int | None,
        answer: dict[str, Any],
        position: int | None = None,
        follow: tuple[Command, dict[str, Any]] | None = None,
    ) -> None:
        """Store the answer, and `follow` as the stream's next command, in one go. A second answer changes nothing."""
        now = time.time()
        with self._writing():
            changed = self._db.execute(
                "UPDATE commands SET state = ?, status = ?, answer = ?, position = ?, answered_at = ?, problem = NULL,"
                " leased_by = NULL, leased_until = NULL WHERE number = ? AND state = 'waiting'",
                (state, status, json.dumps(answer), position, now, entry.number),
            ).rowcount
            if changed and state == "dropped":
                self._db.execute("UPDATE commands SET shown = 1, body = x'' WHERE number = ?", (entry.number,))
            if changed and follow is not None:
                command, note = follow
                row = self._insert(command, entry.stream, str(uuid4()), note, None, now, now, False)
                self._db.execute("UPDATE commands SET place = ? WHERE number = ?", (entry.place, row["number"]))

    def postpone(self, entry: Entry, *, problem: str, may_have_arrived: bool, after: float | None = None) -> None:
        """It got no answer. It waits longer each time, with chance in it; at least `after` seconds where told."""
        pause = max(after or 0.0, min(LONGEST_PAUSE, 2.0 ** min(entry.attempts, 10)) * random.uniform(0.5, 1.0))  # noqa: S311
        due_at = time.time() + min(pause, LONGEST_PAUSE)
        with self._writing():
            self._db.execute(
                "UPDATE commands SET problem = ?, may_have_arrived = ?, due_at = max(due_at, ?), leased_by = NULL,"
                " leased_until = NULL WHERE number = ? AND state = 'waiting' AND leased_by = ?",
                (problem, may_have_arrived, due_at, entry.number, self._owner),
            )

    def drop(self, entry: Entry) -> None:
        """Forget a command that never reached the network."""
        with self._writing():
            self._db.execute(
                "UPDATE commands SET state = 'dropped', shown = 1, body = x'', leased_by = NULL WHERE number = ?"
                " AND state = 'waiting' AND may_have_arrived = 0",
                (entry.number,),
            )

    def give_up_waiting(self, *, stream: str) -> int:
        """The cashier goes on with this bill: its unanswered redemptions are undone from now on. How many they are."""
        with self._writing():
            return self._db.execute(
                "UPDATE commands SET due_at = ? WHERE stream = ? AND state = 'waiting' AND undo", (time.time(), stream)
            ).rowcount

    def make_due(self) -> None:
        """Somebody asks to deliver now: forget the pauses, but not that a guest may still wait for a redemption."""
        with self._writing():
            self._db.execute("UPDATE commands SET due_at = ? WHERE state = 'waiting' AND NOT undo", (time.time(),))

    def mark_shown(self, *keys: str) -> None:
        """The cashier has seen these answers: what is worth money is erased from the file."""
        with self._writing():
            for key in keys:
                row = self._row_of(key)
                if row is None or row["state"] == "waiting":
                    continue
                self._db.execute(
                    "UPDATE commands SET shown = 1, body = ?, answer = ? WHERE key = ?",
                    (scrubbed(row["body"]).encode(), scrubbed(row["answer"] or "null"), key),
                )

    def find(self, key: str) -> Entry | None:
        """The command with this key."""
        row = self._row_of(key)
        return None if row is None else entry_of(row)

    def entries(
        self,
        *,
        stream: str | None = None,
        states: Collection[str] = (),
        shown: bool | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> list[Entry]:
        """What was written down, in order."""
        asked: dict[str, Any] = {
            "stream = :stream": stream,
            "shown = :shown": shown,
            "made_at >= :since": since and since.timestamp(),
            "made_at < :until": until and until.timestamp(),
        }
        wanted = {part: value for part, value in asked.items() if value is not None}
        if states:
            wanted[f"state IN ({', '.join(repr(state) for state in states)})"] = None
        values = {part.split(":")[1]: value for part, value in wanted.items() if ":" in part}
        where = f"WHERE {' AND '.join(wanted)}" if wanted else ""
        rows = self._db.execute(f"SELECT * FROM commands {where} ORDER BY place, number", values)  # noqa: S608
        return [entry_of(row) for row in rows]

    def forget_before(self, at: datetime) -> None:
        """Answered and seen long ago: the journal need not keep it."""
        with self._writing():
            self._db.execute(
                "DELETE FROM commands WHERE made_at < ? AND shown AND state <> 'waiting'", (at.timestamp(),)
            )

    def fact(self, name: str) -> str | None:
        """Something remembered about the network, such as its currency."""
        row = self._db.execute("SELECT fact FROM facts WHERE name = ?", (name,)).fetchone()
        return None if row is None else str(row["fact"])

    def remember(self, name: str, fact: str) -> None:
        """Keep it across starts."""
        with self._writing():
            self._db.execute("INSERT OR REPLACE INTO facts VALUES (?, ?)", (name, fact))

    def forget(self, name: str) -> None:
        """It is no longer of use."""
        with self._writing():
            self._db.execute("DELETE FROM facts WHERE name = ?", (name,))

    def position(self) -> int:
        """The newest log position that an answer in here named: what a new start's reads have to show."""
        return int(self._db.execute("SELECT coalesce(max(position), 0) FROM commands").fetchone()[0])

    def belong_to(self, owner: str) -> None:
        """Bind the file to one shop at one network, once. Raises OutboxOfAnother."""
        if self.fact("owner") is None:
            with self._writing():
                self._db.execute("INSERT OR IGNORE INTO facts VALUES ('owner', ?)", (owner,))
        if self.fact("owner") != owner:
            raise OutboxOfAnother(f"{self.path} keeps the commands of {self.fact('owner')}, not of {owner}")

    @contextmanager
    def _writing(self) -> Iterator[None]:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    def _insert(
        self,
        command: Command,
        stream: str,
        key: str,
        note: dict[str, Any],
        after_key: str | None,
        now: float,
        due_at: float,
        undo: bool,
    ) -> sqlite3.Row:
        values = (key, stream, command.name, command.method, command.route, encoded(command.body))
        number = self._db.execute(
            "INSERT INTO commands (key, stream, name, method, route, body, note, after_key, made_at, due_at, undo)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (*values, json.dumps(note), after_key, now, due_at, undo),
        ).lastrowid
        self._db.execute("UPDATE commands SET place = number WHERE number = ?", (number,))
        return self._row(number)

    def _fill(self, row: sqlite3.Row, now: float) -> bool:
        """Put the earlier answer's payment into the route, for good; without that answer the command is pointless."""
        earlier = self._row_of(row["after_key"])
        if earlier is not None and earlier["state"] == "done":
            route = row["route"].replace("{payment_id}", str(json.loads(earlier["answer"])["payment_id"]))
            self._db.execute("UPDATE commands SET route = ? WHERE number = ?", (route, row["number"]))
            return True
        told = {"code": "earlier_refused", "detail": "Not sent, because the payment of this bill was refused."}
        self._db.execute(
            "UPDATE commands SET state = 'refused', answer = ?, answered_at = ? WHERE number = ?",
            (json.dumps(told), now, row["number"]),
        )
        return False

    def _is_leased(self, row: sqlite3.Row, now: float) -> bool:
        until, by = row["leased_until"], row["leased_by"]
        if until is None or by == self._owner or not now < until <= now + LEASE_SECONDS:
            return False
        return _is_running(int(by.partition(":")[0]))

    def _row(self, number: int | None) -> sqlite3.Row:
        row: sqlite3.Row = self._db.execute("SELECT * FROM commands WHERE number = ?", (number,)).fetchone()
        return row

    def _row_of(self, key: str) -> sqlite3.Row | None:
        row: sqlite3.Row | None = self._db.execute("SELECT * FROM commands WHERE key = ?", (key,)).fetchone()
        return row


def _is_running(pid: int) -> bool:
    # Windows has no harmless signal 0: there a dead process's lease simply runs out.
    if os.name == "nt":
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
