"""What one field of an experiment's row may hold, and why it is refused."""

import math
import re
from collections.abc import Collection
from typing import NamedTuple

from network.domain.units import MINOR_MAX, Minor

NAME_MAX = 200
"""Letters of a customer's reference or an arm's name."""
PROBABILITY_MIN = 1e-9
"""Nobody draws at smaller odds, and one guest at such odds would outweigh all others."""
_AMOUNT = re.compile(r"[0-9]{1,13}", re.ASCII)
_DECIMAL = re.compile(r"[0-9]*\.?[0-9]+([eE][+-]?[0-9]{1,3})?|[0-9]+\.", re.ASCII)


class FieldRefused(ValueError):
    """A field that cannot be meant; its text says why."""


class Row(NamedTuple):
    """One customer of the experiment."""

    customer_ref: str
    arm: str
    probability: float
    visited: int
    revenue: Minor
    pre_revenue: Minor


def row_of(fields: dict[str, str]) -> Row:
    """Raises: FieldRefused."""
    fields = {column: field.strip() for column, field in fields.items()}
    row = Row(
        customer_ref=_name(fields, "customer_ref"),
        arm=_name(fields, "arm"),
        probability=_probability(fields["probability"]),
        visited=_flag(fields["visited"]),
        revenue=_amount(fields, "revenue_minor"),
        pre_revenue=_amount(fields, "pre_revenue_minor") if "pre_revenue_minor" in fields else 0,
    )
    if row.revenue and not row.visited:
        raise FieldRefused(f"visited is 0, but revenue_minor is {row.revenue}: who spends has visited")
    return row


def are_names(fields: Collection[str]) -> bool:
    """Whether all are plainly references or arms: what `row_of` takes."""
    return all(fields) and len(max(fields, key=len)) <= NAME_MAX and "".join(fields).isprintable()


def are_amounts(fields: Collection[str]) -> bool:
    """Whether all are plainly amounts: 12 digits are always allowed, 13 have to be looked at."""
    together = "".join(fields)
    return all(fields) and together.isascii() and together.isdigit() and len(max(fields, key=len)) <= 12


def _name(fields: dict[str, str], column: str) -> str:
    if not 0 < len(fields[column]) <= NAME_MAX:
        raise FieldRefused(f"{column} has {len(fields[column])} letters, not 1 to {NAME_MAX}")
    if not fields[column].isprintable():
        raise FieldRefused(f"{column} holds letters that cannot be printed")
    return fields[column]


def _probability(field: str) -> float:
    value = float(field) if _DECIMAL.fullmatch(field) else math.nan
    if not 0 < value <= 1:
        raise FieldRefused(f"probability is {_shown(field)}, not a number above 0 and at most 1")
    if value < PROBABILITY_MIN:
        raise FieldRefused(f"probability is {_shown(field)}, below one in a thousand million: nothing is drawn so")
    return value


def _flag(field: str) -> int:
    if field not in ("0", "1"):
        raise FieldRefused(f"visited is {_shown(field)}, not 0 or 1")
    return int(field)


def _amount(fields: dict[str, str], column: str) -> Minor:
    field = fields[column]
    if not _AMOUNT.fullmatch(field) or int(field) > MINOR_MAX:
        raise FieldRefused(f"{column} is {_shown(field)}, not a whole number from 0 to {MINOR_MAX}")
    return int(field)


def _shown(field: str) -> str:
    return "empty" if not field else repr(field[:40])
