"""A long log, made in SQL: so many bills of the past, under whose weight a redemption is measured."""

import psycopg
from psycopg import sql

_CHUNK = 100_000


def lengthen(database_url: str, schema: str, merchant_id: str, events: int) -> None:
    """Append `events` recorded payments, shaped as the network writes them. Their hashes are not chained, so this log
    is for measuring only.
    """
    with psycopg.connect(database_url, autocommit=True) as connection:
        name = sql.Identifier(schema)
        for start in range(0, events, _CHUNK):
            count = min(_CHUNK, events - start)
            connection.execute(
                sql.SQL(
                    """
                    INSERT INTO {s}.events (position, originator_id, originator_version, topic, state, hash)
                    SELECT h.position + n, gen_random_uuid(), 1, 'Payment.Recorded', convert_to(json_build_object(
                        'amount', 2400, 'bill_reference', 'past-' || (h.position + n), 'currency', 'EUR',
                        'customer_id', gen_random_uuid(), 'imported', true, 'merchant_id', {m},
                        'originator_topic', 'Payment', 'timestamp', '2026-01-01T10:00:00Z')::text, 'UTF8'),
                        sha256('measured'::bytea)
                    FROM {s}.head h, generate_series(1, {n}) AS n
                    """
                ).format(s=name, m=sql.Literal(merchant_id), n=sql.Literal(count))
            )
            connection.execute(
                sql.SQL(
                    "INSERT INTO {s}.requests SELECT 'past', (h.position + n)::text, sha256('past'::bytea), false,"
                    " sha256('answer'::bytea) || sha256('answer'::bytea), h.position + n, now()"
                    " FROM {s}.head h, generate_series(1, {n}) AS n"
                ).format(s=name, n=sql.Literal(count))
            )
            connection.execute(
                sql.SQL("UPDATE {s}.head SET position = position + {n}").format(s=name, n=sql.Literal(count))
            )
        connection.execute(sql.SQL("ANALYZE {s}.events").format(s=name))
        connection.execute("CHECKPOINT")
