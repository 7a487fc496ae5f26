"""A statement as bytes: JSON for programs, CSV for a spreadsheet. The same version gives the same bytes."""

import csv
import io
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from uuid import UUID

import msgspec

from network.settlement.statement import Line, PairStatement, Statement

FORMAT = 1
COLUMNS = (
    "window party_id counterparty_id counterparty row position happened_at cause section kind bill_reference"
    " certificate_id redemption_id bill deducted adjusts_window amount currency instrument country tax_rate gross tax"
    " version"
).split()
_json = msgspec.json.Encoder(order="deterministic")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")

Cell = str | int | None


def as_json(statement: Statement) -> bytes:
    """The whole statement by its version; amounts in minor units, signed."""
    return _document({"format": FORMAT, "statement": statement})


def all_as_json(statements: Iterable[Statement]) -> bytes:
    """Every party's statement of one window, for the organizer."""
    return _document({"format": FORMAT, "statements": list(statements)})


def _document(facts: object) -> bytes:
    return msgspec.json.format(_json.encode(facts), indent=1) + b"\n"


def as_csv(statement: Statement) -> bytes:
    """One row a posting, and one for each opening, closing, change, payment and supply. `amount`: opening + lines =
    closing, and closing + changes = cleared + due + rolled over.
    """
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\r\n")
    writer.writeheader()
    common = {
        "window": statement.heading.window,
        "party_id": str(statement.party_id),
        "currency": statement.heading.currency,
        "version": statement.version,
    }
    for pair in statement.pairs:
        whom = {"counterparty_id": str(pair.counterparty_id), "counterparty": _harmless(pair.counterparty_name)}
        writer.writerows(common | whom | row for row in _rows(statement.party_id, pair))
    totals = {"opening": statement.opening, "closing": statement.closing, **statement.changes, "due": statement.due}
    for name, amount in (totals | {"rolled_over": statement.rolled_over}).items():
        writer.writerow(common | {"row": f"total_{name}", "amount": amount})
    return text.getvalue().encode()


def _rows(party_id: UUID, pair: PairStatement) -> Iterator[dict[str, Cell]]:
    yield {"row": "opening", "amount": pair.opening}
    for line in pair.lines:
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
