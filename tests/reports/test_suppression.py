"""Fewer than five of somebody else's guests are not shown, and cannot be worked out (DOMAIN 8)."""

from datetime import date

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from network.reports import documents
from network.reports.street import street_report
from network.reports.suppression import LEAST, hidden, is_small
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
    report = street_report(street_rows([pair(0, 1, 30), pair(2, 1, 9)], []))

    assert {one.name: one.stance.value for one in report.partners} == {
        "Shop 0": "only_gives", "Shop 1": "only_gets", "Shop 2": "only_gives", "Shop 3": "neither", "Shop 4": "neither",
    }  # fmt: skip
