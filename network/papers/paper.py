"""A paper before it is drawn: what stands on it, in order. Everything is text already."""

from dataclasses import dataclass
from typing import TypeAlias

from network.papers.words import Said

Cell: TypeAlias = str | Said


@dataclass(frozen=True, slots=True)
class Column:
    """`width`: auto, 1fr (what is left), or centimetres. A figure stands to the right and is never broken."""

    label: Said
    width: str = "auto"
    figure: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """`strong` for what adds others up."""

    cells: tuple[Cell, ...]
    strong: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """`small` for what may be thousands of rows; `dense` where figures are too long for the usual type. The head is
    repeated on every page.
    """

    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    title: Said = ()
    note: Said = ()
    small: bool = False
    dense: bool = False


@dataclass(frozen=True, slots=True)
class Paper:
    """One document. `answer`: the few words and the sum that its reader wants to know first."""

    title: Said
    name: str
    issuer: str
    facts: tuple[tuple[Said, Said], ...]
    answer: Said
    sum: Said
    sentences: tuple[Said, ...]
    tables: tuple[Table, ...]
    proof: tuple[tuple[Said, str], ...]
    proof_title: Said
    footer: str
    language: str
    notes: tuple[Said, ...] = ()
