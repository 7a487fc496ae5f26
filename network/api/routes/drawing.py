"""The draw: what the network proposes for a bill, handing that out, and the merchant's own hand in it."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import Response
from psycopg import Connection
from pydantic import Field

from network.api.answers.drawing import DrawOutlook, DrawRules, IssuedByDraw, Proposal
from network.api.bodies import Amount, Body, Nothing, Share
from network.api.calls import Call, shown
from network.api.looking import looking
from network.api.operations import OWNER, TILL, operation
from network.api.threads import in_thread
from network.application.drawing import Outlook, outlook_of, rules_told
from network.domain.draw import (
    EXPLORATION_MIN,
    NEUTRAL_MAX,
    Chance,
    Hand,
    PartnerRule,
    Rules,
    Standing,
    factors_of,
)
from network.domain.draw_policy import DrawPolicy, draw_policy_id_of
from network.domain.errors import (
    AgreementNotActive,
    AgreementNotFound,
    BillTooSmallToIssue,
    CapReached,
    CertificateConflict,
    InvalidAmount,
    InvalidDrawRules,
    IssueAlreadyDecided,
    MerchantNotAdmitted,
    MerchantNotFound,
    PaymentNotFound,
    PaymentRefunded,
    WalletErased,
    WalletNotFound,
)
from network.domain.units import WHOLE
from network.measuring.steering import known_lifts
from network.projections.standing import standing_of

router = APIRouter()
TAG = "payments"
TILLS = (TILL,)


class Taking(Body):
    """`certificate_id`: for what was drawn. `holder_id`: into this wallet; without it, as paper."""

    certificate_id: UUID
    holder_id: UUID | None = None


class RuleForPartner(Body):
    """`hand`: pinned (always this one when it fits), excluded, share, or free. `share`: of what is handed out."""

    acceptor_id: UUID
    hand: Hand = Field(strict=False)
    share: Share = 0


class DrawRuling(Body):
    """The whole of the rules; they replace those before. `neutral` and `exploration` in basis points."""

    neutral: Annotated[int, Field(ge=0, le=NEUTRAL_MAX)] = 500
    exploration: Annotated[int, Field(ge=EXPLORATION_MIN, le=WHOLE)] = 2_000
    partners: Annotated[tuple[RuleForPartner, ...], Field(max_length=200, strict=False)] = ()

    def meant(self) -> Rules:
        """As the domain has them."""
        partners = tuple(PartnerRule(one.acceptor_id, one.hand, one.share) for one in self.partners)
        return Rules(self.neutral, self.exploration, partners)


class Supposing(DrawRuling):
    """The rules to try, and a bill in minor units."""

    bill: Amount


@operation(
    router, "POST /v1/payments/{payment_id}/proposal", "Draw a neighbour for this bill", tag=TAG, who=TILLS,
    answers=Proposal, refusals=(PaymentNotFound, IssueAlreadyDecided, PaymentRefunded, MerchantNotAdmitted),
)  # fmt: skip
async def propose_certificate(call: Call, asked: Nothing) -> Response:
    """What to offer, and why; `certificate` null: none this time. The first draw of a bill stands, whoever asks."""
    return await call.answer(
        call.application.propose_certificate(
            request=call.command(),
            merchant_id=call.subject_id,
            payment_id=call.id("payment_id"),
            standing=await _standing(call),
        )
    )


@operation(
    router, "POST /v1/payments/{payment_id}/proposal/acceptance", "Hand out what was drawn", tag=TAG, who=TILLS,
    takes=Taking, answers=IssuedByDraw,
    refusals=(PaymentNotFound, IssueAlreadyDecided, PaymentRefunded, AgreementNotFound, AgreementNotActive,
              BillTooSmallToIssue, MerchantNotAdmitted, CapReached, CertificateConflict, WalletErased,
              WalletNotFound, InvalidAmount),
)  # fmt: skip
async def issue_drawn(call: Call, asked: Taking) -> Response:
    """The issue decision by the draw, which is made now if nobody asked for it before. It may be to give none."""
    return await call.answer_with_copies(
        call.application.issue_drawn(
            request=call.command(),
            merchant_id=call.subject_id,
            payment_id=call.id("payment_id"),
            certificate_id=asked.certificate_id,
            holder_id=asked.holder_id,
            standing=await _standing(call),
        )
    )


@operation(
    router, "PUT /v1/draw-rules", "Take a hand in the draw", tag="agreements", who=(OWNER,), takes=DrawRuling,
    answers=DrawRules, refusals=(MerchantNotFound, InvalidDrawRules),
)  # fmt: skip
async def set_draw_rules(call: Call, asked: DrawRuling) -> Response:
    """Fix a share for a partner, pin one, or exclude one. What was drawn before stays drawn."""
    return await call.answer(
        call.application.set_draw_rules(
            request=call.command(), merchant_id=call.subject_id, rules=asked.meant(), by=call.role
        )
    )


@operation(
    router, "GET /v1/draw-rules", "How the draw is ruled", tag="agreements", who=(OWNER, TILL), answers=DrawRules,
)  # fmt: skip
async def show_draw_rules(call: Call, asked: Nothing) -> Response:
    """Read from the log itself. `policy_version` 0: nothing was set, the defaults hold."""

    def read() -> dict[str, Any]:
        with looking(call.coalition, call.at) as unit:
            return rules_told(call.subject_id, unit.find(DrawPolicy, draw_policy_id_of(call.subject_id)))

    return shown(await in_thread(read))


@operation(
    router, "POST /v1/draw-rules/outlook", "What such rules would give", tag="agreements", who=(OWNER,),
    takes=Supposing, answers=DrawOutlook, changes=False,
    refusals=(MerchantNotFound, MerchantNotAdmitted, InvalidDrawRules, InvalidAmount),
)  # fmt: skip
async def show_outlook(call: Call, asked: Supposing) -> Response:
    """The chances of each partner for a bill of this size, as everything stands now; chances in millionths, factors in
    basis points. Nothing is changed.
    """
    standing = await _standing(call)

    def read() -> Outlook:
        with looking(call.coalition, call.at) as unit:
            return outlook_of(unit, call.subject_id, amount=asked.bill, rules=asked.meant(), standing=standing)

    found = await in_thread(read)
    return shown(
        {
            "bill": asked.bill,
            "neutral": found.neutral,
            "partners": [_chance(one) for one in found.chances],
            "passed_over": [
                {"agreement_id": one.agreement_id, "acceptor_id": one.acceptor_id, "reason": one.reason}
                for one in found.passed_over
            ],
        }
    )


def _chance(one: Chance) -> dict[str, Any]:
    candidate = one.candidate
    return {
        "agreement_id": candidate.agreement_id,
        "acceptor_id": candidate.acceptor_id,
        "face": candidate.face,
        "probability": one.probability,
        "hand": candidate.hand,
        "room": candidate.room,
        "factors": {reason.value: factor for reason, factor in factors_of(candidate).items()},
    }


async def _standing(call: Call) -> Standing:
    """What the views say now: a repeated command is answered from the log, whatever they say then."""
    coalition, merchant_id = call.coalition, call.subject_id

    def read() -> Standing:
        connection: Connection
        with coalition.readers.connection() as connection:
            lifts = known_lifts(connection, coalition.schema, merchant_id)
            return standing_of(connection, coalition.schema, merchant_id, lifts)

    return await in_thread(read)
