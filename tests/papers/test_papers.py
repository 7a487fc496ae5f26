"""A statement on paper: the same bytes every time, readable in three languages, counted by a spreadsheet."""

import io
import re
import zlib
from dataclasses import replace
from datetime import datetime
from typing import Any

import openpyxl
import pytest

from network.languages import LANGUAGES
from network.papers.pdf import as_pdf
from network.papers.statement import PRINTED, paper_of
from network.papers.supplies import rate_text
from network.papers.words import LanguageRefused, languages_of
from network.settlement.statement import Entry, Statement, Supplied
from tests.papers.samples import RESTAURANT, full, line, pair, statement
from tests.written import as_xlsx

BOTH = ("lv", "en")


def said(one: Statement, *languages: str) -> str:
    """Every word on the paper."""

    def words(part: Any) -> Any:
        if isinstance(part, str):
            yield part
        elif isinstance(part, tuple | list):
            for inner in part:
                yield from words(inner)
        elif hasattr(part, "__slots__"):
            for name in part.__slots__:
                yield from words(getattr(part, name))

    return "\n".join(words(paper_of(one, languages)))


def fonts(pdf: bytes) -> set[str]:
    """The fonts that the file brings along."""
    streams = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL)
    plain = [pdf]
    for stream in streams:
        try:
            plain.append(zlib.decompress(stream))
        except zlib.error:
            continue
    return {found.decode() for part in plain for found in re.findall(rb"/BaseFont\s*/[A-Z]{6}\+([A-Za-z]+)", part)}


@pytest.mark.parametrize("languages", [("en",), ("ru",), ("lv",), BOTH, ("ru", "lv")])
def test_the_same_statement_gives_the_same_bytes(languages: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    before = [write(full(), languages) for write in (as_pdf, as_xlsx)]

    class Clock(type(datetime)):  # type: ignore[misc]
        def __instancecheck__(cls, one: object) -> bool:
            return isinstance(one, datetime)

    class Later(datetime, metaclass=Clock):
        @classmethod
        def now(cls, tz: Any = None) -> datetime:
            return datetime(2031, 5, 5, 5, 5, 5, tzinfo=tz)

    monkeypatch.setattr("xlsxwriter.core.datetime", Later)

    assert [write(full(), languages) for write in (as_pdf, as_xlsx)] == before


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_letter_is_in_the_font_of_the_wheel(language: str) -> None:
    """A letter that Libertinus lacks would bring another font along; DejaVu is the one of hashes and commands."""
    found = fonts(as_pdf(full(), (language,)))

    assert {name for name in found if not name.startswith("Libertinus")} <= {"DejaVuSansMono"}
    assert "LibertinusSerif" in "".join(found)


def test_the_first_words_say_who_pays_whom_how_much_and_by_when() -> None:
    paper = paper_of(full(), ("en",))

    assert (paper.answer, paper.sum) == (("To pay",), ("€21.60",))
    assert "by the end of 8 April 2026" in paper.sentences[0][0]
    assert "Whoever says nothing by then agrees" in paper.sentences[0][0]
    payments = paper.tables[0]
    assert [row.cells[1:] for row in payments.rows] == [
        ("Restorāns “Ķirsītis”", "15.60"),
        ("Автомойка «Чистый ёж»", "6.00"),
    ]


def test_gross_supplies_are_printed_although_the_payment_is_net() -> None:
    assert "Redeemed elsewhere for its guests: €30.00" in said(full(), "en")


def test_supplies_stand_by_tax_rate_and_add_up_to_what_was_redeemed() -> None:
    table = paper_of(full(), ("en",)).tables[3]

    assert table.title == ("Supplied elsewhere for this partner's certificates, by tax rate",)
    assert [row.cells[2:] for row in table.rows][:3] == [
        ("LV", "–", "1.00", "–"),
        ("LV", "5%", "2.50", "0.12"),
        ("LV", "21%", "7.50", "1.30"),
    ]
    assert {row.cells[1] for row in table.rows[3:-1]} == {("nothing on record",)}
    assert table.rows[-1].cells[4:] == ("30.00", "1.42")
    assert full().redeemed_there == 3_000


def test_tax_that_nobody_can_tell_is_not_called_nothing() -> None:
    unknown = (Supplied("third_party_funded", "LV", None, 500, None),)
    one = statement(pair(RESTAURANT, "R", (line(0, RESTAURANT, Entry("value", "value", -500)),), supplied=unknown))

    table = next(table for table in paper_of(one, ("en",)).tables if "by tax rate" in table.title[0])

    assert table.rows[-1].cells[4:] == ("5.00", "–")


def test_a_later_version_says_since_when_as_each_reader_writes_a_date() -> None:
    later = replace(full(), version=2, made_at=full().heading.stated_at)

    (since,) = [said for label, said in paper_of(later, ("lv", "en")).facts if "Version" in label]

    assert since == ("2, 2026. gada 1. apr., 09:12", "2, 1 Apr 2026, 09:12")


@pytest.mark.parametrize(("language", "rate"), [("lv", "5,5\xa0%"), ("ru", "5,5\xa0%"), ("en", "5.5%")])
def test_a_tax_rate_is_written_as_its_reader_writes_it(language: str, rate: str) -> None:
    assert rate_text(550, language) == rate


def test_a_workbook_has_the_supplies_by_tax_rate() -> None:
    tax = openpyxl.load_workbook(io.BytesIO(as_xlsx(full(), ("en",))))["Tax"]

    first, *rows = tax.iter_rows(values_only=True)
    assert first == ("Partner", "Where", "What it is", "Country", "Tax rate, percent", "Gross", "Tax within")
    assert rows[1][1:] == ("Supplied there", "deduction paid for by others", "LV", 5, 2.5, 0.12)
    assert round(sum(row[5] for row in rows) * 100) == full().redeemed_there


def test_a_line_shows_its_bill_its_event_and_what_it_moved() -> None:
    rows = paper_of(full(), ("en",)).tables[4].rows

    first, undone = rows[1], rows[5]
    assert first.cells[1] == ("table 0", f"redeemed · 1201 · {str(line(0, RESTAURANT).certificate_id)[:8]}")
    assert first.cells[2:] == ("18.00", "5.00", "−5.00", "0.65", "", "−4.35")
    assert undone.cells[1][1].startswith("undone (of window 2) · 1205")
    assert undone.cells[3:] == ("−5.00", "", "", "5.00", "5.00")


def test_two_languages_stand_side_by_side() -> None:
    paper = paper_of(full(), BOTH)

    assert paper.title == ("Pārskats par 3. periodu", "Statement for window 3")
    assert paper.sum == ("21,60\xa0€", "€21.60")
    assert "Kopējais fonds / Common pool" in said(full(), *BOTH)


@pytest.mark.parametrize("language", ["ru", "lv"])
def test_nothing_english_is_left_in_another_language(language: str) -> None:
    english = {word for word in said(full(), "en").split("\n") if re.search("[a-z]{4}", word)}
    names = {"Elm Street", "python -m merchants statement check ARCHIVE"}

    left = english & set(said(full(), language).split("\n"))

    names |= {full().party_name, "Restorāns “Ķirsītis”", "auto"}
    assert {word for word in left if not word.startswith(("table", "Elm Street ·", "abab"))} <= names


def test_an_empty_statement_says_that_nothing_is_paid() -> None:
    empty = statement()

    assert "Nothing is paid for this window" in said(empty, "en")
    assert as_pdf(empty, BOTH).startswith(b"%PDF-1.")
    book = openpyxl.load_workbook(io.BytesIO(as_xlsx(empty, BOTH)))
    assert [sheet.max_row for sheet in book.worksheets[1:]] == [1, 1, 1]


def test_a_thousand_lines_fit_on_paper() -> None:
    pdf = as_pdf(full(lines=1_000), ("lv",))

    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) > 15


