"""Has the steps decided in order, many at a time; what an earlier run had decided is not asked again."""

from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future
from itertools import islice
from typing import TypeAlias

from network.application import Answer, Application
from network.domain.errors import Refusal
from network.replay.steps import Step
from network.store.recorder import CoalitionRecorder

WINDOW = 512
"""Commands in flight: enough that the committer always finds a full batch."""

LOOKED_UP = 2_048
"""Request keys that are looked up in one query."""

Outcome: TypeAlias = tuple[Step, str]
"""What became of a step: the code of its refusal, empty when it was accepted."""


class Importer:
    """Asks for each step once in the life of a coalition. `recorder` reads the stored answers."""

    def __init__(self, application: Application, recorder: CoalitionRecorder) -> None:
        self._application = application
        self._recorder = recorder

    def outcomes(self, steps: Iterable[Step]) -> Iterator[Outcome]:
        """Every step's outcome. The committer decides in the order of the steps; a crash leaves a first part decided.

        A step whose request key has an accepted answer to the same details is done. All else is asked, refusals too:
        the committer then repeats the stored answer. Raises: what the committer failed with, e.g. a lost database.
        """
        waiting: deque[tuple[Step, Future[Answer]]] = deque()
        for step in self._not_done(steps):
            if isinstance(step, Step):
                waiting.append((step, step.ask(self._application)))
                if len(waiting) >= WINDOW:
                    yield _outcome(*waiting.popleft())
            else:
                yield step
        while waiting:
            yield _outcome(*waiting.popleft())

    def _not_done(self, steps: Iterable[Step]) -> Iterator[Step | Outcome]:
        rest = iter(steps)
        while some := list(islice(rest, LOOKED_UP)):
            stored = self._recorder.answers([(step.request.caller, step.request.key) for step in some])
            for step in some:
                answer = stored.get((step.request.caller, step.request.key))
                if answer and not answer.refused and answer.fingerprint == step.request.fingerprint:
                    yield step, ""
                else:
                    yield step


def _outcome(step: Step, future: Future[Answer]) -> Outcome:
    answer = future.result()
    if not answer.refused:
        return step, ""
    try:
        answer.facts()
    except Refusal as refusal:
        return step, refusal.code
    raise AssertionError("a refused answer says which refusal it is")
