"""What may know what, and what a rule may depend on."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOMAIN = sorted((ROOT / "network" / "domain").rglob("*.py"))
ALLOWED_IN_DOMAIN = {
    "collections",
    "dataclasses",
    "datetime",
    "enum",
    "eventsourcing",
    "fractions",
    "functools",
    "heapq",
    "itertools",
    "math",
    "network.domain",
    "operator",
    "re",
    "typing",
    "uuid",
    "zoneinfo",
}
NOW_OR_CHANCE = {
    ("datetime", "now"),
    ("datetime", "utcnow"),
    ("datetime", "today"),
    ("date", "today"),
    ("datetime_now_with_tzinfo", ""),
    ("uuid", "uuid1"),
    ("uuid", "uuid4"),
    ("uuid", "uuid7"),
}


def imports(tree: ast.AST) -> Iterator[tuple[str, str]]:
    """Each imported `(module, name)`; the name is empty for a whole module."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, "") for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from ((node.module or "", alias.name) for alias in node.names)


def test_every_contract_of_the_layers_is_kept() -> None:
    program = Path(sys.executable).parent / "lint-imports"

    done = subprocess.run([program, "--no-logo", "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 broken" in done.stdout


@pytest.mark.parametrize("file", DOMAIN, ids=lambda file: file.name)
def test_a_rule_depends_on_nothing_but_its_arguments(file: Path) -> None:
    tree = ast.parse(file.read_text(encoding="utf-8"))

    foreign = {
        module
        for module, _ in imports(tree)
        if module not in ALLOWED_IN_DOMAIN
        and module.split(".")[0] not in ALLOWED_IN_DOMAIN
        and not module.startswith("network.domain")
    }

    assert foreign == set()


@pytest.mark.parametrize("file", DOMAIN, ids=lambda file: file.name)
def test_a_rule_reads_no_clock_and_draws_no_lots(file: Path) -> None:
    tree = ast.parse(file.read_text(encoding="utf-8"))

    called = {
        (node.func.value.id, node.func.attr)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Name)
    }
    # Events are always given their instant: the library's default would read the clock.
    untimed = [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in ("trigger_event", "_create")
        and "timestamp" not in {keyword.arg for keyword in node.keywords}
    ]

    assert (called | set(imports(tree))) & NOW_OR_CHANCE == set()
    assert untimed == []


@pytest.mark.parametrize("file", DOMAIN, ids=lambda file: file.name)
def test_money_is_counted_in_whole_units(file: Path) -> None:
    tree = ast.parse(file.read_text(encoding="utf-8"))

    inexact = [
        node.lineno
        for node in ast.walk(tree)
        if (isinstance(node, ast.Constant) and isinstance(node.value, float))
        or (isinstance(node, ast.BinOp | ast.AugAssign) and isinstance(node.op, ast.Div))
        or (isinstance(node, ast.Name) and node.id in ("float", "round", "Decimal"))
    ]

    assert inexact == []
