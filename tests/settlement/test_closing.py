"""Closing a window, from the redemptions to each partner's statement (DOMAIN 4.4)."""

import hashlib
from uuid import UUID, uuid4

import pytest

from network.application import Request
from network.domain.errors import RequestConflict, WindowConflict, WindowNotFound, WindowOutOfOrder, WindowStateForbids
from network.domain.statement import Method, SettlementTerms
from network.domain.terms import FaceValue, Terms
from network.feed import page_of_events
from network.projections.tracking import ViewBehind
from network.settlement import closing
from network.settlement.closing import agree_due, cut_window, state_window
from network.settlement.reading import stated_window
from network.settlement.statement import StatementDiffers, Turnover
from tests.projections.worlds import catch_up
from tests.settlement.streets import close, owes, stated_figures, statements
from tests.support import Neighbourhood, rows


@pytest.fixture
def shops(street: Neighbourhood) -> tuple[UUID, UUID]:
    return street.merchant("Salon"), street.merchant("Restaurant")


def test_the_worked_example_from_till_to_statement(street: Neighbourhood, module_database_url: str) -> None:
    s, r, c, f = (street.merchant(name) for name in "SRCF")
    for debtor, creditor, amount in ((s, r, 420), (r, c, 300), (c, s, 260), (f, r, 90), (r, s, 120), (c, f, 40)):
        owes(street, debtor, creditor, amount)

    stated = close(module_database_url, street.opened, 1)

    assert (stated["state"], stated["to_pay"], stated["payments"]) == ("stated", 90, 2)
    (figures,) = stated_figures(module_database_url, street.opened.schema)
    assert {name: step["amount"] for name, step in figures["savings"].items()} == {
        "gross": 1_230, "bilateral": 990, "loops": 90, "multilateral": 90,
    }  # fmt: skip
    found = statements(street.opened, 1)
    assert {party: one.closing for party, one in found.items()} == {s: -40, r: 90, c: 0, f: -50}
    assert {party: one.due for party, one in found.items()} == {s: -40, r: 90, c: 0, f: -50}
    (with_r,) = [pair for pair in found[s].pairs if pair.counterparty_id == r]
    assert with_r.sections == {"value": Turnover(receives=120, owes=420)}, "gross, although 40 is paid"
    assert (with_r.closing, with_r.cleared, with_r.due) == (-300, -260, -40)
    assert (found[r].redeemed_here, found[r].redeemed_there) == (510, 420)
    assert [line.amount for line in with_r.lines] == [-420, 120]


def test_a_line_names_its_bill_and_the_event_behind_it(
    street: Neighbourhood, shops: tuple[UUID, UUID], module_database_url: str
) -> None:
    salon, restaurant = shops
    certificate_id = street.issued(salon, street.agreement(salon, restaurant))
    street.redeem(certificate_id, restaurant, bill_reference="table 7")
    position = street.topics().index("Certificate.Redeemed") + 1

    close(module_database_url, street.opened, 1)

    (line,) = statements(street.opened, 1)[restaurant].pairs[0].lines
    assert (line.bill_reference, line.position, line.certificate_id) == ("table 7", position, certificate_id)
    assert (line.bill, line.deducted, line.amount) == (1_800, 500, 500)


def test_the_statement_names_the_hash_of_the_log_at_its_cut(
    street: Neighbourhood, shops: tuple[UUID, UUID], module_database_url: str
) -> None:
    owes(street, *shops, 100)
    cut = cut_window(street.opened, 1)
    owes(street, *shops, 100)
    catch_up(module_database_url, street.opened.schema)

    stated = state_window(street.opened, 1).facts()

    statement = f"SELECT hash, topic FROM {street.opened.schema}.events WHERE position = %s"
    ((chain_hash, topic),) = rows(module_database_url, statement, cut.position)
    assert (stated["position"], stated["chain_hash"], topic) == (cut.position, chain_hash.hex(), "Window.Cut")


def test_an_empty_window_settles_at_once(street: Neighbourhood, module_database_url: str) -> None:
    stated = close(module_database_url, street.opened, 1)

    assert stated["state"] == "settled"
    assert statements(street.opened, 1) == {}


def test_a_window_in_which_all_nets_are_zero_settles_at_once(
    street: Neighbourhood, shops: tuple[UUID, UUID], module_database_url: str
) -> None:
    owes(street, *shops, 300)
    owes(street, *reversed(shops), 300)

    stated = close(module_database_url, street.opened, 1)

    assert (stated["state"], stated["to_pay"]) == ("settled", 0)
    assert statements(street.opened, 1)[shops[0]].sections == {"value": Turnover(300, 300)}


