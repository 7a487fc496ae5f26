"""What a guest said yes to: for each purpose apart, when, to which text, and when it was taken back."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from psycopg import Connection, sql
from psycopg.rows import class_row

from network.domain.errors import Refusal

RECOVERY, NEWS = "recovery", "news"
PURPOSES: Final = (RECOVERY, NEWS)
TEXT_VERSION: Final = 2
"""Of the sentences that the wallet asks with (`api/static/wallet/contact.js`). A changed sentence is a new version."""


class ConsentTextChanged(Refusal):
    """The page that asked is older than the text that counts now."""

    code = "consent_text_changed"
    sentence = "The text that you agreed to has changed. Open the page again."


@dataclass(frozen=True, slots=True)
class Consent:
    """One yes. `text_version` and `language` say what was read."""

    purpose: str
    given_at: datetime
    text_version: int
    language: str
    withdrawn_at: datetime | None


_COLUMNS = "purpose, given_at, text_version, language, withdrawn_at"


def agree(
    connection: Connection,
    schema: str,
    wallet_id: UUID,
    purposes: set[str],
    *,
    version: int,
    language: str,
    at: datetime,
) -> None:
    """From now on these and no others. What stands already under this text stays as it was given.

    Raises: ConsentTextChanged.
    """
    if version != TEXT_VERSION:
        raise ConsentTextChanged()
    withdraw(connection, schema, wallet_id, keeping=purposes, at=at)
    connection.execute(
        _sql(
            schema,
            "INSERT INTO {t} (wallet_id, purpose, given_at, text_version, language)"
            " SELECT %s, wanted, %s, %s, %s FROM unnest(%s::text[]) AS wanted WHERE NOT EXISTS"
            " (SELECT FROM {t} c WHERE c.wallet_id = %s AND c.purpose = wanted AND c.withdrawn_at IS NULL)",
        ),
        (wallet_id, at, version, language, sorted(purposes), wallet_id),
    )


def withdraw(connection: Connection, schema: str, wallet_id: UUID, *, keeping: set[str], at: datetime) -> None:
    """Take back every yes but these."""
    connection.execute(
        _sql(
            schema,
            "UPDATE {t} SET withdrawn_at = %s WHERE wallet_id = %s AND withdrawn_at IS NULL AND purpose <> ALL (%s)",
        ),
        (at, wallet_id, sorted(keeping)),
    )


def consents_of(connection: Connection, schema: str, wallet_id: UUID) -> list[Consent]:
    """Every yes of a guest, those taken back too, oldest first."""
    cursor = connection.cursor(row_factory=class_row(Consent))
    query = _sql(schema, f"SELECT {_COLUMNS} FROM {{t}} WHERE wallet_id = %s ORDER BY given_at, purpose")  # noqa: S608
    return cursor.execute(query, (wallet_id,)).fetchall()


def _sql(schema: str, text: str) -> sql.Composed:
    return sql.SQL(text).format(t=sql.Identifier(schema, "consents"))
