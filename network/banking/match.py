"""Which bank line pays which instruction, and how far each instruction is paid. A pure function of its arguments.

A line finds its instruction by our id alone, in the end-to-end id or in the text; a likeness of names or amounts is
only a suggestion that a person confirms, because money is not guessed. The order of lines, and how they were spread
over files, does not change the outcome.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby
from typing import TypeAlias

from network.banking import ids
from network.banking.instructions import ExpectedPayment, PaymentInstruction
from network.banking.lines import BankLine, LineKey
from network.banking.standing import InstructionStanding, standing_of
from network.telling import Told, each, part, to_nobody

Expected: TypeAlias = PaymentInstruction | ExpectedPayment
Instructions: TypeAlias = Mapping[str, Expected]
"""{bare end-to-end id: instruction}."""


class Why(StrEnum):
    """Why a line pays nothing of ours."""

    NO_REFERENCE = "no_reference"
    UNKNOWN_REFERENCE = "unknown_reference"
    SEVERAL_REFERENCES = "several_references"
    OTHER_IBAN = "other_iban"
    OTHER_COUNTERPARTY = "other_counterparty"
    OTHER_CURRENCY = "other_currency"


@dataclass(frozen=True, slots=True)
class Match:
    """A line with the instruction that it belongs to, or None while nobody knows."""

    line: BankLine
    end_to_end_id: str | None


@dataclass(frozen=True, slots=True)
class Unmatched:
    """A line for a person to look at, with the instructions that it might belong to, likeliest first."""

    line: BankLine
    why: Why
    suggestions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """`matches` is what to keep and to give as `earlier` next time; `duplicates` are new lines that were known."""

    standings: tuple[InstructionStanding, ...]
    matches: tuple[Match, ...]
    unmatched: tuple[Unmatched, ...]
    duplicates: tuple[BankLine, ...]


def match_lines(
    instructions: Iterable[Expected],
    earlier: Iterable[Match],
    lines: Iterable[BankLine],
    *,
    assigned: Mapping[LineKey, str] | None = None,
    told: Told = to_nobody,
) -> Outcome:
    """Match `lines` to `instructions`, on top of what was matched before.

    An earlier match stands; an earlier line without one is tried again. `assigned` is what a person decided,
    {line key: end-to-end id}: it replaces the reference, not the checks of IBAN and currency.
    """
    known = {ids.bare(one.end_to_end_id): one for one in instructions}
    decided = {key: ids.bare(reference) for key, reference in (assigned or {}).items()}
    kept = {match.line.key: match for match in earlier}
    duplicates: list[BankLine] = []
    ordered = sorted(lines, key=_order)
    for key, group in groupby(each(ordered, part(told, 0, 50)), key=lambda line: line.key):
        duplicates += _join(kept, key, list(group), known)
    unmatched = []
    for key, match in each(list(kept.items()), part(told, 50, 100)):
        if match.end_to_end_id is None:
            found = _resolved(match.line, known, decided.get(key))
            if isinstance(found, Why):
                unmatched.append(Unmatched(match.line, found, _suggestions(match.line, known)))
            else:
                kept[key] = Match(match.line, found.end_to_end_id)
    return Outcome(
        standings=_standings(known, kept.values()),
        matches=tuple(sorted(kept.values(), key=lambda match: _order(match.line))),
        unmatched=tuple(sorted(unmatched, key=lambda one: _order(one.line))),
        duplicates=tuple(duplicates),
    )


def _join(kept: dict[LineKey, Match], key: LineKey, group: list[BankLine], known: Instructions) -> list[BankLine]:
    """Add one line of a `group` that shares a key to what is kept, and return the others.

    A notice often says less than the statement after it, so a telling that names an instruction is preferred.
    """
    before = kept.get(key)
    if before is not None and before.end_to_end_id is not None:
        return group
    tellings = [before.line, *group] if before is not None else group
    chosen = next((line for line in tellings if not isinstance(_resolved(line, known, None), Why)), tellings[0])
    kept[key] = Match(chosen, None)
    if before is None:
        group.remove(chosen)
    return group


def _resolved(line: BankLine, known: Instructions, decided: str | None) -> Expected | Why:
    found = known.get(decided) if decided is not None else _referenced(line, known)
    if found is None:
        return Why.UNKNOWN_REFERENCE
    if isinstance(found, Why):
        return found
    if line.currency != found.currency:
        return Why.OTHER_CURRENCY
    if line.own_iban not in {found.debtor_iban, found.creditor_iban}:
        return Why.OTHER_IBAN
    # Money that left for somebody else did not pay this debt, whatever its text says. Money that arrived did, even if
    # a cousin's bank sent it.
    left = line.amount < 0 and line.own_iban == found.debtor_iban
    if decided is None and left and line.counterparty_iban not in {None, found.creditor_iban}:
        return Why.OTHER_COUNTERPARTY
    return found


def _referenced(line: BankLine, known: Instructions) -> Expected | Why:
    ours = ids.bare_ids_in(line.end_to_end_id or "") | ids.bare_ids_in(line.remittance)
    found = sorted(known.keys() & (ours | {ids.bare(line.end_to_end_id or "")}))
    if len(found) == 1:
        return known[found[0]]
    if found:
        return Why.SEVERAL_REFERENCES
    return Why.UNKNOWN_REFERENCE if ours else Why.NO_REFERENCE


def _suggestions(line: BankLine, known: Instructions) -> tuple[str, ...]:
    """Instructions between the same two IBANs and in the same direction, equal amounts first."""
    payer, payee = line.own_iban, line.counterparty_iban
    if line.amount > 0:
        payer, payee = line.counterparty_iban or "", line.own_iban
    alike = [one for one in known.values() if (one.debtor_iban, one.creditor_iban) == (payer, payee)]
    alike.sort(key=lambda one: (one.amount != abs(line.amount), one.end_to_end_id))
    return tuple(one.end_to_end_id for one in alike)


def _standings(known: Instructions, matches: Iterable[Match]) -> tuple[InstructionStanding, ...]:
    lines: dict[str, list[BankLine]] = {reference: [] for reference in known}
    for match in matches:
        if match.end_to_end_id is not None and (reference := ids.bare(match.end_to_end_id)) in lines:
            lines[reference].append(match.line)
    ordered = sorted(known.items(), key=lambda item: item[1].end_to_end_id)
    return tuple(standing_of(one, sorted(lines[reference], key=_order)) for reference, one in ordered)


def _order(line: BankLine) -> tuple[object, ...]:
    """Any fixed order serves; this one reads like a statement, and keeps lines of one key together."""
    return (
        *(line.own_iban, line.booked_on, line.bank_reference, line.amount, line.currency),
        *(line.end_to_end_id or "", line.counterparty_iban or "", line.counterparty_name),
        *(line.remittance, line.return_reason or ""),
    )
