"""Recovery codes at rest: digests alone. A guest who is forgotten leaves none."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from psycopg import sql

from network.coalitions import OpenCoalition
from network.credentials import first_credential
from network.recovery_code import random_code, recovery_code, recovery_digest
from network.store.recorder import Write


@dataclass(frozen=True, slots=True)
class Recoverable:
    """The wallet that a code opens, and after how many recoveries the code was made."""

    wallet_id: UUID
    recoveries: int


def make(coalition: OpenCoalition, wallet_id: UUID, recoveries: int) -> str:
    """The wallet's code, the same until it is used. It is kept only while the credential lives, so that a guest who is
    being forgotten leaves none.
    """
    code = recovery_code(coalition.code_key, coalition.entry.number, wallet_id, recoveries)
    digest = recovery_digest(coalition.code_key, code.replace("-", ""))
    coalition.write(
        Write(
            "INSERT INTO {s}.wallet_recoveries (digest, wallet_id, recoveries)"
            " SELECT %s, %s, %s FROM {s}.credentials WHERE credential_id = %s AND revoked_at IS NULL FOR SHARE"
            " ON CONFLICT DO NOTHING",
            (digest, wallet_id, recoveries, first_credential("wallet", wallet_id)),
        )
    )
    return code


def make_short(coalition: OpenCoalition, wallet_id: UUID, ends_at: datetime) -> str:
    """Another code of the wallet, to be sent: it ends at that time, or when any code of the wallet is used."""
    code = random_code(coalition.entry.number)
    digest = recovery_digest(coalition.code_key, code.replace("-", ""))
    coalition.write(
        Write(
            "INSERT INTO {s}.wallet_recoveries (digest, wallet_id, recoveries, ends_at)"
            " SELECT %s, subject_id, version, %s FROM {s}.credentials WHERE credential_id = %s AND revoked_at IS NULL"
            " FOR SHARE",
            (digest, ends_at, first_credential("wallet", wallet_id)),
        )
    )
    return code


def forget_old(coalition: OpenCoalition, at: datetime) -> None:
    """Drop the codes whose time is over."""
    coalition.write(Write("DELETE FROM {s}.wallet_recoveries WHERE ends_at < %s", (at,)))


def find(coalition: OpenCoalition, code: str, at: datetime) -> Recoverable | None:
    """What a code opens now; whether it was used already is for the wallet to say."""
    digest = recovery_digest(coalition.code_key, code)
    with coalition.readers.connection() as connection:
        row = connection.execute(
            _sql(
                coalition,
                "SELECT wallet_id, recoveries FROM {} WHERE digest = %s AND (ends_at IS NULL OR ends_at > %s)",
            ),
            (digest, at),
        ).fetchone()
    return Recoverable(*row) if row else None


def _sql(coalition: OpenCoalition, statement: str) -> sql.Composed:
    return sql.SQL(statement).format(sql.Identifier(coalition.schema, "wallet_recoveries"))
