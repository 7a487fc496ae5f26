"""Read an experiment's file: a million rows in seconds, and every row that cannot be used by its line number.

A block of good lines is checked column by column; only a block with something odd in it is read row by row. Quoted
fields may hold commas but no line breaks, so that one bad line costs no other.
"""

from array import array
from dataclasses import dataclass, field
from pathlib import Path

from network.effect.columns import Columns, columns_of
from network.effect.fields import FieldRefused, Row, row_of
from network.effect.lines import FileRefused, read_blocks, split

COLUMNS = ("customer_ref", "arm", "probability", "visited", "revenue_minor")
OPTIONAL_COLUMN = "pre_revenue_minor"
ARMS_MAX = 50
BAD_ROWS_KEPT = 1_000


@dataclass(slots=True)
class Rows:
    """The good rows as columns, and what is wrong with the others."""

    name: str
    has_pre_revenue: bool
    arms: dict[str, int] = field(default_factory=dict)
    """The arms' numbers, in the order in which they first appear."""
    arm: "array[int]" = field(default_factory=lambda: array("q"))
    probability: "array[float]" = field(default_factory=lambda: array("d"))
    visited: "array[float]" = field(default_factory=lambda: array("d"))
    revenue: "array[float]" = field(default_factory=lambda: array("d"))
    pre_revenue: "array[float]" = field(default_factory=lambda: array("d"))
    customer: "array[int]" = field(default_factory=lambda: array("q"))
    """A hash of the reference; `repeated` looks again where two agree."""
    line: "array[int]" = field(default_factory=lambda: array("q"))
    bad: list[tuple[int, str]] = field(default_factory=list)
    bad_count: int = 0

    def refuse(self, line: int, reason: str) -> None:
        """Leave a line out."""
        self.bad_count += 1
        if len(self.bad) < BAD_ROWS_KEPT:
            self.bad.append((line, reason))

    def bad_rows(self) -> list[str]:
        """Each as `file:line: reason`, in the order of the file; at most a thousand."""
        return [f"{self.name}:{line}: {reason}" for line, reason in sorted(self.bad)]

    def arm_number(self, arm: str, line: int) -> int:
        """Raises: FileRefused when the column cannot be what it is called."""
        number = self.arms.setdefault(arm, len(self.arms))
        if number >= ARMS_MAX:
            raise FileRefused(f"{self.name}:{line}: more than {ARMS_MAX} arms; is {arm!r} one?")
        return number


def read_rows(path: Path) -> Rows:
    """Every row of a .csv or .csv.gz. Raises: FileRefused."""
    blocks = read_blocks(path)
    _, first = next(blocks, (1, [""]))
    header = _header(path.name, first[0])
    rows = Rows(path.name, OPTIONAL_COLUMN in header)
    _read(rows, header, 2, first[1:])
    for number, lines in blocks:
        _read(rows, header, number, lines)
    if not rows.arm and not rows.bad:
        raise FileRefused(f"{path.name}:1: holds no rows below its header")
    return rows


def _header(name: str, line: str) -> list[str]:
    try:
        header = [column.strip() for column in split(line)]
    except FieldRefused as refusal:
        raise FileRefused(f"{name}:1: {refusal}") from None
    if not line.strip():
        raise FileRefused(f"{name}:1: is empty; the columns are {','.join(COLUMNS)}[,{OPTIONAL_COLUMN}]")
    for column in (*COLUMNS, OPTIONAL_COLUMN):
        if header.count(column) > 1:
            raise FileRefused(f"{name}:1: more than one column {column}")
        if column not in header and column != OPTIONAL_COLUMN:
            hint = "; are the fields separated by commas?" if len(header) == 1 else ""
            raise FileRefused(f"{name}:1: no column {column}{hint}")
    return header


def _read(rows: Rows, header: list[str], number: int, lines: list[str]) -> None:
    if (columns := columns_of(lines, header)) is not None:
        _extend(rows, number, columns)
        return
    for place, line in enumerate(lines, start=number):
        if line.strip():
            try:
                _append(rows, place, row_of(_fields(header, line)))
            except FieldRefused as refusal:
                rows.refuse(place, str(refusal))


def _fields(header: list[str], line: str) -> dict[str, str]:
    fields = split(line)
    if len(fields) != len(header):
        raise FieldRefused(f"has {len(fields)} fields, not {len(header)}")
    return dict(zip(header, fields, strict=True))


def _extend(rows: Rows, number: int, columns: Columns) -> None:
    numbers = {arm: rows.arm_number(arm, number + columns.arm.index(arm)) for arm in dict.fromkeys(columns.arm)}
    rows.arm.extend(numbers[arm] for arm in columns.arm)
    rows.probability.frombytes(columns.probability.tobytes())
    rows.visited.frombytes(columns.visited.tobytes())
    rows.revenue.frombytes(columns.revenue.tobytes())
    rows.pre_revenue.frombytes(columns.pre_revenue.tobytes())
    rows.customer.extend(map(hash, columns.customer_ref))
    rows.line.extend(range(number, number + len(columns.arm)))


def _append(rows: Rows, number: int, row: Row) -> None:
    rows.arm.append(rows.arm_number(row.arm, number))
    rows.probability.append(row.probability)
    rows.visited.append(row.visited)
    rows.revenue.append(row.revenue)
    rows.pre_revenue.append(row.pre_revenue)
    rows.customer.append(hash(row.customer_ref))
    rows.line.append(number)
