"""A disputed line leaves the payable and waits; the rest of the window goes on; the end is an entry in the open one."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from network.application import Request
from network.domain.dispute import Reason
from network.domain.errors import (
    DisputeConflict,
    DisputeTooLate,
    FiguresChanged,
    LineNotFound,
    NotTheDebtor,
    WindowStateForbids,
)
from network.domain.postings import Kind
from network.domain.statement import Method, SettlementTerms
from network.feed import page_of_events
from network.projections import disputes, windows
from network.settlement.closing import agree_due, cut_window, state_window
from network.settlement.disputing import raise_dispute, uphold_due
from network.settlement.restating import recompute_due, recompute_window
from tests.projections.worlds import catch_up
from tests.settlement.streets import close, must_be_sound, owes, statements
from tests.support import Neighbourhood, rows
from tests.written import as_csv, as_json


@pytest.fixture
def shops(street: Neighbourhood) -> tuple[UUID, UUID, UUID]:
    return street.merchant("Salon"), street.merchant("Restaurant"), street.merchant("Bakery")


@pytest.fixture(autouse=True)
def sound(street: Neighbourhood, module_database_url: str) -> Any:
    """After every test the auditor agrees with all that happened."""
    yield
    must_be_sound(module_database_url, street.opened)


def dispute(street: Neighbourhood, by: UUID | None, creditor_id: UUID, position: int, **other: Any) -> dict[str, Any]:
    details: dict[str, Any] = {"kind": Kind.VALUE, "amount": None, "reason": Reason.NOT_OURS, "note": "", "by": by}
    request = Request("owner", str(uuid4()), b"")
    facts = raise_dispute(
        street.opened, request=request, position=position, creditor_id=creditor_id, **(details | other)
    ).facts()
    return {**facts, "dispute_id": UUID(str(facts["dispute_id"]))}


def line_of(street: Neighbourhood, number: int, party: UUID, other: UUID) -> int:
    """The position of the first line between the two; the views are brought up to the log for it."""
    (pair,) = [one for one in statements(street.opened, number)[party].pairs if one.counterparty_id == other]
    return pair.lines[0].position


@pytest.fixture
def owed_line(street: Neighbourhood, shops: tuple[UUID, UUID, UUID], module_database_url: str) -> int:
    """By the first window, which is stated, the salon owes the restaurant 500; the position of the line."""
    salon, restaurant, _ = shops
    owes(street, salon, restaurant, 500)
    close(module_database_url, street.opened, 1)
    return line_of(street, 1, salon, restaurant)


def documents(street: Neighbourhood, number: int) -> list[bytes]:
    return [write(one) for one in statements(street.opened, number).values() for write in (as_json, as_csv)]


def test_a_disputed_line_does_not_stop_the_rest(
    street: Neighbourhood, shops: tuple[UUID, UUID, UUID], module_database_url: str
) -> None:
    salon, restaurant, bakery = shops
    owes(street, salon, restaurant, 500)
    owes(street, salon, bakery, 200)
    assert close(module_database_url, street.opened, 1)["to_pay"] == 700
    before = documents(street, 1)

    raised = dispute(street, salon, restaurant, line_of(street, 1, salon, restaurant), amount=120)
    recomputed = recompute_window(street.opened, 1).facts()

    assert (raised["withheld"], raised["state"]) == (True, "raised")
    assert (recomputed["version"], recomputed["to_pay"], recomputed["payments"]) == (2, 580, 2)
    assert documents(street, 1) == before, "what was stated stays"
    catch_up(module_database_url, street.opened.schema)
    with street.opened.reading() as recorder:
        row = windows.find(recorder.connection, street.opened.schema, 1)
    assert row is not None
    assert (row.version, row.to_pay, row.state) == (2, 580, "stated")


@pytest.mark.parametrize(("uphold", "owed"), [(True, 0), (False, 120)])
def test_its_end_is_an_entry_of_the_window_that_is_open_then(
    street: Neighbourhood,
    shops: tuple[UUID, UUID, UUID],
    owed_line: int,
    module_database_url: str,
    uphold: bool,
    owed: int,
) -> None:
    salon, restaurant, _ = shops
    raised = dispute(street, salon, restaurant, owed_line, amount=120)
    recompute_window(street.opened, 1).facts()
    before = documents(street, 1)

    street.do("answer_dispute", dispute_id=raised["dispute_id"], concede=False, note="it stands", by=restaurant)
    street.do("decide_dispute", dispute_id=raised["dispute_id"], uphold=uphold, note="")
    second = close(module_database_url, street.opened, 2)

    assert second["to_pay"] == owed
    assert documents(street, 1) == before
    if owed:
        (line,) = statements(street.opened, 2)[salon].pairs[0].lines
        assert (line.cause, line.adjusts, line.amount) == ("dispute_rejected", 1, -120)


def test_after_the_payment_was_due_only_its_end_adjusts(
    street: Neighbourhood, shops: tuple[UUID, UUID, UUID], module_database_url: str
) -> None:
    salon, restaurant, _ = shops
    owes(street, salon, restaurant, 400)
    close(module_database_url, street.opened, 1, SettlementTerms(threshold=1_000))

    raised = dispute(street, salon, restaurant, line_of(street, 1, salon, restaurant))
    street.do("answer_dispute", dispute_id=raised["dispute_id"], concede=True, note="our slip", by=restaurant)
    close(module_database_url, street.opened, 2)

    assert raised["withheld"] is False, "the window had settled: all of it rolled over"
    second = statements(street.opened, 2)[salon]
    assert (second.opening, second.closing) == (-400, 0)
    (line,) = second.pairs[0].lines
    assert (line.cause, line.adjusts, line.amount) == ("dispute_upheld", 1, 400)
    with pytest.raises(FiguresChanged):
        recompute_window(street.opened, 1).facts()


def test_what_the_next_window_opened_with_is_not_taken_back(
    street: Neighbourhood, shops: tuple[UUID, UUID, UUID], module_database_url: str
) -> None:
    salon, restaurant, bakery = shops
    owes(street, salon, restaurant, 900)
    owes(street, salon, bakery, 100)
    close(module_database_url, street.opened, 1, SettlementTerms(Method.BILATERAL, threshold=500))
    close(module_database_url, street.opened, 2)

    dispute(street, salon, restaurant, line_of(street, 1, salon, restaurant), amount=600)
    recomputed = recompute_window(street.opened, 1).facts()

    assert (recomputed["to_pay"], recomputed["payments"]) == (300, 1), "under the threshold, and paid all the same"


def test_silence_upholds_after_five_days_and_twice_is_once(
    street: Neighbourhood, shops: tuple[UUID, UUID, UUID], owed_line: int, module_database_url: str
) -> None:
    salon, restaurant, _ = shops
    dispute(street, salon, restaurant, owed_line)
    catch_up(module_database_url, street.opened.schema)
    street.clock.move(days=5)
    early = uphold_due(street.opened, street.clock())
    street.clock.move(days=1)

    done = [uphold_due(street.opened, street.clock()) for _ in range(2)]

    assert (early, done) == (0, [1, 0])
    catch_up(module_database_url, street.opened.schema)
    with street.opened.reading() as recorder:
        (row,) = disputes.of_party(recorder.connection, street.opened.schema, restaurant)
    assert (row.state, row.rule) == ("upheld", "silence")


def test_a_window_whose_last_payment_is_withheld_settles(
    street: Neighbourhood, shops: tuple[UUID, UUID, UUID], owed_line: int, module_database_url: str
) -> None:
    salon, restaurant, _ = shops
    dispute(street, salon, restaurant, owed_line)
    catch_up(module_database_url, street.opened.schema)

    done = recompute_due(street.opened)

    assert (done, recompute_due(street.opened)) == ([1], [])
    assert street.topics()[-2:] == ["Window.Recomputed", "Window.Settled"]
    street.clock.move(days=30)
    assert agree_due(street.opened, street.clock()) == []


def test_refuses_what_is_no_line_of_the_callers_statement(
    street: Neighbourhood, shops: tuple[UUID, UUID, UUID], module_database_url: str
) -> None:
    salon, restaurant, bakery = shops
    owes(street, salon, restaurant, 500)
    position = street.topics().index("Certificate.Redeemed") + 1
    with pytest.raises(LineNotFound):
        dispute(street, salon, restaurant, position)
    cut_window(street.opened, 1).facts()
    catch_up(module_database_url, street.opened.schema)
    with pytest.raises(WindowStateForbids):
        dispute(street, salon, restaurant, position)
    state_window(street.opened, 1).facts()

    for other, at, kind in (
        (bakery, position, Kind.VALUE),
        (restaurant, 1, Kind.VALUE),
        (restaurant, position, Kind.FEE),
    ):
        with pytest.raises(LineNotFound):
            dispute(street, salon, other, at, kind=kind)
    for stranger in (restaurant, bakery, None):
        with pytest.raises(NotTheDebtor):
            dispute(street, stranger, restaurant, position)
    dispute(street, salon, restaurant, position, amount=100)
    with pytest.raises(DisputeConflict):
        dispute(street, salon, restaurant, position, amount=400)


def test_refuses_a_dispute_after_thirty_days(
    street: Neighbourhood, shops: tuple[UUID, UUID, UUID], module_database_url: str
) -> None:
    salon, restaurant, bakery = shops
    owes(street, salon, restaurant, 500)
    owes(street, salon, bakery, 500)
    close(module_database_url, street.opened, 1)
    street.clock.move(days=30)
    dispute(street, salon, restaurant, line_of(street, 1, salon, restaurant))
    street.clock.move(days=1)

    with pytest.raises(DisputeTooLate):
        dispute(street, salon, bakery, line_of(street, 1, salon, bakery))


def test_both_sides_read_of_a_dispute_and_nobody_else(
    street: Neighbourhood, shops: tuple[UUID, UUID, UUID], owed_line: int
) -> None:
    salon, restaurant, _ = shops
    dispute(street, salon, restaurant, owed_line)

    read = {
        shop: [e["topic"] for e in page_of_events(street.opened, merchant_id=shop, after=0, limit=1_000).events]
        for shop in shops
    }

    assert [shop for shop, topics in read.items() if "Dispute.Raised" in topics] == [salon, restaurant]
    assert not any("Window.LineWithheld" in topics for topics in read.values())


def test_a_dispute_counts_against_both_while_it_is_open(
    street: Neighbourhood, shops: tuple[UUID, UUID, UUID], owed_line: int, module_database_url: str
) -> None:
    salon, restaurant, _ = shops

    dispute(street, salon, restaurant, owed_line)

    used = rows(
        module_database_url,
        f"SELECT scope, used FROM {street.opened.schema}.exposures WHERE scope LIKE 'debtor:%'",
    )
    assert {scope.partition(":")[2]: amount for scope, amount in used if amount} == {str(salon): 500}
