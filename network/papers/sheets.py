"""A statement as a workbook: summary, pairs and lines, with real numbers that a spreadsheet adds up."""

import re
import shutil
import zipfile
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from tempfile import TemporaryFile
from typing import Any, BinaryIO, Final

from openpyxl import Workbook
from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

from network.domain.units import Minor, exponent
from network.papers.figures import (
    SECTIONS,
    by_section,
    cause_of,
    name_of,
    pair_amounts,
    pair_labels,
    result_rows,
    turnover_rows,
    version_of,
    words_of,
)
from network.papers.statement import sentences_of
from network.papers.supplies import INSTRUMENTS, supplies_of
from network.papers.words import Words, _
from network.settlement.statement import EachLine, Line, PairStatement, Statement, by_pair

Value = str | int | Decimal | datetime | None
ROWS_MAX: Final = 1_000_000
"""A sheet of a spreadsheet has 1 048 576 rows at most."""
_LONG_AGO = (1980, 1, 1, 0, 0, 0)
_MODIFIED = re.compile(rb"(<dcterms:modified[^>]*>)[^<]*(</dcterms:modified>)")


def write_xlsx(statement: Statement, lines: EachLine, languages: tuple[str, ...], out: BinaryIO) -> None:
    """The statement, in one language or two; `statement` is without its lines. Instants are on the coalition's clock.
    Rows go to disk as they come.
    """
    words = words_of(statement.heading, languages)
    book = Workbook(write_only=True)
    book.properties.creator = statement.heading.coalition_name
    book.properties.created = _naive(statement.heading.stated_at)
    _summary(_Sheet(book, words, _("Summary")), words, statement)
    _pairs(_Sheet(book, words, _("Pairs")), words, statement)
    _lines(book, words, statement, lines)
    _supplies(_Sheet(book, words, _("Tax")), words, statement)
    with TemporaryFile() as raw:
        book.save(raw)
        _copy_undated(raw, statement.heading.stated_at, out)


class _Sheet:
    """One sheet, written from top to bottom."""

    def __init__(self, book: Workbook, words: Words, title: str, number: int = 1) -> None:
        self.words = words
        more = f" {number}" if number > 1 else ""
        name = words.in_line(title).replace("/", "-")[: 31 - len(more)] + more
        self.sheet: WriteOnlyWorksheet = book.create_sheet(name)
        digits = exponent(words.currency)
        self._money = "#,##0" + ("." + "0" * digits if digits else "")

    def widths(self, *centimetres: float) -> None:
        for place, width in enumerate(centimetres, start=1):
            self.sheet.column_dimensions[get_column_letter(place)].width = width * 5  # type: ignore[attr-defined]

    def row(self, *values: Value, strong: bool = False) -> None:
        self.sheet.append([self._cell(value, strong) for value in values])

    def head(self, *labels: str) -> None:
        """The row that stays when the others scroll."""
        cells = [self._cell("\n".join(dict.fromkeys(self.words.say(label))) if label else "", True) for label in labels]
        for cell in cells:
            cell.alignment = Alignment(wrap_text=True, vertical="top")
        self.sheet.append(cells)

    def amount(self, amount: Minor | None) -> Decimal | None:
        """The figure that the spreadsheet counts with."""
        return None if amount is None else Decimal(amount).scaleb(-exponent(self.words.currency))

    def _cell(self, value: Value, strong: bool) -> Cell:
        shown: Any = _naive(value, self.words) if isinstance(value, datetime) else value
        cell: Cell = WriteOnlyCell(self.sheet, shown)
        if isinstance(value, str):
            cell.data_type = "s"  # a bill may be called =1+1
        elif isinstance(value, Decimal):
            cell.number_format = self._money
        elif isinstance(value, datetime):
            cell.number_format = "yyyy-mm-dd hh:mm"
        if strong:
            cell.font = Font(bold=True)
        return cell


def _summary(sheet: _Sheet, words: Words, statement: Statement) -> None:
    heading, say = statement.heading, words.in_line
    sheet.widths(9, 4, 4, 4)
    own = name_of(words, heading, statement.party_id, statement.party_name)
    sheet.row(say(_("Statement for window {number}"), number=heading.window), strong=True)
    sheet.row(own, strong=True)
    sheet.row(heading.coalition_name)
    sheet.row(say(_("Covers everything until")), heading.cut_at)
    sheet.row(say(_("Version")), version_of(words, statement))
    sheet.row(say(_("Amounts in")), heading.currency)
    sheet.row()
    for sentence in sentences_of(words, statement):
        for text in sentence:
            sheet.row(text)
    sheet.row()
    sheet.head("", _("Receives"), _("Owes"), _("Balance"))
    for text, to, by in turnover_rows(statement.opening, statement.sections):
        sheet.row(say(text), sheet.amount(to), sheet.amount(by), sheet.amount(to - by))
    for text, amount, strong in result_rows(statement):
        sheet.row(say(text), None, None, sheet.amount(amount), strong=strong)
    sheet.row()
    sheet.row(say(_("Events of the log")), f"{heading.after_position + 1} – {heading.position}")
    sheet.row(say(_("Hash of the log at the cut")), heading.chain_hash)