def test_what_is_under_the_threshold_opens_the_next_window(
    street: Neighbourhood, shops: tuple[UUID, UUID], module_database_url: str
) -> None:
    salon, restaurant = shops
    owes(street, salon, restaurant, 400)
    first = close(module_database_url, street.opened, 1, SettlementTerms(Method.BILATERAL, threshold=500))
    owes(street, salon, restaurant, 101)

    second = close(module_database_url, street.opened, 2)

    assert (first["state"], first["rolled_over"]) == ("settled", 400)
    assert (second["state"], second["to_pay"], second["rolled_over"]) == ("stated", 501, 0)
    before, after = statements(street.opened, 1)[salon], statements(street.opened, 2)[salon]
    assert (before.closing, before.due, before.rolled_over) == (-400, 0, -400)
    assert (after.opening, after.closing, after.due) == (-400, -501, -501)


def test_a_debt_that_waits_opens_window_after_window_without_trade(
    street: Neighbourhood, shops: tuple[UUID, UUID], module_database_url: str
) -> None:
    owes(street, *shops, 400)
    close(module_database_url, street.opened, 1, SettlementTerms(threshold=500))

    again = [close(module_database_url, street.opened, number)["rolled_over"] for number in (2, 3)]

    assert again == [400, 400]
    assert statements(street.opened, 3)[shops[1]].opening == 400


def test_a_reversal_after_the_cut_is_an_adjustment_in_the_open_window(
    street: Neighbourhood, shops: tuple[UUID, UUID], module_database_url: str
) -> None:
    salon, restaurant = shops
    certificate_id, redemption_id = owes(street, salon, restaurant, 500)
    cut_window(street.opened, 1).facts()
    street.do(
        "reverse_redemption",
        certificate_id=certificate_id,
        redemption_id=redemption_id,
        acceptor_id=restaurant,
        reason="a slip",
    )
    catch_up(module_database_url, street.opened.schema)
    state_window(street.opened, 1).facts()

    close(module_database_url, street.opened, 2)

    first, second = (statements(street.opened, number)[restaurant] for number in (1, 2))
    assert (first.sections, first.redeemed_here) == ({"value": Turnover(500, 0)}, 500)
    assert (second.sections, second.redeemed_here) == ({"adjustment": Turnover(0, 500)}, -500)
    (line,) = second.pairs[0].lines
    assert (line.cause, line.adjusts, line.amount, line.entries[0].kind) == ("reversed", 1, -500, "value")


def test_a_reversal_within_the_window_is_no_adjustment(
    street: Neighbourhood, shops: tuple[UUID, UUID], module_database_url: str
) -> None:
    salon, restaurant = shops
    certificate_id, redemption_id = owes(street, salon, restaurant, 500)
    catch_up(module_database_url, street.opened.schema)
    street.do(
        "reverse_redemption",
        certificate_id=certificate_id,
        redemption_id=redemption_id,
        acceptor_id=restaurant,
        reason="a slip",
    )

    assert close(module_database_url, street.opened, 1)["state"] == "settled"

    assert statements(street.opened, 1)[restaurant].sections == {"value": Turnover(500, 500)}


def test_a_statement_is_the_same_after_whatever_came_later(
    street: Neighbourhood, shops: tuple[UUID, UUID], module_database_url: str
) -> None:
    owes(street, *shops, 500)
    close(module_database_url, street.opened, 1)
    before = statements(street.opened, 1)
    street.clock.move(days=9)
    agree_due(street.opened, street.clock())
    owes(street, *shops, 700)
    street.merchant("Bakery")

    close(module_database_url, street.opened, 2)

    assert statements(street.opened, 1) == before


def test_silence_agrees_when_the_review_is_over(
    street: Neighbourhood, shops: tuple[UUID, UUID], module_database_url: str
) -> None:
    owes(street, *shops, 500)
    close(module_database_url, street.opened, 1, SettlementTerms(review_days=5))
    catch_up(module_database_url, street.opened.schema)
    street.clock.move(days=5)
    early = agree_due(street.opened, street.clock())
    street.clock.move(days=1)

    agreed = agree_due(street.opened, street.clock())

    assert (early, agreed) == ([], [1])
    assert street.topics()[-1] == "Window.Agreed"
    assert agree_due(street.opened, street.clock()) == [], "the view is behind, and the log refuses"


