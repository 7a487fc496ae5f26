"""The code that a phone asks for when the till's camera fails: it lives a few minutes, as the live QR lives seconds."""

from datetime import datetime, timedelta
from uuid import UUID

from psycopg import Connection, sql

from network.api.keys import Copy
from network.coalitions import OpenCoalition
from network.domain.certificate import Proof
from network.typed_code import code_digest, random_code

CODE_SECONDS = 300


def make(coalition: OpenCoalition, certificate_id: UUID, epoch: int, at: datetime) -> tuple[str, datetime]:
    """A new code and when it ends; the one before it is dead. Only its digest is kept."""
    code = random_code()
    statement = sql.SQL(
        "INSERT INTO {} AS t (certificate_id, epoch, digest, made_at) VALUES (%s, %s, %s, %s)"
        " ON CONFLICT (certificate_id) DO UPDATE"
        " SET epoch = excluded.epoch, digest = excluded.digest, made_at = excluded.made_at"
    ).format(sql.Identifier(coalition.schema, "shown_codes"))
    with coalition.readers.connection() as connection:
        connection.execute(statement, (certificate_id, epoch, code_digest(coalition.code_key, code), at))
    return code, at + timedelta(seconds=CODE_SECONDS)


def find(connection: Connection, schema: str, digest: bytes) -> list[Copy]:
    """What has this code; whether it still counts is for the certificate to say."""
    statement = sql.SQL("SELECT certificate_id, epoch, made_at FROM {} WHERE digest = %s").format(
        sql.Identifier(schema, "shown_codes")
    )
    rows = connection.execute(statement, (digest,)).fetchall()
    return [Copy(certificate_id, epoch, Proof(made_at, CODE_SECONDS)) for certificate_id, epoch, made_at in rows]
