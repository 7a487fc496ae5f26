"""Banking is functions of their arguments: no clock, no chance, no network, no database."""

import ast
from pathlib import Path

import pytest

NETWORK = Path(__file__).parents[2] / "network"
FILES = [*sorted((NETWORK / "banking").glob("*.py")), NETWORK / "telling.py"]
"""And how they tell how far they are: to whom, is an argument."""
ALLOWED = {
    "collections",
    "csv",
    "dataclasses",
    "datetime",
    "enum",
    "functools",
    "hashlib",
    "io",
    "itertools",
    "lxml",
    "re",
    "typing",
    "unicodedata",
    "uuid",
}


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_a_file_depends_on_nothing_that_changes(file: Path) -> None:
    tree = ast.parse(file.read_text(encoding="utf-8"))

    imported = {
        name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in ([node.module or ""] if isinstance(node, ast.ImportFrom) else [alias.name for alias in node.names])
    }
    called = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}

    ours = {name for name in imported if name.startswith(("network.banking", "network.domain", "network.telling"))}
    assert {name.split(".")[0] for name in imported - ours} <= ALLOWED
    assert called & {"now", "today", "utcnow", "uuid1", "uuid4", "open"} == set()