def test_a_partner_does_not_read_what_others_owe(
    street: Neighbourhood, shops: tuple[UUID, UUID], module_database_url: str
) -> None:
    owes(street, *shops, 500)
    close(module_database_url, street.opened, 1)

    own = page_of_events(street.opened, merchant_id=shops[0], after=0, limit=1_000)

    assert "Certificate.Redeemed" in {event["topic"] for event in own.events}
    assert not [event for event in own.events if str(event["topic"]).startswith("Window.")]


def test_a_partner_that_bears_its_guests_itself_still_sees_what_it_supplied(
    street: Neighbourhood, shops: tuple[UUID, UUID], module_database_url: str
) -> None:
    salon, restaurant = shops
    agreement = street.agreement(salon, restaurant, Terms(face=FaceValue(fixed=500)))
    street.redeem(street.issued(salon, agreement), restaurant)

    assert close(module_database_url, street.opened, 1)["state"] == "settled"

    supplied = statements(street.opened, 1)[restaurant]
    assert (supplied.redeemed_here, supplied.closing, len(supplied.pairs[0].lines)) == (500, 0, 1)


@pytest.mark.parametrize("number", [2, 5])
def test_no_window_is_left_out(street: Neighbourhood, number: int) -> None:
    with pytest.raises(WindowOutOfOrder, match=f"Window {number} cannot be cut before window {number - 1} is"):
        cut_window(street.opened, number).facts()


def test_a_window_is_cut_once(street: Neighbourhood) -> None:
    cut_window(street.opened, 1).facts()

    with pytest.raises(WindowConflict, match="Window 1 is already cut"):
        cut_window(street.opened, 1).facts()


def test_windows_are_stated_in_order(street: Neighbourhood, module_database_url: str) -> None:
    for number in (1, 2):
        cut_window(street.opened, number).facts()
    catch_up(module_database_url, street.opened.schema)

    with pytest.raises(WindowOutOfOrder, match="Window 2 cannot be stated before window 1 is"):
        state_window(street.opened, 2)
    with pytest.raises(WindowNotFound):
        state_window(street.opened, 3)


def test_a_window_is_stated_once(street: Neighbourhood, shops: tuple[UUID, UUID], module_database_url: str) -> None:
    owes(street, *shops, 500)
    close(module_database_url, street.opened, 1)

    with pytest.raises(WindowStateForbids, match="Window 1 is stated"):
        state_window(street.opened, 1).facts()


def test_no_statement_is_shown_before_it_is_stated(street: Neighbourhood) -> None:
    cut_window(street.opened, 1).facts()

    with pytest.raises(WindowStateForbids, match="Window 1 is cut"), stated_window(street.opened, 1):
        pass


def test_a_window_is_not_stated_from_lines_that_have_not_come_to_its_cut(
    street: Neighbourhood, shops: tuple[UUID, UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(closing, "WAIT_SECONDS", 0.05)
    owes(street, *shops, 500)
    cut_window(street.opened, 1).facts()

    with pytest.raises(ViewBehind):
        state_window(street.opened, 1)

    assert street.topics()[-1] == "Window.Cut"


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE {s}.statement_lines SET amount = amount + 1",
        "UPDATE {s}.statement_lines SET section = 'fee'",
        "UPDATE {s}.statement_lines SET window_number = 2",
        "DELETE FROM {s}.statement_lines",
        "UPDATE {s}.statement_totals SET amount = amount + 1",
        "UPDATE {s}.statement_supplies SET amount = amount + 1",
        "DELETE FROM {s}.statement_causes",
    ],
)
def test_nothing_is_shown_when_the_lines_do_not_add_up_to_what_was_stated(
    street: Neighbourhood, shops: tuple[UUID, UUID], module_database_url: str, damage: str
) -> None:
    owes(street, *shops, 500)
    close(module_database_url, street.opened, 1)
    rows(module_database_url, damage.format(s=street.opened.schema))

    with pytest.raises(StatementDiffers):
        statements(street.opened, 1)


def test_the_same_request_again_is_the_same_answer(
    street: Neighbourhood, shops: tuple[UUID, UUID], module_database_url: str
) -> None:
    owes(street, *shops, 500)
    cut, state = (Request("organizer", str(uuid4()), hashlib.sha256(name).digest()) for name in (b"cut", b"state"))

    answers = [cut_window(street.opened, 1, request=cut) for _ in range(2)]
    catch_up(module_database_url, street.opened.schema)
    answers += [state_window(street.opened, 1, request=state) for _ in range(2)]

    assert answers[0] == answers[1]
    assert answers[2] == answers[3]
    assert street.topics()[-2:] == ["Window.Cut", "Window.Stated"]
    with pytest.raises(RequestConflict):
        cut_window(street.opened, 2, request=Request("organizer", cut.key, b"another")).facts()
