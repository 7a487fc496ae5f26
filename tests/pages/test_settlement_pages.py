"""A month closed on the console's pages alone, from the end of the window to the last cent."""

import re
from collections.abc import Iterator
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
def organizer(street: Street, clock: HandClock) -> Iterator[Visitor]:
    came = Visitor(street, clock)
    came.enrol("organizer", str(came.coalition.coalition_id), "olga")
    yield came
    came.http.close()


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
    if sent.headers.get("location", "").startswith("/confirm"):
        assert sent.headers["location"] == f"/confirm?next={ONE}", "they come back to where they were"
        clock.now += timedelta(seconds=31)
        organizer.send("/confirm", {"password": "correct horse battery staple", "code": organizer.code()}, on="/people")
        sent = organizer.send(f"{ONE}/{step}", fields, on=ONE)
    return sent


def state(organizer: Visitor) -> str:
    """The step that the window's page marks."""
    found = re.search(r'aria-current="step"><span>([^<]+)<', organizer.get(ONE).text)
    assert found is not None
    return found[1]


def test_an_organizer_closes_a_month_on_pages_alone(month: Visitor, street: Street, clock: HandClock) -> None:
    assert "End window 1 now" in month.get(ONE).text
    assert "Owed so far: €5.00" in month.get(HOME).text

    clock.now += timedelta(minutes=11)
    assert go(month, clock, "cut", review_days="3").headers["location"] == ONE
    assert state(month) == "has ended"
    assert "of window 1 first" in month.get(HOME).text
    go(month, clock, "statement")
    page = month.get(ONE).text
    assert "Partners have 4 days left" in page
    assert "restaurant, salon" in page or "salon, restaurant" in page
    assert "gets €5.00" in page
    assert "pays €5.00" in page

    early = go(month, clock, "agreement")
    assert early.status_code == 422
    assert "The days to look are not over" in early.text
    clock.now += timedelta(days=5)
    month.sign_in("olga")
    month.second(month.code())
    go(month, clock, "agreement")
    assert state(month) == "agreed"
    assert "1 payment of €5.00 in all" in month.get(ONE).text
    go(month, clock, "instruction")
    assert state(month) == "payments asked for"
    assert "€5.00 of €5.00 is not there yet" in month.get(ONE).text


@pytest.mark.parametrize("kind", ["pdf", "xlsx", "csv", "json", "zip"])
def test_a_statement_is_read_and_saved(month: Visitor, street: Street, kind: str) -> None:
    whose = f"{ONE}/statements/{street.restaurant.id}"

    page = month.get(whose).text
    file = month.get(f"{whose}/{kind}")

    assert "Gets €5.00" in page
    assert "Certificate used" in page
    assert file.status_code == 200
    assert f".{kind}" in file.headers["content-disposition"]
    assert len(file.content) > 500


def test_what_is_no_window_or_no_party_is_said_so(month: Visitor, street: Street) -> None:
    for path in (
        f"{HOME}/windows/7",
        f"{HOME}/windows/x",
        f"{ONE}/statements/nobody",
        f"{ONE}/statements/{street.salon.id}/exe",
    ):
        assert month.get(path).status_code == 404


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


def reference_in(organizer: Visitor) -> str:
    found = re.search(r"payments/(W1V1-[A-Z]+)/reminders", organizer.get(f"{HOME}/payments").text)
    assert found is not None
    return found[1]


def test_a_file_that_is_none_changes_nothing_and_says_so(month: Visitor) -> None:
    before = month.get(f"{HOME}/payments").text

    for content, said in (
        (b"<html>", "no bank file that can be read"),
        (table(row("LV97HABA0012345678910", "5.00")), "which is of nobody here"),
        (b"", "Choose the file that the bank gave."),
    ):
        answer = load(month, content)
        assert answer.status_code == 422
        assert said in answer.text

    assert "€5.00" in before
    assert "Files that were loaded" not in month.get(f"{HOME}/payments").text


def test_banks_answer_in_parts_and_the_month_is_settled(month: Visitor, street: Street) -> None:
    reference = reference_in(month)
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
    page = month.get(f"{HOME}/payments").text
    assert "It names no payment" not in page
    assert "€1.00" in page

    cash = {"amount": "1,50", "cause": "in cash"}
    one = f"{HOME}/payments/{reference}"
    month.send(f"{one}/confirmations", cash, on=one)
    assert "more than was due" in month.get(one).text
    line = re.search(r'name="line" value="([0-9a-f-]{36})"', month.get(one).text)
    assert line is not None
    month.send(f"{one}/withdrawals", {"line": line[1], "reason": "counted wrong"}, on=one)
    month.send(f"{one}/confirmations", {"amount": "1", "cause": "in cash"}, on=one)

    assert state(month) == "settled"
    assert "Everything that was asked for is paid." in month.get(f"{HOME}/payments").text
    assert "€5.00 was paid, to the last cent" in month.get(ONE).text


