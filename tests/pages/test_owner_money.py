"""A statement of a window as its two shops read it."""

import io
import json
import zipfile

import pytest

from tests.api.street import Street
from tests.pages.owners import USES, page, stated_window
from tests.pages.visitors import Visitor


@pytest.fixture(scope="module")
def positions(street: Street) -> list[int]:
    return stated_window(street)


def test_what_is_open_is_told_by_how_far_it_has_come(street: Street, anna: Visitor, positions: list[int]) -> None:
    shown = page(anna, street, "/shop/money")

    assert "€25.00" in shown
    cells = ("<b>-€25.00</b>", '<span class="quiet">–</span>', "-€20.00", "-€5.00")
    assert '</td><td class="number">'.join(cells) in shown
    assert "you pay €20.00" in shown
    answer = street.done("GET", "/v1/reports/open", street.restaurant.owner)
    assert [(one["running"], one["stated"], one["asked"]) for one in answer["open"]] == [(500, 2_000, 0)]


def test_every_line_is_there_is_searched_and_opens(street: Street, anna: Visitor, positions: list[int]) -> None:
    shown = page(anna, street, "/shop/money/1")
    assert [f"/shop/money/1/lines/{position}" in shown for position in positions] == [True] * USES

    line = page(anna, street, f"/shop/money/1/lines/{positions[1]}")
    bill = line.split("<h1>Bill ")[1].split("<")[0]
    found = page(anna, street, f"/shop/money/1?q={bill}")
    assert [f"/lines/{position}" in found for position in positions] == [False, True, False, False]
    assert "Nothing fits this search." in page(anna, street, "/shop/money/1?q=%25")
    assert "Nothing fits this search." in page(anna, street, f"/shop/money/1?after={positions[-1]}")


def test_a_statement_comes_as_files_in_two_languages(anna: Visitor, positions: list[int]) -> None:
    def got(kind: str, **more: str) -> bytes:
        answer = anna.get("/shop/money/1/file", params={"kind": kind, **more})
        assert answer.status_code == 200, answer.text
        assert "attachment" in answer.headers["content-disposition"]
        return answer.content

    assert got("pdf", first="lv", second="en").startswith(b"%PDF")
    names = zipfile.ZipFile(io.BytesIO(got("xlsx", first="ru", second="ru"))).namelist()
    assert "xl/workbook.xml" in names
    assert got("csv").startswith(b"window,")
    assert json.loads(got("json"))["statement"]["due"] == -2_000
    assert zipfile.ZipFile(io.BytesIO(got("zip"))).testzip() is None
    assert anna.get("/shop/money/1/file?kind=exe").status_code == 422


def test_others_statements_and_payments_are_not_there(street: Street, stranger: Visitor, positions: list[int]) -> None:
    assert "Bill" not in page(stranger, street, "/shop/money/1").split("lines")[-1].split("<footer")[0].replace(
        "Number of the bill", ""
    )
    for path in (
        f"/shop/money/1/lines/{positions[0]}",
        "/shop/money/2",
        "/shop/money/x",
        "/shop/money/payments/W1V1-X",
    ):
        assert stranger.get(path).status_code == 404, path
