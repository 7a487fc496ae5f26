"""Other terms over the past: what the last months would have come to, before they are offered."""

from typing import Any, Final
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import Response

from network.api.pages.commands import done, found
from network.api.pages.owner.agreements import ONE, show_no_example
from network.api.pages.owner.shops import id_in
from network.api.pages.owner.terms import TermsForm
from network.api.pages.visits import OWNER, Visit, page
from network.api.routes import agreements, brought
from network.api.terms import AgreementTerms, Commissions
from network.domain.errors import AgreementNotFound
from network.reports.words import OUTCOMES, said

router = APIRouter()
COUNTS: Final = ("issued_count", "uses_count")
OF_BOTH: Final = (*COUNTS, "redeemed_value", "commission_value")
OF_ACCEPTOR: Final = (*OF_BOTH, "bill_value", "acceptor_cost", "net_benefit")
OF_ISSUER: Final = (*OF_BOTH, "issuer_cost")


@page(router, f"POST {ONE}/past", who=(OWNER,), takes=TermsForm, again=show_no_example)
async def show_past(visit: Visit, form: TermsForm) -> Response:
    """The certificates of the last 90 days once more, under the terms as they stand in the form."""
    one = await found(visit, agreements.show_agreement, agreement_id=id_in(visit, "agreement_id", AgreementNotFound))
    terms = form.meant(visit.reader.currency, one["versions"][-1]["terms"])
    facts = await done(visit, brought.try_terms, "POST /v1/reports/what-if", _asked(visit, one, terms))
    names = OF_ACCEPTOR if one["acceptor_id"] == str(visit.subject_id) else OF_ISSUER
    return await visit.show(
        "owner/past.html", facts=facts, held_fixed=facts["held_fixed"],
        rows=[_row(visit, facts, name) for name in names if facts["was"].get(name) is not None],
    )  # fmt: skip


def _asked(visit: Visit, one: dict[str, Any], terms: AgreementTerms) -> brought.Trying:
    return brought.Trying(
        issuer_id=UUID(one["issuer_id"]),
        acceptor_id=UUID(one["acceptor_id"]),
        face=terms.face,
        smallest_bill_to_issue=terms.smallest_bill_to_issue,
        smallest_bill_to_redeem=terms.smallest_bill_to_redeem,
        validity_days=terms.validity_days,
        funding=terms.funding,
        commission=terms.commission or Commissions(),
        fee=terms.fee,
        language=visit.reader.language,  # type: ignore[arg-type]
    )


def _row(visit: Visit, facts: dict[str, Any], name: str) -> tuple[str, str, str, str]:
    """What it is called, as it was, as it would have been, and the difference."""
    write = visit.reader.number if name in COUNTS else visit.reader.money
    was, becomes, difference = (facts[side][name] for side in ("was", "becomes", "difference"))
    sign = "+" if difference and difference > 0 else ""
    return said(OUTCOMES[name], visit.reader.language), write(was), write(becomes), sign + write(difference or 0)
