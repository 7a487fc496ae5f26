"""Where blocking reads run: a few threads, so that the event loop never waits for the database or a picture."""

from collections.abc import Callable
from functools import partial
from typing import ParamSpec, TypeVar

from anyio import CapacityLimiter, to_thread
from anyio.lowlevel import RunVar

THREADS = 8
"""As many as a coalition's pool has connections: more would only wait for one."""

P = ParamSpec("P")
R = TypeVar("R")
_limiter: RunVar[CapacityLimiter] = RunVar("network.api.threads")


async def in_thread(function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Call a blocking function without blocking the others."""
    limiter = _limiter.get(None)
    if limiter is None:
        limiter = CapacityLimiter(THREADS)
        _limiter.set(limiter)
    return await to_thread.run_sync(partial(function, *args, **kwargs), limiter=limiter)
