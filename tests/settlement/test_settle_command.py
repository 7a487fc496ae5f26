"""`scripts/settle` closes a window step by step, and says why when it cannot."""

import csv
import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import UUID

import pytest

from network.cli import settle
from tests.settlement.streets import owes
from tests.support import HandClock, Neighbourhood, coalitions_of, found, migrated

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def street(database_url: str) -> Iterator[Neighbourhood]:
    clock = HandClock()
    with coalitions_of(migrated(database_url), clock) as coalitions:
        yield found(coalitions, clock)


@pytest.fixture
def run(database_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Run:
    monkeypatch.setenv("POLLEN_DATA_DIR", str(tmp_path / "home"))
    monkeypatch.setenv("COLUMNS", "160")

    def settled(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.argv", ["settle", "--database-url", database_url, *words])
        code = settle.main()
        return code, *capsys.readouterr()

    return settled


@pytest.fixture
def shops(street: Neighbourhood) -> tuple[UUID, UUID]:
    salon, restaurant = street.merchant("Salon"), street.merchant("Restaurant")
    owes(street, salon, restaurant, 500)
    owes(street, restaurant, salon, 120)
    return salon, restaurant


def test_a_window_is_closed_step_by_step(
    run: Run, street: Neighbourhood, shops: tuple[UUID, UUID], tmp_path: Path
) -> None:
    assert "as if it were cut now" in run("netting")[1]
    cut = run("cut", "--method", "bilateral", "--review-days", "3")
    assert cut[:2] == (0, f"Window 1 is cut at position {street.head()}. Next: scripts/settle state\n")
    code, said, _ = run("state")
    assert (code, said.partition(", hash")[0]) == (0, "Window 1 is stated: 1 payments")
    assert run("state")[1] == "No window waits for its statement.\n"
    assert run("agree")[1] == "Agreed by silence: none.\n"
    assert "3.80 EUR" in run("list")[1]
    assert "The nets of 2 parties sum to 0." in run("show", "--window", "1")[1]
    files = ("--json", str(tmp_path / "one.json"), "--csv", str(tmp_path))
    code, said, _ = run("show", "--window", "1", "--party", "salon", *files)
    assert (code, "-3.80 EUR is paid now" in said) == (0, True)
    statement = json.loads((tmp_path / "one.json").read_bytes())["statement"]
    assert (statement["party_id"], statement["closing"], statement["heading"]["method"]) == (
        str(shops[0]), -380, "bilateral"
    )  # fmt: skip
    rows = list(csv.DictReader(io.StringIO((tmp_path / f"window-1-{shops[0]}.csv").read_text())))
    assert [(row["row"], row["amount"]) for row in rows] == [
        ("opening", "0"), ("line", "-500"), ("line", "120"), ("closing", "-380"), ("cleared", "0"), ("due", "-380"),
        ("rolled_over", "0"), ("total_opening", "0"), ("total_closing", "-380"), ("total_due", "-380"),
        ("total_rolled_over", "0"),
    ]  # fmt: skip
    assert "38 %" in run("netting", "--window", "1")[1]


def test_every_statement_of_a_window_goes_into_one_document(run: Run, shops: tuple[UUID, UUID], tmp_path: Path) -> None:
    run("cut")
    run("state")

    run("show", "--window", "1", "--json", str(tmp_path / "all.json"), "--csv", str(tmp_path))

    statements = json.loads((tmp_path / "all.json").read_bytes())["statements"]
    assert {one["party_id"]: one["closing"] for one in statements} == {str(shops[0]): -380, str(shops[1]): 380}
    assert len(list(tmp_path.glob("window-1-*.csv"))) == 2


def test_a_statement_is_written_on_paper_in_two_languages(run: Run, shops: tuple[UUID, UUID], tmp_path: Path) -> None:
    run("cut")
    run("state")
    pdf, xlsx = tmp_path / "salon.pdf", tmp_path / "salon.xlsx"

    one = run(
        "show", "--window", "1", "--party", "Salon", "--pdf", str(pdf), "--xlsx", str(xlsx), "--language", "lv,en"
    )
    first = pdf.read_bytes(), xlsx.read_bytes()
    run("show", "--window", "1", "--party", "Salon", "--pdf", str(pdf), "--xlsx", str(xlsx), "--language", "lv,en")
    run("show", "--window", "1", "--pdf", str(tmp_path), "--xlsx", str(tmp_path))

    assert one[0] == 0
    assert first == (pdf.read_bytes(), xlsx.read_bytes())
    assert (first[0][:5], first[1][:2]) == (b"%PDF-", b"PK")
    assert {path.suffix for path in tmp_path.glob("window-1-*")} == {".pdf", ".xlsx"}
    assert len(list(tmp_path.glob("window-1-*"))) == 4


def test_a_past_is_reported_month_by_month(run: Run, street: Neighbourhood, shops: tuple[UUID, UUID]) -> None:
    street.clock.move(days=40)
    street.paid(shops[0])
    street.clock.move(days=30)
    owes(street, *shops, 700)

    _, said, _ = run("months", "--method", "bilateral")

    assert [line.split()[0] for line in said.splitlines() if line.startswith("2026")] == [
        "2026-03",
        "2026-04",
        "2026-05",
    ]
    assert "3 months; their nets sum to 0" in said
    assert "Window.Cut" not in street.topics()


@pytest.mark.parametrize(
    ("words", "code", "why"),
    [
        (("show", "--window", "1"), 1, "There is no such window: it was not cut yet."),
        (("cut", "--threshold", "-1"), 1, "The smallest payment is between zero and 1 000 000 000 000."),
        (("netting", "--window", "7"), 1, "There is no such window: it was not cut yet."),
    ],
)
def test_what_the_facts_forbid_is_said(
    run: Run, street: Neighbourhood, words: tuple[str, ...], code: int, why: str
) -> None:
    assert run(*words) == (code, "", f"{why}\n")


def test_what_cannot_be_meant_is_said(run: Run, shops: tuple[UUID, UUID], tmp_path: Path) -> None:
    assert run("--coalition", "elsewhere", "list")[0] == 2
    assert run("cut", "--window", "1")[0] == 0
    assert run("cut", "--window", "1")[::2] == (1, "Window 1 is already cut.\n")
    assert run("show", "--window", "1")[::2] == (1, "Window 1 is cut, so this step is not possible.\n")
    run("state")
    assert "0 parties are called 'nobody'" in run("show", "--window", "1", "--party", "nobody")[2]
    assert run("show", "--window", "1", "--csv", str(tmp_path / "nowhere"))[0] == 2
