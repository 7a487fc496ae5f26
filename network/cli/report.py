"""`scripts/report`: what certificates brought, for a partner, for the whole street, and what other terms would change.

    report partner SALON --from 2026-01-01 --until 2026-03-31 --pdf salon.pdf
    report coalition --all --pdf street.pdf --csv street.csv --json -
    report what-if --issuer SALON --acceptor RESTAURANT --face 700 --validity-days 14

Exit codes: 0 done; 1 the facts forbid it, and the text says why; 2 it could not be tried.
"""

import argparse
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
from psycopg import Connection
from rich.table import Table

from network.cli.screen import screen
from network.coalitions import Coalitions, OpenCoalition, open_connection
from network.domain.errors import CoalitionNotFound, Refusal
from network.domain.terms import Commission, FaceValue, Funding, Reward
from network.languages import LANGUAGES, money_text
from network.projections import merchants
from network.projections.batches import Follower
from network.projections.tracking import ViewBehind, at_one_position
from network.reports import documents, gathering, paper
from network.reports.measured import measured_rows, measured_text
from network.reports.partner import PartnerReport
from network.reports.period import Period
from network.reports.reading import VIEWS
from network.reports.street import StreetReport
from network.reports.what_if import Change
from network.reports.words import NAMES, OUTCOMES, PRINTED, STANCES, advice_text, of_what, said, value_of
from network.settings import SettingRefused, Settings
from network.store.embedded import open_database
from network.store.migrations import migrate_all
from network.store.unprivileged import DatabaseUnavailable

PATIENT = "300s"


class OptionRefused(ValueError):
    """An option that can't be meant."""


def main() -> int:
    """Make one report."""
    options = _options()
    environment = {**os.environ, **({"DATABASE_URL": options.database_url} if options.database_url else {})}
    try:
        settings = Settings.from_environment(environment)
        with open_database(settings.data_dir, environment) as url, _opened(url, settings.master_key, options) as opened:
            _report(url, opened, options)
    except (OptionRefused, SettingRefused, DatabaseUnavailable, CoalitionNotFound) as refusal:
        print(refusal, file=sys.stderr)
        return 2
    except (Refusal, ViewBehind) as refusal:
        print(refusal, file=sys.stderr)
        return 1
    return 0


