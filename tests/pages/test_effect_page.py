"""The page of the measured effect: numbers with their interval where there are some, and why not elsewhere."""

from types import SimpleNamespace
from typing import Any, cast

import pytest

from network.api.pages import forms
from network.api.pages.console.effect import _shown
from network.api.pages.rendering import render
from network.api.pages.texts import Reader
from network.api.pages.visits import Visit
from network.languages import LANGUAGES

WAIT = {"more_guests": None, "more_days": None}
CAME = {
    **WAIT, "verdict": "at_any_look", "difference": 0.12, "always_valid_interval": [0.03, 0.21],
    "always_valid_interval_all_arms": [0.02, 0.22], "smallest_effect": 0.03,
}  # fmt: skip
SPENT = {
    **WAIT, "verdict": "none_shown", "difference": 150.4, "always_valid_interval": [-10.0, 310.7],
    "always_valid_interval_all_arms": [-20.0, 320.7], "smallest_effect": 400.0,
}  # fmt: skip
FIT = {"passed": True}
ARMS = [
    {"arm": "none", "guests": 120, "visits": 30},
    {"arm": "certificate", "guests": 130, "visits": None},
]


def page(language: str, *pairs: dict[str, Any]) -> str:
    reader = Reader(language)
    visit = cast(Visit, SimpleNamespace(reader=reader, gettext=reader.gettext))
    return render(
        reader, "console/effect.html", csrf="", path="/console/effect", role="organizer", person_name="Olga",
        places=(), problems=forms.NONE, horizon_days=30, pairs=[_shown(visit, one) for one in pairs],
        draws={"drawn": 250, "measured": 250, "waiting": 0, "again": 0},
    )  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
def test_numbers_stand_with_their_interval_in_the_table_that_the_chart_is_drawn_from(language: str) -> None:
    known = {"name": "salon → bakery", "visits": CAME, "revenue": SPENT, "margin": None, "arms": ARMS, "sizes": FIT}

    shown = page(language, {**known, "name": "street"}, known)

    for value in ("12.0", "2.0", "22.0", "1.50", "-0.20", "3.21"):
        assert f'data-value="{value}"' in shown
    assert "&lt;5" in shown, "a group of fewer than five is not counted out"


def test_without_a_number_the_page_says_why() -> None:
    early = {"verdict": "not_enough_yet", "more_guests": 40, "more_days": 12, "smallest_effect": 0.03}
    late = {"verdict": "not_enough_yet", **WAIT}
    waiting = {
        "name": "salon → bakery", "visits": early, "revenue": late, "margin": None, "arms": ARMS, "sizes": FIT,
    }  # fmt: skip
    none = {"name": "salon → books", "visits": None, "revenue": None, "margin": None, "arms": [], "sizes": None}
    lost = {**waiting, "visits": CAME, "revenue": SPENT, "sizes": {"passed": False}}

    shown = page("en", {**none, "name": "street"}, waiting, none, lost)

    assert "data-value" not in shown
    assert "about 40 more guests (some 12 days)" in shown
    assert "guests were lost on the way" in shown
    assert "fewer than five guests so far" in shown
