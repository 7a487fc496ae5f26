"""Reports as JSON values and as CSV. Every figure says its period, what it is of, and how it is counted."""

import csv
from collections.abc import Iterator
from dataclasses import asdict, fields, is_dataclass
from datetime import date
from io import StringIO
from typing import Any

from network.reports.advice import Advice
from network.reports.figures import Figure
from network.reports.measured import measured_facts, measured_lines, measured_text
from network.reports.partner import Heading, Neighbour, PartnerReport
from network.reports.street import StreetReport
from network.reports.words import METHODS, advice_text, of_what, said, value_of

COLUMNS = (
    "section",
    "about",
    "agreement_version",
    "figure",
    "value",
    "unit",
    "of",
    "of_what",
    "first_on",
    "last_on",
    "method",
)


def as_facts(report: PartnerReport | StreetReport, language: str) -> dict[str, Any]:
    """The report as JSON values, its sentences in `language`."""
    facts = {one.name: _facts(getattr(report, one.name), report.heading, language) for one in fields(report)}
    facts["measured"] = measured_facts(report.measured, report.heading.currency, language)
    return facts


def as_csv(report: PartnerReport | StreetReport, language: str) -> bytes:
    """One figure a line, numbers plain: for a spreadsheet."""
    out = StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    lines = _partner_lines(report, language) if isinstance(report, PartnerReport) else _street_lines(report, language)
    writer.writerows(lines)
    writer.writerows(_measured_lines(report, language))
    writer.writerow(["note", measured_text(report.measured, language)] + [""] * 9)
    return out.getvalue().encode("utf-8-sig")


def _facts(value: Any, heading: Heading, language: str) -> Any:
    if isinstance(value, Figure):
        return {
            "name": value.name,
            "value": value.value,
            "unit": value.unit,
            "shown": value_of(value, heading.currency, language),
            "of": value.of,
            "of_what": of_what(value, heading.currency, language) or None,
            "why_not": value.why,
            "first_on": value.period.first_on,
            "last_on": value.period.last_on,
            "method": said(METHODS[value.method], language),
        }
    if isinstance(value, Advice):
        return {**asdict(value), "says": advice_text(value, heading.currency, language)}
    if isinstance(value, list):
        return [_facts(one, heading, language) for one in value]
    if is_dataclass(value):
        return {one.name: _facts(getattr(value, one.name), heading, language) for one in fields(value)}
    return value


def _partner_lines(report: PartnerReport, language: str) -> Iterator[list[Any]]:
    for section, figures in (("brought", report.brought), ("cost", report.cost), ("giving", report.giving)):
        yield from (_line(section, report.name, "", figure, report.heading, language) for figure in figures)
    parts: list[tuple[str, list[Neighbour]]] = [("received", report.received), ("given", report.given)]
    for section, neighbours in [*parts, ("versions", report.versions)]:
        for one in neighbours:
            for figure in one.figures:
                yield _line(section, one.name, one.version or "", figure, report.heading, language)
    for stretch in report.trend:
        for name in ("received", "new", "given"):
            yield _count("trend", stretch.begins_on.isoformat(), name, getattr(stretch, name), report.heading)


def _street_lines(report: StreetReport, language: str) -> Iterator[list[Any]]:
    yield from (
        _line("street", report.heading.coalition, "", figure, report.heading, language) for figure in report.figures
    )
    for cell in report.cells:
        about = f"{report.name_of(cell.issuer_id)} -> {report.name_of(cell.acceptor_id)}"
        for name in ("issued", "used", "value"):
            yield _count("pairs", about, name, getattr(cell, name), report.heading)
    for one in report.partners:
        for name in ("given", "got", "value_given", "value_got", "new_got"):
            yield _count("partners", one.name, name, getattr(one, name), report.heading)
    for month in report.trend:
        for name in ("issued", "used"):
            yield _count("trend", month.begins_on.isoformat(), name, getattr(month, name), report.heading)


def _measured_lines(report: PartnerReport | StreetReport, language: str) -> Iterator[list[Any]]:
    """Of all draws until the day of the report, whatever its period."""
    until = report.heading.period.as_of
    for about, figure, value, unit, of, says in measured_lines(report.measured, report.heading.currency, language):
        yield ["measured", _plain(about), "", figure, value, unit, of, "guests" if of else "", "", until, says]


def _line(section: str, about: str, version: int | str, figure: Figure, heading: Heading, language: str) -> list[Any]:
    value: Any = figure.value if figure.value is not None else value_of(figure, heading.currency, language)
    days: list[date] = [figure.period.first_on, figure.period.last_on]
    of = "" if figure.of is None else figure.of
    what = of_what(figure, heading.currency, language)
    return [
        section,
        _plain(about),
        version,
        figure.name,
        value,
        figure.unit,
        of,
        what,
        *days,
        said(METHODS[figure.method], language),
    ]


def _count(section: str, about: str, name: str, value: int | None, heading: Heading) -> list[Any]:
    unit = "minor" if name.startswith("value") else "count"
    shown: Any = "hidden" if value is None else value
    return [section, _plain(about), "", name, shown, unit, "", "", heading.period.first_on, heading.period.last_on, ""]


def _plain(text: str) -> str:
    """A partner's name is no formula, whatever it begins with."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text
