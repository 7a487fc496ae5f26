"""A statement as bytes: JSON for programs, CSV for a spreadsheet. The same version gives the same bytes.

They come in pieces while the lines are read, so a long statement takes no more memory than a short one.
"""

import csv
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from uuid import UUID

import msgspec

from network.settlement.statement import EachLine, Line, PairStatement, Statement, by_pair

FORMAT = 1
COLUMNS = (
    "window party_id counterparty_id counterparty row position happened_at cause section kind bill_reference"
    " certificate_id redemption_id bill deducted adjusts_window amount currency instrument country tax_rate gross tax"
    " version"
).split()
_json = msgspec.json.Encoder(order="deterministic")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")

Cell = str | int | None


def json_of(statement: Statement, lines: EachLine) -> Iterator[bytes]:
    """The whole statement by its version; amounts in minor units, signed. `statement` is without its lines."""
    yield b'{\n "format": %d,\n "statement": ' % FORMAT
    yield from _told(statement, lines, depth=1)
    yield b"\n}\n"


def all_json_of(statements: Iterable[tuple[Statement, EachLine]]) -> Iterator[bytes]:
    """Every party's statement of one window, for the organizer."""
    yield b'{\n "format": %d,\n "statements": [' % FORMAT
    more = b""
    for statement, lines in statements:
        yield more + b"\n  "
        yield from _told(statement, lines, depth=2)
        more = b","
    yield b"\n ]\n}\n" if more else b"]\n}\n"


_NO_LINES = b'"lines": []'
"""Where a pair's lines go; a quote inside a text is never written so."""


def _told(statement: Statement, lines: EachLine, *, depth: int) -> Iterator[bytes]:
    parts = _indented(statement, depth).split(_NO_LINES)
    for part, (_, own) in zip(parts, by_pair(statement, lines), strict=False):
        yield part + b'"lines": '
        within = len(part) - part.rindex(b"\n")
        before = b"["
        for line in own:
            yield before + b"\n" + b" " * within + _indented(line, within)
            before = b","
        yield b"[]" if before == b"[" else b"\n" + b" " * (within - 1) + b"]"
    yield parts[-1]


def _indented(facts: object, depth: int) -> bytes:
    return msgspec.json.format(_json.encode(facts), indent=1).replace(b"\n", b"\n" + b" " * depth)


class _Said:
    """A file for the writer of CSV that hands each row back as it is written."""

    def write(self, text: str) -> str:
        return text


def csv_of(statement: Statement, lines: EachLine) -> Iterator[bytes]:
    """One row a posting, and one for each opening, closing, change, payment and supply. `amount`: opening + lines =
    closing, and closing + changes = cleared + due + rolled over.
    """
    writer = csv.writer(_Said(), lineterminator="\r\n")
    common: dict[str, Cell] = {
        "window": statement.heading.window,
        "party_id": str(statement.party_id),
        "currency": statement.heading.currency,
        "version": statement.version,
    }

    def written(row: Mapping[str, Cell]) -> bytes:
        return str(writer.writerow([row.get(column, "") for column in COLUMNS])).encode()

    yield written(dict(zip(COLUMNS, COLUMNS, strict=True)))
    for pair, own in by_pair(statement, lines):
        whom = common | {
            "counterparty_id": str(pair.counterparty_id),
            "counterparty": _harmless(pair.counterparty_name),
        }
        for row in _rows(statement.party_id, pair, own):
            yield written(whom | row)
    totals = {"opening": statement.opening, "closing": statement.closing, **statement.changes, "due": statement.due}
    for name, amount in (totals | {"rolled_over": statement.rolled_over}).items():
        yield written(common | {"row": f"total_{name}", "amount": amount})


def _rows(party_id: UUID, pair: PairStatement, lines: Iterator[Line]) -> Iterator[dict[str, Cell]]:
    yield {"row": "opening", "amount": pair.opening}
    for line in lines:
        yield from _line_rows(line, supplied={line.issuer_id, line.acceptor_id} == {party_id, pair.counterparty_id})
    yield {"row": "closing", "amount": pair.closing}
    for cause, amount in pair.changes.items():
        yield {"row": cause, "amount": amount}
    yield {"row": "cleared", "amount": pair.cleared}
    yield {"row": "due", "amount": pair.due}
    yield {"row": "rolled_over", "amount": pair.rolled_over}
    for where, supplied in (("supplied_here", pair.supplied_here), ("supplied_there", pair.supplied_there)):
        for one in supplied:
            kind: dict[str, Cell] = {"instrument": one.instrument, "country": one.country, "tax_rate": one.rate}
            yield kind | {"row": where, "gross": one.gross, "tax": one.tax}


def _line_rows(line: Line, *, supplied: bool) -> Iterator[dict[str, Cell]]:
    """`bill` and `deducted` stand once for an event, and only between its issuer and acceptor, so that they add up."""
    facts: dict[str, Cell] = {
        "position": line.position,
        "happened_at": _instant(line.happened_at),
        "cause": line.cause,
        "bill_reference": _harmless(line.bill_reference or ""),
        "certificate_id": str(line.certificate_id or ""),
        "redemption_id": str(line.redemption_id or ""),
        "adjusts_window": line.adjusts,
    }
    supply: dict[str, Cell] = {"bill": line.bill, "deducted": line.deducted} if supplied else {}
    if not line.entries:
        yield facts | supply | {"row": "nothing_owed", "amount": 0}
    for entry in line.entries:
        yield facts | supply | {"row": "line", "section": entry.section, "kind": entry.kind, "amount": entry.amount}
        supply = {}


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _harmless(text: str) -> str:
    """A spreadsheet takes what begins like a formula for one; a quote in front keeps it text."""
    return f"'{text}" if text.startswith(_FORMULA) else text
