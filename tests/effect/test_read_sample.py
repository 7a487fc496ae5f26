import gzip
from pathlib import Path

import pytest

from network.effect.lines import FileRefused
from network.effect.sample import read_sample
from tests.effect.experiments import HEADER, written

GOOD = "anna,none,0.5,1,250"
AMOUNT = "a whole number from 0 to 1000000000000"


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("anna,none,0.5,1", "has 4 fields, not 5"),
        ("anna,none,0.5,1,1,000", "has 6 fields, not 5"),
        (",none,0.5,1,250", "customer_ref has 0 letters, not 1 to 200"),
        ("anna,,0.5,1,250", "arm has 0 letters, not 1 to 200"),
        ("anna,none,,1,250", "probability is empty, not a number above 0 and at most 1"),
        ("anna,none,0,1,250", "probability is '0', not a number above 0 and at most 1"),
        ("anna,none,-0.1,1,250", "probability is '-0.1', not a number above 0 and at most 1"),
        ("anna,none,1.01,1,250", "probability is '1.01', not a number above 0 and at most 1"),
        ("anna,none,nan,1,250", "probability is 'nan', not a number above 0 and at most 1"),
        ("anna,none,inf,1,250", "probability is 'inf', not a number above 0 and at most 1"),
        ("anna,none,1e-999,1,250", "probability is '1e-999', not a number above 0 and at most 1"),
        ("anna,none,1e-320,1,250", "probability is '1e-320', below one in a thousand million: nothing is drawn so"),
        ("anna,none,1_0e-2,1,250", "probability is '1_0e-2', not a number above 0 and at most 1"),
        ("anna,none,half,1,250", "probability is 'half', not a number above 0 and at most 1"),
        ("anna,none,0.5,yes,250", "visited is 'yes', not 0 or 1"),
        ("anna,none,0.5,2,250", "visited is '2', not 0 or 1"),
        ("anna,none,0.5,,250", "visited is empty, not 0 or 1"),
        ("anna,none,0.5,1,-1", f"revenue_minor is '-1', not {AMOUNT}"),
        ("anna,none,0.5,1,2.50", f"revenue_minor is '2.50', not {AMOUNT}"),
        ("anna,none,0.5,1,inf", f"revenue_minor is 'inf', not {AMOUNT}"),
        ("anna,none,0.5,1,٣", f"revenue_minor is '٣', not {AMOUNT}"),
        ("anna,none,0.5,1,2000000000000", f"revenue_minor is '2000000000000', not {AMOUNT}"),
        ("anna,none,0.5,0,250", "visited is 0, but revenue_minor is 250: who spends has visited"),
        ("an\x00na,none,0.5,1,250", "holds a NUL byte"),
        ('"anna,none,0.5,1,250', "opens a quote that it does not close; no field may hold a line break"),
        ("a\x07nna,none,0.5,1,250", "customer_ref holds letters that cannot be printed"),
    ],
)  # fmt: skip
def test_a_bad_row_is_named_by_its_line_and_costs_no_other(tmp_path: Path, row: str, reason: str) -> None:
    file = written(tmp_path / "trial.csv", "boris,sauna,0.5,0,0", row, "vera,sauna,0.5,1,900")

    sample, rows = read_sample(file)

    assert rows.bad_rows() == [f"trial.csv:3: {reason}"]
    assert sample.revenue.tolist() == [0, 900]


