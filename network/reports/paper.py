"""Reports as PDF: a page for an owner, some pages for the street. The same report gives the same bytes."""

from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
import typst

from network.languages import day_text, money_text, number_text
from network.reports.figures import Figure
from network.reports.measured import HEAD, Facts, measured_rows, measured_text
from network.reports.partner import Heading, Neighbour, PartnerReport
from network.reports.street import Stance, StreetReport
from network.reports.words import METHODS, NAMES, STANCES, advice_text, of_what, said, value_of

TEMPLATE = Path(__file__).with_name("report.typ")
CELLS_MAX = 18
"""A wider matrix is a list of pairs."""
ACROSS_MAX = 22
"""Letters of a name above a column."""


def _(text: str) -> str:
    return text


_BROUGHT = (
    "visits", "new_guests", "lapsed_guests", "bills", "spent_over", "again_90", "followed_90", "redemption_rate",
    "median_wait",
)  # fmt: skip
_COST = ("cost", "own_share", "commission_paid", "fees_paid", "cost_per_new_guest", "net_benefit", "return_on_cost")
_GIVING = ("issued", "used", "treat_value", "commission_got", "treat_gain")
_STREET = (
    "issued", "passed_on", "used", "redemption_rate", "median_wait", "breakage", "redeemed_value", "visits",
    "new_guests", "lapsed_guests", "returning_guests", "unknown_guests", "again_90", "bills", "spent_over", "cost",
    "cost_per_new_guest", "borne_by_issuers",
)  # fmt: skip
_OF_SENDERS = ("used", "new_guests", "bills", "cost")
_OF_TREATED = ("issued", "used", "treat_gain")
_ROWS, _ROWS_EACH = 10, 3
"""Neighbours that fit on the page in both tables; with more, so many of each, the busiest first."""
_PARTS = ("rows", "text", "items", "svg", "cells")


def partner_pdf(report: PartnerReport, language: str) -> bytes:
    """What an owner reads in a minute."""
    from network.reports import charts  # noqa: PLC0415  matplotlib takes a second to load

    say = _Said(report.heading, language)
    by_month = report.heading.period.stretch == "month"
    days = [say.month(one.begins_on) if by_month else say.day(one.begins_on, short=True) for one in report.trend]
    trend = charts.trend(
        days,
        [
            (say(_("guests that neighbours sent")), [one.received for one in report.trend]),
            (say(_("of them new")), [one.new for one in report.trend]),
            (say(_("guests you sent")), [one.given for one in report.trend]),
        ],
    )
    busy = sum(_used(one) > 0 for one in (*report.received, *report.given))
    most = busy if busy <= _ROWS else _ROWS_EACH
    blocks: list[dict[str, Any]] = [
        say.figures(_("What it brought"), report.brought, _BROUGHT),
        say.figures(_("What it cost"), [*report.cost], _COST),
        {"kind": "text", "title": say(_("What would have happened anyway")), "text": say.measured(report.measured)},
        say.effects(_("Whose guests came to you because of it"), report.measured, received_by=report.merchant_id),
        {
            "kind": "list",
            "title": say(_("What to change")),
            "items": [advice_text(one, report.heading.currency, language) for one in report.advice],
        },
        {
            "kind": "image",
            "title": say(_("How it goes")),
            "svg": trend if any(one.received or one.given for one in report.trend) else "",
        },
        say.neighbours(_("By neighbour: whose guests came"), report.received, _OF_SENDERS, most=most),
        say.neighbours(_("By neighbour: whom you sent guests"), report.given, _OF_TREATED, most=most),
        say.figures(_("What treating your guests cost"), report.giving, _GIVING),
        say.effects(_("Where your guests went because of it"), report.measured, given_by=report.merchant_id),
        say.methods(_BROUGHT + _COST + _GIVING, [*report.brought, *report.cost, *report.giving]),
    ]
    return _drawn(say, report.name, blocks, report.hidden_pairs)


