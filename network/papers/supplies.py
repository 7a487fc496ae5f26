"""What was supplied for certificates, gross and by tax rate, as the two shops' accountants need it."""

from collections.abc import Iterator
from dataclasses import dataclass

from network.domain.tax import Instrument
from network.languages import percent_text
from network.papers.words import _
from network.settlement.statement import PairStatement, Statement, Supplied

INSTRUMENTS = {
    Instrument.DISCOUNT.value: _("discount"),
    Instrument.THIRD_PARTY_FUNDED.value: _("deduction paid for by others"),
    Instrument.SINGLE_PURPOSE.value: _("single-purpose voucher"),
    Instrument.MULTI_PURPOSE.value: _("multi-purpose voucher"),
}
HERE, THERE = _("Supplied here"), _("Supplied there")


@dataclass(frozen=True, slots=True)
class Supply:
    """One row. `where`: HERE or THERE. What has no tax on record is a row without instrument, so that rows add up to
    what was redeemed.
    """

    where: str
    pair: PairStatement
    instrument: str | None
    country: str | None
    rate: int | None
    gross: int
    tax: int | None


def supplies_of(statement: Statement) -> list[Supply]:
    """At the party's own till first, each partner with its rates."""
    return [
        *(row for pair in statement.pairs for row in _rows(HERE, pair, pair.supplied_here, pair.redeemed_here)),
        *(row for pair in statement.pairs for row in _rows(THERE, pair, pair.supplied_there, pair.redeemed_there)),
    ]


def rate_text(rate: int, language: str) -> str:
    """Basis points as a tax rate is written: "21%", "21 %"."""
    return percent_text(rate / 10_000, language, decimals=2)


def _rows(where: str, pair: PairStatement, supplied: tuple[Supplied, ...], redeemed: int) -> Iterator[Supply]:
    for one in supplied:
        yield Supply(where, pair, one.instrument, one.country, one.rate, one.gross, one.tax)
    if unknown := redeemed - sum(one.gross for one in supplied):
        yield Supply(where, pair, None, None, None, unknown, None)
