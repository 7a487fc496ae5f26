"""One import from the first partner to the report. Killed at any moment, it is simply run again."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from typing import Any, TypeAlias

from psycopg import Connection, connect

from network.audit import audit
from network.coalitions import Coalitions, OpenCoalition, open_connection
from network.domain.statement import SettlementTerms
from network.replay.closings import CUT, Monthly, close
from network.replay.figures import catch_up, read_figures
from network.replay.importer import Importer
from network.replay.report import Tally, report_of
from network.replay.source import Source
from network.replay.steps import SETUP, Step, Steps, coalition_id_of
from network.store.recorder import CoalitionRecorder

Watch: TypeAlias = Callable[[str, int], Callable[[int], None]]
"""Told what begins and how many there are; returns what is told how many more are done."""


class SetupRefused(Exception):
    """The coalition of this name was not made by this import, or by one of other files."""


def replay(
    source: Source,
    *,
    database_url: str,
    master_key: bytes,
    slug: str,
    name: str,
    time_zone: str,
    limit: int | None,
    audited: bool,
    watch: Watch,
    monthly: SettlementTerms | None = None,
) -> dict[str, Any]:
    """Import what is not imported yet, and return the report; see `report_of`. `monthly`: with a window for each month.

    Raises: SetupRefused, CoalitionConflict, RequestConflict when the coalition is there with other details;
    psycopg's errors when the database is lost.
    """
    begins_at = source.begins_at
    coalitions = Coalitions(database_url, master_key, clock=lambda: begins_at)  # founded before its first line
    try:
        opened = coalitions.found(
            coalition_id=coalition_id_of(slug), slug=slug, name=name, currency=source.currency, time_zone=time_zone
        )
        coalitions.directory.mark_importing(opened.coalition_id, importing=True)
        url = opened.entry.database_url or database_url
        with closing(open_connection(url)) as connection:
            steps = Steps(source, opened.coalition_id)
            windows = Monthly(time_zone, monthly) if monthly else None
            tally, complete = _import(opened, steps, connection, limit, watch, windows)
            if complete:
                coalitions.directory.mark_importing(opened.coalition_id, importing=False)
            closed = _closed(opened, connection, windows, source, watch)
            _bring_views_up(opened, connection, watch)
            figures = read_figures(connection, opened.schema)
        findings = _audited(url, opened.schema, figures.position, watch) if audited else None
    finally:
        coalitions.close()
    coalition = {
        "coalition_id": str(opened.coalition_id),
        "slug": slug,
        "name": name,
        "currency": source.currency,
        "time_zone": time_zone,
    }
    report = report_of(
        coalition=coalition, steps=steps, tally=tally, figures=figures, findings=findings, complete=complete
    )
    return report | ({"windows": closed} if windows else {})


def _closed(
    opened: OpenCoalition, connection: Connection, windows: Monthly | None, source: Source, watch: Watch
) -> list[dict[str, Any]]:
    if windows is None:
        return []
    return close(opened, connection, windows.number, source.ends_at, watch("Stating windows", windows.number))


def _import(
    opened: OpenCoalition,
    steps: Steps,
    connection: Connection,
    limit: int | None,
    watch: Watch,
    windows: Monthly | None,
) -> tuple[Tally, bool]:
    """Returns also whether every line was decided; only then is ended what was over at the last instant."""
    recorder = CoalitionRecorder(connection, opened.schema, opened.entry.epoch)
    recorder.look_up_by_index()
    importer = Importer(opened.application, recorder)
    tally = Tally()

    def run(what: str, total: int, some: Iterable[Step]) -> None:
        done = watch(what, total)
        for outcome in importer.outcomes(some):
            tally.add(outcome)
            if outcome[0].kind == CUT and outcome[1]:
                raise SetupRefused(f"A window could not be cut: {outcome[1]}.")
            done(len(outcome[0].refs) if outcome[0].kind != SETUP else 1)

    setup = list(steps.setup())
    run("Setting up", len(setup), setup)
    if refused := tally.refused[SETUP]:
        raise SetupRefused(f"Setting up was refused: {', '.join(sorted(refused))}.")
    good = sum(steps.source.lines.values()) - sum(map(len, steps.source.bad.values()))
    complete = limit is None or limit >= good
    lines = steps.lines() if complete else _first(steps, limit or 0)
    run("Importing lines", good if complete else limit or 0, windows.between(lines) if windows else lines)
    if complete:
        expiries = list(steps.expiries(tally.alive))
        run("Ending what is over", len(expiries), expiries)
        if windows:
            run("Cutting the last window", 1, windows.last())
    return tally, complete


def _first(steps: Steps, limit: int) -> Iterator[Step]:
    """The steps of the first `limit` lines; a decision is never cut, so it may be a few more."""
    for step in steps.lines():
        if limit <= 0:
            return
        limit -= len(step.refs)
        yield step


def _audited(url: str, schema: str, events: int, watch: Watch) -> list[str]:
    """What disagrees, if anything does."""
    done = _up_to(watch("Auditing", events))
    with connect(url, autocommit=True) as owner:
        owner.execute("SET TimeZone = 'UTC'")
        report = audit(owner, schema, progress=lambda read, total: done(read))
    return [f"{finding.check}, {finding.where}: {finding.says}" for finding in report.findings]


def _bring_views_up(opened: OpenCoalition, connection: Connection, watch: Watch) -> None:
    head, _ = CoalitionRecorder(connection, opened.schema).head()
    catch_up(connection, opened.schema, _up_to(watch("Bringing the views up", head)))


def _up_to(done: Callable[[int], None]) -> Callable[[int], None]:
    """For those who tell how far they are, not how much they did since they last told."""
    last = 0

    def reached(place: int) -> None:
        nonlocal last
        done(place - last)
        last = place

    return reached
