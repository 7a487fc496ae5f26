"""A server that commits and then never answers: whatever it would do behind a commit does not happen.

`python -m tests.crash.silent_server DATABASE_URL` prints its address and runs until it is killed.
"""

import asyncio
import sys
from concurrent.futures import Future
from threading import Event
from typing import Any

from network.api.calls import Call
from network.application import Answer
from tests.api.street import serving


async def _committed_and_no_more(call: Call, future: "Future[Answer]") -> Any:
    await call.service.landing.result(future)
    await asyncio.Event().wait()


if __name__ == "__main__":
    Call.committed = _committed_and_no_more  # type: ignore[method-assign]
    with serving(sys.argv[1], beside=False) as server:
        sys.stdout.write(f"{server.url}\n")
        sys.stdout.flush()
        Event().wait()