def test_more_lines_than_paper_takes_are_in_the_workbook_alone() -> None:
    long = full(lines=PRINTED)

    papers = [paper_of(one, ("en",)) for one in (full(lines=PRINTED - 4), long)]

    assert [sum(table.small for table in paper.tables) for paper in papers] == [4, 0]
    assert "since there are 2004: they are in the workbook" in papers[1].sentences[-1][0]
    assert len(re.findall(rb"/Type\s*/Page\b", as_pdf(long, ("lv", "en")))) < 5


def test_a_workbook_counts_with_numbers() -> None:
    book = openpyxl.load_workbook(io.BytesIO(as_xlsx(full(), ("en",))))

    summary, pairs, lines, _ = book.worksheets
    assert book.sheetnames == ["Summary", "Pairs", "Lines", "Tax"]
    assert (pairs.freeze_panes, lines.freeze_panes) == ("B2", "A2")
    cell = pairs["E2"]
    assert (cell.value, cell.number_format) == (-16.6, "#,##0.00")
    head = [cell.value for cell in lines[1]]
    amounts = [row[head.index("Amount")] for row in lines.iter_rows(min_row=2, values_only=True)]
    closing = next(row[3] for row in summary.iter_rows(values_only=True) if row[0] == "Closing balance")
    assert sum(round(amount * 100) for amount in amounts) + full().opening == round(closing * 100) == full().closing
    assert "=1+1" in [row[2].value for row in lines.iter_rows()]
    assert {row[2].data_type for row in lines.iter_rows(min_row=2)} == {"s"}, "a bill's name is no formula"


def test_yen_have_no_decimals() -> None:
    one = statement(pair(RESTAURANT, "すし", (line(0, RESTAURANT, Entry("value", "value", -1_200)),)), currency="JPY")

    assert "−1,200" in said(one, "en")
    sheet = openpyxl.load_workbook(io.BytesIO(as_xlsx(one, ("en",)))).worksheets[1]
    assert (sheet["E2"].value, sheet["E2"].number_format) == (-1_200, "#,##0")


@pytest.mark.parametrize("wanted", ["", "de", "lv,lv", "en,ru,lv", "lv;en"])
def test_other_languages_are_refused(wanted: str) -> None:
    with pytest.raises(LanguageRefused, match="one or two of en, ru, lv"):
        languages_of(wanted)
