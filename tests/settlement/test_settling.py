"""What comes round by itself: cut at a local midnight, stated, agreed by silence, reminded; never twice."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from network.coalitions import Coalitions
from network.domain.schedule import Cadence, Schedule
from network.feed import page_of_events
from network.settlement import closing
from network.settling import Settled, SettlementJob, settle_due
from tests.projections.worlds import catch_up
from tests.settlement.banks import instructed
from tests.settlement.streets import owes, raw_log
from tests.support import HandClock, Neighbourhood, coalitions_of, found


@pytest.fixture(autouse=True)
def nobody_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """The views move when a test says so: whoever waited for them would wait in vain."""
    monkeypatch.setattr(closing, "WAIT_SECONDS", 0.0)


@pytest.fixture
def street(coalitions: Coalitions, clock: HandClock) -> Neighbourhood:
    """A street that wakes on the 10th of a month, at noon."""
    clock.now = (clock.now + timedelta(days=31)).replace(day=10, hour=12)
    return found(coalitions, clock)


@pytest.fixture
def shops(street: Neighbourhood) -> tuple[UUID, UUID]:
    return street.merchant("Salon"), street.merchant("Restaurant")


def monthly(street: Neighbourhood, **other: object) -> None:
    street.do("schedule_settlement", schedule=Schedule(Cadence.MONTHLY, 1, **other), by="organizer")  # type: ignore[arg-type]


def run(street: Neighbourhood, url: str) -> Settled:
    catch_up(url, street.opened.schema)
    return settle_due(street.opened, street.clock())


def next_month(street: Neighbourhood) -> datetime:
    """The local midnight that begins it, in UTC."""
    first = (street.clock.now + timedelta(days=31)).replace(day=1, hour=0)
    local = Schedule(Cadence.MONTHLY, 1).newest_end(first + timedelta(hours=12), "Europe/Riga")
    assert local is not None
    return local.astimezone(UTC)


def test_a_window_is_cut_at_the_local_midnight_and_not_before(
    street: Neighbourhood, shops: tuple[UUID, UUID], module_database_url: str
) -> None:
    monthly(street)
    owes(street, *shops, 500)
    assert run(street, module_database_url) == Settled(), "the first of this month was before the schedule"
    street.clock.now = next_month(street) - timedelta(seconds=1)
    assert run(street, module_database_url).cut == []

    street.clock.move(seconds=1)
    first = run(street, module_database_url)
    catch_up(module_database_url, street.opened.schema)
    again = run(street, module_database_url)

    assert first.cut == [1]
    assert again.cut == []
    assert (first.stated + again.stated) == [1]
    street.clock.move(days=8)
    assert run(street, module_database_url).agreed == [1]
    assert run(street, module_database_url) == Settled()


def test_after_a_pause_of_months_one_window_is_cut(
    street: Neighbourhood, shops: tuple[UUID, UUID], module_database_url: str
) -> None:
    monthly(street)
    street.clock.move(days=100)

    assert [run(street, module_database_url).cut for _ in range(2)] == [[1], []]


def test_by_hand_nothing_is_cut_or_stated(
    street: Neighbourhood, shops: tuple[UUID, UUID], module_database_url: str
) -> None:
    street.do("cut_window", number=1)
    street.clock.move(days=100)

    assert run(street, module_database_url) == Settled()


def test_two_jobs_at_once_cut_once_and_remind_once(
    street: Neighbourhood, shops: tuple[UUID, UUID], module_database_url: str
) -> None:
    monthly(street, pay_days=0, reminder_days=(0,))
    owes(street, *shops, 500)
    instructed(street, module_database_url)
    street.clock.move(days=60)
    catch_up(module_database_url, street.opened.schema)

    with coalitions_of(module_database_url, street.clock) as elsewhere:
        rival = elsewhere.open(street.opened.entry.slug)
        with ThreadPoolExecutor(4) as pool:
            done = list(pool.map(lambda one: settle_due(one, street.clock()), [street.opened, rival] * 2))

    assert sorted(number for one in done for number in one.cut) == [2]
    assert sum(one.reminded for one in done) == 1
    assert street.topics().count("Window.Cut") == 2
    assert street.topics().count("Window.Reminded") == 1


def test_who_owes_is_reminded_on_each_of_the_days_until_it_is_paid(
    street: Neighbourhood, shops: tuple[UUID, UUID], module_database_url: str
) -> None:
    street.do("schedule_settlement", schedule=Schedule(pay_days=3, reminder_days=(0, 2, 9)), by="organizer")
    owes(street, *shops, 500)
    (one,) = instructed(street, module_database_url)

    days = []
    for day in range(15):
        days += [day] * run(street, module_database_url).reminded
        days += [day] * run(street, module_database_url).reminded
        if day == 11:
            street.do(
                "confirm_payout", number=1, reference=one["end_to_end_id"],
                confirmation_id=UUID(int=day), amount=500, cause="in cash", by="organizer",
            )  # fmt: skip
        street.clock.move(days=1)

    assert days == [3, 5]
    reminders = [
        facts for _, topic, facts in raw_log(module_database_url, street.opened.schema) if topic == "Window.Reminded"
    ]
    assert [(facts["step"], facts["missing"]) for facts in reminders] == [(0, 500), (2, 500)]


def test_the_debtor_reads_its_reminder_in_its_feed_and_others_do_not(
    street: Neighbourhood, shops: tuple[UUID, UUID], module_database_url: str
) -> None:
    stranger = street.merchant("Bakery")
    owes(street, *shops, 500)
    (one,) = instructed(street, module_database_url)
    street.do("remind_payout", number=1, reference=one["end_to_end_id"], step=None, by="organizer")

    def topics(merchant_id: UUID) -> list[object]:
        found = page_of_events(street.opened, merchant_id=merchant_id, after=0, limit=1_000).events
        return [event["topic"] for event in found if str(event["topic"]).startswith("Window.")]

    assert (topics(shops[0]), topics(stranger)) == (["Window.Reminded"], [])


def test_the_job_goes_through_every_coalition(
    street: Neighbourhood, coalitions: Coalitions, module_database_url: str
) -> None:
    monthly(street)
    street.clock.move(days=40)
    catch_up(module_database_url, street.opened.schema)

    SettlementJob(coalitions).run_once()

    assert "Window.Cut" in street.topics()
