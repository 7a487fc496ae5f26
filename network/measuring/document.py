"""What is said of measured effects: as JSON with units, periods and methods, and without counts that are too small."""

import math
from dataclasses import asdict, replace
from typing import Any

from network.effect.answer_json import METHODS
from network.effect.answers import Answer, ArmFigures, Effect
from network.effect.contrast import KEPT_BACK
from network.effect.planning import control_guests_for_rates
from network.measuring.draws import NEUTRAL, TREATED
from network.measuring.margins import with_margin
from network.measuring.reading import Measured, Report
from network.measuring.releasing import LEAST
from network.projections.assignments import BEFORE


def report_document(report: Report, *, margin: int | None = None) -> dict[str, Any]:
    """Every figure as it may be shown. `margin`: what stays with a shop of its revenue, in basis points."""
    document = {
        "position": report.position,
        "drawn_until": report.until,
        "horizon_days": report.horizon_days,
        "revenue_before_days": BEFORE.days,
        "control": NEUTRAL,
        "draws": asdict(report.counts),
        "methods": {
            **METHODS,
            "unit": "a draw of a known guest, the first within the horizon; no two horizons of one guest overlap",
            "probability": "of the arm, given that it was one of the two compared",
            "hidden": f"counts under {LEAST}, and what they could be worked out from; weeks wait until each arm has"
            f" {LEAST} more guests and {LEAST} more who came, or none",
        },
        "pairs": [_measured(one, report) for one in report.pairs],
        "together": _measured(report.together, report),
    }
    return document if margin is None else with_margin(document, margin)


def more_days(one: Measured, effect: Effect, report: Report) -> int | None:
    """How much longer it takes to draw the guests that are missing, at the pace so far; None: none are, or no pace."""
    if effect.more_guests is None or one.answer is None or one.first_at is None:
        return None
    seconds = max(86_400.0, (report.until - one.first_at).total_seconds())
    return math.ceil(effect.more_guests / one.answer.guests * seconds / 86_400)


def is_hidden(answer: Answer) -> bool:
    """Whether an arm is too small to be shown, by its guests or by those who came."""
    return any(min(arm.guests, arm.visits) < LEAST for arm in answer.arms)


def _measured(one: Measured, report: Report) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "issuer_id": one.issuer_id,
        "acceptor_id": one.acceptor_id,
        "note": one.note,
        "hidden": False,
        "arms": [],
        "sizes": None,
        "adjustment": None,
        "visits": None,
        "revenue": None,
        "margin": None,
    }
    answer, compared = one.answer, one.comparison
    if answer is None or compared is None:
        return shown
    hidden = is_hidden(answer)
    return shown | {
        "hidden": hidden,
        "arms": [_arm(arm) for arm in answer.arms],
        "sizes": {"passed": answer.sizes.passed, **({} if hidden else asdict(answer.sizes))},
        "adjustment": asdict(answer.adjustment) if answer.adjustment and not hidden else None,
        **(
            _hidden_effects(one, answer, report)
            if hidden
            else {"visits": _effect(one, compared.visits, report), "revenue": _effect(one, compared.revenue, report)}
        ),
    }


def _arm(arm: ArmFigures) -> dict[str, Any]:
    small = arm.guests < LEAST, min(arm.guests, arm.visits) < LEAST
    return {
        "arm": arm.arm,
        "guests": None if small[0] else arm.guests,
        "visits": None if small[1] else arm.visits,
        "visit_rate": None if small[1] else arm.visit_rate,
        "mean_revenue_minor": None if small[1] else arm.mean_revenue_minor,
    }


def _effect(one: Measured, effect: Effect, report: Report) -> dict[str, Any]:
    """Without a number while it would be noise."""
    days = more_days(one, effect, report)
    if effect.verdict == "not_enough_yet":
        said = {"verdict": effect.verdict, "more_guests": effect.more_guests, "note": effect.note}
        return said | {"smallest_effect": effect.smallest_effect, "more_days": days}
    return {**asdict(replace(effect, more_guests=None)), "more_days": days}


def _hidden_effects(one: Measured, answer: Answer, report: Report) -> dict[str, Any]:
    """What is said of a few guests: that there are too few, and nothing that follows from how many came or paid."""
    visits = answer.comparisons[0].visits
    planned = replace(visits, verdict="not_enough_yet", more_guests=_more_guests_apart(answer), note=None)
    revenue = dict.fromkeys(("more_guests", "note", "smallest_effect", "more_days"))
    return {"visits": _effect(one, planned, report), "revenue": {"verdict": "not_enough_yet", **revenue}}


def _more_guests_apart(answer: Answer) -> int:
    """How many guests more it takes to know of visits, told as if five had come where fewer did."""
    arms = {arm.arm: arm for arm in answer.arms}
    control, treated = arms[NEUTRAL], arms[TREATED]
    here, there = (max(LEAST, arm.guests) for arm in (control, treated))
    question = answer.question
    needed = control_guests_for_rates(
        control_rate=(max(LEAST, control.visits) + 1) / (here + 2),
        effect=question.smallest_visit_effect,
        treated_per_control=there / here,
        alpha=KEPT_BACK * question.alpha / question.together,
    )
    return max(1, math.ceil(needed * (1 + there / here) - here - there))
