"""`python -m merchants statement check ARCHIVE`: recompute a statement offline, and say which line differs, if any."""

import argparse
import json
from dataclasses import asdict
from typing import Any

from merchants.amounts import format_amount
from merchants.screen import Screen
from merchants.statements.archive import Archive, Finding, NotAnArchive, check_files, read_archive
from merchants.statements.compare import check_statements
from merchants.statements.proof import check_events, check_signature
from merchants.statements.recompute import Line, check_terms, lines_of

SOUND, DIFFERS, UNREADABLE = 0, 1, 2
SHOWN = 50


def check(options: argparse.Namespace, screen: Screen) -> int:
    """Exit codes: 0 nothing differs, 1 something does, 2 it cannot be read."""
    try:
        archive = read_archive(options.archive)
    except NotAnArchive as problem:
        screen.no("THIS IS NO ARCHIVE", str(problem))
        return UNREADABLE
    report = checked(archive, options.root_key)
    if options.json:
        options.json.write_text(json.dumps(report, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    _tell(archive, report, screen, traced=options.trace)
    return DIFFERS if archive.findings else SOUND


def checked(archive: Archive, root_key: str | None = None) -> dict[str, Any]:
    """Everything that can be held against something else. The findings are in the archive, too."""
    check_files(archive)
    key = check_signature(archive, root_key)
    linked, hidden = check_events(archive)
    certificates = check_terms(archive)
    lines = lines_of(archive)
    check_statements(archive, lines)
    return {
        "sound": not archive.findings,
        "window": archive.manifest["window"],
        "party_id": archive.party_id,
        "root_key": key,
        "root_key_given": root_key is not None,
        "code": archive.manifest["code"],
        "events": len(archive.events),
        "held_against_the_chain": linked,
        "without_their_guest": hidden,
        "certificates": certificates,
        "statements": len(archive.statements),
        "lines": [_traced(line) for line in lines],
        "findings": [asdict(one) for one in archive.findings],
    }


def _traced(line: Line) -> dict[str, Any]:
    entries = [
        {"debtor": e.debtor, "creditor": e.creditor, "amount": e.amount, "section": line.section(e), "rule": e.trace}
        for e in line.entries
    ]
    about = {"position": line.event.position, "cause": line.cause, "bill_reference": line.bill_reference}
    return {**about, "deducted": line.deducted, "entries": entries}


def _tell(archive: Archive, report: dict[str, Any], screen: Screen, *, traced: bool) -> None:
    currency = archive.manifest["currency"]
    if traced:
        for line in report["lines"]:
            screen.say(f"event {line['position']}, {line['cause']}, bill {line['bill_reference'] or '(none)'}")
            for entry in line["entries"]:
                screen.say(f"   {format_amount(entry['amount'], currency)}  {entry['rule']}")
    for statement in archive.statements:
        name = statement["party_name"] or statement["party_id"]
        closing, due = (format_amount(statement[figure], currency) for figure in ("closing", "due"))
        screen.say(f"{name}: closing {closing}, paid now {due}")
    screen.say(
        f"Window {report['window']}: {len(report['lines'])} lines of {report['statements']} statements recomputed from"
        f" {report['events']} events; {report['held_against_the_chain']} of them held against the log's chain,"
        f" {report['without_their_guest']} shown without their guest and vouched for by the signature alone."
    )
    if not report["root_key_given"]:
        screen.say(f"Root key {report['root_key']}: it came with the archive. Compare it, or name yours: --root-key")
    if not archive.findings:
        screen.ok("EVERYTHING AGREES")
        return
    screen.no(f"{len(archive.findings)} DIFFERENCES")
    for finding in archive.findings[:SHOWN]:
        screen.say(_sentence(finding))
    if len(archive.findings) > SHOWN:
        screen.say(f"... and {len(archive.findings) - SHOWN} more; --json has them all")


def _sentence(finding: Finding) -> str:
    return f"{finding.check}, {finding.where}: {finding.says}"
