"""Answers about a partner that does not pay: who bears what."""

from typing import Any
from uuid import UUID

from network.api.answers.answer import Answer


class Recomputed(Answer):
    """A new version of a window."""

    window_id: UUID
    number: int
    state: str
    version: int
    payments: int
    to_pay: int


class DepositState(Answer):
    """What is left of a partner's deposit."""

    merchant_id: UUID
    balance: int
    held_by: str


class DefaultDeclared(Answer):
    """Who bears what, step by step: deposit, set-off, pool, creditors."""

    default_id: UUID
    window_number: int
    version: int
    defaulter_id: UUID
    waterfall: dict[str, Any]
    payments: int
    to_pay: int


class DefaultRecovered(Answer):
    """What is still lost after a recovery."""

    default_id: UUID
    amount: int
    paid_to: UUID
    still_lost: int


class DrillShown(Answer):
    """What a default would cost whom, as the log stood at `position`. An owner's cases are its own losses."""

    position: int
    worst: list[dict[str, Any]]
    cases: list[dict[str, Any]]