def test_money_that_comes_back_is_asked_for_again(month: Visitor, street: Street) -> None:
    reference = re.search(
        r"payments/(W1V1-[A-Z]+)",
        month.get(f"{HOME}/payments").text
        + load(month, table(row(iban_of(12), "-3.00", asked(street), bank="back"))).text,
    )
    assert reference is not None

    assert "€3.00" in month.get(f"{HOME}/payments").text
    assert state(month) == "partly paid"


def asked(street: Street) -> str:
    (payout,) = street.done("GET", "/v1/windows/1/payouts", street.organizer)["payouts"]
    return str(payout["end_to_end_id"])


def test_an_organizer_writes_down_where_somebody_is_paid(month: Visitor, street: Street) -> None:
    form = {"party_id": street.salon.id, "iban": "LV00HABA0551000000001"}
    wrong = month.send(f"{HOME}/bank/accounts", form, on=f"{HOME}/payments")
    assert "Something in this IBAN is mistyped" in wrong.text

    month.send(f"{HOME}/bank/accounts", {**form, "iban": iban_of(21), "bic": "HABALV22"}, on=f"{HOME}/payments")
    known = street.done("GET", f"/v1/bank-details/{street.salon.id}", street.salon.owner)
    assert known["details"]["iban"] == iban_of(21)


def test_a_dispute_is_followed_and_decided_once_it_is_contested(month: Visitor, street: Street) -> None:
    token = street.paper()["token"]
    street.done("POST", "/v1/redemptions", street.restaurant.till, street.redeeming(token=token))
    two = f"{HOME}/windows/2"
    month.send(f"{two}/cut", {}, on=two)
    month.send(f"{two}/statement", {}, on=two)
    (line,) = street.done("GET", f"/v1/windows/2/statements/{street.salon.id}", street.salon.owner)["lines"]
    raising = {
        "position": line["position"],
        "counterparty_id": street.restaurant.id,
        "kind": "value",
        "reason": "not_ours",
    }
    raised = street.done("POST", "/v1/disputes", street.salon.owner, raising)
    one = f"{HOME}/disputes/{raised['dispute_id']}"
    assert "the other side has to answer" in month.get(f"{HOME}/disputes").text
    assert "1 line is disputed" in month.get(HOME).text

    early = month.send(f"{one}/decision", {"right": "debtor"}, on=one)
    assert "at another step by now" in early.text
    street.done("POST", f"/v1/disputes/{raised['dispute_id']}/answer", street.restaurant.owner, {"agree": False})
    assert "you decide" in month.get(f"{HOME}/disputes").text
    assert "Fill this in." in month.send(f"{one}/decision", {}, on=one).text
    month.send(f"{one}/decision", {"right": "debtor", "note": "no bill of that day"}, on=one)

    page = month.get(one).text
    assert "the organizer decided" in page
    assert "no bill of that day" in page
    month.send(f"{two}/recomputation", {}, on=two)
    assert "a disputed line waits" in month.get(two).text


def test_a_drill_changes_nothing_and_a_default_is_shared_out(month: Visitor, street: Street) -> None:
    defaults = f"{HOME}/defaults"
    before = month.get("/console/log").text.count("<tr>")
    drill = month.get(f"{defaults}/drill").text
    assert "restaurant would lose" in drill
    assert month.get("/console/log").text.count("<tr>") == before

    deposit = {"merchant_id": street.salon.id, "amount": "1", "held_by": "a notary"}
    month.send(f"{defaults}/deposits", deposit, on=defaults)
    assert "held by a notary" in month.get(defaults).text
    wrong = month.send(defaults, {"merchant_id": street.salon.id, "window": "1"}, on=defaults)
    assert "Fill this in." in wrong.text
    declared = {"merchant_id": street.salon.id, "window": "1", "reason": "closed its doors"}
    assert month.send(defaults, declared, on=defaults).headers["location"] == defaults
    page = month.get(defaults).text
    assert "salon did not pay window 1" in page
    assert "€2.00" in page, "3.00 were missing, and 1.00 of it was deposited"
    assert "stopped" in month.get("/console/partners").text

    recovery = re.search(rf'action="({defaults}/[0-9a-f-]+/recoveries)"', page)
    assert recovery is not None
    month.send(recovery[1], {"amount": "0.50", "reason": "from the sale of chairs"}, on=defaults)
    assert "€0.50" in month.get(defaults).text
