"""Holds each statement of an archive against the lines that were made again, and its sums against each other."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from merchants.amounts import format_amount
from merchants.statements.archive import Archive, Facts
from merchants.statements.netting import Debts, netted
from merchants.statements.recompute import Line
from merchants.statements.rules import Entry
from merchants.statements.supplies import totals

_SECTIONS = ("value", "commission", "fee", "adjustment")
_AMOUNTS = frozenset(
    "opening closing due rolled_over cleared redeemed_here redeemed_there netted bill deducted".split()
)
_SAME = ("cause", "bill_reference", "bill", "deducted", "adjusts", "certificate_id", "redemption_id")


def check_statements(archive: Archive, lines: list[Line]) -> None:
    """Line by line, then every sum up to what is paid."""
    for statement in archive.statements:
        _check_lines(archive, statement, lines)
        _check_sums(archive, statement)
        _check_supplies(archive, statement, lines)
        _check_opening(archive, statement)
    if archive.party_id is None:
        _check_netting(archive, lines)
        _check_parties(archive, lines)


def between(line: Line, party: str, other: str) -> list[Entry]:
    """What a line moved between two."""
    return [entry for entry in line.entries if {entry.debtor, entry.creditor} == {party, other}]


def partners_of(line: Line, party: str) -> set[str]:
    """With whom a line stands in a party's statement: who owes it, whom it owes, and the other shop."""
    found = {one for entry in line.entries if party in (entry.debtor, entry.creditor) for one in entry.plain[:2]}
    if party in (line.issuer, line.acceptor):
        found |= {line.issuer, line.acceptor}
    return found - {party}


def _check_lines(archive: Archive, statement: Facts, lines: list[Line]) -> None:
    party = statement["party_id"]
    expected = {(other, line.event.position): line for line in lines for other in partners_of(line, party)}
    for pair in statement["pairs"]:
        other = pair["counterparty_id"]
        for stated in pair["lines"]:
            where = f"{_name(statement)} with {_name(pair)}, event {stated['position']}"
            line = expected.pop((other, stated["position"]), None)
            if line is None:
                archive.find("line", where, "the statement has this line, and no event is behind it")
                continue
            for problem in _differences(line, stated, (party, other), archive.currency):
                archive.find("line", where, problem)
    for other, position in expected:
        says = f"the event moved something with {other}, and the statement has no line for it"
        archive.find("line", f"{_name(statement)}, event {position}", says)


def _differences(line: Line, stated: Facts, sides: tuple[str, str], currency: str) -> Iterator[str]:
    made = {name: getattr(line, name) for name in _SAME}
    made |= {"issuer_id": line.issuer, "acceptor_id": line.acceptor}
    for name, value in made.items():
        if stated[name] != value:
            told, made_of = (_told(name, one, currency) for one in (stated[name], value))
            yield f"{name} is stated as {told}, the event has {made_of}"
    if datetime.fromisoformat(stated["happened_at"]) != datetime.fromisoformat(line.event.facts["timestamp"]):
        yield f"happened_at is stated as {stated['happened_at']}, the event has {line.event.facts['timestamp']}"
    entries = between(line, *sides)
    said = [(one["kind"], one["section"], one["amount"]) for one in stated["entries"]]
    given = [(one.kind, line.section(one), signed(one, sides[0])) for one in entries]
    if said != given:
        rules = "; ".join(one.trace for one in entries) or "nothing is owed between these two"
        yield f"stated {_moved(said, currency)}, recomputed {_moved(given, currency)}: {rules}"
    if stated["amount"] != sum(one["amount"] for one in stated["entries"]):
        yield f"amount {format_amount(stated['amount'], currency)} is not the sum of its entries"


def _moved(entries: list[tuple[str, str, int]], currency: str) -> str:
    """Such as `value -5.00 EUR`; the section where it is not the kind's own."""
    named = ((kind if kind == section else f"{kind} ({section})", amount) for kind, section, amount in entries)
    return ", ".join(f"{name} {format_amount(amount, currency)}" for name, amount in named) or "nothing"


def signed(entry: Entry, party: str) -> int:
    """Above zero the party receives."""
    return entry.amount if entry.creditor == party else -entry.amount


def _check_sums(archive: Archive, statement: Facts) -> None:
    least = archive.manifest["terms"]["threshold"]
    for pair in statement["pairs"]:
        where = f"{_name(statement)} with {_name(pair)}"
        moved = sum(line["amount"] for line in pair["lines"])
        _same(archive, where, "closing", pair["closing"], pair["opening"] + moved)
        _same(archive, where, "closing", pair["closing"], pair["cleared"] + pair["due"] + pair["rolled_over"])
        _same(archive, where, "sections", pair["sections"], _turnover(pair["lines"]))
        here, there = _supplied(pair, statement["party_id"])
        _same(archive, where, "redeemed_here", pair["redeemed_here"], here)
        _same(archive, where, "redeemed_there", pair["redeemed_there"], there)
        if 0 < abs(pair["due"]) < least or abs(pair["rolled_over"]) >= max(1, least):
            archive.find("sum", where, f"payments under {least} roll over, and only those")
    for name in ("opening", "closing", "due", "rolled_over", "redeemed_here", "redeemed_there"):
        whole = sum(pair[name] for pair in statement["pairs"])
        _same(archive, _name(statement), name, statement[name], whole)
    _same(archive, _name(statement), "cleared", 0, sum(pair["cleared"] for pair in statement["pairs"]))
    lines = [line for pair in statement["pairs"] for line in pair["lines"]]
    _same(archive, _name(statement), "sections", statement["sections"], _turnover(lines))
    heading, manifest = statement["heading"], archive.manifest
    for name in ("window", "position", "chain_hash", "after_position"):
        _same(archive, _name(statement), name, heading[name], manifest[name])


