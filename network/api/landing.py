"""Where committed answers come back to the event loop: a whole batch with one wake-up, not one for each command."""

import asyncio
from collections import deque
from concurrent.futures import Future
from typing import TypeVar

R = TypeVar("R")


class Landing:
    """Belongs to one event loop. `asyncio.wrap_future` would write to the loop's pipe once for every command."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._landed: deque[tuple[asyncio.Future[object], Future[object]]] = deque()
        self._called = False

    async def result(self, future: "Future[R]") -> R:
        """What another thread sets, or raises. Nobody cancels a command that was queued: it may be written already."""
        loop = asyncio.get_running_loop()
        if loop is not self._loop:
            self._loop, self._called = loop, False
        waiting: asyncio.Future[R] = loop.create_future()
        future.add_done_callback(lambda done: self._land(loop, waiting, done))  # type: ignore[arg-type]
        return await waiting

    def _land(self, loop: asyncio.AbstractEventLoop, waiting: "asyncio.Future[object]", done: "Future[object]") -> None:
        """In the committer's thread. The answer is in the queue before the flag is read, so none is left behind."""
        self._landed.append((waiting, done))
        if not self._called:
            self._called = True
            loop.call_soon_threadsafe(self._deliver)

    def _deliver(self) -> None:
        self._called = False
        while self._landed:
            waiting, done = self._landed.popleft()
            if waiting.done():
                continue
            error = done.exception()
            if error is not None:
                waiting.set_exception(error)
            else:
                waiting.set_result(done.result())