def _pairs(sheet: _Sheet, words: Words, statement: Statement) -> None:
    labels = pair_labels(statement)
    sheet.widths(8, *[3.2] * (len(labels) + 2))
    sheet.sheet.freeze_panes = "B2"
    sheet.head(_("Partner"), *labels, _("Redeemed here, gross"), _("Redeemed there, gross"))
    for pair in statement.pairs:
        name = name_of(words, statement.heading, pair.counterparty_id, pair.counterparty_name)
        amounts = (*pair_amounts(pair, statement), pair.redeemed_here, pair.redeemed_there)
        sheet.row(name, *(sheet.amount(one) for one in amounts))


def _supplies(sheet: _Sheet, words: Words, statement: Statement) -> None:
    """By tax rate; the gross column of one side adds up to what was redeemed there."""
    sheet.widths(8, 4.5, 6, 2.4, 2.4, 3.2, 3.2)
    sheet.sheet.freeze_panes = "A2"
    sheet.head(
        _("Partner"), _("Where"), _("What it is"), _("Country"), _("Tax rate, percent"), _("Gross"), _("Tax within"),
    )  # fmt: skip
    for one in supplies_of(statement):
        sheet.row(
            name_of(words, statement.heading, one.pair.counterparty_id, one.pair.counterparty_name),
            words.in_line(one.where),
            words.in_line(INSTRUMENTS[one.instrument] if one.instrument else _("nothing on record")),
            one.country,
            None if one.rate is None else Decimal(one.rate).scaleb(-2),
            sheet.amount(one.gross),
            sheet.amount(one.tax),
        )


def _lines(book: Workbook, words: Words, statement: Statement, lines: EachLine) -> None:
    """On as many sheets as a spreadsheet needs for them."""
    present = [name for name in SECTIONS if name in statement.sections]
    sheet, rows = _sheet_of_lines(book, words, present, 1), 0
    for pair, own in by_pair(statement, lines):
        name = name_of(words, statement.heading, pair.counterparty_id, pair.counterparty_name)
        for line in own:
            rows += 1
            if rows % ROWS_MAX == 0:
                sheet = _sheet_of_lines(book, words, present, rows // ROWS_MAX + 1)
            sheet.row(name, *_line(sheet, words, statement, pair, line, present))


def _sheet_of_lines(book: Workbook, words: Words, present: Sequence[str], number: int) -> _Sheet:
    sheet = _Sheet(book, words, _("Lines"), number)
    sheet.widths(6, 3.4, 4, 3.4, 2, 2.6, 2.6, *[3] * (len(present) + 1), 7.5, 7.5)
    sheet.sheet.freeze_panes = "A2"
    sheet.head(
        _("Partner"), _("When"), _("Bill"), _("What happened"), _("Event"), _("Whole bill"), _("Taken off"),
        *(SECTIONS[name] for name in present), _("Amount"), _("Certificate"), _("Redemption"),
    )  # fmt: skip
    return sheet


def _line(
    sheet: _Sheet, words: Words, statement: Statement, pair: PairStatement, line: Line, present: Sequence[str]
) -> Iterable[Value]:
    """A supply stands once, between its issuer and acceptor, so that the column adds up."""
    supplied = {line.issuer_id, line.acceptor_id} == {statement.party_id, pair.counterparty_id}
    amounts = by_section(line)
    return (
        line.happened_at,
        line.bill_reference,
        cause_of(words, line),
        line.position,
        sheet.amount(line.bill) if supplied else None,
        sheet.amount(line.deducted) if supplied else None,
        *(sheet.amount(amounts.get(name)) for name in present),
        sheet.amount(line.amount),
        str(line.certificate_id or ""),
        str(line.redemption_id or ""),
    )


def _naive(at: datetime, words: Words | None = None) -> datetime:
    """A spreadsheet knows no time zones."""
    return at.astimezone(words.zone if words else UTC).replace(tzinfo=None, microsecond=0)


def _copy_undated(raw: BinaryIO, stated_at: datetime, out: BinaryIO) -> None:
    """The same package without the clock that openpyxl leaves in it."""
    stamp = rf"\g<1>{stated_at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}\g<2>".encode()
    with zipfile.ZipFile(raw) as package, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as kept:
        for about in package.infolist():
            member = zipfile.ZipInfo(about.filename, _LONG_AGO)
            member.compress_type = zipfile.ZIP_DEFLATED
            if about.filename == "docProps/core.xml":
                kept.writestr(member, _MODIFIED.sub(stamp, package.read(about)))
                continue
            member.file_size = about.file_size
            with package.open(about) as document, kept.open(member, "w") as copy:
                shutil.copyfileobj(document, copy)
