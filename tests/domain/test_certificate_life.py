"""Any order of any commands: what a certificate is worth never leaves its bounds, and its history tells the same."""

from datetime import timedelta
from typing import Any

from eventsourcing.domain import CanMutateAggregate
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from network.domain.certificate import Certificate, State
from network.domain.errors import Refusal
from network.domain.postings import Kind
from network.domain.terms import Commission, FaceValue, Fee, Funding, Guest, Reward, Side, Terms
from network.domain.units import split_by_largest_remainder
from tests.domain.given import (
    ANNA,
    BORIS,
    CAUSE,
    EXPIRES,
    NOON,
    POOL,
    RESTAURANT,
    SALON,
    certificate,
    redeem,
    some,
)

people = st.sampled_from([ANNA, BORIS])
redemptions = st.sampled_from([some(f"redemption {n}") for n in range(4)])


class Life(RuleBasedStateMachine):
    """One certificate in the hands of fools and knaves."""

    @initialize(
        partial=st.booleans(),
        transferable=st.booleans(),
        face=st.sampled_from([1, 2, 3, 500]),
        issuer=st.sampled_from([0, 1, 3_333, 10_000]),
        paper=st.booleans(),
    )
    def hand_out(self, partial: bool, transferable: bool, face: int, issuer: int, paper: bool) -> None:
        terms = Terms(
            face=FaceValue(fixed=face),
            funding=Funding(issuer=issuer, pool=(10_000 - issuer) // 2),
            commission=Commission(new=Reward(share=1_000, fixed=50)),
            fee=Fee(payer=Side.ISSUER, share=100),
            partial_redemption=partial,
            transferable=transferable,
        )
        self.at = NOON
        self.certificate = certificate(terms, holder_id=None if paper else ANNA)
        self.history: list[CanMutateAggregate[Any]] = []
        self.reserve = {funder: amount for funder, amount in self._needed().items() if amount}

    def _try(self, command: str, **details: Any) -> None:
        before = vars(self.certificate).copy()
        try:
            getattr(self.certificate, command)(**details)
        except Refusal:
            assert vars(self.certificate) == before, "a refusal changes nothing"
        self.history += self.certificate.pending_events[len(self.history) :]

    @rule(hours=st.sampled_from([1, 25, 400, 800]))
    def time_passes(self, hours: int) -> None:
        self.at += timedelta(hours=hours)

    @rule(holder_id=people, back=st.integers(-1, 2))
    def claim(self, holder_id: Any, back: int) -> None:
        epoch = self.certificate.epoch - back
        self._try("claim", epoch=epoch, holder_id=holder_id, status_index=1, at=self.at)

    @rule(holder_id=people)
    def pass_on(self, holder_id: Any) -> None:
        self._try("pass_on", holder_id=holder_id, status_index=1, at=self.at)

    @rule(
        redemption_id=redemptions,
        back=st.sampled_from([0, 0, 0, 1]),
        bill=st.sampled_from([None, 0, 1, 2, 499, 500, 501, 1_800]),
        requested=st.sampled_from([None, None, 0, 1, 2, 499, 500, 501]),
        guest=st.sampled_from(list(Guest)),
    )
    def redeem(self, redemption_id: Any, back: int, bill: int | None, requested: int | None, guest: Guest) -> None:
        self.redeem_once = lambda of: redeem(
            of,
            redemption_id=redemption_id,
            epoch=of.epoch - back,
            bill=bill,
            bill_left=bill,
            requested=requested,
            guest=guest,
            at=self.at,
        )
        try:
            self.redeem_once(self.certificate)
        except Refusal:
            pass
        else:
            count = len(self.certificate.pending_events)
            if not self.certificate.redemptions[redemption_id].reversed:
                self.redeem_once(self.certificate)
                assert len(self.certificate.pending_events) == count, "a retry changes nothing"
        self.history += self.certificate.pending_events[len(self.history) :]

    @rule(redemption_id=redemptions, by=st.sampled_from(["acceptor", "organizer"]))
    def reverse(self, redemption_id: Any, by: str) -> None:
        self._try("reverse", redemption_id=redemption_id, by=by, reason="", at=self.at)

    @rule(redemption_id=redemptions, share=st.integers(1, 3))
    def refund(self, redemption_id: Any, share: int) -> None:
        redemption = self.certificate.redemptions.get(redemption_id)
        if redemption is None or redemption.reversed or redemption.refunded == redemption.amount:
            return  # the bill knows what can be refunded
        part = max(1, (redemption.amount - redemption.refunded) // share)
        already = redemption.refunded
        self._try("refund", redemption_id=redemption_id, part=part, already=already, replacement_id=None, at=self.at)

    @rule(by=st.sampled_from(["issuer", "organizer"]))
    def revoke(self, by: str) -> None:
        self._try("revoke", by=by, reason="", at=self.at)

    @rule()
    def expire(self) -> None:
        self._try("expire", at=self.at)

    @rule()
    def refund_cause(self) -> None:
        self._try("refund_cause", payment_id=CAUSE, at=self.at)

    def _needed(self) -> dict[Any, int]:
        parts = split_by_largest_remainder(self.certificate.outstanding, self.certificate.terms.funding.rates)
        return {SALON: parts[0], POOL: parts[1]}

    @invariant()
    def it_is_worth_between_nothing_and_its_face(self) -> None:
        it = self.certificate
        standing = sum(r.amount for r in it.redemptions.values() if not r.reversed)
        assert 0 <= it.outstanding <= it.face
        assert standing + it.outstanding <= it.face, "parts never exceed the face value"
        assert (it.outstanding > 0) == (it.state is State.ACTIVE)
        if it.state is State.EXPIRED:
            assert self.at >= EXPIRES

    @invariant()
    def every_copy_but_one_is_dead(self) -> None:
        it = self.certificate
        assert sorted(it.ended_epochs) == list(range(it.epoch))

    @invariant()
    def the_reserve_is_what_its_use_would_cost(self) -> None:
        held = dict(self.reserve)
        for event in self.history:
            for posting in getattr(event, "postings", ()):
                if posting.kind in (Kind.RESERVED, Kind.RELEASED):
                    sign = 1 if posting.kind is Kind.RESERVED else -1
                    held[posting.debtor] = held.get(posting.debtor, 0) + sign * posting.amount
                assert posting.amount > 0
                assert RESTAURANT in (posting.debtor, posting.creditor) or posting.kind is Kind.FEE
        assert {f: a for f, a in held.items() if a} == {f: a for f, a in self._needed().items() if a}

    def teardown(self) -> None:
        if not hasattr(self, "certificate"):
            return
        terms, holder = self.certificate.terms, self.certificate
        again: Certificate = certificate(terms, holder_id=_first_holder(holder, self.history))
        for event in self.history:
            event.mutate(again)
        left, right = vars(again).copy(), vars(self.certificate).copy()
        for one in (left, right):
            one.pop("_pending_events", None)
        assert left == right, "history alone tells the same"


def _first_holder(of: Certificate, history: list[CanMutateAggregate[Any]]) -> Any:
    for event in history:
        if isinstance(event, Certificate.PassedOn):
            return event.from_id
        if isinstance(event, Certificate.Claimed):
            return None
    return of.holder_id


TestLife = Life.TestCase
TestLife.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)
