"""What stands on a report where guests were drawn by lot: one sentence a verdict, and nothing that is too small."""

import pytest

from network.reports.measured import effect_text, measured_facts, measured_lines, measured_rows, measured_text
from tests.reports.groups import SHOPS

COUNTS = {"drawn": 900, "randomised": 880, "measured": 800}
SURE = {
    "verdict": "at_any_look",
    "difference": 0.031,
    "always_valid_interval_all_arms": (0.012, 0.05),
    "smallest_effect": 0.03,
    "more_guests": None,
    "more_days": None,
}
TOO_EARLY = {"verdict": "not_enough_yet", "more_guests": 1_300, "more_days": 41, "smallest_effect": 0.03}
ARMS = [
    {"arm": "none", "guests": 400, "visits": 4, "visit_rate": None, "mean_revenue_minor": None},
    {"arm": "certificate", "guests": 400, "visits": 16, "visit_rate": 0.04, "mean_revenue_minor": 90.0},
]


def compared(**changes):
    sides = {"issuer_id": SHOPS[0], "acceptor_id": SHOPS[1], "issuer": "Salon", "acceptor": "Café"}
    effects = {"visits": SURE, "revenue": TOO_EARLY, "margin": None}
    return {**sides, "arms": ARMS, "sizes": {"passed": True}, **effects, **changes}


def document(*pairs):
    together = compared(issuer_id=None, issuer=None, acceptor_id=None, acceptor=None, arms=[], sizes=None)
    return {"draws": COUNTS, "horizon_days": 30, "pairs": list(pairs), "together": together}


def test_money_is_told_after_goods_too_where_the_margin_is_known():
    revenue = SURE | {"difference": 400.0, "always_valid_interval_all_arms": (120.0, 680.0), "smallest_effect": 50.0}
    margin = revenue | {"difference": 240.0, "always_valid_interval_all_arms": (72.0, 408.0)}
    known = document(compared(revenue=revenue, margin=margin))

    says = measured_facts(known, "EUR", "en")["estimate"]["pairs"][0]["says"]
    told = "+€4.00 (€1.20 to €6.80): an effect; after goods and material +€2.40 (€0.72 to €4.08)"
    assert says["revenue"] == told
    assert measured_rows(known, "EUR", "en")[0][-1] == told

    unknown = document(compared(revenue=revenue))
    assert measured_rows(unknown, "EUR", "en")[0][-1] == "+€4.00 (€1.20 to €6.80): an effect"
    early = document(compared(margin=TOO_EARLY))
    assert "after goods" not in measured_rows(early, "EUR", "en")[0][-1]


def test_only_where_nothing_was_drawn_it_says_that_nothing_was_randomised():
    assert "nothing was randomised" in measured_text(None, "en")
    assert measured_facts(None, "EUR", "en")["estimate"] is None

    assert "nothing was randomised" not in measured_text(document(), "en")
    assert "Not enough data yet: guests were drawn" in measured_text(document(), "en")
    assert "Of 880 draws by lot, 800" in measured_text(document(compared()), "en")
    own = document(compared())
    own["together"]["issuer_id"] = SHOPS[0]
    assert measured_text(own, "en").startswith("Of your own 880 draws by lot, 800")
    by_others = document(compared()) | {"draws": dict.fromkeys(COUNTS, 0)}
    assert measured_text(by_others, "en").startswith("Neighbours drew by lot")


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({}, "+3.1 of 100 guests (1.2 to 5): an effect"),
        ({"verdict": "at_one_look"}, "+3.1 of 100 guests (1.2 to 5): not certain yet"),
        (
            {"verdict": "none_shown", "difference": 0.0, "always_valid_interval_all_arms": (-0.01, 0.01)},
            "0 of 100 guests (-1 to 1): no effect as large as 3 of 100 guests",
        ),
        (
            {"verdict": "none_shown", "always_valid_interval_all_arms": (-0.01, 0.05)},
            "+3.1 of 100 guests (-1 to 5): not certain yet",
        ),
        (
            TOO_EARLY,
            "not enough data yet: about 1,300 more guests (some 41 days) to see a difference of 3 of 100 guests",
        ),
        ({"always_valid_interval_all_arms": None}, "not enough data yet"),
    ],
)
def test_a_number_is_called_an_effect_only_if_it_holds_however_often_one_looks(changes, text):
    assert effect_text({**SURE, **changes}, "visits", "EUR", "en") == text


@pytest.mark.parametrize(
    ("days", "text"),
    [(60, "some 60 days"), (61, "some 2 months"), (730, "some 2 years"), (3_651, "more than ten years at this pace")],
)
def test_a_wait_is_told_so_that_it_can_be_imagined(days, text):
    assert f"({text})" in effect_text({**TOO_EARLY, "more_days": days}, "visits", "EUR", "en")


def test_groups_that_are_too_small_to_be_shown_are_the_reason_that_is_told():
    nothing = dict.fromkeys(("visits", "revenue", "margin", "sizes"))
    found = document(compared(arms=[], **nothing))

    (row,) = measured_rows(found, "EUR", "en", received_by=SHOPS[1])

    assert "fewer than five" in row[3]
    assert "fewer than five" in measured_facts(found, "EUR", "en")["estimate"]["pairs"][0]["says"]["visits"]


def test_rates_of_fewer_than_five_visits_are_not_shown_and_arms_that_do_not_fit_say_nothing():
    (row,) = measured_rows(document(compared()), "EUR", "en", received_by=SHOPS[1])
    (lost,) = measured_rows(document(compared(sizes={"passed": False})), "EUR", "en", received_by=SHOPS[1])

    assert row[:3] == ["Salon", "400 / 400", "4% / <5"]
    assert "not fit" in lost[3]
    assert not any("effect" in cell for cell in lost)
    assert measured_rows(document(compared()), "EUR", "en", received_by=SHOPS[0]) == []


def test_a_spreadsheet_has_the_interval_in_plain_numbers_or_the_reason():
    lines = {line[1]: line for line in measured_lines(document(compared()), "EUR", "en")}

    assert [lines[f"visits_{name}"][2] for name in ("difference", "low", "high")] == [310, 120, 500]
    assert lines["visit_rate_none"][2] == "<5"
    assert lines["revenue_difference"][2].startswith("not enough data yet")


@pytest.mark.parametrize("language", ["en", "ru", "lv"])
def test_every_language_says_it(language):
    facts = measured_facts(document(compared()), "EUR", language)

    assert facts["estimate"]["pairs"][0]["says"]["visits"]
    assert (language == "en") == ("an effect" in facts["estimate"]["pairs"][0]["says"]["visits"])
