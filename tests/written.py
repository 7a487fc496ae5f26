"""Documents as bytes at once, of statements that a test holds in memory."""

import io
from dataclasses import replace
from uuid import UUID

from network.archive.writing import write_archive
from network.coalitions import OpenCoalition
from network.papers.sheets import write_xlsx
from network.settlement.documents import csv_of, json_of
from network.settlement.statement import EachLine, Statement


def as_json(statement: Statement) -> bytes:
    return b"".join(json_of(*apart(statement)))


def as_csv(statement: Statement) -> bytes:
    return b"".join(csv_of(*apart(statement)))


def as_xlsx(statement: Statement, languages: tuple[str, ...]) -> bytes:
    out = io.BytesIO()
    write_xlsx(*apart(statement), languages, out)
    return out.getvalue()


def archive_of(opened: OpenCoalition, number: int, party_id: UUID | None) -> bytes:
    out = io.BytesIO()
    write_archive(opened, number, party_id, out)
    return out.getvalue()


def apart(statement: Statement) -> tuple[Statement, EachLine]:
    """The statement without its lines, and its lines."""

    def each() -> EachLine:
        for pair in statement.pairs:
            for line in pair.lines:
                yield pair.counterparty_id, line

    return replace(statement, pairs=tuple(replace(pair, lines=()) for pair in statement.pairs)), each()
