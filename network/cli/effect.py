"""`scripts/effect`: what certificates brought, from any randomised data or a log, and the proof that the method holds.

Exit codes of estimate and measure: 0 answered; 1 answered, but rows were left out or the arms' sizes are not to be
believed; 2 refused. Of prove: 0 every bar passed; 1 a bar was missed. 130 Ctrl-C.
"""

import argparse
import signal
import sys
from functools import partial
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from network.cli.measure import measured
from network.cli.screen import screen
from network.domain.errors import CoalitionNotFound
from network.effect.answer_json import answer_document, as_json
from network.effect.answers import Answer
from network.effect.bars import bars_of, pooled_bars, proof_document
from network.effect.estimate import estimate
from network.effect.lines import FileRefused
from network.effect.neighbourhoods import NEIGHBOURHOODS, POWER_SIZES, WILD_BILLS, Neighbourhood, power_street
from network.effect.proof import Proof, prove
from network.effect.proof_tables import print_proof
from network.effect.question import Question, QuestionRefused
from network.effect.rows import Rows
from network.effect.sample import read_sample
from network.effect.tables import print_answer
from network.settings import SettingRefused
from network.store.unprivileged import DatabaseUnavailable

ANSWERED, BUT_DOUBTFUL, REFUSED, INTERRUPTED = 0, 1, 2, 128 + signal.SIGINT
PASSED, MISSED = 0, 1
BAD_ROWS_SHOWN = 50
_STDOUT = Path("-")


def main() -> int:
    """Answer or prove; the exit code says how it went."""
    options = _parser().parse_args()
    try:
        return {"estimate": _estimate, "prove": _prove, "measure": _measure}[options.command](options)
    except (FileRefused, QuestionRefused, SettingRefused, DatabaseUnavailable, CoalitionNotFound) as refusal:
        print(refusal, file=sys.stderr)
        return REFUSED
    except OSError as problem:
        print(f"--json {options.json}: {problem.strerror}", file=sys.stderr)
        return REFUSED
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)
        return INTERRUPTED


def _estimate(options: argparse.Namespace) -> int:
    sample, rows = read_sample(options.file)
    if rows.bad_count and not options.leave_out_bad_rows:
        _print_bad(rows)
        raise FileRefused(
            f"{rows.name}: {_bad_rows(rows.bad_count)}, so nothing was estimated: rows that are missing for a reason "
            "spoil the draw. Mend them, or go on without them by --leave-out-bad-rows."
        )
    question = Question(
        control=options.control,
        alpha=options.alpha,
        smallest_visit_effect=options.smallest_visit_effect,
        smallest_revenue_effect=options.smallest_revenue_effect,
        tuned_at=options.tuned_at,
    )
    answer = estimate(sample, question)
    _print_bad(rows)
    _show_answer(answer, rows, options)
    return BUT_DOUBTFUL if rows.bad_count or not answer.sizes.passed else ANSWERED


def _show_answer(answer: Answer, rows: Rows, options: argparse.Namespace) -> None:
    if options.json:
        left_out = rows.bad_rows()
        document = answer_document(answer, file=rows.name, left_out=left_out, left_out_count=rows.bad_count)
        _write(options.json, as_json(document))
    if options.json != _STDOUT:
        print_answer(answer, _console())


def _console() -> Console:
    """Lines of a file should not break where a narrow terminal would break them."""
    return screen()


def _print_bad(rows: Rows) -> None:
    shown = rows.bad_rows()[:BAD_ROWS_SHOWN]
    print(*shown, sep="\n", end="\n" if shown else "", file=sys.stderr)
    if rows.bad_count > len(shown):
        print(f"... and {rows.bad_count - len(shown)} more bad rows", file=sys.stderr)


def _bad_rows(bad: int) -> str:
    return "1 bad row" if bad == 1 else f"{bad} bad rows"


def _prove(options: argparse.Namespace) -> int:
    places = [each for place in NEIGHBOURHOODS for each in (place, place.without_effect())]
    found = _proofs([*places, *map(power_street, POWER_SIZES), WILD_BILLS], options)
    proofs, power, limit = found[: len(places)], found[len(places) : -1], found[-1]
    bars = [bar for proof in proofs for bar in bars_of(proof)]
    bars += pooled_bars(bars)
    if options.json:
        document = proof_document(proofs, bars, power, limit, worlds=options.worlds, seed=options.seed)
        _write(options.json, as_json(document))
    if options.json != _STDOUT:
        print_proof(proofs, bars, power, limit, _console())
    return MISSED if any(bar.verdict == "missed" for bar in bars) else PASSED


