"""What runs beside the requests: views, webhooks, expiry, effects, settlement. In a process of its own: tills go first.

One interpreter does one thing at a time (measured: views in the server's process took a quarter of its time under
load). The process ends with the one that started it, also when that was killed. Several of them on one database are
safe: one leads.
"""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from network.coalitions import Coalitions, open_connection
from network.expiry import ExpiryJob
from network.measuring.job import MeasuringJob
from network.projections.runner import ProjectionRunner
from network.settings import Settings
from network.settling import SettlementJob
from network.webhooks import WebhookSender

_NICENESS = 10
"""Where processors are short, tills go first and views follow."""

_LOOK_SECONDS = 1.0
_POLL_SECONDS = 0.01
"""It hears of no commit, so it looks often: a till that writes and then reads waits for this long at most."""


@contextmanager
def beside(settings: Settings, database_url: str, environment: Mapping[str, str]) -> Iterator[None]:
    """Run it for the length of the block."""
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "network.beside", str(os.getpid())],
        env={**environment, "DATABASE_URL": database_url, **settings.as_environment()},
        start_new_session=True,  # a terminal's Ctrl-C is for who started it, and comes even before Python can hear it
    )
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def main() -> int:
    """Work until told to stop, or until the parent is gone."""
    parent = int(sys.argv[1])
    if hasattr(os, "nice"):  # not on Windows
        os.nice(_NICENESS)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    settings = Settings.from_environment(os.environ)
    assert settings.database_url, "the parent names the database"
    coalitions = Coalitions(settings.database_url, settings.master_key)
    running = (
        ProjectionRunner(coalitions.directory, open_connection, poll_seconds=_POLL_SECONDS),
        WebhookSender(coalitions, dev=settings.dev),
        ExpiryJob(coalitions),
        MeasuringJob(coalitions),
        SettlementJob(coalitions),
    )
    for one in running:
        one.start()
    while not stop.wait(_LOOK_SECONDS) and os.getppid() == parent:
        pass
    for one in running:
        one.stop()
    coalitions.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
