"""The log as people may search it: the newest first, by kind, partner, certificate and day. No guest is in it."""

import json
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import Response

from network.api.pages.console.event_words import WORDS
from network.api.pages.console.naming import Names, names_of
from network.api.pages.texts import N_
from network.api.pages.visits import ORGANIZER, Visit, page
from network.api.threads import in_thread
from network.feed import Page, Wanted, newest_events

router = APIRouter()
SHOWN: Final = 50
EXPORTED: Final = 5_000
KINDS: Final = {
    "Certificate": N_("Certificates"),
    "Payment": N_("Bills"),
    "Agreement": N_("Agreements"),
    "Merchant": N_("Partners"),
    "Allotment": N_("Stocks"),
    "DrawPolicy": N_("Rules of the draw"),
    "Coalition": N_("The street itself"),
    "Window": N_("Settlement"),
    "BankFile": N_("Bank files"),
    "Dispute": N_("Disputes"),
    "Default": N_("Defaults"),
    "Deposit": N_("Deposits"),
    "Wallet": N_("Wallets"),
}


@dataclass(frozen=True)
class Search:
    """What was typed, and what it means; `wrong` if it means nothing."""

    kind: str
    merchant: str
    certificate: str
    day: str
    wanted: Wanted
    wrong: str


@page(router, "GET /console/log", who=(ORGANIZER,))
async def show_log(visit: Visit) -> Response:
    """Fifty at a time."""
    search = _search(visit)
    found = Page([], 0, 0) if search.wrong else await in_thread(newest_events, visit.coalition, search.wanted, SHOWN)
    names = await in_thread(names_of, visit)
    kinds = [("", visit.gettext("Everything")), *((kind, visit.gettext(text)) for kind, text in KINDS.items())]
    return await visit.show(
        "console/log.html", search=search, events=[_shown(visit, names, one) for one in found.events], names=names,
        before=found.next_after, kinds=kinds,
    )  # fmt: skip


@page(router, "GET /console/log.jsonl", who=(ORGANIZER,))
async def export_log(visit: Visit) -> Response:
    """The same search as a file, one event a line, at most five thousand."""
    search = _search(visit)
    events = [] if search.wrong else await in_thread(_all, visit, search.wanted)
    lines = "".join(f"{json.dumps(one, ensure_ascii=False, default=str)}\n" for one in events)
    headers = {"Content-Disposition": 'attachment; filename="log.jsonl"', "Cache-Control": "no-store"}
    return Response(lines, 200, headers, "application/x-ndjson")


def _all(visit: Visit, wanted: Wanted) -> list[dict[str, object]]:
    events: list[dict[str, object]] = []
    while len(events) < EXPORTED:
        found = newest_events(visit.coalition, wanted, EXPORTED - len(events))
        events += found.events
        if not found.next_after:
            break
        wanted = wanted.further(found.next_after)
    return events


def _search(visit: Visit) -> Search:
    asked = {name: text.strip()[:80] for name, text in visit.request.query_params.items()}
    kind, merchant, certificate, day = (asked.get(name, "") for name in ("kind", "merchant", "certificate", "day"))
    before = asked.get("before", "")
    try:
        since, until = _day(visit, day)
        wanted = Wanted(
            kind=kind if kind in KINDS else "",
            merchant_id=UUID(merchant) if merchant else None,
            certificate_id=UUID(certificate) if certificate else None,
            since=since,
            until=until,
            before=int(before) if before.isascii() and before.isdigit() and len(before) <= 15 else None,
        )
    except (ValueError, OverflowError):
        wrong = visit.gettext("This does not look right. Check it again.")
        return Search(kind, merchant, certificate, day, Wanted(), wrong)
    return Search(kind, merchant, certificate, day, wanted, "")


def _day(visit: Visit, text: str) -> tuple[datetime | None, datetime | None]:
    """Where a local day begins and ends. Raises: ValueError, OverflowError."""
    if not text:
        return None, None
    day = date.fromisoformat(text)
    zone = visit.reader.zone
    return datetime.combine(day, time(), zone), datetime.combine(day + timedelta(days=1), time(), zone)


def _shown(visit: Visit, names: Names, event: dict[str, Any]) -> dict[str, Any]:
    """One line: what happened in words, and to which partners."""
    facts = {name: value for name, value in event["facts"].items() if value not in (None, "", [])}
    words = WORDS.get(event["topic"], event["topic"])
    mentioned = [event["id"], *facts.values()]
    return {
        **event,
        "says": visit.gettext(words),
        "partners": list(dict.fromkeys(names.merchants[str(one)] for one in mentioned if str(one) in names.merchants)),
        "at": datetime.fromisoformat(event["at"]),
        "facts": [
            (name, value if isinstance(value, str | int) else json.dumps(value)) for name, value in facts.items()
        ],
    }
