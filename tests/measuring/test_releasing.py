"""Who asks again next week and subtracts learns of nobody."""

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from network.effect.sums import ArmSums
from network.measuring import releasing
from network.measuring.releasing import LEAST, Arms, weeks_over
from tests.support import MORNING

Row = tuple[bool, bool, datetime]
"""With a certificate or without, came or not, and when drawn."""
ROWS = st.lists(st.tuples(st.booleans(), st.booleans(), st.integers(0, 80)), max_size=150)


def drawn(rows: list[tuple[bool, bool, int]]) -> list[Row]:
    return [(arm, came, MORNING + timedelta(days=day)) for arm, came, day in rows]


def counts(rows: list[Row]) -> list[int]:
    return list(in_all(rows).counts)


def in_all(rows: list[Row]) -> Arms:
    came = [[visited for arm, visited, _ in rows if arm == which] for which in (False, True)]
    return Arms(*(ArmSums(guests=len(visits), visits=sum(visits)) for visits in came))


def released(rows: list[Row], until: datetime) -> list[Row]:
    weeks = sorted({weeks_over(row[-1]) for row in rows if weeks_over(row[-1]) < weeks_over(until)})
    of_each = [(week, in_all([row for row in rows if weeks_over(row[-1]) == week])) for week in weeks]
    ends = [week for week, _, shown in releasing.released(Arms(), of_each) if shown]
    return [row for row in rows if ends and weeks_over(row[-1]) <= ends[-1]]


@given(ROWS)
def test_no_count_grows_by_one_to_four_from_any_look_to_any_later_one(rows: list[tuple[bool, bool, int]]) -> None:
    street = drawn(rows)

    looks = [
        counts(released([row for row in street if row[-1] <= until], until))
        for until in (MORNING + timedelta(days=day) for day in range(100))
    ]

    distinct = [look for number, look in enumerate(looks) if number == 0 or look != looks[number - 1]]
    for number, look in enumerate(distinct):
        for later in distinct[number:]:
            assert all(new == old or new - old >= LEAST for old, new in zip(look, later, strict=True))


def test_nothing_waits_for_ever_where_enough_guests_come() -> None:
    street = drawn([(arm, True, day) for arm in (False, True) for day in range(70)])

    shown = released(street, MORNING + timedelta(days=70))

    assert len(shown) >= len(street) - 2 * 14


def test_draws_wait_for_the_end_of_their_week() -> None:
    street = drawn([(arm, True, 0) for arm in (False, True) for _ in range(9)])

    assert released(street, MORNING) == []
    assert released(street, MORNING + timedelta(days=7)) == street
