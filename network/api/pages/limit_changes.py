"""How a limit came to be what it is: who set it to what, when and why, on the pages of owners and organizers."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import Connection

from network.api.pages.commands import of_views
from network.api.pages.names import people_named
from network.api.pages.visits import Visit
from network.api.threads import in_thread
from network.projections import coalition


@dataclass(frozen=True, slots=True)
class LimitChange:
    """To `cap` (None: lifted) from `before` (None: there was no limit). `by`: who proposed and who confirmed it, as far
    as they are still on record.
    """

    cap: int | None
    before: int | None
    reason: str
    at: datetime
    by: tuple[str, ...]


async def limit_changes(visit: Visit, scopes: list[str]) -> dict[str, list[LimitChange]]:
    """`{scope: its changes}`, the newest first."""

    def question(connection: Connection, schema: str) -> dict[str, Any]:
        return {"rows": coalition.limit_changes(connection, schema, scopes)}

    rows: list[coalition.LimitChangeRow] = (await of_views(visit, ("coalition",), question))["rows"]
    ids = {by for row in rows for by in (row.person_id, row.confirmed_by) if by}
    people = await in_thread(people_named, visit, ids)
    changes: dict[str, list[LimitChange]] = {scope: [] for scope in scopes}
    caps: dict[str, int | None] = {}
    for row in reversed(rows):
        changes[row.scope].insert(0, _change(row, caps.get(row.scope), people))
        caps[row.scope] = row.cap
    return changes


def _change(row: coalition.LimitChangeRow, before: int | None, people: dict[str, str]) -> LimitChange:
    by: dict[UUID, None] = dict.fromkeys(one for one in (row.person_id, row.confirmed_by) if one)
    names = tuple(people[str(one)] for one in by if str(one) in people)
    return LimitChange(row.cap, before, row.reason, row.set_at, names)
