"""`scripts/settle`: close windows, and show what they say.

    settle cut [--window 3]         end the open window here
    settle state                    freeze the figures of every window that is cut
    settle agree                    let silence agree where the review is over
    settle iban --party P --iban X  where a party is paid; kept sealed beside the log
    settle instruct --window 3      ask for the payments of an agreed window
    settle files --window 3 --to D  a file for each debtor's bank, and a table of all payments
    settle load FILE                a bank's answer: camt.053, camt.054 or our CSV
    settle lines                    lines of answers that name no payment
    settle assign / confirm         say which payment a line is of; that money came in another way
    settle payments [--window 3]    what is due, late and paid
    settle remind [--payment ID]    remind who is late: of one payment, or of all whose day has come
    settle schedule --monthly 1     cut windows by themselves; run: do now what the server does each minute
    settle recompute                take in what was disputed or paid since, as a new version
    settle disputes                 every dispute, and who has to answer by when
    settle drill [--defaulter P]    what a default would cost whom today; nothing is written
    settle default --window 3 --party P --reason R   share out what a partner does not pay
    settle list                     every window, and how far its closing has come
    settle show --window 3          who receives and who pays; --party for one statement, line by line
    settle netting [--window 3]     what netting saves; without a number, in the open window as it stands
    settle months                   what monthly windows would have come to, for a past that was imported

Exit codes: 0 done; 1 the facts forbid it, and the text says why; 2 it could not be tried.
"""

import argparse
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from uuid import UUID

from rich.console import Console
from rich.progress import Progress

from network.cli.screen import screen
from network.cli.settle_defaults import Defaulting, add_default_steps
from network.cli.settle_options import OptionRefused, whole_file
from network.cli.settle_paying import Paying, add_paying_steps
from network.coalitions import Coalitions, OpenCoalition, open_connection
from network.domain.errors import CoalitionNotFound, Refusal
from network.domain.statement import Method, SettlementTerms
from network.domain.window import State
from network.papers.files import KINDS, write_statement
from network.papers.words import LanguageRefused, languages_of
from network.projections import coalition as coalition_view
from network.projections import windows
from network.projections.batches import Follower
from network.projections.tracking import ViewBehind
from network.settings import SettingRefused, Settings
from network.settlement import closing, documents, tables
from network.settlement.months import months
from network.settlement.reading import Reading, stated_window
from network.settlement.statement import StatementDiffers
from network.store.embedded import open_database
from network.store.migrations import migrate_all
from network.store.unprivileged import DatabaseUnavailable


class Settling(Paying, Defaulting):
    """One coalition, with its views brought up to the log."""

    def __init__(self, opened: OpenCoalition, coalitions: Coalitions, options: argparse.Namespace) -> None:
        self.opened = opened
        self.options = options
        self.console = screen()
        self._coalitions = coalitions
        self.catch_up()
        with opened.reading() as recorder:
            about = coalition_view.find(recorder.connection, opened.schema)
            self.windows = windows.all(recorder.connection, opened.schema)
        assert about is not None, "a coalition was founded"
        self.currency, self.time_zone = about.currency, about.time_zone

    def catch_up(self) -> None:
        """Bring every view to the end of the log; a running server may be doing the same."""
        with open_connection(self.opened.entry.database_url or self._coalitions.database_url) as connection:
            follower = Follower(connection, self.opened.schema)
            while follower.step():
                pass

    def cut(self) -> None:
        """End the open window here; a number that was named is never cut twice, whatever became of the answer."""
        number = len(self.windows) + 1 if self.options.window is None else self.options.window
        answer = closing.cut_window(self.opened, number, terms=self._terms())
        answer.facts()
        print(f"Window {number} is cut at position {answer.position}. Next: scripts/settle state")

    def state(self) -> None:
        """Freeze every window that is cut, in order."""
        waiting = [row.number for row in self.windows if row.state == State.CUT]
        for number in waiting:
            facts = closing.state_window(self.opened, number).facts()
            print(f"Window {number} is {facts['state']}: {facts['payments']} payments, hash {facts['chain_hash']}")
        if not waiting:
            print("No window waits for its statement.")

    def agree(self) -> None:
        """Let silence agree where the review is over."""
        agreed = closing.agree_due(self.opened, self._coalitions.clock())
        print(f"Agreed by silence: {', '.join(f'window {number}' for number in agreed) or 'none'}.")

    def list(self) -> None:
        """Every window."""
        tables.print_windows(self.windows, self.currency, self.console)

    def show(self) -> None:
        """One window's statements, on the screen and as files."""
        options = self.options
        with stated_window(self.opened, options.window) as reading:
            parties = [party_named(reading, options.party)] if options.party else reading.parties()
            shown = [reading.statement(party, options.version) for party in parties] if options.party else []
            sums = [reading.summary(party, options.version) for party in parties]
            if options.json and not options.party:
                with whole_file(options.json) as out:
                    out.writelines(documents.all_json_of((one, reading.each_line(one)) for one in sums))
        for kind in KINDS:
            self._files(parties, kind)
        if options.party:
            tables.print_statement(shown[0], self.console)
        else:
            tables.print_overview(sums, self.console)

    def _files(self, parties: Sequence[UUID], kind: str) -> None:
        """One file for one party, else a file for each party in a folder."""
        options = self.options
        path: Path | None = getattr(options, kind)
        if path is None or (kind == "json" and not options.party):
            return
        with Progress(console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()) as bar:
            shown = bar.add_task(f"Writing {kind.upper()}", total=len(parties) if len(parties) > 1 else None)
            for party in parties:
                into = path / f"window-{options.window}-{party}.{kind}"
                with whole_file(path if options.party and kind != "csv" else into) as out:
                    write_statement(
                        self.opened, options.window, party, options.version,
                        kind=kind, languages=options.language, out=out,
                    )  # fmt: skip
                bar.advance(shown)

    def netting(self) -> None:
        """What netting saves."""
        if self.options.window is None:
            number, figures = closing.preview(self.opened)
            title = f"Window {number}, as if it were cut now"
        else:
            with stated_window(self.opened, self.options.window) as reading:
                title, figures = f"Window {self.options.window}", reading.figures
        tables.print_netting(title, figures, self.currency, self.console)

    def months(self) -> None:
        """The past, month by month."""
        with self.opened.reading() as recorder:
            terms = self._terms() or SettlementTerms()
            report = months(recorder.connection, self.opened.schema, self.time_zone, terms)
        tables.print_months(report, self.currency, self.console)

    def _terms(self) -> SettlementTerms | None:
        """What the options change of the last window's terms; None when they change nothing."""
        changes = {name: getattr(self.options, name) for name in ("method", "threshold", "review_days")}
        given = {name: value for name, value in changes.items() if value is not None}
        if not given:
            return None
        last = self.windows[-1] if self.windows else None
        terms = SettlementTerms(Method(last.method), last.threshold, last.review_days) if last else SettlementTerms()
        return replace(terms, **given)


