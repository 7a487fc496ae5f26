"""Statements from both sides of two shops: agreed, disputed, paid; the same commands as the API."""

import io
import json
import zipfile
from html import unescape

import pytest

from tests.api.street import Street
from tests.banking.world import iban_of
from tests.pages.owners import now, send
from tests.pages.visitors import Visitor

USES = 4


@pytest.fixture(scope="module")
def positions(street: Street, anna: Visitor, ivan: Visitor, stranger: Visitor) -> list[int]:
    """Window 1 is stated with four certificates used; where their lines are. One more is used after the cut."""
    for shop in ("salon", "restaurant"):
        street.done("PUT", f"/v1/bank-details/{street.shops[shop].id}", street.shops[shop].owner,
                    {"iban": iban_of(1 if shop == "salon" else 2)})  # fmt: skip
    for _ in range(USES):
        use(street)
    street.done("POST", "/v1/windows/1/cut", street.organizer, {"review_days": 7})
    street.done("POST", "/v1/windows/1/statement", street.organizer)
    use(street)
    path = f"/v1/windows/1/statements/{street.salon.id}"
    return [line["position"] for line in street.done("GET", path, street.salon.owner, headers=now(street))["lines"]]


def use(street: Street) -> None:
    street.done("POST", "/v1/redemptions", street.restaurant.till, street.redeeming(token=street.paper()["token"]))


def page(visitor: Visitor, street: Street, path: str) -> str:
    answer = visitor.get(path, headers=now(street))
    assert answer.status_code == 200, answer.text
    return " ".join(unescape(answer.text).split())


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


def test_a_line_is_disputed_answered_and_the_rest_is_paid(
    street: Street, anna: Visitor, ivan: Visitor, stranger: Visitor, organizer: Visitor, positions: list[int]
) -> None:
    line = f"/shop/money/1/lines/{positions[0]}"
    entry = f"value:{street.restaurant.id}"
    assert "Say in a few words what is wrong." in send(anna, line, entry=entry, reason="other").text
    assert send(ivan, line, entry=f"value:{street.salon.id}", reason="duplicate").status_code == 422
    raised = send(anna, line, entry=entry, amount="2,50", reason="duplicate", note="It is on the bill before")
    assert raised.status_code == 303, raised.text
    dispute = raised.headers["location"]

    shown = page(ivan, street, dispute)
    assert "It is on the bill before" in shown
    assert "6 days left" in shown
    assert stranger.get(dispute).status_code == 404
    assert send(anna, f"{dispute}/answer", answer="agree").status_code == 422
    assert send(ivan, f"{dispute}/answer", answer="contest", note="Two guests").status_code == 303
    assert "Two guests" in page(anna, street, dispute)

    for visitor in (anna, ivan):
        assert send(visitor, "/shop/money/1/agree").status_code == 303
    street.call("POST", "/v1/windows/1/recomputation", street.organizer)  # or the job beside was first
    street.done("POST", "/v1/windows/1/instruction", street.organizer, {})
    first, newest = (page(anna, street, f"/shop/money/1{which}") for which in ("?version=1", ""))
    assert "This is how it was. What counts now is version 2." in first
    assert ('<p class="value">€20.00</p>' in first, '<p class="value">€17.50</p>' in newest) == (True, True)
    files = [anna.get(f"/shop/money/1/file?kind=json{which}").json() for which in ("&version=1", "")]
    assert [file["statement"]["due"] for file in files] == [-2_000, -1_750]
    assert anna.get("/shop/money/1?version=3").status_code == 404
    console = "/console/settlement/windows/1"
    first, newest = (page(organizer, street, f"{console}{which}") for which in ("?version=1", ""))
    assert ("What counts now is version 2." in first, "What counts now" in newest) == (True, False)
    asked = [text.partition("What is to be paid")[2] for text in (first, newest)]
    assert [("€20.00" in one, "€17.50" in one, "a disputed line waits" in one) for one in asked] == [
        (True, False, False),
        (False, True, True),
    ]
    assert organizer.get(f"{console}?version=3").status_code == 404
    money = page(anna, street, "/shop/money")
    assert "You pay restaurant" in money
    assert "€17.50" in money
    payment = money.split('href="/shop/money/payments/')[1].split('"')[0]

    path = f"/shop/money/payments/{payment}"
    shown = page(anna, street, path)
    for part in ("LV", f"Pollen window 1 {payment}", "<svg"):
        assert part in shown
    assert anna.get(f"{path}/bank.xml").content.startswith(b"<?xml")
    assert stranger.get(path).status_code == 404
    assert send(anna, f"{path}/confirm", amount="17.50", cause="in cash").status_code == 422
    assert send(ivan, f"{path}/confirm", amount="17.50", cause="in cash").status_code == 303
    assert "All of €17.50 is paid." in page(anna, street, path)
    line_id = page(ivan, street, path).split('name="line" value="')[1].split('"')[0]
    assert send(ivan, f"{path}/withdraw", line=line_id, reason="another guest").status_code == 303
    assert "Still to be paid" in page(anna, street, path)
