"""Two processes of the network on one coalition, each with its own committer, started together."""

import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from typing import Any

from network.domain.errors import Refusal
from tests.support import HandClock, Neighbourhood, coalitions_of

_together: Any = None
Asked = tuple[str, dict[str, Any]]
Told = tuple[str, dict[str, Any]]


def _meet(barrier: Any) -> None:
    global _together  # noqa: PLW0603  (a spawned process is told of the barrier only like this)
    _together = barrier


def _trade(database_url: str, slug: str, clock: HandClock, asked: list[Asked]) -> list[Told]:
    with coalitions_of(database_url, clock) as coalitions:
        street = Neighbourhood(coalitions.open(slug), clock)
        _together.wait(60)
        futures = [street.ask(command, **details) for command, details in asked]
        return [_told(future) for future in futures]


def _told(future: Any) -> Told:
    answer = future.result(60)
    try:
        return "done", answer.facts()
    except Refusal as refusal:
        return refusal.code, dict(refusal.facts)


def trade_at_once(street: Neighbourhood, database_url: str, *asked: list[Asked]) -> list[Told]:
    """Each list of commands is sent by a process of its own; all answers, the first process's first."""
    context = multiprocessing.get_context("spawn")
    slug = street.opened.entry.slug
    barrier = context.Barrier(len(asked))
    with ProcessPoolExecutor(len(asked), mp_context=context, initializer=_meet, initargs=(barrier,)) as processes:
        futures = [processes.submit(_trade, database_url, slug, street.clock, one) for one in asked]
        return [told for future in futures for told in future.result(120)]
