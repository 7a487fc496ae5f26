"""A measured effect on revenue as what stays with the shop."""

from typing import Any


def with_margin(document: dict[str, Any], margin: int) -> dict[str, Any]:
    """The same with every effect on revenue also as what stays with the shop: `margin` basis points of it."""
    for one in [*document["pairs"], document["together"]]:
        one["margin"] = _kept_of(one["revenue"], margin / 10_000) if one["revenue"] else None
    return document


def _kept_of(revenue: dict[str, Any], part: float) -> dict[str, Any]:
    """Differences and their bounds times `part`; what is said beside them stays."""

    def scaled(name: str, value: Any) -> Any:
        if value is None or not (name in ("difference", "smallest_effect") or "interval" in name):
            return value
        return [part * bound for bound in value] if "interval" in name else part * value

    return {name: scaled(name, value) for name, value in revenue.items()}
