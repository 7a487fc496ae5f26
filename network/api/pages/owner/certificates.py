"""Certificates given and taken: a list that can be searched, and the history of each; never who held it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import Response
from psycopg import Connection, sql
from pydantic import StringConstraints

from network.api.pages import forms
from network.api.pages.commands import done_and_seen, found, of_views
from network.api.pages.forms import Problems, WithCommand
from network.api.pages.owner.shops import id_in, shops
from network.api.pages.texts import N_
from network.api.pages.visits import OWNER, Visit, page
from network.api.routes import redemptions, wallet
from network.api.routes.merchants import WithReason
from network.domain.errors import CertificateNotFound

router = APIRouter()
ONE: Final = "/shop/certificates/{certificate_id}"
STATES: Final = {
    "active": N_("in a guest's hands"),
    "redeemed": N_("used"),
    "expired": N_("run out"),
    "revoked": N_("taken back"),
}
WHAT: Final = {
    "Issued": N_("Handed out"),
    "Claimed": N_("Put into a phone"),
    "PassedOn": N_("Passed on"),
    "Rebound": N_("Moved to another phone"),
    "Printed": N_("Printed on paper"),
    "Redeemed": N_("Used"),
    "RedemptionReversed": N_("Use undone"),
    "RedemptionRefunded": N_("Bill refunded, a new certificate given for it"),
    "CauseRefunded": N_("The first bill was refunded"),
    "Expired": N_("Ran out"),
    "Revoked": N_("Taken back"),
}
PAGE: Final = 50


class Revoking(WithCommand):
    """Why it is taken back."""

    reason: Annotated[str, StringConstraints(min_length=1, max_length=300)]


@dataclass(frozen=True, slots=True)
class Listed:
    """One line. `bill_reference`: the bill it was given for, which only its issuer sees."""

    certificate_id: UUID
    issuer_id: UUID
    acceptor_id: UUID
    face: int
    state: str
    issued_at: datetime
    ended_at: datetime | None
    expires_at: datetime
    issued_position: int
    bill_reference: str | None


@page(router, "GET /shop/certificates", who=(OWNER,))
async def show_certificates(visit: Visit) -> Response:
    """The newest first; `q` searches the number of the bill and the name of the neighbour."""
    query = visit.request.query_params
    side = query.get("side") if query.get("side") in ("given", "taken") else ""
    state = query.get("state") if query.get("state") in STATES else ""
    words = query.get("q", "").strip()[:64]
    before = query.get("before", "")
    known = await shops(visit)
    named = [UUID(key) for key, one in known.items() if words and words.casefold() in one["name"].casefold()]
    facts = {
        "me": visit.subject_id, "side": side, "state": state, "q": words, "named": named,
        "before": int(before) if before.isascii() and before.isdigit() and len(before) < 17 else 2**53,
        "most": PAGE + 1,
    }  # fmt: skip

    def question(connection: Connection, schema: str) -> dict[str, Any]:
        return {"rows": _list(connection, schema, facts)}

    rows = (await of_views(visit, ("certificates", "payments"), question))["rows"]
    return await visit.show(
        "owner/certificates.html", rows=rows[:PAGE], more=rows[PAGE - 1].issued_position if len(rows) > PAGE else None,
        known=known, me=visit.subject_id, side=side, state=state, words=words,
        states={code: visit.gettext(text) for code, text in STATES.items()},
    )  # fmt: skip


@page(router, f"GET {ONE}", who=(OWNER,))
async def show_certificate(visit: Visit, problems: Problems = forms.NONE) -> Response:
    """What happened to it, line by line."""
    certificate_id = id_in(visit, "certificate_id", CertificateNotFound)
    told = await found(visit, wallet.show_history, certificate_id=certificate_id)
    one = told["certificate"]
    known, state = await shops(visit), STATES[one["state"]]
    mine = one["issuer_id"] == str(visit.subject_id)
    return await visit.show(
        "owner/certificate.html", problems=problems, one=one, mine=mine,
        issuer=known[one["issuer_id"]]["name"], acceptor=known[one["acceptor_id"]]["name"],
        state=visit.gettext(state),
        can_revoke=mine and one["state"] == "active" and not one["hops"] and not one["redemptions"],
        lines=[_line(visit, line, mine) for line in told["history"]],
    )  # fmt: skip


@page(router, f"POST {ONE}/revoke", who=(OWNER,), takes=Revoking, again=show_certificate)
async def revoke(visit: Visit, form: Revoking) -> Response:
    """While it is unused and was never passed on."""
    certificate_id = id_in(visit, "certificate_id", CertificateNotFound)
    await done_and_seen(
        visit, redemptions.revoke_certificate, "POST /v1/certificates/{certificate_id}/revocation",
        WithReason(reason=form.reason), str(form.command_id), ("certificates", "history"),
        certificate_id=certificate_id,
    )  # fmt: skip
    return visit.go(f"/shop/certificates/{certificate_id}")


def _line(visit: Visit, line: dict[str, Any], issuer: bool) -> dict[str, Any]:
    """A bill's number and total are the acceptor's; so is how it knows the guest."""
    facts, what = line["facts"], WHAT[line["what"]]
    amount = facts.get("amount", facts.get("face"))
    more = [facts["reason"]] if facts.get("reason") else []
    if facts.get("bill_reference") and not issuer:
        more.append(visit.gettext("bill %(bill)s", bill=facts["bill_reference"]))
    return {"at": line["at"], "what": visit.gettext(what), "amount": amount, "more": " · ".join(more)}


def _list(connection: Connection, schema: str, facts: dict[str, Any]) -> list[Listed]:
    question = sql.SQL(_SEARCH).format(c=sql.Identifier(schema, "certificates"), p=sql.Identifier(schema, "payments"))
    return [Listed(*row) for row in connection.execute(question, facts)]


# Two limited branches, each along its own index.
_SIDE = """
(SELECT c.certificate_id, c.issuer_id, c.acceptor_id, c.face, c.state, c.issued_at, c.ended_at, c.expires_at,
        c.issued_position, CASE WHEN c.issuer_id = %(me)s THEN p.bill_reference END AS bill_reference
 FROM {c} c LEFT JOIN {p} p USING (payment_id)
 WHERE c.SIDE_id = %(me)s AND %(side)s <> 'OTHER' AND c.issued_position < %(before)s
   AND (%(state)s = '' OR c.state = %(state)s)
   AND (%(q)s = '' OR c.issuer_id = ANY (%(named)s) OR c.acceptor_id = ANY (%(named)s)
        OR (c.issuer_id = %(me)s AND p.bill_reference ILIKE '%%' || %(q)s || '%%'))
 ORDER BY c.issued_position DESC LIMIT %(most)s)
"""
_SEARCH: Final = (
    " UNION ".join(
        _SIDE.replace("SIDE", side).replace("OTHER", other)
        for side, other in (("issuer", "taken"), ("acceptor", "given"))
    )
    + " ORDER BY issued_position DESC LIMIT %(most)s"
)
