"""Where the processor's time goes: the server, the views beside it, the database, and who sends the requests."""

import os
import resource
import time
from dataclasses import asdict, dataclass

import psutil
import psycopg
from psycopg import sql

from benchmarks.http import Served, Shops

FOLLOWED_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class Spent:
    """Processor time of each part. In all since it began, in seconds; of one request, in microseconds."""

    server: float
    views: float
    database: float
    client: float

    @property
    def total(self) -> float:
        """All parts together."""
        return self.server + self.views + self.database + self.client

    def of_each(self, before: "Spent", requests: int) -> "Spent":
        """What one of so many requests took since `before`."""
        ours, theirs = asdict(self), asdict(before)
        return Spent(**{part: 1e6 * (ours[part] - theirs[part]) / requests for part in ours})


class Parts:
    """The processes of one served network."""

    def __init__(self, served: Served, database_url: str) -> None:
        self._url = database_url
        self._server = psutil.Process(served.process_id)
        (self._beside,) = (one for one in self._server.children() if "network.beside" in one.cmdline())
        with psycopg.connect(database_url) as connection:
            postmaster = psutil.Process(connection.info.backend_pid).parent()
        assert postmaster is not None, "the database runs on this machine"
        self._postmaster = postmaster

    def spent(self) -> Spent:
        """Since they began."""
        children = resource.getrusage(resource.RUSAGE_CHILDREN)
        backends = sum(_own(one) for one in self._postmaster.children())
        ended = self._postmaster.cpu_times()
        return Spent(
            server=_own(self._server),
            views=_own(self._beside),
            database=_own(self._postmaster) + backends + ended.children_user + ended.children_system,
            client=children.ru_utime + children.ru_stime,
        )

    def wait_for_views(self, schema: str) -> None:
        """Until every view shows the whole log. Raises: TimeoutError."""
        behind = sql.SQL("SELECT count(*) FROM {t} t, {h} h WHERE t.position < h.position").format(
            t=sql.Identifier(schema, "tracking"), h=sql.Identifier(schema, "head")
        )
        until = time.monotonic() + FOLLOWED_SECONDS
        with psycopg.connect(self._url, autocommit=True) as connection:
            while connection.execute(behind).fetchone() != (0,):
                if time.monotonic() > until:
                    raise TimeoutError("the views did not follow")
                time.sleep(0.2)


@dataclass(frozen=True, slots=True)
class Budget:
    """What one floor request and one redemption take of all parts, views followed, and what the processors allow."""

    processors: int
    floor_per_second: float
    floor: Spent
    redeem: Spent

    @property
    def most(self) -> float:
        """The most that redeem to floor can be for as long as views follow: all processors busy, nobody waiting."""
        return self.processors * 1e6 / self.redeem.total / self.floor_per_second

    @property
    def most_without_server(self) -> float:
        """The same if the server's own work cost nothing."""
        return self.processors * 1e6 / (self.redeem.total - self.redeem.server) / self.floor_per_second


def budget(shops: Shops, parts: Parts, clients: int, requests: int) -> Budget:
    """One round of floor and redeem, each followed to the end."""
    schema = shops.schema
    _, tokens = shops.issue(shops.paid(requests), clients)
    parts.wait_for_views(schema)
    idle = parts.spent()
    floored = shops.redeem(tokens, clients, "/bench/floor")
    asked = parts.spent()
    shops.redeem(tokens, clients)
    parts.wait_for_views(schema)
    return Budget(
        processors=os.cpu_count() or 1,
        floor_per_second=floored.per_second,
        floor=asked.of_each(idle, requests),
        redeem=parts.spent().of_each(asked, requests),
    )


def _own(process: psutil.Process) -> float:
    try:
        times = process.cpu_times()
    except psutil.NoSuchProcess:
        return 0.0
    return float(times.user + times.system)
