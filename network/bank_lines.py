"""Lines of bank files that name no payment of ours, sealed, until a person says what they are.

A shop's statement tells of its guests and suppliers; none of it belongs in the log. A line is found by a keyed digest
of what makes two lines the same (`banking.lines.LineKey`).
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

import msgspec
from psycopg import sql

from network.bank_details import keyed_digest
from network.banking.lines import BankLine
from network.coalitions import OpenCoalition
from network.telling import Told, each, to_nobody

_json = msgspec.json.Encoder(order="deterministic")


@dataclass(frozen=True, slots=True)
class KeptLine:
    """A line, its digest, and the file that told it first."""

    line: str
    file_id: UUID
    told: BankLine


def line_id(coalition: OpenCoalition, line: BankLine) -> str:
    """The same for the same line in whatever file."""
    return keyed_digest(coalition, "line", _json.encode(line.key))


def keep_lines(coalition: OpenCoalition, file_id: UUID, lines: Sequence[KeptLine], *, told: Told = to_nobody) -> None:
    """Seal what is new; what is kept already stays with the file that told it first."""
    if not lines:
        return
    statement = _sql(coalition, "INSERT INTO {t} (line, file_id, sealed) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING")
    with coalition.readers.connection() as connection, connection.transaction():
        rows = (
            (one.line, file_id, coalition.seal.seal(_json.encode(one.told), _context(one.line)))
            for one in each(lines, told)
        )
        connection.cursor().executemany(statement, rows)


def kept_in(coalition: OpenCoalition, lines: Collection[str]) -> dict[str, UUID]:
    """`{line: file}` for those of these lines that are kept."""
    with coalition.readers.connection() as connection:
        rows = connection.execute(
            _sql(coalition, "SELECT line, file_id FROM {t} WHERE line = ANY (%s)"), (list(lines),)
        )
        return dict(rows.fetchall())


def find_line(coalition: OpenCoalition, line: str) -> KeptLine | None:
    """One line, or None."""
    return next(iter(_select(coalition, "WHERE line = %s", [line])), None)


def lines_after(coalition: OpenCoalition, after: str, limit: int) -> list[KeptLine]:
    """Kept lines in the order of their digests, from behind `after`: a cursor."""
    return _select(coalition, "WHERE line > %s ORDER BY line LIMIT %s", [after, limit])


def forget_line(coalition: OpenCoalition, line: str) -> None:
    """Somebody has seen that it is none of ours."""
    with coalition.readers.connection() as connection:
        connection.execute(_sql(coalition, "DELETE FROM {t} WHERE line = %s"), (line,))


def _select(coalition: OpenCoalition, rest: str, parameters: list[object]) -> list[KeptLine]:
    with coalition.readers.connection() as connection:
        query = f"SELECT line, file_id, sealed FROM {{t}} {rest}"  # noqa: S608 - our own SQL
        rows = connection.execute(_sql(coalition, query), parameters).fetchall()
    return [
        KeptLine(line, file_id, msgspec.json.decode(coalition.seal.open(sealed, _context(line)), type=BankLine))
        for line, file_id, sealed in rows
    ]


def _context(line: str) -> bytes:
    return f"bank line {line}".encode()


def _sql(coalition: OpenCoalition, text: str) -> sql.Composed:
    return sql.SQL(text).format(t=sql.Identifier(coalition.schema, "bank_lines"))
