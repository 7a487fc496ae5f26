"""A statement as a file of any kind, written while its lines are read."""

from typing import BinaryIO, Final
from uuid import UUID

from network.coalitions import Readable
from network.domain.errors import MerchantNotFound
from network.papers.pdf import as_pdf
from network.papers.statement import PRINTED
from network.settlement.documents import csv_of, json_of
from network.settlement.reading import Reading, stated_window
from network.settlement.statement import Statement

KINDS: Final = ("pdf", "xlsx", "csv", "json")


def write_statement(
    coalition: Readable,
    number: int,
    party_id: UUID,
    version: int | None,
    *,
    kind: str,
    languages: tuple[str, ...],
    out: BinaryIO,
) -> int:
    """One of KINDS, by a version or (None) the one in force; which it is. Nothing of it may be shown before this ends.

    Raises: WindowNotFound, WindowStateForbids, MerchantNotFound, VersionNotFound, ViewBehind, StatementDiffers.
    """
    with stated_window(coalition, number) as reading:
        must_know(reading, party_id)
        if kind != "pdf":
            statement = reading.summary(party_id, version)
            _write(reading, statement, kind, languages, out)
            return statement.version
        statement, count = reading.short_statement(party_id, version, most=PRINTED)
    out.write(as_pdf(statement, languages, count))  # drawing takes seconds, and needs no connection
    return statement.version


def must_know(reading: Reading, party_id: UUID) -> None:
    """Raises: MerchantNotFound."""
    if party_id not in reading.names:
        raise MerchantNotFound()


def _write(reading: Reading, statement: Statement, kind: str, languages: tuple[str, ...], out: BinaryIO) -> None:
    lines = reading.each_line(statement)
    if kind == "xlsx":
        from network.papers.sheets import write_xlsx  # noqa: PLC0415  it takes a while to load

        write_xlsx(statement, lines, languages, out)
    else:
        out.writelines((csv_of if kind == "csv" else json_of)(statement, lines))
