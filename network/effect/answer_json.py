"""The answer as a JSON document: every figure with its unit, denominator and method."""

import json
from dataclasses import asdict
from typing import Any

from network.effect.answers import Answer
from network.effect.contrast import KEPT_BACK, LIKE_PAYERS_MIN, PAYERS_MIN
from network.effect.planning import POWER
from network.effect.sizes import ALARM_BELOW

METHODS = {
    "estimate": "intention to treat; Hájek: means weighted by one over the probability of the arm that was drawn",
    "visits": "Miettinen-Nurminen score on effective counts; rates per guest",
    "revenue": "union of Welch (fourth-moment degrees of freedom) and Hall (skewness); minor units per guest",
    "always_valid": "asymptotic confidence sequence, Waudby-Smith et al. 2024, theorem 2.2, in the same statistics",
    "several_arms": "Holm for p-values, Bonferroni for the intervals of all arms; each outcome is a family of its own",
    "one_look": f"computed at {KEPT_BACK} of alpha: the rest is kept back for the approximations",
    "payers_min": PAYERS_MIN,
    "like_payers_min": LIKE_PAYERS_MIN,
    "power": POWER,
    "sizes_alarm_below": ALARM_BELOW,
}


def answer_document(answer: Answer, *, file: str, left_out: list[str], left_out_count: int) -> dict[str, Any]:
    """A figure that can't be given is null, never NaN."""
    document = asdict(answer)
    document["sizes"]["passed"] = answer.sizes.passed
    return {"file": file, "methods": METHODS, "left_out": left_out, "left_out_count": left_out_count, **document}


def as_json(document: dict[str, Any]) -> bytes:
    """Ids become text. Raises: ValueError for a number that JSON cannot hold, which only a bug lets through."""
    return json.dumps(document, ensure_ascii=False, indent=2, allow_nan=False, default=str).encode() + b"\n"