def _options() -> argparse.Namespace:
    what, _, how = (__doc__ or "").partition("\n\n")
    parser = argparse.ArgumentParser(
        prog="scripts/report", description=what, epilog=how, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--coalition", metavar="SLUG", help="which coalition (default: the only one)")
    parser.add_argument("--database-url", help="a PostgreSQL (default: DATABASE_URL, else the embedded one)")
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--from", dest="first_on", metavar="DAY", type=_day, help="first day (default: 90 days ago)")
    common.add_argument("--until", dest="last_on", metavar="DAY", type=_day, help="last day (default: today)")
    common.add_argument("--all", action="store_true", help="from the first day to the last on which anything happened")
    common.add_argument("--language", choices=LANGUAGES, default="en", help="(default: %(default)s)")
    common.add_argument("--json", metavar="FILE", help="write it there; - for the screen")
    common.add_argument("--csv", metavar="FILE", type=Path, help="write it there, a figure a line")
    common.add_argument("--pdf", metavar="FILE", type=Path, help="write it there")
    kinds = parser.add_subparsers(dest="kind", required=True, metavar="REPORT")
    kinds.add_parser("coalition", parents=[common], help="the whole street, by calendar month; small counts hidden")
    one = kinds.add_parser("partner", parents=[common], help="one partner's page, as the partner sees it")
    one.add_argument("partner", metavar="PARTNER", help="its name or id")
    tried = kinds.add_parser("what-if", parents=[common], help="other terms over the certificates of the past")
    tried.add_argument("--issuer", metavar="PARTNER", help="only what this partner handed out")
    tried.add_argument("--acceptor", metavar="PARTNER", help="only what is used at this partner; its own view")
    for name, about in _TERMS.items():
        tried.add_argument(f"--{name}", metavar="N", type=int, help=about)
    return parser.parse_args()


_TERMS = {
    "face": "a fixed face value, minor units",
    "face-share": "a share of the bill, basis points",
    "face-at-most": "its upper bound, minor units",
    "issuer-share": "basis points that the issuer bears",
    "pool-share": "basis points that the pool bears",
    "commission-share": "basis points of what is spent over, for every kind of guest",
    "commission-fixed": "a sum once for each certificate used, for every kind of guest",
    "smallest-bill-to-issue": "minor units",
    "smallest-bill-to-redeem": "minor units",
    "validity-days": "days",
}


def _change(options: argparse.Namespace) -> Change:
    """The terms that were named. Raises: OptionRefused when none was."""
    given = {name: getattr(options, name.replace("-", "_")) for name in _TERMS}
    if all(value is None for value in given.values()):
        raise OptionRefused("Which terms? For instance --face 700, or --validity-days 14")
    face = funding = commission = None
    if given["face"] is not None or given["face-share"] is not None:
        face = FaceValue(given["face"] or 0, given["face-share"] or 0, given["face-at-most"])
    if given["issuer-share"] is not None or given["pool-share"] is not None:
        funding = Funding(given["issuer-share"] or 0, given["pool-share"] or 0)
    if given["commission-share"] is not None or given["commission-fixed"] is not None:
        reward = Reward(given["commission-share"] or 0, given["commission-fixed"] or 0)
        commission = Commission(reward, reward, reward)
    return Change(
        face=face,
        funding=funding,
        commission=commission,
        smallest_bill_to_issue=given["smallest-bill-to-issue"],
        smallest_bill_to_redeem=given["smallest-bill-to-redeem"],
        validity_days=given["validity-days"],
    )


def _day(text: str) -> date:
    return date.fromisoformat(text)


@contextmanager
def _opened(url: str, master_key: bytes, options: argparse.Namespace) -> Iterator[OpenCoalition]:
    migrate_all(url)
    coalitions = Coalitions(url, master_key)
    try:
        slugs = [entry.slug for entry in coalitions.directory.all()]
        if options.coalition is None and len(slugs) != 1:
            raise OptionRefused(f"Which coalition? --coalition takes one of: {', '.join(slugs) or '(there is none)'}")
        yield coalitions.open(options.coalition or slugs[0])
    finally:
        coalitions.close()


def _report(url: str, opened: OpenCoalition, options: argparse.Namespace) -> None:
    with open_connection(opened.entry.database_url or url, timeout=PATIENT) as connection:
        follower = Follower(connection, opened.schema)
        while follower.step():
            pass
        with at_one_position(connection, opened.schema, VIEWS) as position:
            if options.kind == "what-if":
                _print_what_if(_tried(connection, opened.schema, position, options), options)
                return
            report = _made(connection, opened.schema, position, options)
    language = options.language
    pdf: Callable[[], bytes]
    if isinstance(report, PartnerReport):
        pdf = lambda: paper.partner_pdf(report, language)  # noqa: E731
    else:
        pdf = lambda: paper.street_pdf(report, language)  # noqa: E731
    if options.json:
        text = msgspec.json.format(msgspec.json.encode(documents.as_facts(report, language)), indent=1)
        _write(None if options.json == "-" else Path(options.json), text + b"\n")
    if options.csv:
        _write(options.csv, documents.as_csv(report, language))
    if options.pdf:
        _write(options.pdf, pdf())
    if options.json != "-":
        _print(report, language)


def _made(
    connection: Connection, schema: str, position: int, options: argparse.Namespace
) -> PartnerReport | StreetReport:
    period = _period(connection, schema, options)
    if options.kind == "coalition":
        return gathering.street(connection, schema, position, period)
    merchant_id = _partner(connection, schema, options.partner)
    return gathering.partner(connection, schema, position, merchant_id, period, own=True)


def _period(connection: Connection, schema: str, options: argparse.Namespace) -> Period:
    today = gathering.today(connection, schema, datetime.now(UTC))
    period = Period.of(options.first_on, options.last_on, today)
    return gathering.whole_past(connection, schema, period) if options.all else period


def _tried(connection: Connection, schema: str, position: int, options: argparse.Namespace) -> dict[str, Any]:
    change = _change(options)
    issuer_id, acceptor_id = (
        _partner(connection, schema, name) if name else None for name in (options.issuer, options.acceptor)
    )
    return gathering.what_if(
        connection, schema, position, _period(connection, schema, options), change,
        issuer_id=issuer_id, acceptor_id=acceptor_id, reader_id=acceptor_id, language=options.language,
    )  # fmt: skip


def _print_what_if(facts: dict[str, Any], options: argparse.Namespace) -> None:
    if options.json:
        text = msgspec.json.format(msgspec.json.encode(facts), indent=1)
        _write(None if options.json == "-" else Path(options.json), text + b"\n")
    if options.json == "-":
        return
    language, currency = options.language, facts["currency"]
    heads = [said(PRINTED[one], language) for one in ("was", "becomes", "difference")]
    table = Table("", *heads, title=said(PRINTED["certificates"], language).format(n=facts["certificates"]))
    for name in facts["difference"]:
        three = (facts["was"][name], facts["becomes"][name], facts["difference"][name])
        shown = (
            "-" if v is None else str(v) if name.endswith("_count") else money_text(v, currency, language)
            for v in three
        )
        table.add_row(said(OUTCOMES[name], language), *shown)
    console = screen()
    console.print(table)
    refused = ", ".join(f"{code} {n}" for code, n in facts["becomes"]["refused"].items())
    console.print(said(PRINTED["refused"], language).format(refused=refused or "–"), markup=False)
    console.print(facts["held_fixed"], markup=False)


def _partner(connection: Connection, schema: str, wanted: str) -> UUID:
    everybody = merchants.all(connection, schema, limit=gathering.EVERYBODY)
    found = [one for one in everybody if wanted.casefold() in (str(one.merchant_id), one.name.casefold())]
    if len(found) != 1:
        raise OptionRefused(
            f"{len(found)} partners are called {wanted!r}; there are: {', '.join(p.name for p in everybody)}"
        )
    return found[0].merchant_id


def _print(report: PartnerReport | StreetReport, language: str) -> None:
    console, currency, period = screen(), report.heading.currency, report.heading.period
    if isinstance(report, PartnerReport):
        name, figures = report.name, [*report.brought, *report.cost, *report.giving]
        more = [f"- {advice_text(advice, currency, language)}" for advice in report.advice]
    else:
        name, figures = report.heading.coalition, report.figures
        more = [
            said(PRINTED["standing"], language).format(
                name=one.name, given=one.given, got=one.got, stance=said(STANCES[one.stance], language)
            )
            for one in report.partners
        ]
        more.append(said(PRINTED["hidden"], language).format(n=report.hidden_pairs))
    table = Table(title=f"{name}, {period.first_on} to {period.last_on}", show_header=False)
    for one in figures:
        value, of = value_of(one, currency, language), of_what(one, currency, language)
        table.add_row(said(NAMES[one.name], language), value, of)
    console.print(table)
    measured = ["; ".join(row) for row in measured_rows(report.measured, currency, language)]
    for line in [*more, measured_text(report.measured, language), *measured]:
        console.print(line, markup=False)


def _write(path: Path | None, document: bytes) -> None:
    """Whole or not at all."""
    if path is None:
        sys.stdout.buffer.write(document)
        return
    if not path.absolute().parent.is_dir():
        raise OptionRefused(f"there is no folder {path.parent}")
    draft = path.with_name(f"{path.name}.draft")
    draft.write_bytes(document)
    draft.replace(path)


if __name__ == "__main__":
    sys.exit(main())
