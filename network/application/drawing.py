"""The draw for a bill: propose a neighbour's certificate, hand out what was drawn, and the merchant's own rules."""

import hashlib
import hmac
from concurrent.futures import Future
from dataclasses import dataclass
from uuid import UUID

from network.application.base import Answer, Facts, Request
from network.application.issuing import Choice, IssueCommands, certificate_of, terms_for
from network.application.room import moves_against, room_of
from network.domain.agreement import Agreement, State
from network.domain.draw import (
    SEED_BITS,
    Candidate,
    Chance,
    Hand,
    Millionths,
    PassedOver,
    Reason,
    Rules,
    Standing,
    draw,
)
from network.domain.draw_policy import DrawPolicy, draw_policy_id_of
from network.domain.errors import PaymentNotFound, Refusal
from network.domain.exposure import Move
from network.domain.merchant import Merchant
from network.domain.payment import Assignment, Payment
from network.domain.terms import Guest, Terms
from network.domain.units import Minor, share_rounded_half_up
from network.domain.wallet import Wallet
from network.unit import Unit

_ANY = UUID(int=0)


@dataclass(frozen=True, slots=True)
class _Bill:
    """The bill that is drawn for, and who is at the till."""

    unit: Unit
    issuer: Merchant
    payment: Payment
    holder_id: UUID | None


