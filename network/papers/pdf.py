"""A paper as PDF, drawn by Typst with the fonts of its own wheel: the same on a bare machine, and the same bytes."""

from datetime import UTC, datetime
from pathlib import Path

import msgspec
import typst

from network.papers.paper import Paper
from network.papers.statement import paper_of
from network.settlement.statement import Statement

TEMPLATE = Path(__file__).with_name("paper.typ")

TAGGED_ROWS = 1_000
"""A longer paper has no structure for a screen reader: it would be ten times as large."""


def as_pdf(statement: Statement, languages: tuple[str, ...], count: int | None = None) -> bytes:
    """The statement by its version, in one language or two. `count`: as in `paper_of`."""
    return drawn(paper_of(statement, languages, count), statement.made_at or statement.heading.stated_at)


def drawn(paper: Paper, dated: datetime) -> bytes:
    """`dated` stands in the file's properties in place of a clock."""
    rows = sum(len(table.rows) for table in paper.tables)
    return typst.compile(
        TEMPLATE.read_bytes(),
        font_paths=[],
        ignore_system_fonts=True,
        sys_inputs={"paper": msgspec.json.encode(paper).decode()},
        timestamp=int(dated.astimezone(UTC).timestamp()),
        pdf_tags=rows <= TAGGED_ROWS,
    )
