"""Who asks again next week and subtracts learns of nobody."""

from datetime import UTC, datetime, timedelta

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from network.measuring import releasing
from network.measuring.releasing import LEAST
from tests.support import MORNING

Row = tuple[bool, bool, bool, datetime]
ROWS = st.lists(st.tuples(st.booleans(), st.booleans(), st.integers(0, 80)), max_size=150)


def drawn(rows: list[tuple[bool, bool, int]]) -> list[Row]:
    return [(arm, True, came, MORNING + timedelta(days=day)) for arm, came, day in rows]


def released(rows: list[Row], until: datetime) -> list[Row]:
    drawn, visited = (np.array([row[side] for row in rows], dtype=np.bool_) for side in (0, 2))
    since = datetime(1970, 1, 1, tzinfo=UTC)
    at = np.array([(row[-1] - since) // timedelta(microseconds=1) for row in rows], dtype=np.int64)
    shown = releasing.released(drawn, visited, at, until)
    return [row for row, is_shown in zip(rows, shown, strict=True) if is_shown]


def counts(rows: list[Row]) -> list[int]:
    return [
        sum(row[0] == arm and (row[2] or not visited) for row in rows) for arm in (False, True) for visited in (0, 1)
    ]


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