def _measure(options: argparse.Namespace) -> int:
    document = measured(options, _console())
    if options.json:
        _write(options.json, as_json(document))
    compared = [*document["pairs"], document["together"]]
    return BUT_DOUBTFUL if any(one["sizes"] and not one["sizes"]["passed"] for one in compared) else ANSWERED


def _proofs(places: list[Neighbourhood], options: argparse.Namespace) -> list[Proof]:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    proofs = []
    with Progress(*columns, TimeElapsedColumn(), console=Console(stderr=True), refresh_per_second=4) as progress:
        task = progress.add_task("worlds", total=options.worlds * len(places))
        for number, place in enumerate(places):
            progress.update(task, description=place.name)
            advance = partial(progress.advance, task)
            proofs.append(prove(place, worlds=options.worlds, seed=(options.seed, number), advance=advance))
    return proofs


def _write(path: Path, document: bytes) -> None:
    """Whole or not at all, unless the path is a device or a pipe."""
    if path == _STDOUT:
        sys.stdout.write(document.decode())
    elif path.exists() and not path.is_file():
        path.write_bytes(document)
    else:
        draft = path.with_name(f"{path.name}.draft")
        draft.write_bytes(document)
        draft.replace(path)


def _parser() -> argparse.ArgumentParser:
    form = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(prog="scripts/effect", description=__doc__, formatter_class=form)
    commands = parser.add_subparsers(dest="command", required=True)
    ask = commands.add_parser(
        "estimate",
        help="estimate the effect of randomised assignments in a CSV file",
        description="Columns: customer_ref,arm,probability,visited,revenue_minor[,pre_revenue_minor]; probability is "
        "that of the arm this customer got. See docs/effect.md.",
    )
    ask.add_argument("file", metavar="FILE.csv", type=Path, help="one row a customer; .csv or .csv.gz")
    ask.add_argument("--control", metavar="ARM", required=True, help="the neutral arm that others are compared with")
    ask.add_argument(
        "--json", metavar="FILE", type=Path, help="write the answer there, too; - for standard output alone"
    )
    ask.add_argument("--alpha", type=_share, default=0.05, help="how often an interval may miss (%(default)s)")
    ask.add_argument(
        "--smallest-visit-effect",
        metavar="SHARE",
        type=_share,
        default=0.03,
        help="smallest difference of visit rates worth knowing (%(default)s: three percentage points)",
    )
    ask.add_argument(
        "--smallest-revenue-effect",
        metavar="MINOR",
        type=_positive,
        help="as above, minor units a guest (default: so many visits at the mean bill)",
    )
    ask.add_argument(
        "--tuned-at",
        metavar="GUESTS",
        type=_count,
        default=848,
        help="guests in two arms at which the always-valid interval is shortest (%(default)s); choose it beforehand",
    )
    ask.add_argument("--leave-out-bad-rows", action="store_true", help="estimate from the good rows, and exit with 1")
    show = commands.add_parser(
        "prove", help="count over simulated neighbourhoods with known effects how often it holds"
    )
    show.add_argument("--worlds", metavar="N", type=_count, default=1_000, help="of each neighbourhood (%(default)s)")
    show.add_argument(
        "--seed", metavar="N", type=_seed, default=1, help="the same seed gives the same worlds (%(default)s)"
    )
    show.add_argument(
        "--json", metavar="FILE", type=Path, help="write the counts there, too; - for standard output alone"
    )
    log = commands.add_parser(
        "measure",
        help="estimate the effect of certificates from the draws in a coalition's log",
        description="Only draws whose horizon is over and whose guest is known count. See docs/effect.md.",
    )
    log.add_argument("coalition", metavar="SLUG", help="the coalition's short name")
    log.add_argument("--database-url", help="a PostgreSQL (default: DATABASE_URL, else the embedded one)")
    log.add_argument("--margin", metavar="BASIS_POINTS", type=_count, help="what stays with a shop of its revenue")
    log.add_argument("--json", metavar="FILE", type=Path, help="write it there, too; - for standard output alone")
    return parser


def _seed(text: str) -> int:
    value = int(text)
    if value < 0:
        raise argparse.ArgumentTypeError(f"{text} is below 0")
    return value


def _share(text: str) -> float:
    value = float(text)
    if not 0 < value < 1:
        raise argparse.ArgumentTypeError(f"{text} is not between 0 and 1")
    return value


def _positive(text: str) -> float:
    value = float(text)
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError(f"{text} is not above 0")
    return value


def _count(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{text} is not 1 or more")
    return value


if __name__ == "__main__":
    sys.exit(main())
