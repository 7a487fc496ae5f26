"""A month closed on the console's pages alone, from the end of the window to the last cent."""

import re
from datetime import timedelta

import httpx
import pytest

from tests.api.street import Street
from tests.banking.world import iban_of
from tests.pages.visitors import Visitor
from tests.settlement.banks import row, table
from tests.support import HandClock

HOME = "/console/settlement"
ONE = f"{HOME}/windows/1"


@pytest.fixture(scope="module")
def month(street: Street, organizer: Visitor) -> Visitor:
    """The salon owes the restaurant 5.00, and both have a bank account."""
    for number, name in enumerate(("salon", "restaurant"), 11):
        shop = street.shops[name]
        street.done("PUT", f"/v1/bank-details/{shop.id}", shop.owner, {"iban": iban_of(number), "bic": "HABALV22"})
    street.done("POST", "/v1/redemptions", street.restaurant.till, street.redeeming(token=street.paper()["token"]))
    street.done("GET", "/v1/netting", street.organizer, headers={"Pollen-Position": str(street.position)})
    return organizer


def go(organizer: Visitor, clock: HandClock, step: str, **fields: str) -> httpx.Response:
    """One step of window 1, as the button on its page does it; somebody who was away shows first who they are."""
    sent = organizer.send(f"{ONE}/{step}", fields, on=ONE, referer=f"{organizer.street.server.url}{ONE}")
    if "Is it you?" in sent.text:
        clock.now += timedelta(seconds=31)
        organizer.send("/confirm", {"password": "correct horse battery staple", "code": organizer.code()}, on="/people")
        sent = organizer.send(f"{ONE}/{step}", fields, on=ONE)
    return sent


def step_in(page: str) -> str:
    """The step that a window's page marks."""
    found = re.search(r'aria-current="step"><span>([^<]+)<', page)
    assert found is not None
    return found[1]


@pytest.fixture(scope="module")
def closed(month: Visitor, clock: HandClock) -> list[str]:
    """Window 1, closed on pages alone up to its payments; what its page said before and after each step."""
    said = [month.get(ONE).text]
    clock.now += timedelta(minutes=11)
    assert go(month, clock, "cut", review_days="3").headers["location"] == ONE
    said.append(month.get(ONE).text)
    go(month, clock, "statement")
    said.append(month.get(ONE).text)
    said.append(go(month, clock, "agreement").text)
    clock.now += timedelta(days=5)
    month.sign_in("olga")
    month.second(month.code())
    for step in ("agreement", "instruction"):
        go(month, clock, step)
        said.append(month.get(ONE).text)
    return said


def test_an_organizer_closes_a_month_on_pages_alone(closed: list[str]) -> None:
    steps = [step_in(page) for page in (*closed[:3], *closed[4:])]
    opened, _, stated, early, agreed, instructed = closed

    assert steps == ["open", "has ended", "partners look at it", "agreed", "payments asked for"]
    assert "End window 1 now" in opened
    assert "Partners have 4 days left" in stated
    assert "restaurant, salon" in stated or "salon, restaurant" in stated
    assert "gets €5.00" in stated
    assert "pays €5.00" in stated
    assert "The days to look are not over" in early
    assert "1 payment of €5.00 in all" in agreed
    assert "€5.00 of €5.00 is not there yet" in instructed


@pytest.mark.parametrize("kind", ["pdf", "xlsx", "csv", "json", "zip"])
def test_a_statement_is_read_and_saved(month: Visitor, closed: list[str], street: Street, kind: str) -> None:
    whose = f"{ONE}/statements/{street.restaurant.id}"

    page = month.get(whose).text
    file = month.get(f"{whose}/file?kind={kind}")

    assert "Gets €5.00" in page
    assert "thanks for the guest" in page or "value of the certificate" in page
    assert "/lines/" not in page, "the organizer disputes nothing"
    assert file.status_code == 200
    assert f".{kind}" in file.headers["content-disposition"]
    assert len(file.content) > 500


def test_what_is_no_window_or_no_party_is_said_so(month: Visitor, closed: list[str], street: Street) -> None:
    for path in (
        f"{HOME}/windows/7",
        f"{HOME}/windows/x",
        f"{ONE}/statements/nobody",
    ):
        assert month.get(path).status_code == 404
    assert month.get(f"{ONE}/statements/{street.salon.id}/file?kind=exe").status_code == 422


