"""What paper and workbook both show: the rows of a statement with their labels."""

from collections.abc import Sequence
from uuid import UUID
from zoneinfo import ZoneInfo

from network.domain.postings import deposits_of, organizer_of, pool_of
from network.domain.restating import Cause
from network.domain.statement import Section
from network.papers.words import Words, _
from network.settlement.statement import Heading, Line, PairStatement, Statement, Turnover

SECTIONS = {
    Section.VALUE.value: _("Certificates redeemed"),
    Section.COMMISSION.value: _("Commission for guests"),
    Section.FEE.value: _("Network fee"),
    Section.ADJUSTMENT.value: _("Adjustments to earlier windows"),
}
CHANGES = {
    Cause.WITHHELD.value: _("Disputed, and left out until that is decided"),
    Cause.PREPAID.value: _("Paid by an earlier version"),
    Cause.DEFAULTED.value: _("Covered or lost in a default"),
}
_CAUSES = {
    "redeemed": _("redeemed"),
    "reversed": _("undone"),
    "refunded": _("refunded"),
    "dispute_upheld": _("dispute upheld"),
    "dispute_rejected": _("dispute rejected"),
    "recovered": _("recovered after a default"),
    "offline_conflict": _("taken without a network, used elsewhere too"),
}


def words_of(heading: Heading, languages: Sequence[str]) -> Words:
    """The languages with the coalition's currency and clock."""
    return Words(languages, heading.currency, ZoneInfo(heading.time_zone))


def name_of(words: Words, heading: Heading, party_id: UUID, name: str) -> str:
    """A partner's own name; pool and organizer in the reader's words."""
    if party_id == pool_of(heading.coalition_id):
        return words.in_line(_("Common pool"))
    if party_id == organizer_of(heading.coalition_id):
        return words.in_line(_("Organizer of the network"))
    if party_id == deposits_of(heading.coalition_id):
        return words.in_line(_("Holder of the deposits"))
    return name or str(party_id)


def turnover_rows(opening: int, sections: dict[str, Turnover]) -> list[tuple[str, int, int]]:
    """`(text, receives, owes)`, the opening first."""
    rows = [(_("Opening, rolled over from the window before"), max(0, opening), max(0, -opening))]
    return rows + [(SECTIONS.get(name, name), one.receives, one.owes) for name, one in sections.items()]


def result_rows(statement: Statement) -> list[tuple[str, int, bool]]:
    """`(text, amount, whether it adds others up)`: the closing, what came to it since, and what becomes of it."""
    rows = [(_("Closing balance"), statement.closing, True)]
    if statement.made_at is not None:
        rows += [(CHANGES[cause], amount, False) for cause, amount in statement.changes.items()]
        rows.append((_("Balance by this version"), statement.balance, True))
    rows.append((_("of which paid now"), statement.due, False))
    return [*rows, (_("of which rolls over to the next window"), statement.rolled_over, False)]


def version_of(words: Words, statement: Statement) -> str:
    """Its number; of a later one, when it was made."""
    if statement.made_at is None:
        return str(statement.version)
    return f"{statement.version}, {words.moment(statement.made_at)}"


def cause_of(words: Words, line: Line) -> str:
    """What happened, in a word or two."""
    said = words.in_line(_CAUSES.get(line.cause, line.cause))
    if line.adjusts is None:
        return said
    of_window = words.in_line(_("of window {number}"), number=line.adjusts)
    return f"{said} ({of_window})"


def by_section(line: Line) -> dict[str, int]:
    """`{section: amount}` of one line."""
    found: dict[str, int] = {}
    for entry in line.entries:
        found[entry.section] = found.get(entry.section, 0) + entry.amount
    return found


def short(some_id: UUID) -> str:
    """How an id begins."""
    return str(some_id)[:8]


def pair_labels(statement: Statement) -> tuple[str, ...]:
    """What `pair_amounts` are; a version after the first has one figure more."""
    since = (_("Changed since"),) if statement.made_at else ()
    stated = (_("Opening"), _("Receives"), _("Owes"), _("Closing"))
    return (*stated, *since, _("Cleared by netting"), _("Paid now"), _("Rolls over"))


def pair_amounts(pair: PairStatement, statement: Statement) -> tuple[int, ...]:
    """The figures of one row."""
    receives = sum(one.receives for one in pair.sections.values())
    owes = sum(one.owes for one in pair.sections.values())
    since = (sum(pair.changes.values()),) if statement.made_at else ()
    return pair.opening, receives, owes, pair.closing, *since, pair.cleared, pair.due, pair.rolled_over
