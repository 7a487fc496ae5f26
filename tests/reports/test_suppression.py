"""Fewer than five of somebody else's guests are not shown, and cannot be worked out (DOMAIN 8)."""

from datetime import date

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from network.reports import documents
from network.reports.street import street_report
from network.reports.suppression import LEAST, hidden, is_small, steps
from tests.reports.groups import pair, street_rows

COUNTS = st.dictionaries(st.integers(0, 12), st.integers(0, 30), max_size=10)
PLACES = [(i, a) for i in range(5) for a in range(5) if i != a]


@given(COUNTS)
def test_a_total_less_what_is_shown_is_never_one_small_count(counts):
    unseen = hidden(counts)

    assert not [name for name in counts if is_small(counts[name]) and name not in unseen]
    missing = sum(counts[name] for name in unseen)
    nothing_is_shown = all(name in unseen for name in counts if counts[name])
    assert not unseen or nothing_is_shown or (len(unseen) >= 2 and missing >= LEAST)


@given(COUNTS)
def test_nothing_is_hidden_without_need(counts):
    assert hidden(counts) or not any(map(is_small, counts.values()))


@settings(deadline=None, max_examples=25)  # the first document reads the languages' catalogues
@given(st.lists(st.integers(0, 25), min_size=20, max_size=20), st.data())
def test_a_street_report_says_the_same_whatever_a_hidden_count_is(used, data):
    other = [data.draw(st.integers(1, 4)) if is_small(count) else count for count in used]

    assert _document(used) == _document(other)


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=26), st.data())
def test_two_periods_one_within_the_other_differ_by_no_small_count(counts, data):
    months = [
        (date(2025 + place // 12, place % 12 + 1, 1), {"new": a, "old": b}) for place, (a, b) in enumerate(counts)
    ]
    ends = sorted(data.draw(st.lists(st.integers(0, 26), min_size=4, max_size=4)))

    outer, inner = (_summed(months, months[first:last]) for first, last in ((ends[0], ends[3]), (ends[1], ends[2])))

    assert not [name for name in outer if is_small(outer[name] - inner[name])]


def _summed(months, asked):
    """What a report of the asked months shows: the steps are those of all months, whichever are asked for."""
    days = {day for day, _ in asked}
    inside = [one for one in steps(months) if {one.first_month, one.last_month} <= days]
    return {name: sum(one.counts[name] for one in inside) for name in ("new", "old")}


def test_what_is_small_waits_for_the_next_month_and_not_for_the_next_year():
    counts = [(10, 7), (11, 3), (12, 4), (13, 9), (14, 2)]
    months = [(date(2025 + (n - 1) // 12, (n - 1) % 12 + 1, 1), {"new": count}) for n, count in counts]

    found = steps(months)

    assert [(one.first_month.month, one.last_month.month, one.counts["new"]) for one in found] == [
        (10, 10, 7), (11, 12, 7), (1, 1, 9),
    ]  # fmt: skip


def _document(used: list[int]) -> bytes:
    pairs = [pair(*place, count) for place, count in zip(PLACES, used, strict=True)]
    stretches = [pair(*place, count, begins_on=date(2026, 3, 1)) for place, count in zip(PLACES, used, strict=True)]
    report = street_report(street_rows(pairs, stretches))
    return msgspec.json.encode(documents.as_facts(report, "en")) + documents.as_csv(report, "en")


def test_every_total_of_the_street_is_of_the_pairs_that_are_shown():
    pairs = [pair(0, 1, 30), pair(1, 0, 12), pair(2, 1, 3), pair(0, 3, 0)]

    report = street_report(street_rows(pairs, []))

    figures = {figure.name: figure.value for figure in report.figures}
    assert figures["used"] == sum(one.given for one in report.partners) == 42
    assert report.hidden_pairs == 1
    assert {(cell.used, cell.value) for cell in report.cells} == {(30, 15_000), (12, 6_000), (None, None), (0, 0)}


def test_who_only_gives_and_who_only_gets_is_said():
    report = street_report(street_rows([pair(0, 1, 30), pair(2, 1, 9), pair(4, 1, 3)], []))

    assert {one.name: one.stance.value for one in report.partners} == {
        "Shop 0": "only_gives", "Shop 1": "only_gets", "Shop 2": "only_gives", "Shop 3": "neither", "Shop 4": "few",
    }  # fmt: skip
