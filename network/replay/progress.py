"""Bars for a terminal: what is done, how fast, and how long it will still take."""

from collections.abc import Callable
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.text import Text


class Bars:
    """One bar for each part of the work. Use it as a context; `where` says how far it came."""

    def __init__(self, console: Console) -> None:
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            _Rate(),
            TimeRemainingColumn(),
            TimeElapsedColumn(),
            console=console,
            refresh_per_second=4,
        )
        self._current: TaskID | None = None

    def begin(self, what: str, total: int) -> Callable[[int], None]:
        """A new bar; call the result with how many more are done."""
        task_id = self._current = self._progress.add_task(what, total=total)
        return lambda more: self._progress.advance(task_id, more)

    def where(self) -> str:
        """As in: stopped ..."""
        if self._current is None:
            return "before anything was imported"
        task = self._progress.tasks[self._current]
        return f"at {task.description!r}, {task.completed:.0f} of {task.total:.0f}"

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()


class _Rate(ProgressColumn):
    """How many a second, lately; in the end, on the whole."""

    def render(self, task: Task) -> Text:
        speed = task.finished_speed or task.speed
        return Text("" if speed is None else f"{speed:,.0f}/s".replace(",", " "), style="progress.data.speed")
