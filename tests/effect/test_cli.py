import json
import sys
from pathlib import Path

import pytest

from network.cli.effect import main
from tests.effect.experiments import HEADER, drawn_sample, written


@pytest.fixture
def trial(tmp_path: Path) -> Path:
    """A sauna certificate, drawn at even odds."""
    sample = drawn_sample(1, guests=1_500, odds=(0.5, 0.5), lift=0.15)
    rows = [
        f"guest-{number},{sample.arms[arm]},0.5,{visited:.0f},{revenue:.0f}"
        for number, (arm, visited, revenue) in enumerate(zip(sample.arm, sample.visited, sample.revenue, strict=True))
    ]
    return written(tmp_path / "trial.csv", *rows)


def _run(monkeypatch: pytest.MonkeyPatch, *arguments: object) -> int:
    monkeypatch.setattr(sys, "argv", ["scripts/effect", *map(str, arguments)])
    return main()


def test_estimate_prints_and_writes_the_same(
    trial: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code = _run(monkeypatch, "estimate", trial, "--control", "none", "--json", tmp_path / "answer.json")

    document = json.loads((tmp_path / "answer.json").read_text())
    visits = document["comparisons"][0]["visits"]
    printed = capsys.readouterr().out
    assert code == 0
    assert f"{100 * visits['difference']:+.2f}" in printed
    assert "an effect, however often you look" in printed
    assert "Arm sizes fit" in printed
    assert visits["verdict"] == "at_any_look"


def test_json_alone_can_be_piped(
    trial: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _run(monkeypatch, "estimate", trial, "--control", "none", "--json", "-") == 0

    assert json.loads(capsys.readouterr().out)["guests"] == 1_500


def test_a_bad_row_stops_it_unless_it_may_be_left_out(
    trial: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with trial.open("a") as file:
        file.write("guest-x,sauna,7,1,100\n")

    refused = _run(monkeypatch, "estimate", trial, "--control", "none")
    said = capsys.readouterr()
    assert refused == 2
    assert said.out == ""
    assert "trial.csv:1502: probability is '7'" in said.err
    assert "--leave-out-bad-rows" in said.err

    doubtful = _run(monkeypatch, "estimate", trial, "--control", "none", "--leave-out-bad-rows")
    said = capsys.readouterr()
    assert doubtful == 1
    assert "trial.csv:1502: probability is '7'" in said.err
    assert "1 500 guests" in said.out


def test_improbable_arm_sizes_are_said_aloud(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [f"guest-{n},{'none' if n < 300 else 'sauna'},0.5,0,0" for n in range(500)]

    code = _run(monkeypatch, "estimate", written(tmp_path / "trial.csv", *rows), "--control", "none")

    assert code == 1
    assert "DO NOT TRUST" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("rows", "control", "reason"),
    [
        (["anna,none,0.5,0,0"], "none", "there is nothing to compare"),
        (["anna,none,0.5,0,0"], "neutral", "no customer is in the control arm 'neutral'"),
        ([], "none", "holds no rows"),
    ],
)
def test_what_cannot_be_answered_is_refused(
    tmp_path: Path, rows: list[str], control: str, reason: str, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    code = _run(monkeypatch, "estimate", written(tmp_path / "trial.csv", *rows, header=HEADER), "--control", control)

    assert code == 2
    assert reason in capsys.readouterr().err


@pytest.mark.parametrize(
    "options",
    [("--alpha", "0"), ("--alpha", "1"), ("--alpha", "x"), ("--smallest-revenue-effect", "nan"), ("--tuned-at", "0")],
)
def test_options_that_cannot_be_meant_are_refused(
    trial: Path, options: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(SystemExit) as exit_:
        _run(monkeypatch, "estimate", trial, "--control", "none", *options)

    assert exit_.value.code == 2


def test_a_document_that_cannot_be_written_is_refused(
    trial: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code = _run(monkeypatch, "estimate", trial, "--control", "none", "--json", tmp_path / "absent" / "answer.json")

    assert code == 2
    assert "answer.json" in capsys.readouterr().err


def test_prove_prints_power_and_bars(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _run(monkeypatch, "prove", "--worlds", "4", "--json", tmp_path / "proof.json")

    document = json.loads((tmp_path / "proof.json").read_text())
    printed = capsys.readouterr().out
    assert [each["place"]["name"] for each in document["power"]] == [f"{n} guests an arm" for n in (200, 424, 1000)]
    assert document["worlds"] == 4
    assert "Power" in printed
    assert "bars:" in printed
