"""A statement as a workbook: summary, pairs and lines, with real numbers that a spreadsheet adds up."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from tempfile import TemporaryDirectory
from typing import BinaryIO, Final

from xlsxwriter import Workbook

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


def write_xlsx(statement: Statement, lines: EachLine, languages: tuple[str, ...], out: BinaryIO) -> None:
    """The statement, in one language or two; `statement` is without its lines. Instants are on the coalition's clock.
    Rows go to disk as they come, and nothing stays there whatever happens.
    """
    words = words_of(statement.heading, languages)
    with TemporaryDirectory(prefix="pollen-workbook-") as folder:
        book = Workbook(out, {"constant_memory": True, "tmpdir": folder})
        # Its only clock: the package's members are of 1980.
        stated_at = statement.heading.stated_at.astimezone(UTC).replace(tzinfo=None, microsecond=0)
        book.set_properties({"author": statement.heading.coalition_name, "created": stated_at})
        try:
            _write(book, words, statement, lines)
        except BaseException:
            for sheet in book.worksheets():
                sheet.row_data_fh.close()  # it goes with the folder, and is no longer open then
            raise
        book.close()


def _write(book: Workbook, words: Words, statement: Statement, lines: EachLine) -> None:
    styles = _Styles(book, words)
    _summary(_Sheet(styles, _("Summary")), words, statement)
    _pairs(_Sheet(styles, _("Pairs")), words, statement)
    _lines(styles, words, statement, lines)
    _supplies(_Sheet(styles, _("Tax")), words, statement)


class _Styles:
    """The book, and how its cells look."""

    def __init__(self, book: Workbook, words: Words) -> None:
        digits = exponent(words.currency)
        money, instant = "#,##0" + ("." + "0" * digits if digits else ""), "yyyy-mm-dd hh:mm"
        self.book = book
        self.words = words
        self.head = book.add_format({"bold": True, "text_wrap": True, "align": "top"})
        self.of = {
            strong: {
                str: book.add_format({"bold": strong}),
                int: book.add_format({"bold": strong}),
                Decimal: book.add_format({"bold": strong, "num_format": money}),
                datetime: book.add_format({"bold": strong, "num_format": instant}),
            }
            for strong in (False, True)
        }


class _Sheet:
    """One sheet, written from top to bottom."""

    def __init__(self, styles: _Styles, title: str, number: int = 1) -> None:
        self.words = styles.words
        more = f" {number}" if number > 1 else ""
        name = self.words.in_line(title).replace("/", "-")[: 31 - len(more)] + more
        self.sheet = styles.book.add_worksheet(name)
        self._styles = styles
        self._rows = 0

    def widths(self, *centimetres: float) -> None:
        for place, width in enumerate(centimetres):
            self.sheet.set_column(place, place, width * 5)

    def row(self, *values: Value, strong: bool = False) -> None:
        sheet, row, styles = self.sheet, self._rows, self._styles.of[strong]
        for column, value in enumerate(values):
            if value is None:
                continue
            style = styles[type(value)]
            if isinstance(value, str):  # never guessed at: a bill may be called =1+1
                sheet.write_string(row, column, value, style)
            elif isinstance(value, datetime):
                sheet.write_datetime(row, column, _naive(value, self.words), style)
            else:
                sheet.write_number(row, column, value, style)
        self._rows += 1

    def head(self, *labels: str) -> None:
        """The row that stays when the others scroll."""
        for column, label in enumerate(labels):
            said = "\n".join(dict.fromkeys(self.words.say(label))) if label else ""
            self.sheet.write_string(self._rows, column, said, self._styles.head)
        self._rows += 1

    def amount(self, amount: Minor | None) -> Decimal | None:
        """The figure that the spreadsheet counts with."""
        return None if amount is None else Decimal(amount).scaleb(-exponent(self.words.currency))


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
    sheet.sheet.freeze_panes(1, 1)
    sheet.head(_("Partner"), *labels, _("Redeemed here, gross"), _("Redeemed there, gross"))
    for pair in statement.pairs:
        name = name_of(words, statement.heading, pair.counterparty_id, pair.counterparty_name)
        amounts = (*pair_amounts(pair, statement), pair.redeemed_here, pair.redeemed_there)
        sheet.row(name, *(sheet.amount(one) for one in amounts))


def _supplies(sheet: _Sheet, words: Words, statement: Statement) -> None:
    """By tax rate; the gross column of one side adds up to what was redeemed there."""
    sheet.widths(8, 4.5, 6, 2.4, 2.4, 3.2, 3.2)
    sheet.sheet.freeze_panes(1, 0)
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


def _lines(styles: _Styles, words: Words, statement: Statement, lines: EachLine) -> None:
    """On as many sheets as a spreadsheet needs for them."""
    present = [name for name in SECTIONS if name in statement.sections]
    sheet, rows = _sheet_of_lines(styles, present, 1), 0
    for pair, own in by_pair(statement, lines):
        name = name_of(words, statement.heading, pair.counterparty_id, pair.counterparty_name)
        for line in own:
            rows += 1
            if rows % ROWS_MAX == 0:
                sheet = _sheet_of_lines(styles, present, rows // ROWS_MAX + 1)
            sheet.row(name, *_line(sheet, words, statement, pair, line, present))


def _sheet_of_lines(styles: _Styles, present: Sequence[str], number: int) -> _Sheet:
    sheet = _Sheet(styles, _("Lines"), number)
    sheet.widths(6, 3.4, 4, 3.4, 2, 2.6, 2.6, *[3] * (len(present) + 1), 7.5, 7.5)
    sheet.sheet.freeze_panes(1, 0)
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


def _naive(at: datetime, words: Words) -> datetime:
    """A spreadsheet knows no time zones."""
    return at.astimezone(words.zone).replace(tzinfo=None, microsecond=0)
