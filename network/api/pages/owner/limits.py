"""The limits that an owner can come up against: what it may owe, and what its agreements may hand out."""

from dataclasses import dataclass
from uuid import UUID

from psycopg import Connection, sql

from network.api.pages.visits import Visit
from network.api.threads import in_thread


@dataclass(frozen=True, slots=True)
class Limit:
    """`kind` and `other` as in the scope (`network.domain.exposure`). Money in minor units, for `intake` a count."""

    kind: str
    other: str
    cap: int
    used: int

    @property
    def percent(self) -> int:
        """How much of it is used, of a hundred."""
        return min(100, max(0, self.used) * 100 // self.cap) if self.cap else 100

    @property
    def near(self) -> bool:
        """From 80 % on, as everywhere."""
        return self.used > 0 and self.used * 10 >= self.cap * 8


async def limits(visit: Visit) -> list[Limit]:
    """The fullest first."""

    def read() -> list[Limit]:
        with visit.coalition.readers.connection() as connection:
            return _read(connection, visit.coalition.schema, visit.subject_id)

    return sorted(await in_thread(read), key=lambda one: -one.percent)


def _read(connection: Connection, schema: str, merchant_id: UUID) -> list[Limit]:
    rows = connection.execute(
        sql.SQL(_OWN).format(
            c=sql.Identifier(schema, "caps"),
            x=sql.Identifier(schema, "exposures"),
            a=sql.Identifier(schema, "agreements"),
        ),
        {"me": str(merchant_id), "id": merchant_id},
    )
    made = []
    for scope, cap, used in rows:
        kind, _, rest = scope.partition(":")
        made.append(Limit(kind, rest.rpartition(":")[2], cap, used or 0))
    return made


# Of an intake the newest day counts; the others have one key.
_OWN = """
SELECT c.scope, c.cap, (SELECT x.used FROM {x} x WHERE x.scope = c.scope ORDER BY x.key DESC LIMIT 1)
FROM {c} c
WHERE c.cap IS NOT NULL AND (
    c.scope = 'debtor:' || %(me)s OR c.scope LIKE 'pair:' || %(me)s || ':%%' OR c.scope = 'intake:' || %(me)s
    OR c.scope IN (SELECT 'agreement:' || agreement_id FROM {a} WHERE issuer_id = %(id)s OR acceptor_id = %(id)s))
ORDER BY c.scope
"""
