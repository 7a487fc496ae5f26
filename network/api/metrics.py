"""What Prometheus scrapes: requests, commands, appends, and how far views and webhooks are behind."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


class Metrics:
    """One application's figures. Labels are routes, statuses, coalitions and projections: never ids or people."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "pollen_requests", "Requests answered", ("method", "route", "status"), registry=self.registry
        )
        self.command_seconds = Histogram(
            "pollen_command_seconds",
            "From the parsed command to its committed answer",
            buckets=_SECONDS,
            registry=self.registry,
        )
        self.append_events = Histogram(
            "pollen_append_events",
            "Events written by one group commit of this process",
            buckets=(1, 2, 4, 8, 16, 32, 64, 128, 256, 512),
            registry=self.registry,
        )
        self.position = Gauge("pollen_log_position", "Last position of the log", ("coalition",), registry=self.registry)
        self.projection_lag = Gauge(
            "pollen_projection_lag_events",
            "Events that a view does not show yet",
            ("coalition", "projection"),
            registry=self.registry,
        )
        self.webhook_lag = Gauge(
            "pollen_webhook_lag_events",
            "Log positions that the slowest active webhook is behind",
            ("coalition",),
            registry=self.registry,
        )
        self._counted: dict[tuple[str, str, int], Counter] = {}
        self._positions: dict[str, int] = {}

    def count_request(self, method: str, route: str, status: int) -> None:
        """One request, answered."""
        key = (method, route, status)
        counter = self._counted.get(key)
        if counter is None:
            counter = self._counted[key] = self.requests.labels(method, route, str(status))
        counter.inc()

    def appended(self, slug: str, position: int) -> None:
        """A group commit of this process is in the log. Called by the committer's thread."""
        before = self._positions.get(slug, position)
        self._positions[slug] = position
        if position > before:
            self.append_events.observe(position - before)

    def text(self) -> bytes:
        """The exposition format."""
        return generate_latest(self.registry)
