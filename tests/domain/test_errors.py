import ast
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from network.domain import errors
from network.domain.errors import Fact, Refusal, refusal_of

ROOT = Path(__file__).resolve().parents[2]


def refusals(of: type[Refusal] = Refusal) -> list[type[Refusal]]:
    return [
        one
        for sub in of.__subclasses__()
        for one in (sub, *refusals(sub))
        if one.__module__.startswith(errors.__name__)
    ]


def test_every_code_is_its_own_and_reads_as_a_word() -> None:
    codes = [one.code for one in (Refusal, *refusals())]

    assert len(set(codes)) == len(codes)
    assert [code for code in codes if not re.fullmatch(r"[a-z]+(_[a-z]+)*", code)] == []


def test_the_tree_in_the_docstring_is_the_tree() -> None:
    drawn = set(re.findall(r"\b[A-Z]\w+[a-z]\b", (errors.__doc__ or "").partition("\n\n")[2]))
    branches = (errors.NotFound, errors.NotAllowed, errors.Conflict, errors.Invalid)

    leaves = {one.__name__ for branch in branches for one in refusals(branch)}

    assert leaves - drawn == set()
    assert drawn - {one.__name__ for one in (Refusal, *refusals())} == set()


@pytest.mark.parametrize("kind", refusals(), ids=lambda kind: kind.code)
def test_a_sentence_is_for_a_cashier(kind: type[Refusal]) -> None:
    facts: dict[str, object] = dict.fromkeys(re.findall(r"{(\w+)}", kind.sentence), "X")

    said = str(kind(**facts))

    assert "{" not in said
    assert kind.sentence == "{reason}" or (said[0].isupper() and said.endswith("."))
    assert kind.code not in said


def test_every_refusal_is_raised_by_some_rule() -> None:
    """A class that nobody raises is a promise that nobody keeps: delete it."""
    raised: set[str] = set()
    for file in (ROOT / "network").rglob("*.py"):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        names: dict[str, str] = {}
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom):
                names |= {alias.asname or alias.name: alias.name for alias in node.names}
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                raised.add(names.get(node.func.id, node.func.id))
            if isinstance(node, ast.Dict):  # `unit` finds the NotFound of a noun in a table
                raised |= {value.id for value in node.values if isinstance(value, ast.Name)}
            if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Name):
                raised.add(node.exc.id)

    branches = {"NotFound", "NotAllowed"}
    assert sorted({one.__name__ for one in refusals()} - raised - branches) == []


@pytest.mark.parametrize(
    ("refusal", "detail", "facts"),
    [
        (errors.BillTooSmallToRedeem(bill=999, smallest=1_000, currency="EUR"),
         "The bill of 9.99 EUR is under 10.00 EUR. This certificate needs a bigger bill.",
         {"bill": 999, "smallest": 1_000, "currency": "EUR"}),
        (errors.InsufficientBalance(outstanding=1_000, requested=1_001, currency="JPY"),
         "This certificate has 1000 JPY left; 1001 JPY was asked.",
         {"outstanding": 1_000, "requested": 1_001, "currency": "JPY"}),
        (errors.CertificateExpired(expired_at=datetime(2026, 4, 1, 21, tzinfo=UTC)),
         "This certificate ended on 2026-04-01 21:00 (UTC).",
         {"expired_at": "2026-04-01T21:00:00+00:00"}),
        (errors.AllotmentExhausted(left=1, requested=2),
         "Only 1 certificates are left in this stock; 2 were asked.",
         {"left": 1, "requested": 2}),
        (errors.VersionNotPending(version=3),
         "Version 3 is not waiting for an answer.",
         {"version": 3}),
    ],
)  # fmt: skip
def test_a_refusal_has_a_code_a_sentence_and_facts(refusal: Refusal, detail: str, facts: dict[str, Fact]) -> None:
    body = refusal.body()

    assert body == {"code": refusal.code, "detail": detail, **facts}
    again = refusal_of(dict(body))
    assert (type(again), str(again), again.body()) == (type(refusal), detail, body)


def test_a_code_of_a_later_version_is_still_a_refusal() -> None:
    later = refusal_of({"code": "from_the_future", "detail": "Not today.", "left": 3})

    assert (type(later), str(later), later.facts) == (Refusal, "Not today.", {"left": 3})