@pytest.mark.parametrize(
    "content",
    [
        f"{HEADER}\n{GOOD}\nboris,sauna,0.5,0,0\n",
        f"{HEADER}\n{GOOD}\nboris,sauna,0.5,0,0",
        f"\ufeff{HEADER}\r\n{GOOD}\r\nboris,sauna,0.5,0,0\r\n",
        f"{HEADER}\r{GOOD}\rboris,sauna,0.5,0,0\r",
        f"{HEADER}\n\n{GOOD}\n\n\nboris,sauna,0.5,0,0\n\n",
        f'{HEADER}\n"anna","none","0.5","1","250"\nboris,sauna,0.5,0,0\n',
        f"{HEADER}\n anna , none , 0.5 , 1 , 250 \nboris,sauna,5e-1,0,0\n",
        "revenue_minor,note,visited,probability,arm,customer_ref\n250,x,1,.5,none,anna\n0,,0,0.50,sauna,boris\n",
        "customer_ref, arm ,probability,visited,revenue_minor\nanna,none,0.5,1,250\nboris,sauna,0.5,0,0\n",
    ],
    ids=["plain", "no last line end", "Excel", "old Mac", "blank lines", "quotes", "blanks", "other order", "head"],
)
def test_files_of_all_sorts_read_the_same(tmp_path: Path, content: str) -> None:
    for file in (tmp_path / "trial.csv", tmp_path / "trial.csv.gz"):
        file.write_bytes(gzip.compress(content.encode()) if file.suffix == ".gz" else content.encode())

        sample, rows = read_sample(file)

        assert rows.bad_rows() == []
        assert (sample.arms, sample.arm.tolist()) == (("none", "sauna"), [0, 1])
        assert (sample.visited.tolist(), sample.revenue.tolist()) == ([1, 0], [250, 0])
        assert sample.probability.tolist() == [0.5, 0.5]
        assert sample.pre_revenue is None


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "trial.csv:1: is empty; the columns are"),
        (b"\n", "trial.csv:1: is empty"),
        (f"{HEADER}\n".encode(), "trial.csv:1: holds no rows below its header"),
        (b"customer_ref,arm,visited,revenue_minor\n", "trial.csv:1: no column probability"),
        (f"{HEADER},arm\n".encode(), "trial.csv:1: more than one column arm"),
        (HEADER.replace(",", ";").encode(), "trial.csv:1: no column customer_ref; are the fields separated by commas?"),
        (HEADER.encode("utf-16"), "trial.csv:1: "),
        (HEADER.encode() + b"\n" + b"x" * 3_000_000, "trial.csv:2: is longer than"),
        (
            HEADER.encode() + b"".join(b"\na%d,arm %d,0.5,0,0" % (n, n) for n in range(60)),
            "trial.csv:52: more than 50 arms",
        ),
    ],
)
def test_a_file_that_is_no_experiment_is_refused(tmp_path: Path, content: bytes, reason: str) -> None:
    (tmp_path / "trial.csv").write_bytes(content)

    with pytest.raises(FileRefused) as refusal:
        read_sample(tmp_path / "trial.csv")

    assert str(refusal.value).startswith(reason)


@pytest.mark.parametrize("name", ["absent.csv", "."])
def test_what_is_no_file_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(FileRefused):
        read_sample(tmp_path / name)


def test_a_broken_archive_is_refused(tmp_path: Path) -> None:
    (tmp_path / "trial.csv.gz").write_bytes(gzip.compress(f"{HEADER}\n{GOOD}\n".encode() * 100)[:-20])

    with pytest.raises(FileRefused):
        read_sample(tmp_path / "trial.csv.gz")


def test_bytes_that_are_not_utf_8_are_a_bad_line(tmp_path: Path) -> None:
    (tmp_path / "trial.csv").write_bytes(
        f"{HEADER}\nанна,none,0.5,1,250\n".encode() + "юра,none,0.5,0,0\n".encode("cp1251")
    )

    sample, rows = read_sample(tmp_path / "trial.csv")

    assert rows.bad_rows() == ["trial.csv:3: is not UTF-8"]
    assert len(sample.arm) == 1


def test_a_customer_counts_once(tmp_path: Path) -> None:
    file = written(tmp_path / "trial.csv", GOOD, "boris,sauna,0.5,0,0", " anna ,sauna,0.5,1,900", "anna,none,0.5,0,0")

    sample, rows = read_sample(file)

    assert rows.bad_rows() == [
        f"trial.csv:{line}: customer_ref 'anna' is on line 2 already; a customer counts once" for line in (4, 5)
    ]
    assert sample.revenue.tolist() == [250, 0]


def test_past_spending_is_read_where_there_is_any(tmp_path: Path) -> None:
    file = written(
        tmp_path / "trial.csv", "a,none,0.5,1,250,700", "b,sauna,0.5,0,0,", header=f"{HEADER},pre_revenue_minor"
    )

    sample, rows = read_sample(file)

    assert sample.pre_revenue is not None
    assert sample.pre_revenue.tolist() == [700]
    assert rows.bad_rows() == ["trial.csv:3: pre_revenue_minor is empty, not a whole number from 0 to 1000000000000"]


def test_lines_are_counted_right_in_a_large_file_with_one_bad_row(tmp_path: Path) -> None:
    """Over several blocks; only the block at fault is read row by row."""
    lines = [f"guest-{n},{'none' if n % 2 else 'sauna'},0.5,1,{n}" for n in range(150_000)]
    lines[120_000] = "guest-120000,none,2,1,5"
    file = written(tmp_path / "trial.csv", *lines)

    sample, rows = read_sample(file)

    assert rows.bad_rows()[0].startswith("trial.csv:120002: probability is '2'")
    assert rows.bad_count == 1
    assert len(sample.arm) == 149_999
    assert sample.revenue[-1] == 149_999
