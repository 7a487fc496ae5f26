"""Answers about settlement windows, their statements and disputes."""

from datetime import datetime
from typing import Any
from uuid import UUID

from network.api.answers.answer import Answer


class WindowState(Answer):
    """A window after a step of its closing."""

    number: int
    state: str


class WindowDetails(WindowState):
    """How far a window is: cut, stated, agreed, instructed, part_paid, settled."""

    window_id: UUID
    state_at: datetime
    cut_at: datetime
    method: str
    threshold: int
    review_days: int
    review_ends_at: datetime | None
    due_on: str | None


class VersionShown(Answer):
    """A version of a window; `in_force` is the newest. `current`: it is that, and takes in everything that has come to
    the window. `consented`: the caller agreed to its statement by word.
    """

    number: int
    state: str
    version: int
    in_force: int
    current: bool
    consented: bool
    defaulters: list[UUID]
    changes: list[dict[str, Any]]
    payments: list[dict[str, Any]]
    carried: list[dict[str, Any]]


class StatementPage(Answer):
    """A party's statement with a page of its lines; amounts are signed from its side."""

    heading: dict[str, Any]
    in_force: int
    version: int
    made_at: datetime | None
    party_id: UUID
    opening: int
    closing: int
    changes: dict[str, int]
    due: int
    rolled_over: int
    pairs: list[dict[str, Any]]
    lines: list[dict[str, Any]]
    next_after: int
    more: bool


class ScheduleState(Answer):
    """When windows are cut by themselves."""

    cadence: str
    day: int
    pay_days: int
    reminder_days: list[int]


class DisputeState(Answer):
    """A disputed line. `withheld`: its window leaves the amount out of what is to be paid."""

    dispute_id: UUID
    state: str
    window_number: int
    position: int
    kind: str
    debtor_id: UUID
    creditor_id: UUID
    amount: int
    reason: str
    withheld: bool
    answer_by: datetime
