"""What came of the newest deliveries of a webhook: for whoever repairs one, and for a test by hand."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from psycopg import sql
from psycopg.rows import class_row

from network.coalitions import OpenCoalition

KEPT = 20
"""Of each webhook; older ones are forgotten."""
TEST_TOPIC = "Webhook.Test"


@dataclass(frozen=True, slots=True)
class Try:
    """One post. `status` None: nobody answered, and `error` says why. `position` 0: a test by hand."""

    tried_at: datetime
    position: int
    topic: str
    status: int | None
    error: str | None

    @property
    def delivered(self) -> bool:
        """Whether the answer was a 2xx."""
        return self.error is None


def keep_try(coalition: OpenCoalition, webhook_id: UUID, one: Try) -> None:
    """Put it on record, and forget the oldest."""
    with coalition.readers.connection() as connection, connection.transaction():
        connection.execute(
            _sql(
                coalition,
                "INSERT INTO {t} (webhook_id, tried_at, position, topic, status, error)"
                " VALUES (%s, %s, %s, %s, %s, %s)",
            ),
            (webhook_id, one.tried_at, one.position, one.topic, one.status, one.error),
        )
        connection.execute(
            _sql(
                coalition,
                "DELETE FROM {t} WHERE webhook_id = %s AND number < (SELECT number FROM {t} WHERE webhook_id = %s"
                " ORDER BY number DESC OFFSET %s LIMIT 1)",
            ),
            (webhook_id, webhook_id, KEPT - 1),
        )


def tries_of(coalition: OpenCoalition, webhook_id: UUID) -> list[Try]:
    """The newest first."""
    statement = "SELECT tried_at, position, topic, status, error FROM {t} WHERE webhook_id = %s ORDER BY number DESC"
    with coalition.readers.connection() as connection:
        cursor = connection.cursor(row_factory=class_row(Try))
        return cursor.execute(_sql(coalition, statement), (webhook_id,)).fetchall()


def _sql(coalition: OpenCoalition, text: str) -> sql.Composed:
    return sql.SQL(text).format(t=sql.Identifier(coalition.schema, "webhook_tries"))
