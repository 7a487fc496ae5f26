"""`scripts/settle` closes a window step by step, and says why when it cannot."""

import csv
import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import UUID

import pytest

from network.cli import settle
from tests.banking.world import iban_of
from tests.settlement.banks import row, table
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
        ("rolled_over", "0"), ("supplied_here", ""), ("supplied_there", ""),
        ("total_opening", "0"), ("total_closing", "-380"), ("total_due", "-380"),
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


def test_a_drill_writes_nothing_and_a_default_says_who_loses_what(
    run: Run, street: Neighbourhood, shops: tuple[UUID, UUID]
) -> None:
    run("cut")
    run("state")
    head = street.head()

    drilled = run("drill", "--defaulter", "Salon")
    assert (drilled[0], street.head()) == (0, head)
    assert "loses most by Salon: 3.80 EUR" in drilled[1]
    stranger, declared = (
        run("default", "--window", "1", "--party", party, "--reason", "closed") for party in ("Nobody", "Salon")
    )
    assert (stranger[0], declared[0]) == (2, 0)
    assert "of 3.80 EUR, 3.80 EUR are lost" in declared[1]
    assert run("disputes")[0] == run("recompute")[0] == 0


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


def test_a_window_is_paid_from_the_command_line(
    run: Run, street: Neighbourhood, shops: tuple[UUID, UUID], tmp_path: Path
) -> None:
    ibans = {name: iban_of(number) for number, name in enumerate(("Salon", "Restaurant"), start=21)}
    for name, iban in ibans.items():
        assert run("iban", "--party", name, "--iban", iban)[0] == 0
    run("cut", "--review-days", "0")
    run("state")
    for shop in shops:
        street.do("consent_to_window", number=1, merchant_id=shop)

    assert "asks for 1 payments of 3.80 EUR" in run("instruct", "--window", "1")[1]
    assert "2 files are in" in run("files", "--window", "1", "--to", str(tmp_path))[1]
    table_of_all = (tmp_path / "window-1-payments.csv").read_text()
    reference = table_of_all.splitlines()[1].split(",")[2]
    assert (tmp_path / f"window-1-{shops[0]}.pain.001.xml").read_bytes().startswith(b"<?xml")

    answer = tmp_path / "answer.csv"
    answer.write_bytes(table(row(ibans["Restaurant"], "3.00", reference), row(ibans["Restaurant"], "0.50", bank="x")))
    assert "2 lines: 1 of payments, 0 known before, 1 that name no payment" in run("load", str(answer))[1]
    assert run("load", str(answer))[::2] == (1, "This bank file was loaded before. Nothing was changed.\n")
    _, said, _ = run("payments")
    assert (reference in said, "0.80 EUR" in said, "part_paid" in said) == (True, True, True)
    _, said, _ = run("lines")
    line = next(word for word in said.split() if len(word) == 32)
    assert "3.50 EUR paid, 0.30 EUR missing" in run("assign", "--line", line, "--payment", reference)[1]
    assert "is part_paid" in run("remind", "--payment", reference)[1]
    confirmed = run("confirm", "--payment", reference, "--amount", "30", "--cause", "in cash")[1]
    assert "Window 1 is settled." in confirmed
    assert run("remind")[1] == "0 reminders were sent.\n"
    assert run("remind", "--payment", reference)[0] == 1


def test_a_schedule_is_set_and_followed(run: Run, street: Neighbourhood) -> None:
    assert run("schedule", "--monthly", "1", "--pay-days", "3", "--remind", "0,5")[0] == 0
    assert "Cut: none. Stated: none. Agreed: none." in run("run")[1]
    assert run("schedule", "--monthly", "31")[0] == 1
    assert run("schedule", "--weekly", "1", "--remind", "soon")[0] == 2
    assert [topic for topic in street.topics() if "Schedul" in topic] == ["Coalition.SettlementScheduled"]
    assert run("iban", "--party", "Nobody", "--iban", iban_of(1))[0] == 2
    assert run("load", "/nowhere/at/all")[0] == 2
    assert run("instruct", "--window", "9")[0] == 1
