"""Every form of a statement shows any version, the one in force unless asked, and says which; none of them changes."""

import csv
import io
import json
from collections import Counter
from uuid import UUID

import openpyxl
import pytest

from network.domain.errors import VersionNotFound
from network.domain.statement import Method, SettlementTerms
from network.papers.pdf import as_pdf
from network.papers.statement import paper_of
from network.settlement.reading import stated_window
from tests.projections.worlds import catch_up
from tests.settlement.streets import close, owes
from tests.settlement.test_carried_anew import Shops, shops, withhold
from tests.support import Neighbourhood
from tests.written import as_csv, as_json, as_xlsx

__all__ = ["shops"]


def test_every_form_shows_any_version_and_the_one_in_force_unless_asked(
    street: Neighbourhood, shops: Shops, module_database_url: str
) -> None:
    salon, _, bakery = shops
    close(module_database_url, street.opened, 1, SettlementTerms(Method.BILATERAL, threshold=500))
    catch_up(module_database_url, street.opened.schema)
    before = forms(street, salon, None)
    assert before == forms(street, salon, 1)

    withhold(street, salon, bakery, 300)
    catch_up(module_database_url, street.opened.schema)

    assert forms(street, salon, 1) == before, "a version never changes"
    newest = forms(street, salon, None)
    assert newest == forms(street, salon, 2)
    assert all(one != other for one, other in zip(newest, before, strict=True))
    told = [json.loads(one[0])["statement"] for one in (before, newest)]
    assert [(one["version"], one["closing"], one["due"], one["rolled_over"]) for one in told] == [
        (1, -1_300, -900, -400),
        (2, -1_300, -600, -400),
    ]
    assert [one["changes"] for one in told] == [{}, {"withheld": 300}]
    assert [pair["lines"] for pair in told[0]["pairs"]] == [pair["lines"] for pair in told[1]["pairs"]]
    rows = list(csv.DictReader(io.StringIO(newest[1].decode())))
    assert {row["version"] for row in rows} == {"2"}
    sums = Counter(
        {kind: sum(int(r["amount"] or 0) for r in rows if r["row"] == kind) for kind in {r["row"] for r in rows}}
    )
    assert sums["opening"] + sums["line"] == sums["closing"]
    assert sums["closing"] + sums["withheld"] == sums["cleared"] + sums["due"] + sums["rolled_over"] == -1_000
    with (
        stated_window(street.opened, 1) as reading,
        pytest.raises(VersionNotFound, match="The one in force is version 2"),
    ):
        reading.statement(salon, 3)


def test_the_paper_and_the_workbook_of_a_version_add_up_and_say_which_it_is(
    street: Neighbourhood, shops: Shops, module_database_url: str
) -> None:
    salon, _, bakery = shops
    close(module_database_url, street.opened, 1, SettlementTerms(Method.BILATERAL, threshold=500))
    withhold(street, salon, bakery, 300)
    catch_up(module_database_url, street.opened.schema)
    with stated_window(street.opened, 1) as reading:
        one, newer = reading.statement(salon), reading.statement(salon, None)

    papers = paper_of(one, ("en",)), paper_of(newer, ("en",))
    assert [paper.sum for paper in papers] == [("€9.00",), ("€6.00",)]
    assert ["This is version 2 of " in paper.sentences[0][0] for paper in papers] == [False, True]
    assert [dict(paper.facts)["Version",][0][:1] for paper in papers] == ["1", "2"]
    assert [row.cells[2] for row in papers[1].tables[0].rows] == ["6.00"]
    came_about = [(row.cells[0][0], row.cells[3]) for row in papers[1].tables[1].rows]
    assert came_about[-5:] == [
        ("Closing balance", "−13.00"),
        ("Disputed, and left out until that is decided", "3.00"),
        ("Balance by this version", "−10.00"),
        ("of which paid now", "−6.00"),
        ("of which rolls over to the next window", "−4.00"),
    ]
    said = paper_of(newer, ("lv", "ru")).sentences[0]
    assert ["Šī ir 2. versija" in said[0], "Это версия 2" in said[1]] == [True, True]
    book = openpyxl.load_workbook(io.BytesIO(as_xlsx(newer, ("en",))))
    summary = {row[0]: row[1:] for row in book.worksheets[0].iter_rows(values_only=True)}
    assert summary["Version"][0].startswith("2, ")
    assert summary["Balance by this version"][2] == -10
    head, *rows = book.worksheets[1].iter_rows(values_only=True)
    assert [sum(row[head.index(name)] for row in rows) for name in ("Closing", "Changed since", "Paid now")] == [
        -13,
        3,
        -6,
    ]


def test_nothing_is_said_to_be_paid_that_a_newer_version_leaves_out(
    street: Neighbourhood, module_database_url: str
) -> None:
    salon, restaurant = street.merchant("Salon"), street.merchant("Restaurant")
    owes(street, salon, restaurant, 700)
    close(module_database_url, street.opened, 1)
    withhold(street, salon, restaurant, 700)
    catch_up(module_database_url, street.opened.schema)

    with stated_window(street.opened, 1) as reading:
        words = " ".join(part for said in paper_of(reading.statement(salon, None), ("en",)).sentences for part in said)

    assert "Nothing is paid for this window" in words
    assert "the payments are made" not in words


def forms(street: Neighbourhood, party_id: UUID, version: int | None) -> list[bytes]:
    with stated_window(street.opened, 1) as reading:
        one = reading.statement(party_id, version)
    return [as_json(one), as_csv(one), as_xlsx(one, ("en",)), as_pdf(one, ("en", "lv"))]
