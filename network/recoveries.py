"""Recovery codes at rest: digests alone. A guest who is forgotten leaves none."""

from dataclasses import dataclass
from uuid import UUID

from psycopg import sql

from network.coalitions import OpenCoalition
from network.recovery_code import recovery_code, recovery_digest


@dataclass(frozen=True, slots=True)
class Recoverable:
    """The wallet that a code opens, and after how many recoveries the code was made."""

    wallet_id: UUID
    recoveries: int


def make(coalition: OpenCoalition, wallet_id: UUID, recoveries: int) -> str:
    """The wallet's code, the same until it is used."""
    code = recovery_code(coalition.code_key, coalition.entry.number, wallet_id, recoveries)
    digest = recovery_digest(coalition.code_key, code.replace("-", ""))
    statement = "INSERT INTO {} (digest, wallet_id, recoveries) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING"
    with coalition.readers.connection() as connection:
        connection.execute(_sql(coalition, statement), (digest, wallet_id, recoveries))
    return code


def find(coalition: OpenCoalition, code: str) -> Recoverable | None:
    """What a code opens; whether it was used already is for the wallet to say."""
    digest = recovery_digest(coalition.code_key, code)
    with coalition.readers.connection() as connection:
        row = connection.execute(
            _sql(coalition, "SELECT wallet_id, recoveries FROM {} WHERE digest = %s"), (digest,)
        ).fetchone()
    return Recoverable(*row) if row else None


def forget(coalition: OpenCoalition, wallet_id: UUID) -> None:
    """No code opens it any more."""
    with coalition.readers.connection() as connection:
        connection.execute(_sql(coalition, "DELETE FROM {} WHERE wallet_id = %s"), (wallet_id,))


def _sql(coalition: OpenCoalition, statement: str) -> sql.Composed:
    return sql.SQL(statement).format(sql.Identifier(coalition.schema, "wallet_recoveries"))