def street_pdf(report: StreetReport, language: str) -> bytes:
    """The flow matrix, givers and takers, the network, the trend."""
    from network.reports import charts  # noqa: PLC0415  matplotlib takes a second to load

    say = _Said(report.heading, language)
    busy = [one for one in report.partners if one.given or one.got]
    places = {one.merchant_id: place for place, one in enumerate(busy)}
    flows = [(places[c.issuer_id], places[c.acceptor_id], c.used) for c in report.cells if c.used]
    months = [say.month(one.begins_on) for one in report.trend]
    trend = charts.trend(
        months,
        [
            (say(_("handed out")), [one.issued for one in report.trend]),
            (say(_("used")), [one.used for one in report.trend]),
        ],
    )
    both = [(one.name, one.given, one.got) for one in reversed(busy)]
    given, got = say(_("guests sent")), say(_("guests received"))
    blocks = [
        say.figures(_("The street in figures"), report.figures, _STREET),
        {"kind": "text", "title": say(_("What would have happened anyway")), "text": say.measured(report.measured)},
        say.effects(_("What certificates changed"), report.measured),
        {"kind": "image", "title": say(_("Month by month")), "svg": trend if report.trend else ""},
        {"kind": "image", "title": say(_("Who gives and who gets")),
         "svg": charts.both_ways(both, given, got) if busy else ""},
        {"kind": "image", "title": say(_("Who sends whom")),
         "svg": charts.network([one.name for one in busy], flows) if flows else ""},
        _matrix(say, report),
        _standings(say, report),
        say.methods(_STREET, report.figures),
    ]  # fmt: skip
    return _drawn(say, report.heading.coalition, blocks, report.hidden_pairs)


class _Said:
    """One report's texts in one language."""

    def __init__(self, heading: Heading, language: str) -> None:
        self.heading = heading
        self.language = language

    def __call__(self, text: str, **facts: object) -> str:
        return said(text, self.language).format(**facts) if facts else said(text, self.language)

    def day(self, day: date, *, short: bool = False) -> str:
        return f"{day.day}.{day.month:02}." if short else day_text(day, self.language)

    def month(self, day: date) -> str:
        return f"{day.month:02}.{day.year % 100:02}"

    def number(self, value: int | None) -> str:
        return "–" if value is None else number_text(value, self.language)

    def money(self, value: int | None) -> str:
        return "–" if value is None else money_text(value, self.heading.currency, self.language)

    def measured(self, found: Facts | None) -> str:
        return measured_text(found, self.language)

    def effects(self, title: str, found: Facts | None, **whose: UUID) -> dict[str, Any]:
        rows = measured_rows(found, self.heading.currency, self.language, **whose)
        return {"kind": "effects", "title": self(title), "head": ["", *map(self, HEAD)], "rows": rows}

    def figures(self, title: str, figures: list[Figure], names: tuple[str, ...]) -> dict[str, Any]:
        found = {figure.name: figure for figure in figures}
        shown = [found[name] for name in names if name in found]
        rows = [[self(NAMES[one.name]), self.value(one), self.of(one)] for one in shown]
        return {"kind": "figures", "title": self(title), "rows": rows}

    def neighbours(
        self, title: str, neighbours: list[Neighbour], names: tuple[str, ...], *, most: int
    ) -> dict[str, Any]:
        """The `most` busiest."""
        rows = []
        for one in sorted(neighbours, key=_used, reverse=True):
            figures = {figure.name: figure for figure in one.figures if figure.value is not None}
            shown = [self.value(figures[name]) if name in figures else "–" for name in names]
            if _used(one):
                rows.append([one.name, *shown])
        if (more := len(rows) - most) > 1:
            rows[most:] = [[self(_("and {n} more, in the CSV"), n=more), *("" for _name in names)]]
        return {
            "kind": "table",
            "title": self(title),
            "head": ["", *(self(NAMES[name]) for name in names)],
            "rows": rows,
        }

    def value(self, figure: Figure) -> str:
        return value_of(figure, self.heading.currency, self.language)

    def of(self, figure: Figure) -> str:
        return of_what(figure, self.heading.currency, self.language)

    def methods(self, names: tuple[str, ...], figures: list[Figure]) -> dict[str, Any]:
        there = {figure.name for figure in figures}
        items = [[self(NAMES[name]), self(METHODS[name])] for name in names if name in there]
        return {"kind": "methods", "title": self(_("How each figure is counted")), "items": items}


