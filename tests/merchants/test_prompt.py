import io
from collections.abc import Callable, Iterator
from contextlib import closing

import pytest
from rich.console import Console

from merchants.counter import Counter
from merchants.prompt import Prompt
from merchants.scanner import Copy
from merchants.screen import Screen
from merchants.till import Place, Till
from network.token import text
from tests.merchants.failing_network import MERCHANT, FailingNetwork

PLACE = Place("old-town", MERCHANT, "EUR", "Europe/Riga")
LINK = f"https://pollen.example/v#{text(bytes(range(139)))}"


@pytest.fixture
def counter(start_till: Callable[[], Till]) -> Iterator[Callable[..., str]]:
    """Types lines at the open counter; what was shown."""

    def typed(*lines: str) -> str:
        shown = io.StringIO()
        till = start_till()
        answers = iter(lines)

        def ask(question: str) -> str:
            shown.write(question)
            try:
                return next(answers)
            except StopIteration:
                raise EOFError from None

        screen = Screen(Console(file=shown, width=100, markup=False, highlight=False))
        Prompt(Counter(till, screen, PLACE), till.outbox.path, ask=ask).run()
        return shown.getvalue()

    with closing(io.StringIO()):
        yield typed


def test_a_scan_at_the_prompt_redeems(network: FailingNetwork, counter: Callable[..., str]) -> None:
    shown = counter(LINK, "B1", "24,00", "quit")

    assert "TO PAY 19.00 EUR" in shown
    assert len(network.effects) == 1


def test_a_typed_code_at_the_prompt_redeems_too(network: FailingNetwork, counter: Callable[..., str]) -> None:
    assert "TO PAY 19.00 EUR" in counter("00000-00000", "B1", "24")


def test_pays_gives_and_reports(network: FailingNetwork, counter: Callable[..., str]) -> None:
    shown = counter("pay 24 B1", "1", "report", "outbox", "reverse", "refund 5 B1", "print B1", "check", LINK)

    assert "1. 5.00 EUR at Bistro" in shown
    assert "Proposed: 5.00 EUR at Bistro" in shown
    assert "CERTIFICATES GIVEN: 1" in shown
    assert "no redemption to undo" in shown
    assert "GIVE BACK 5.00 EUR" in shown


def test_gives_what_the_network_proposes(network: FailingNetwork, counter: Callable[..., str]) -> None:
    shown = counter("pay 24 B1", "p", "print B1")

    assert shown.count("CERTIFICATES GIVEN: 1") == 2
    assert shown.count("Bistro is the one neighbour that fits this bill.") >= 2
    assert [one.route.rpartition("/")[2] for one in network.sent("/proposal")][:2] == ["proposal", "acceptance"]


def test_one_reason_for_all_choices_is_told_once(network: FailingNetwork, counter: Callable[..., str]) -> None:
    network.gives_nothing = {"code": "decision_made", "detail": "Certificates for this bill were already handed out."}

    shown = counter("pay 24 B1", "quit")

    assert "BILL B1 PAID" in shown
    assert shown.count("were already handed out.") == 1
    assert "Bistro" not in shown


def test_whatever_is_typed_the_counter_stays_open(network: FailingNetwork, counter: Callable[..., str]) -> None:
    shown = counter("", "pay", "pay x B1", "pay 5 'B", "nonsense", "reverse", "give B9", "redeem", "", "check", "", "?")

    assert "NO" in shown
    assert shown.count("till>") >= 9
    assert network.effects == []


def test_an_answer_that_comes_later_is_told(network: FailingNetwork, counter: Callable[..., str]) -> None:
    network.stop()
    assert "SAVED" in counter("pay 24 B1")
    network.start()
    network.refusals["/v1/payments"] = (409, {"code": "bill_conflict", "detail": "Already on record."})

    shown = counter("deliver")

    assert "Already on record." in shown
    assert "payment of bill B1, 24.00 EUR" in shown


def test_a_certificate_scanned_as_a_bills_name_is_not_written_down(
    network: FailingNetwork, counter: Callable[..., str], start_till: Callable[[], Till]
) -> None:
    shown = counter("redeem", LINK, LINK, "24", f"pay 24 {LINK}", "quit")

    assert "That was a certificate." in shown
    assert network.effects == []
    assert start_till().outbox.entries() == []


def test_an_answer_that_no_cashier_saw_is_told_and_can_be_scanned_for_again(
    network: FailingNetwork, counter: Callable[..., str], start_till: Callable[[], Till]
) -> None:
    start_till().redeem(copy=Copy(typed_code="00000-00000"), bill="B1", total=2400)  # stopped before it was shown

    shown = counter("help", "00000-00000", "B1", "24.00", "help")

    assert shown.count("TO PAY 19.00 EUR") == 2
    assert shown.count("This answer came at") == 1
    assert len(network.effects) == 1
    assert start_till().news() == []


def test_instants_are_told_where_the_shop_is(network: FailingNetwork, counter: Callable[..., str]) -> None:
    told = "This certificate was already used on 2026-07-01 11:02 (UTC)."
    network.refusals["/v1/redemptions"] = (409, {"code": "certificate_redeemed", "detail": told})

    assert "already used on 01.07.2026 14:02." in counter("00000-00000", "B1", "24.00")