class DrawCommands(IssueCommands):
    """One draw for each bill, whoever asks how often: the seed follows from the bill, and the first draw stands."""

    def propose_certificate(
        self, *, request: Request, merchant_id: UUID, payment_id: UUID, standing: Standing
    ) -> Future[Answer]:
        """Draw for a bill and say what came of it and why; nothing is handed out yet.

        Raises: PaymentNotFound, IssueAlreadyDecided, PaymentRefunded, MerchantNotAdmitted.
        """

        def decide(unit: Unit) -> Facts:
            bill = _bill(unit, merchant_id, payment_id, None)
            return self._told(bill, self._assigned(bill, standing))

        return self._simple(request, decide, *_loads(merchant_id, payment_id, standing))

    def issue_drawn(
        self,
        *,
        request: Request,
        merchant_id: UUID,
        payment_id: UUID,
        certificate_id: UUID,
        holder_id: UUID | None,
        standing: Standing,
    ) -> Future[Answer]:
        """The issue decision by the draw, which is made now if nobody asked for it before. The neutral arm, and a bill
        that no agreement fits, are decisions to give none. Raises: as `issue_certificates`.
        """

        def decide(unit: Unit) -> Facts:
            bill = _bill(unit, merchant_id, payment_id, holder_id)
            if holder_id is not None:
                unit.get(Wallet, holder_id).must_exist()
            assignment = self._assigned(bill, standing)
            told = self._told(bill, assignment)
            if assignment is None or assignment.agreement_id is None:
                bill.payment.decide_issue(certificate_ids=(), at=unit.at)
                return told | {"certificates": []}
            choice = Choice(certificate_id, assignment.agreement_id)
            agreed = terms_for(unit, choice.agreement_id, bill.issuer, bill.payment)
            bill.payment.decide_issue(certificate_ids=(certificate_id,), at=unit.at)
            issued = self._issue(unit, choice, agreed, bill.payment, holder_id)
            return told | {"certificates": [self.shown_in(unit, issued)]}

        more = (certificate_id, *((holder_id,) if holder_id else ()))
        return self._simple(request, decide, *_loads(merchant_id, payment_id, standing), *more)

    def set_draw_rules(self, *, request: Request, merchant_id: UUID, rules: Rules, by: str) -> Future[Answer]:
        """The merchant's hand: neutral arm, exploration, fixed shares, a pin, exclusions. They replace those before.

        Raises: MerchantNotFound, InvalidDrawRules.
        """
        policy_id = draw_policy_id_of(merchant_id)

        def decide(unit: Unit) -> Facts:
            unit.get(Merchant, merchant_id)
            for one in rules.partners:
                unit.get(Merchant, one.acceptor_id)
            policy = unit.find(DrawPolicy, policy_id)
            if policy is None:
                policy = DrawPolicy.set(merchant_id=merchant_id, rules=rules, by=by, at=unit.at)
                unit.add(policy)
            else:
                policy.change(rules=rules, by=by, at=unit.at)
            return rules_told(merchant_id, policy)

        return self._simple(request, decide, merchant_id, policy_id)

    def _assigned(self, bill: _Bill, standing: Standing) -> Assignment | None:
        """The draw of this bill, made now if there is none yet; None where nothing fits, which is not a draw."""
        payment, unit = bill.payment, bill.unit
        payment.must_be_undecided()
        if payment.assignment is None:
            policy = unit.find(DrawPolicy, draw_policy_id_of(bill.issuer.id))
            rules, version = (policy.rules, policy.policy_version) if policy else (Rules(), 0)
            candidates, passed_over = _candidates(bill, standing, rules)
            if not candidates:
                return None
            seed = hmac.new(self._draw_key, payment.id.bytes, hashlib.sha256).hexdigest()[: SEED_BITS // 4]
            payment.assign(
                draw(candidates, rules, seed),
                rules=rules,
                policy_version=version,
                seed=seed,
                seen_at=standing.seen_at,
                passed_over=tuple(passed_over),
                at=unit.at,
            )
        return payment.assignment

    @staticmethod
    def _told(bill: _Bill, assignment: Assignment | None) -> Facts:
        """For the cashier: what to offer, and why, as a code with its facts and as an English sentence."""
        answer: Facts = {"payment_id": bill.payment.id, "certificate": None}
        reason, facts = Reason.NOTHING_FITS, {"name": "", "partners": 0}
        if assignment is not None:
            reason, facts = Reason(assignment.reason), {"name": "", "partners": assignment.partners}
        if assignment is not None and assignment.agreement_id is not None:
            unit, agreement = bill.unit, bill.unit.get(Agreement, assignment.agreement_id)
            acceptor = unit.get(Merchant, agreement.acceptor_id)
            assert agreement.current is not None, "only what is in force is drawn"
            terms = agreement.versions[agreement.current]
            facts["name"] = acceptor.name
            answer["certificate"] = {
                "agreement_id": agreement.id,
                "acceptor_id": acceptor.id,
                "acceptor_name": acceptor.name,
                "acceptor_address": acceptor.address,
                "face": terms.face.of(bill.payment.paid),
                "currency": bill.payment.currency,
                "expires_at": terms.expires_at(unit.at, unit.coalition.time_zone),
            }
        return answer | {"reason": {"code": reason, "detail": reason.sentence(**facts), **facts}}  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a bill of this size would be drawn among now. Without candidates nobody is drawn, and `neutral` is zero."""

    chances: tuple[Chance, ...]
    neutral: Millionths
    passed_over: tuple[PassedOver, ...]


def outlook_of(unit: Unit, merchant_id: UUID, *, amount: Minor, rules: Rules, standing: Standing) -> Outlook:
    """The chances that a guest without a name would have with this bill, by the rules of a draw; nothing is recorded.

    Raises: MerchantNotFound, MerchantNotAdmitted, InvalidDrawRules, InvalidAmount.
    """
    rules.check()
    issuer = unit.get(Merchant, merchant_id)
    issuer.must_trade()
    supposed = Payment.record(
        merchant_id=merchant_id, bill_reference="-", amount=amount, currency=unit.coalition.currency,
        customer_id=None, at=unit.at,
    )  # fmt: skip
    candidates, passed_over = _candidates(_Bill(unit, issuer, supposed, None), standing, rules)
    if not candidates:
        return Outlook((), 0, tuple(passed_over))
    drawn = draw(candidates, rules, "0" * (SEED_BITS // 4))
    return Outlook(drawn.chances, drawn.neutral_probability, tuple(passed_over))


def rules_told(merchant_id: UUID, policy: DrawPolicy | None) -> Facts:
    """A merchant's rules, as its owner set them; the defaults where it has set none."""
    rules = policy.rules if policy else Rules()
    return {
        "merchant_id": merchant_id,
        "policy_version": policy.policy_version if policy else 0,
        "neutral": rules.neutral,
        "exploration": rules.exploration,
        "partners": [{"acceptor_id": one.acceptor_id, "hand": one.hand, "share": one.share} for one in rules.partners],
    }


def _bill(unit: Unit, merchant_id: UUID, payment_id: UUID, holder_id: UUID | None) -> _Bill:
    issuer = unit.get(Merchant, merchant_id)
    issuer.must_trade()
    payment = unit.get(Payment, payment_id)
    if payment.merchant_id != merchant_id:
        raise PaymentNotFound()
    return _Bill(unit, issuer, payment, holder_id or payment.customer_id)


def _candidates(bill: _Bill, standing: Standing, rules: Rules) -> tuple[list[Candidate], list[PassedOver]]:
    """Every agreement of this merchant that has not ended, tried as the issue decision would."""
    tried, candidates, passed_over = [], [], []
    for agreement_id in sorted(standing.agreements):
        agreement = bill.unit.find(Agreement, agreement_id)
        if agreement is None or agreement.issuer_id != bill.issuer.id or agreement.state is State.ENDED:
            continue
        if rules.of(agreement.acceptor_id).hand is Hand.EXCLUDED:
            passed_over.append(PassedOver(agreement.id, agreement.acceptor_id, Hand.EXCLUDED.value))
            continue
        try:
            tried.append(_try(bill, agreement))
        except Refusal as refusal:
            passed_over.append(PassedOver(agreement.id, agreement.acceptor_id, refusal.code))
    # All limits at once: a merchant with a hundred partners has hundreds.
    bill.unit.look_up_used((move.scope, move.key) for one in tried for move, _ in one.moves)
    for one in tried:
        try:
            candidates.append(_candidate(bill, one, standing, rules))
        except Refusal as refusal:
            passed_over.append(PassedOver(one.agreement.id, one.agreement.acceptor_id, refusal.code))
    return candidates, sorted(passed_over, key=lambda one: one.agreement_id)


@dataclass(frozen=True, slots=True)
class _Trial:
    """What would be handed out for an agreement, if it is drawn."""

    agreement: Agreement
    version: int
    terms: Terms
    face: Minor
    moves: list[tuple[Move, Minor]]


def _try(bill: _Bill, agreement: Agreement) -> _Trial:
    """Raises: the refusal that the issue decision would meet."""
    version, terms = agreed = terms_for(bill.unit, agreement.id, bill.issuer, bill.payment)
    face = terms.face.of(bill.payment.paid)
    trial = certificate_of(bill.unit, Choice(_ANY, agreement.id), agreed, bill.payment, bill.holder_id, face=face)
    return _Trial(agreement, version, terms, face, moves_against(bill.unit, trial))


def _candidate(bill: _Bill, one: _Trial, standing: Standing, rules: Rules) -> Candidate:
    """Raises: CapReached."""
    acceptor_id = one.agreement.acceptor_id
    rule = rules.of(acceptor_id)
    return Candidate(
        agreement_id=one.agreement.id,
        acceptor_id=acceptor_id,
        agreement_version=one.version,
        face=one.face,
        gave=standing.gave.get(acceptor_id, 0),
        received=standing.received.get(acceptor_id, 0),
        owed=standing.owed.get(acceptor_id, 0),
        adds=_adds(one.terms, one.face),
        room=room_of(bill.unit, one.moves),
        lift=standing.lifts.get(acceptor_id),
        hand=rule.hand,
        share=rule.share,
    )


def _adds(terms: Terms, face: Minor) -> Minor:
    """What one redemption by a new guest is expected to add to the issuer's debt: its share of the value, less the
    fixed commission. The commission's share of what is spent over it is not known before.
    """
    reward = terms.commission.reward(Guest.NEW) if terms.commission else None
    return share_rounded_half_up(face, terms.funding.issuer) - (reward.fixed if reward else 0)


def _loads(merchant_id: UUID, payment_id: UUID, standing: Standing) -> tuple[UUID, ...]:
    return (merchant_id, payment_id, draw_policy_id_of(merchant_id), *standing.agreements)