def _used(neighbour: Neighbour) -> int:
    return next((figure.value or 0 for figure in neighbour.figures if figure.name == "used"), 0)


def _matrix(say: _Said, report: StreetReport) -> dict[str, Any]:
    """From each giver (down) to each taker (across); a list when there are too many for a page."""
    cells = {(c.issuer_id, c.acceptor_id): c for c in report.cells}
    givers = [p for p in report.partners if any(giver == p.merchant_id for giver, _ in cells)]
    takers = [p for p in report.partners if any(taker == p.merchant_id for _, taker in cells)]
    title = say(_("From whom (down) to whom (across): certificates used"))
    if max(len(givers), len(takers)) > CELLS_MAX:
        rows = [
            [
                report.name_of(c.issuer_id),
                report.name_of(c.acceptor_id),
                say.number(c.issued),
                say.number(c.used),
                say.money(c.value),
            ]
            for c in sorted(report.cells, key=lambda c: -(c.used or 0))
        ]
        head = [say(_("From")), say(_("To")), say(_("handed out")), say(_("used")), say(NAMES["redeemed_value"])]
        return {"kind": "table", "title": title, "head": head, "rows": rows}
    most = max((c.used or 0 for c in report.cells), default=0) or 1
    matrix = [
        [
            {"text": "<5" if c.used is None else say.number(c.used), "heat": (c.used or 0) * 100 // most}
            if (c := cells.get((g.merchant_id, t.merchant_id)))
            else None
            for t in takers
        ]
        for g in givers
    ]
    return {
        "kind": "matrix",
        "title": title,
        "across": [t.name if len(t.name) <= ACROSS_MAX else f"{t.name[: ACROSS_MAX - 1]}…" for t in takers],
        "down": [g.name for g in givers],
        "cells": matrix,
    }


def _standings(say: _Said, report: StreetReport) -> dict[str, Any]:
    head = [
        "",
        say(_("guests sent")),
        say(_("guests received")),
        say(_("of them new")),
        say(_("worth")),
        say(_("worth")),
        "",
    ]
    rows = [
        # What is all under five is not nought.
        [one.name, *("–" for _column in head[1:-1]), say(STANCES[one.stance])] if one.stance is Stance.FEW else
        [one.name, say.number(one.given), say.number(one.got), say.number(one.new_got), say.money(one.value_given),
         say.money(one.value_got), say(STANCES[one.stance])]
        for one in report.partners
    ]  # fmt: skip
    order = [0, 1, 4, 2, 5, 3, 6]
    return {
        "kind": "table",
        "title": say(_("Given and got")),
        "head": [head[i] for i in order],
        "rows": [[row[i] for i in order] for row in rows],
    }


def _drawn(say: _Said, name: str, blocks: list[dict[str, Any]], hidden_pairs: int) -> bytes:
    period, heading = say.heading.period, say.heading
    between = f"{say.day(period.first_on)} – {say.day(period.last_on)}"
    left_out = (
        say(
            _(
                "Pairs with fewer than 5 uses are not shown, and are in no total: {n}. "
                "A dash stands for a count that is under 5, or that would reveal one."
            ),
            n=hidden_pairs,
        )
        if hidden_pairs
        else ""
    )
    paper = {
        "language": say.language,
        "title": say(_("What certificates brought")),
        "name": name,
        "coalition": heading.coalition,
        "period": between,
        "left_out": left_out,
        "footer": say(_("{coalition}. Log position {position}. Days end at midnight in {zone}."),
                      coalition=heading.coalition, position=heading.position, zone=heading.time_zone),
        "blocks": [block for block in blocks if any(block.get(part) for part in _PARTS)],
    }  # fmt: skip
    dated = datetime.combine(period.last_on, time(), UTC)
    return typst.compile(
        TEMPLATE.read_bytes(),
        font_paths=[],
        ignore_system_fonts=True,
        sys_inputs={"report": msgspec.json.encode(paper).decode()},
        timestamp=int(dated.timestamp()),
    )