def main() -> int:
    """Do one step of a closing."""
    options = _options()
    environment = {**os.environ, **({"DATABASE_URL": options.database_url} if options.database_url else {})}
    try:
        settings = Settings.from_environment(environment)
        with (
            open_database(settings.data_dir, environment) as url,
            settling(url, settings.master_key, options) as closings,
        ):
            getattr(closings, options.command)()
    except (OptionRefused, SettingRefused, DatabaseUnavailable, CoalitionNotFound) as refusal:
        print(refusal, file=sys.stderr)
        return 2
    except (Refusal, ViewBehind, StatementDiffers) as refusal:
        print(refusal, file=sys.stderr)
        return 1
    return 0


def _options() -> argparse.Namespace:
    what, _, how = (__doc__ or "").partition("\n\n")
    parser = argparse.ArgumentParser(
        prog="scripts/settle", description=what, epilog=how, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--coalition", metavar="SLUG", help="which coalition (default: the only one)")
    parser.add_argument("--database-url", help="a PostgreSQL (default: DATABASE_URL, else the embedded one)")
    steps = parser.add_subparsers(dest="command", required=True, metavar="STEP")
    terms = argparse.ArgumentParser(add_help=False)
    terms.add_argument("--method", type=Method, choices=list(Method), help="how far to net (default: as before)")
    terms.add_argument(
        "--threshold", metavar="MINOR", type=int, help="payments under it roll over (default: as before)"
    )
    terms.add_argument("--review-days", metavar="N", type=int, help="days to look at statements (default: as before)")
    cut = steps.add_parser("cut", parents=[terms])
    cut.add_argument("--window", metavar="N", type=int, help="its number, so that a repeated cut is refused")
    for name in ("state", "agree", "list"):
        steps.add_parser(name)
    show = steps.add_parser("show")
    show.add_argument("--window", metavar="N", type=int, required=True)
    show.add_argument("--party", metavar="ID", help="a partner's id or name, Pool, or Organizer")
    show.add_argument("--version", metavar="V", type=int, help="by which version (default: the one in force)")
    show.add_argument("--json", metavar="FILE", type=Path, help="write the statement, or all of them, there")
    show.add_argument("--csv", metavar="DIR", type=Path, help="write a file for each party there")
    for kind in ("pdf", "xlsx"):
        about = f"write the party's statement as {kind.upper()} there; without --party each one's into this folder"
        show.add_argument(f"--{kind}", metavar="FILE", type=Path, help=about)
    show.add_argument(
        "--language",
        metavar="lv,en",
        type=_languages,
        default=("en",),
        help="one or two of en, ru, lv for PDF and XLSX",
    )
    steps.add_parser("netting").add_argument("--window", metavar="N", type=int)
    steps.add_parser("months", parents=[terms])
    add_paying_steps(steps)
    add_default_steps(steps)
    return parser.parse_args()


def _languages(text: str) -> tuple[str, ...]:
    try:
        return languages_of(text)
    except LanguageRefused as refusal:
        raise argparse.ArgumentTypeError(str(refusal)) from None


@contextmanager
def settling(url: str, master_key: bytes, options: argparse.Namespace) -> Iterator[Settling]:
    """The coalition that was named, or the only one. Raises: OptionRefused, CoalitionNotFound."""
    migrate_all(url)
    coalitions = Coalitions(url, master_key)
    try:
        slugs = [entry.slug for entry in coalitions.directory.all()]
        if options.coalition is None and len(slugs) != 1:
            raise OptionRefused(f"Which coalition? --coalition takes one of: {', '.join(slugs) or '(there is none)'}")
        yield Settling(coalitions.open(options.coalition or slugs[0]), coalitions, options)
    finally:
        coalitions.close()


def party_named(reading: Reading, wanted: str) -> UUID:
    """The party of this id or name. Raises: OptionRefused."""
    found = [party for party, name in reading.names.items() if wanted.casefold() in (str(party), name.casefold())]
    if len(found) != 1:
        raise OptionRefused(f"--party: {len(found)} parties are called {wanted!r}; take the id from a statement")
    return found[0]


if __name__ == "__main__":
    sys.exit(main())