def test_a_live_part_says_nothing_while_nothing_changed(month: Visitor) -> None:
    part = month.get(HOME, headers={"HX-Request": "true"})
    again = re.search(r'hx-get="([^"]+)"', part.text)
    assert again is not None

    assert "<html" not in part.text
    assert month.get(again[1], headers={"HX-Request": "true"}).status_code == 204


def test_windows_are_cut_by_themselves_when_asked_to(month: Visitor) -> None:
    form = {"cadence": "monthly", "day": "2", "pay_days": "10", "reminders": "0, 5"}
    assert month.send(f"{HOME}/schedule", form, on=HOME).headers["location"] == HOME
    assert 'value="0, 5"' in month.get(HOME).text

    wrong = month.send(f"{HOME}/schedule", {**form, "reminders": "soon"}, on=HOME)
    assert "Write days such as 0, 7, 14." in wrong.text
    assert (
        "The day is between 1 and 7"
        in month.send(f"{HOME}/schedule", {**form, "cadence": "weekly", "day": "9"}, on=HOME).text
    )


def load(organizer: Visitor, content: bytes) -> httpx.Response:
    token = organizer.token(f"{HOME}/payments")
    file = {"file": ("answer.csv", content, "text/csv")}
    return organizer.http.post(f"{HOME}/bank/files", data={"csrf": token}, files=file)


def test_a_file_that_is_none_changes_nothing_and_says_so(month: Visitor, closed: list[str], street: Street) -> None:
    before = street.done("GET", "/v1/bank-files", street.organizer)

    for content, said in (
        (b"<html>", "no bank file that can be read"),
        (table(row("LV97HABA0012345678910", "5.00")), "which is of nobody here"),
        (b"", "Choose the file that the bank gave."),
    ):
        answer = load(month, content)
        assert answer.status_code == 422
        assert said in answer.text

    assert street.done("GET", "/v1/bank-files", street.organizer) == before


def test_banks_answer_in_parts_until_the_month_is_settled(month: Visitor, closed: list[str], street: Street) -> None:
    (payout,) = street.done("GET", "/v1/windows/1/payouts", street.organizer)["payouts"]
    reference = payout["end_to_end_id"]
    assert month.get(f"{ONE}/payments/{street.salon.id}").content.startswith(b"<?xml")
    assert iban_of(11) in month.get(f"{ONE}/payments.csv").text
    month.send(f"{HOME}/payments/{reference}/reminders", {}, on=HOME)
    assert "reminded 1 time" in month.get(f"{HOME}/payments").text

    part = load(month, table(row(iban_of(12), "3.00", reference, bank="A"), row(iban_of(12), "1.00", bank="B")))
    assert "€3.00 of €5.00" in part.text
    assert "still has to pay €2.00" in part.text
    again = load(month, table(row(iban_of(12), "3.00", reference, bank="A"), row(iban_of(12), "9.00", bank="C")))
    assert "Known before" in again.text
    page = month.get(f"{HOME}/payments").text
    assert page.count("It names no payment") == 2
    ours, stranger = re.findall(r"bank/lines/([0-9a-f]{32})/dismissal", page)
    if "€9.00" in page.split(ours)[0].rpartition("<li")[2]:
        ours, stranger = stranger, ours
    month.send(f"{HOME}/bank/lines/{ours}/assignment", {"end_to_end_id": reference}, on=f"{HOME}/payments")
    month.send(f"{HOME}/bank/lines/{stranger}/dismissal", {}, on=f"{HOME}/payments")
    assert "It names no payment" not in month.get(f"{HOME}/payments").text

    one = f"{HOME}/payments/{reference}"
    month.send(f"{one}/confirmations", {"amount": "1,50", "cause": "in cash"}, on=one)
    assert "more than was due" in month.get(one).text
    line = re.search(r'name="line" value="([0-9a-f-]{36})"', month.get(one).text)
    assert line is not None
    month.send(f"{one}/withdrawals", {"line": line[1], "reason": "counted wrong"}, on=one)
    month.send(f"{one}/confirmations", {"amount": "1", "cause": "in cash"}, on=one)
    assert step_in(month.get(ONE).text) == "settled"
    assert "€5.00 was paid, to the last cent" in month.get(ONE).text

    back = load(month, table(row(iban_of(12), "-3.00", reference, bank="back")))
    assert "still has to pay €3.00" in back.text
    assert step_in(month.get(ONE).text) == "partly paid"


