"""What is said of measured effects: as JSON with units, periods and methods, and without counts that are too small."""

import math
from dataclasses import asdict, replace
from typing import Any

from network.effect.answer_json import METHODS
from network.effect.answers import Answer, ArmFigures, Effect
from network.measuring.reading import NEUTRAL, Measured, Report
from network.projections.assignments import BEFORE

SMALLEST_COUNT = 5
"""Smaller counts are not shown across partners (DOMAIN 8), nor is what they could be worked out from."""


def report_document(report: Report, *, margin: int | None = None) -> dict[str, Any]:
    """Every figure as it may be shown. `margin`: what stays with a shop of its revenue, in basis points."""
    return {
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
            "hidden": f"counts under {SMALLEST_COUNT}, and what they could be worked out from",
        },
        "pairs": [_measured(one, report, margin) for one in report.pairs],
        "together": _measured(report.together, report, margin),
    }


def in_money_kept(revenue: Effect, margin: int) -> Effect:
    """The same effect as margin: `margin` basis points of what is spent stay with the shop."""
    part = margin / 10_000

    def scaled(bounds: tuple[float, float] | None) -> tuple[float, float] | None:
        return None if bounds is None else (part * bounds[0], part * bounds[1])

    return replace(
        revenue,
        difference=part * revenue.difference,
        interval=scaled(revenue.interval),
        interval_all_arms=scaled(revenue.interval_all_arms),
        always_valid_interval=scaled(revenue.always_valid_interval),
        always_valid_interval_all_arms=scaled(revenue.always_valid_interval_all_arms),
        smallest_effect=part * revenue.smallest_effect,
    )


def more_days(one: Measured, effect: Effect, report: Report) -> int | None:
    """How much longer it takes to draw the guests that are missing, at the pace so far; None: none are, or no pace."""
    if effect.more_guests is None or one.answer is None or one.first_at is None:
        return None
    seconds = max(86_400.0, (report.until - one.first_at).total_seconds())
    return math.ceil(effect.more_guests / one.answer.guests * seconds / 86_400)


def is_hidden(answer: Answer) -> bool:
    """Whether an arm is too small to be shown, by its guests or by those who came."""
    return any(min(arm.guests, arm.visits) < SMALLEST_COUNT for arm in answer.arms)


def _measured(one: Measured, report: Report, margin: int | None) -> dict[str, Any]:
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
    effects = {"visits": compared.visits, "revenue": compared.revenue}
    if margin is not None:
        effects["margin"] = in_money_kept(compared.revenue, margin)
    return shown | {
        "hidden": hidden,
        "arms": [_arm(arm) for arm in answer.arms],
        "sizes": {"passed": answer.sizes.passed, **({} if hidden else asdict(answer.sizes))},
        "adjustment": asdict(answer.adjustment) if answer.adjustment and not hidden else None,
        **{name: _effect(one, effect, report, hidden) for name, effect in effects.items()},
    }


def _arm(arm: ArmFigures) -> dict[str, Any]:
    small = arm.guests < SMALLEST_COUNT, min(arm.guests, arm.visits) < SMALLEST_COUNT
    return {
        "arm": arm.arm,
        "guests": None if small[0] else arm.guests,
        "visits": None if small[1] else arm.visits,
        "visit_rate": None if small[1] else arm.visit_rate,
        "mean_revenue_minor": None if small[1] else arm.mean_revenue_minor,
    }


def _effect(one: Measured, effect: Effect, report: Report, hidden: bool) -> dict[str, Any]:
    """Without a number while it would be noise, or while it would tell of a few guests."""
    days = more_days(one, effect, report)
    if hidden or effect.verdict == "not_enough_yet":
        said = {"verdict": effect.verdict, "more_guests": effect.more_guests, "note": effect.note}
        return said | {"smallest_effect": effect.smallest_effect, "more_days": days}
    return {**asdict(replace(effect, more_guests=None)), "more_days": days}
