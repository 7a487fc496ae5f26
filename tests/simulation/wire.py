"""Between the notebook's plain details and the network's own kinds."""

from collections import Counter
from typing import Any
from uuid import UUID

from network.application import Answer
from network.application.issuing import Choice
from network.application.offline import Delivered
from network.domain.certificate import Proof
from network.domain.draw import Hand, PartnerRule, Rules, Standing
from network.domain.errors import Refusal
from network.domain.offline import Liability, Lost
from network.domain.payment import payment_id_of
from network.domain.terms import Commission, FaceValue, Fee, Funding, Reward, Side, Terms
from network.receipts import Shown, opened
from tests.simulation.notebook.sums import Outcome, Plain

NO_CLAIMS: Any = None  # commands ask what was shown only for its proof


def code_of(answer: Answer) -> str:
    try:
        answer.facts()
    except Refusal as refusal:
        return refusal.code
    return "done"


def agrees(answer: Answer, outcome: Outcome) -> bool:
    code, facts = outcome
    if code != "done":
        return code_of(answer) == code
    body = answer.facts()
    return all(body[name] == value for name, value in facts.items())


def nonzero(amounts: Any) -> Plain:
    return {pair: amount for pair, amount in amounts.items() if amount}


def net(owed: Any) -> Plain:
    """What each pair owes net, under the pair in one fixed order."""
    net: Counter[tuple[UUID, UUID]] = Counter()
    for (debtor, creditor), amount in owed.items():
        net[min(debtor, creditor), max(debtor, creditor)] += amount if debtor < creditor else -amount
    return nonzero(net)


def for_network(command: str, details: Plain) -> Plain:
    """The model's plain details as the application wants them."""
    sent = dict(details)
    if "terms" in sent:
        sent["terms"] = terms_of(sent["terms"])
    if "standing" in sent:
        sent["standing"] = Standing(seen_at=0, **sent["standing"])
    if "rules" in sent:
        partners = tuple(
            PartnerRule(one, Hand(hand), share) for one, (hand, share) in sent["rules"]["partners"].items()
        )
        sent["rules"] = Rules(sent["rules"]["neutral"], sent["rules"]["exploration"], partners)
    if command in ("issue_certificates", "refund_payment", "propose_certificate", "issue_drawn"):
        sent["payment_id"] = payment_id_of(sent["merchant_id"], sent.pop("bill_reference"))
    if command == "redeem_certificate":
        shown_at = sent.pop("shown_at", None)
        sent["proof"] = None if shown_at is None else Proof(shown_at, 45)
    if command == "deliver_receipts":
        sent["receipts"] = [_delivered(one) for one in sent["receipts"]]
    if "choices" in sent:
        sent["choices"] = tuple(Choice(*choice) for choice in sent["choices"])
    return sent


def _delivered(plain: Plain) -> Delivered:
    """A receipt as the routes hand it over, its token read."""
    fault = Lost(plain["fault"]) if plain["fault"] else None
    return Delivered(opened(plain["signed"]), Shown(NO_CLAIMS, None, fault))


def terms_of(plain: Plain) -> Terms:
    commission, fee = plain["commission"], plain["fee"]
    return Terms(
        face=FaceValue(fixed=plain["fixed"], share=plain["share"], at_most=plain["at_most"]),
        smallest_bill_to_issue=plain["min_issue"],
        smallest_bill_to_redeem=plain["min_redeem"],
        validity_days=plain["days"],
        transferable=plain["transferable"],
        partial_redemption=plain["partial"],
        funding=Funding(issuer=plain["issuer_rate"], pool=plain["pool_rate"]),
        commission=Commission(**{guest: Reward(*reward) for guest, reward in commission.items()})
        if commission
        else None,
        fee=Fee(payer=Side(fee["payer"]), share=fee["share"], fixed=fee["fixed"]) if fee else None,
        combinable=plain["combinable"],
        allotment_transferable=plain["stock_transferable"],
        reversal_hours=plain["reversal_hours"],
        offline_ceiling=plain["ceiling"],
        offline_liability=Liability(plain["liability"]),
    )
