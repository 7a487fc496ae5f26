"""One command in the outbox, read back from its row, and what of it is worth money."""

import json
import sqlite3
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

SECRETS = ("token", "typed_code", "link")


@dataclass(frozen=True, slots=True)
class Entry:
    """One command and what became of it. `note` is for the journal and holds no secret."""

    number: int
    place: int
    key: str
    stream: str
    name: str
    method: str
    route: str
    body: bytes = field(repr=False)
    note: dict[str, Any]
    state: str
    undo: bool
    attempts: int
    may_have_arrived: bool
    made_at: datetime
    answered_at: datetime | None
    status: int | None
    answer: dict[str, Any] | None = field(repr=False)
    problem: str | None
    shown: bool


def entry_of(row: sqlite3.Row, **changes: Any) -> Entry:
    """The row as a value; `changes` are fields that the caller knows better."""
    return Entry(
        **{
            "number": row["number"],
            "place": row["place"],
            "key": row["key"],
            "stream": row["stream"],
            "name": row["name"],
            "method": row["method"],
            "route": row["route"],
            "body": row["body"],
            "note": json.loads(row["note"]),
            "state": row["state"],
            "undo": bool(row["undo"]),
            "attempts": row["attempts"],
            "may_have_arrived": bool(row["may_have_arrived"]),
            "made_at": datetime.fromtimestamp(row["made_at"], UTC),
            "answered_at": row["answered_at"] and datetime.fromtimestamp(row["answered_at"], UTC),
            "status": row["status"],
            "answer": json.loads(row["answer"]) if row["answer"] else None,
            "problem": row["problem"],
            "shown": bool(row["shown"]),
            **changes,
        }
    )


def scrubbed(text: str | bytes) -> str:
    """The same JSON without what could be redeemed."""

    def clean(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: clean(inner) for name, inner in value.items() if name not in SECRETS}
        return [clean(inner) for inner in value] if isinstance(value, list) else value

    return json.dumps(clean(json.loads(text or "null")), separators=(",", ":"), sort_keys=True)