def _turnover(lines: Iterable[Facts]) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for entry in (entry for line in lines for entry in line["entries"]):
        one = found.setdefault(entry["section"], {"receives": 0, "owes": 0})
        one["receives" if entry["amount"] > 0 else "owes"] += abs(entry["amount"])
    return {name: found[name] for name in _SECTIONS if name in found}


def _supplied(pair: Facts, party: str) -> tuple[int, int]:
    other = pair["counterparty_id"]
    here = sum(one["deducted"] for one in pair["lines"] if (one["issuer_id"], one["acceptor_id"]) == (other, party))
    there = sum(one["deducted"] for one in pair["lines"] if (one["issuer_id"], one["acceptor_id"]) == (party, other))
    return here, there


def _check_supplies(archive: Archive, statement: Facts, lines: list[Line]) -> None:
    """Gross and tax by rate; an archive from before tax was on record has neither."""
    party = statement["party_id"]
    for pair in statement["pairs"]:
        other, where = pair["counterparty_id"], f"{_name(statement)} with {_name(pair)}"
        for name, sides in (("supplied_here", (other, party)), ("supplied_there", (party, other))):
            made = totals(line.supply for line in lines if (line.issuer, line.acceptor) == sides)
            _same(archive, where, name, pair.get(name, []), made)


def _check_opening(archive: Archive, statement: Facts) -> None:
    """A window opens with what the one before it rolled over: by its statement, unless that was made anew since."""
    party, opening = statement["party_id"], archive.manifest["opening"]
    carried: dict[str, int] = {}
    for due in opening["carried"]:
        if party in (due["debtor"], due["creditor"]):
            other, sign = (due["debtor"], 1) if due["creditor"] == party else (due["creditor"], -1)
            carried[other] = carried.get(other, 0) + sign * due["amount"]
    if opening["version"] == 1:
        before: Facts = next((one for one in archive.previous if one["party_id"] == party), {"pairs": []})
        told = {pair["counterparty_id"]: pair["rolled_over"] for pair in before["pairs"] if pair["rolled_over"]}
        _same(archive, _name(statement), "opening", carried, told)
    for pair in statement["pairs"]:
        where = f"{_name(statement)} with {_name(pair)}"
        _same(archive, where, "opening", pair["opening"], carried.pop(pair["counterparty_id"], 0))
    for other, amount in carried.items():
        if amount:
            archive.find("sum", f"{_name(statement)} with {other}", f"{amount} rolled over and opens nothing")


def _check_netting(archive: Archive, lines: list[Line]) -> None:
    """With everybody's debts in hand, what netting left is made again."""
    debts: Debts = {}
    for due in archive.manifest["opening"]["carried"]:
        debts[due["debtor"], due["creditor"]] = debts.get((due["debtor"], due["creditor"]), 0) + due["amount"]
    for entry in (entry for line in lines for entry in line.entries):
        debts[entry.debtor, entry.creditor] = debts.get((entry.debtor, entry.creditor), 0) + entry.amount
    terms = archive.manifest["terms"]
    left = netted({pair: amount for pair, amount in debts.items() if amount}, terms["method"])
    stated = {
        (pair["counterparty_id"], statement["party_id"]): pair["due"] + pair["rolled_over"]
        for statement in archive.statements
        for pair in statement["pairs"]
        if pair["due"] + pair["rolled_over"] > 0
    }
    for debtor, creditor in sorted({*left, *stated}):
        where = f"{debtor} to {creditor}"
        _same(archive, where, "netted", stated.get((debtor, creditor), 0), left.get((debtor, creditor), 0))


def _check_parties(archive: Archive, lines: list[Line]) -> None:
    """Nobody whom a line names is without a statement, and the nets sum to zero."""
    present = {statement["party_id"] for statement in archive.statements}
    named = {one for line in lines for one in (line.issuer, line.acceptor)}
    named |= {one for line in lines for entry in line.entries for one in entry.plain[:2]}
    for party in sorted(named - present):
        archive.find("sum", party, "lines name this party, and there is no statement for it")
    _same(archive, "all parties", "closing", sum(one["closing"] for one in archive.statements), 0)


def _same(archive: Archive, where: str, name: str, stated: object, made: object) -> None:
    if stated != made:
        told, made_of = (_told(name, one, archive.currency) for one in (stated, made))
        archive.find("sum", where, f"{name} is stated as {told}, recomputed {made_of}")


def _told(name: str, value: object, currency: str) -> str:
    """An amount as people read it; anything else as it stands."""
    if name in _AMOUNTS and isinstance(value, int):
        return format_amount(value, currency)
    if name == "sections" and isinstance(value, dict):
        found = []
        for section, sides in value.items():
            receives, owes = (format_amount(sides[side], currency) for side in ("receives", "owes"))
            found.append(f"{section}: receives {receives}, owes {owes}")
        return "; ".join(found) or "nothing"
    return str(value)


def _name(one: Facts) -> str:
    name: str = one.get("party_name") or one.get("counterparty_name") or one.get("party_id") or one["counterparty_id"]
    return name