def test_an_organizer_writes_down_where_somebody_is_paid(month: Visitor, street: Street) -> None:
    form = {"party_id": street.salon.id, "iban": "LV00HABA0551000000001"}
    wrong = month.send(f"{HOME}/bank/accounts", form, on=f"{HOME}/payments")
    assert "Something in this IBAN is mistyped" in wrong.text

    month.send(f"{HOME}/bank/accounts", {**form, "iban": iban_of(21), "bic": "HABALV22"}, on=f"{HOME}/payments")
    known = street.done("GET", f"/v1/bank-details/{street.salon.id}", street.salon.owner)
    assert known["details"]["iban"] == iban_of(21)


def stated_next(month: Visitor, street: Street) -> str:
    """The next window with one debt of the salon's, ended and stated on its pages; its number."""
    street.done("POST", "/v1/redemptions", street.restaurant.till, street.redeeming(token=street.paper()["token"]))
    number = len(street.done("GET", "/v1/windows", street.organizer)["windows"]) + 1
    two = f"{HOME}/windows/{number}"
    for step in ("cut", "statement"):
        sent = month.send(f"{two}/{step}", {}, on=two)
        assert sent.headers.get("location") == two, sent.text
    return str(number)


def seen(street: Street, path: str) -> None:
    """The views show what the API did."""
    street.done("GET", path, street.organizer, headers={"Pollen-Position": str(street.position)})


def test_a_dispute_is_followed_and_decided_once_it_is_contested(
    month: Visitor, closed: list[str], street: Street
) -> None:
    number = stated_next(month, street)
    own = street.done("GET", f"/v1/windows/{number}/statements/{street.salon.id}", street.salon.owner)
    line = {"position": own["lines"][0]["position"], "counterparty_id": street.restaurant.id, "kind": "value"}
    raised = street.done("POST", "/v1/disputes", street.salon.owner, {**line, "reason": "not_ours"})
    one = f"{HOME}/disputes/{raised['dispute_id']}"
    seen(street, "/v1/disputes")
    assert "the other side has to answer" in month.get(f"{HOME}/disputes").text
    assert "1 line is disputed" in month.get(HOME).text
    early = month.send(f"{one}/decision", {"right": "debtor"}, on=one)
    assert "at another step by now" in early.text

    street.done("POST", f"/v1/disputes/{raised['dispute_id']}/answer", street.restaurant.owner, {"agree": False})
    seen(street, "/v1/disputes")
    assert "you decide" in month.get(f"{HOME}/disputes").text
    assert "Fill this in." in month.send(f"{one}/decision", {}, on=one).text
    month.send(f"{one}/decision", {"right": "debtor", "note": "no bill of that day"}, on=one)

    assert "the organizer decided" in month.get(one).text
    assert "no bill of that day" in month.get(one).text
    window = f"{HOME}/windows/{number}"
    month.send(f"{window}/recomputation", {}, on=window)
    assert "a disputed line waits" in month.get(window).text


def test_a_drill_changes_nothing_and_a_default_is_shared_out(month: Visitor, closed: list[str], street: Street) -> None:
    number = stated_next(month, street)
    defaults, salon = f"{HOME}/defaults", {"merchant_id": street.salon.id}
    before = street.done("GET", "/v1/windows", street.organizer)
    assert "restaurant would lose" in month.get(f"{defaults}/drill").text
    assert street.done("GET", "/v1/windows", street.organizer) == before

    month.send(f"{defaults}/deposits", {**salon, "amount": "1", "held_by": "a notary"}, on=defaults)
    assert "held by a notary" in month.get(defaults).text
    assert "Fill this in." in month.send(defaults, {**salon, "window": number}, on=defaults).text
    sent = month.send(defaults, {**salon, "window": number, "reason": "closed its doors"}, on=defaults)
    assert sent.headers.get("location") == defaults, sent.text
    page = month.get(defaults).text
    assert f"salon did not pay window {number}" in page
    assert "€4.00" in page, "5.00 were owed, and 1.00 of it was deposited"
    assert "stopped" in month.get("/console/partners").text

    recovery = re.search(rf'action="({defaults}/[0-9a-f-]+/recoveries)"', page)
    assert recovery is not None
    month.send(recovery[1], {"amount": "0.50", "reason": "from the sale of chairs"}, on=defaults)
    assert "€0.50" in month.get(defaults).text
    month.send("/console/partners/readmit", salon, on="/console/partners")
