"""DOMAIN 9.6: closing while tills redeem, from other processes and through a kill -9, loses and doubles nothing."""

import multiprocessing
import time
from collections import Counter
from typing import Any
from uuid import UUID

import pytest

from network.domain.terms import FaceValue, Funding, Terms
from network.domain.window import State
from network.projections import statement_rows, windows
from network.settlement.closing import cut_window, state_window
from tests.application.rivals import Asked, trade_at_once
from tests.projections.worlds import catch_up
from tests.settlement.streets import Debts, naive_windows, stated_figures
from tests.support import HandClock, Neighbourhood, coalitions_of

IN_PARTS = Terms(face=FaceValue(fixed=100_000), funding=Funding(issuer=10_000), partial_redemption=True)
REDEMPTIONS = 150


@pytest.fixture
def shops(street: Neighbourhood) -> tuple[UUID, UUID]:
    return street.merchant("Salon"), street.merchant("Restaurant")


def redemptions(street: Neighbourhood, shops: tuple[UUID, UUID], number: int) -> list[Asked]:
    """Many small redemptions, there and back."""
    asked = []
    for issuer, acceptor in (shops, shops[::-1]):
        certificate_id = street.issued(issuer, street.agreement(issuer, acceptor, IN_PARTS))
        asked += [
            ("redeem_certificate", street.redemption(certificate_id, acceptor, amount=1 + n)) for n in range(number)
        ]
    return asked[::2] + asked[1::2]


def own(stated: dict[str, Any]) -> Debts:
    return Counter({(debt["debtor"], debt["creditor"]): debt["value"] for debt in stated["debts"]})


def test_cuts_among_redemptions_of_two_processes(
    street: Neighbourhood, shops: tuple[UUID, UUID], module_database_url: str
) -> None:
    first, second = redemptions(street, shops, REDEMPTIONS // 2), redemptions(street, shops, REDEMPTIONS // 2)
    for number in range(1, 6):
        second.insert(number * len(second) // 6, ("cut_window", {"number": number}))

    told = trade_at_once(street, module_database_url, first, second)

    assert Counter(code for code, _ in told) == {"done": 2 * REDEMPTIONS + 5}
    catch_up(module_database_url, street.opened.schema)
    for number in range(1, 6):
        state_window(street.opened, number).facts()
    naive = naive_windows(module_database_url, street.opened.schema)
    stated = stated_figures(module_database_url, street.opened.schema)
    assert [own(one) for one in stated] == naive[:-1]
    assert sum(sum(naive, Counter()).values()) == 4 * sum(range(1, REDEMPTIONS // 2 + 1))
    assert sum(1 for one in naive if one) > 2, "the cuts fell among the redemptions"
    with street.opened.reading() as recorder:
        open_now = statement_rows.totals(recorder.connection, street.opened.schema, 6)
    assert Counter({(str(row.debtor_id), str(row.creditor_id)): row.amount for row in open_now}) == naive[-1]


def _close_for_ever(url: str, slug: str, clock: HandClock) -> None:
    """Cut and state window after window, until somebody pulls the plug."""
    with coalitions_of(url, clock) as coalitions:
        opened = coalitions.open(slug)
        for number in range(1, 10_000):
            cut_window(opened, number).facts()
            catch_up(url, opened.schema)
            state_window(opened, number).facts()


@pytest.mark.parametrize("seconds", [0.15, 0.4])
def test_a_closing_that_is_killed_goes_on_where_the_log_stands(
    street: Neighbourhood, shops: tuple[UUID, UUID], module_database_url: str, seconds: float
) -> None:
    url, schema = module_database_url, street.opened.schema
    asked = redemptions(street, shops, REDEMPTIONS // 2)
    process = multiprocessing.get_context("spawn").Process(
        target=_close_for_ever, args=(url, street.opened.entry.slug, street.clock)
    )
    process.start()
    answers, deadline = [], time.monotonic() + 60
    while "Window.Cut" not in street.topics() and time.monotonic() < deadline:
        time.sleep(0.01)
    kill_at = time.monotonic() + seconds
    for command, details in asked:
        answers.append(street.do(command, **details))
        if process.is_alive() and time.monotonic() >= kill_at:
            process.kill()
    process.kill()
    process.join()

    catch_up(url, schema)
    with street.opened.reading() as recorder:
        last = windows.last(recorder.connection, schema)
        waiting = windows.in_state(recorder.connection, schema, State.CUT)
    assert last is not None
    assert len(waiting) <= 1
    for row in waiting:
        state_window(street.opened, row.number).facts()
    cut_window(street.opened, last.number + 1).facts()
    catch_up(url, schema)
    state_window(street.opened, last.number + 1).facts()

    naive = naive_windows(url, schema)
    assert len(naive) == last.number + 2
    assert [own(one) for one in stated_figures(url, schema)] == naive[:-1]
    assert sum(sum(naive, Counter()).values()) == 2 * sum(range(1, REDEMPTIONS // 2 + 1))


def test_a_closing_killed_between_cut_and_statement_is_stated_by_the_next_try(
    street: Neighbourhood, shops: tuple[UUID, UUID], module_database_url: str
) -> None:
    for command, details in redemptions(street, shops, 3):
        street.do(command, **details)
    process = multiprocessing.get_context("spawn").Process(
        target=_cut_and_wait, args=(module_database_url, street.opened.entry.slug, street.clock)
    )
    process.start()
    deadline = time.monotonic() + 60
    while "Window.Cut" not in street.topics() and time.monotonic() < deadline:
        time.sleep(0.01)
    process.kill()
    process.join()
    for command, details in redemptions(street, shops, 5):
        street.do(command, **details)
    catch_up(module_database_url, street.opened.schema)

    state_window(street.opened, 1).facts()

    naive = naive_windows(module_database_url, street.opened.schema)
    assert [own(one) for one in stated_figures(module_database_url, street.opened.schema)] == naive[:1]
    assert [sum(one.values()) for one in naive] == [12, 30]


def _cut_and_wait(url: str, slug: str, clock: HandClock) -> None:
    with coalitions_of(url, clock) as coalitions:
        cut_window(coalitions.open(slug), 1).facts()
        time.sleep(60)
