"""Where commands print their tables."""

import sys

from rich.console import Console

REDIRECTED_COLUMNS = 140
"""A file or a pipe has no width of its own; a figure that is cut off is no figure."""


def screen() -> Console:
    """The terminal as wide as it is; anything else wide enough for every column."""
    return Console(highlight=False, width=None if sys.stdout.isatty() else REDIRECTED_COLUMNS)
