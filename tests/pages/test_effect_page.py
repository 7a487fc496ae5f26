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

CAME = {"verdict": "more", "difference": 0.12, "always_valid_interval": [0.02, 0.22], "more_guests": None}
SPENT = {"verdict": "unclear", "difference": 150.4, "always_valid_interval": [-20.0, 320.7], "more_guests": None}
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
    known = {"name": "salon → bakery", "visits": CAME, "revenue": SPENT, "arms": ARMS}

    shown = page(language, {**known, "name": "street"}, known)

    for value in ("12.0", "2.0", "22.0", "1.50", "-0.20", "3.21"):
        assert f'data-value="{value}"' in shown
    assert "&lt;5" in shown, "a group of fewer than five is not counted out"


def test_without_a_number_the_page_says_why() -> None:
    early = {"verdict": "not_enough_yet", "more_guests": 40}
    waiting = {"name": "salon → bakery", "visits": early, "revenue": {"verdict": "not_enough_yet"}, "arms": ARMS}
    none = {"name": "salon → books", "visits": None, "revenue": None, "arms": []}

    shown = page("en", {**none, "name": "street"}, waiting, none)

    assert "data-value" not in shown
    assert "about 40 more guests are needed" in shown
    assert shown.count("Not enough data yet.") >= 2
