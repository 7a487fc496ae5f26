"""Adds the lines that `stored_events.jsonl` lacks; see `test_stored_events.py`. A line that is there stays as it is."""

import json
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from network.domain.agreement import Agreement
from network.domain.allotment import Allotment
from network.domain.bank_file import BankFile
from network.domain.certificate import Certificate, Origin
from network.domain.coalition import Coalition
from network.domain.default import Default
from network.domain.deposit import Deposit
from network.domain.dispute import Dispute, DisputedLine, Reason
from network.domain.draw import Candidate, Hand, PartnerRule, PassedOver, Rules, draw
from network.domain.draw_policy import DrawPolicy
from network.domain.following import book, instruct, remind, withdraw
from network.domain.merchant import Merchant
from network.domain.offline import Liability, Offline, Taken
from network.domain.payment import Payment
from network.domain.payout import Booking, Payout
from network.domain.payout import Side as SaidBy
from network.domain.postings import Kind, Posting, deposits_of, pool_of
from network.domain.recomputing import recompute, withhold
from network.domain.restating import restate
from network.domain.schedule import Cadence, Schedule
from network.domain.statement import Debt, Method, SettlementTerms, figures_of
from network.domain.taking_offline import Circumstances, take_offline
from network.domain.tax import AtRate, TaxRecord, issue_tax
from network.domain.terms import Commission, FaceValue, Fee, Funding, Guest, Reward, Side, Terms, Use
from network.domain.till import Place, Till
from network.domain.wallet import Wallet
from network.domain.waterfall import changes_of, waterfall
from network.domain.window import Window
from network.store.mapper import EventMapper, topics
from tests.domain.given import (
    AGREEMENT,
    ANNA,
    BAKERY,
    BORIS,
    CAUSE,
    CERTIFICATE,
    COALITION,
    EXPIRES,
    FIRST,
    NOON,
    ORGANIZER,
    POOL,
    RESTAURANT,
    SALON,
    SECOND,
    STOCK,
    some,
)

LINES = Path(__file__).with_name("stored_events.jsonl")

FULL = Terms(
    face=FaceValue(share=1_000, at_most=700),
    smallest_bill_to_issue=1_000,
    smallest_bill_to_redeem=500,
    validity_days=30,
    transferable=True,
    partial_redemption=True,
    funding=Funding(issuer=3_000, pool=2_000),
    commission=Commission(new=Reward(share=1_000, fixed=50), lapsed=Reward(share=500), returning=Reward(fixed=7)),
    fee=Fee(payer=Side.ISSUER, share=150, fixed=10),
    combinable=True,
    allotment_transferable=True,
    reversal_hours=24,
    campaign_id=some("campaign"),
    offline_ceiling=300,
    use=Use(as_payment=True, tax_rate=2_100),
    offline_liability=Liability.ISSUER,
)
"""Terms with a value in every field, so that a lost one is seen."""

RULES = Rules(
    neutral=700,
    exploration=3_000,
    partners=(PartnerRule(RESTAURANT, Hand.SHARE, 2_500), PartnerRule(BAKERY, Hand.EXCLUDED)),
)
CANDIDATES = (
    Candidate(AGREEMENT, RESTAURANT, 1, 700, 3, 40, -250, 210, 8_000, None, Hand.SHARE, 2_500),
    Candidate(some("other agreement"), BORIS, 2, 500, 12, 0, 900, -50, 10_000, 310, Hand.FREE, 0),
)

TAXES = TaxRecord("LV", (2_100, 500), "2026-01-01")


def histories() -> Iterator[Any]:
    """Aggregates whose histories hold each event at least once."""
    coalition = Coalition.found(
        coalition_id=COALITION,
        name="Яблоневая, “Elm” Street",
        currency="EUR",
        time_zone="Europe/Riga",
        number=4,
        at=NOON,
    )
    coalition.number_merchant(merchant_id=SALON, at=NOON)
    coalition.open_campaign(campaign_id=some("campaign"), name="Spring", by="organizer", at=NOON)
    coalition.set_cap(scope=f"debtor:{SALON}", limit=100_000, by="organizer", reason="careful", person_id=ANNA, at=NOON)
    coalition.watch_cap(scope=f"debtor:{SALON}", key="", used=80_000, at=NOON)
    coalition.watch_cap(scope=f"debtor:{SALON}", key="", used=69_999, at=NOON)
    coalition.set_value_limit(
        limit=90_000_000, source="a margin of ten percent", rate_on="2026-03-02", person_id=ANNA, at=NOON
    )
    for number, person in ((1, ANNA), (2, BORIS)):
        asked: Any = {"raise_id": some(f"raise {number}"), "scope": f"debtor:{SALON}", "limit": 200_000 * number}
        coalition.propose_raise(**asked, person_id=person, reason="trust", others=True, at=NOON)
    coalition.withdraw_raise(raise_id=some("raise 2"), person_id=ANNA, reason="too much", at=NOON)
    coalition.confirm_raise(raise_id=some("raise 1"), person_id=BORIS, since=NOON, at=NOON)
    coalition.set_bank_details(party_id=pool_of(COALITION), digest="d0" * 16, set_by="organizer", at=NOON)
    coalition.schedule_settlement(schedule=Schedule(Cadence.WEEKLY, 5, 3, (1, 8)), set_by="organizer", at=NOON)
    yield coalition

    merchant = Merchant.apply_to_join(
        merchant_id=SALON, name="Salon", category="beauty", address="Elm Street 1", number=1, at=NOON
    )
    merchant.admit(at=NOON)
    merchant.record_tax(record=TAXES, by="owner", at=NOON)
    merchant.suspend(reason="complaints", at=NOON)
    merchant.readmit(at=NOON)
    merchant.set_margin(margin=6_500, at=NOON)
    merchant.change_profile(category="nails", address="Brivibas 12", by="owner", at=NOON)
    merchant.set_bank_details(digest="d1" * 16, set_by="owner", at=NOON)
    merchant.leave(reason="moved away", at=NOON)
    yield merchant

    agreement = Agreement.propose(
        agreement_id=AGREEMENT, issuer_id=SALON, acceptor_id=RESTAURANT, terms=FULL, by=SALON, at=NOON
    )
    agreement.accept(version=1, by=RESTAURANT, at=NOON)
    agreement.propose_version(terms=FULL, by=RESTAURANT, at=NOON)
    agreement.pause(by=SALON, at=NOON)
    agreement.resume(by=SALON, at=NOON)
    agreement.end(by=SALON, reason="enough", at=NOON)
    yield agreement

    policy = DrawPolicy.set(merchant_id=SALON, rules=RULES, by="owner", at=NOON)
    policy.change(rules=Rules(neutral=0, exploration=10_000), by="owner", at=NOON)
    yield policy

    wallet = Wallet.open(wallet_id=ANNA, at=NOON)
    wallet.recover(recoveries=0, at=NOON)
    wallet.erase(at=NOON)
    yield wallet
    yield from _payments()
    yield from _allotments()
    yield from _certificates()
    yield _till()
    yield from _windows()
    yield from _disputes()
    yield from _defaults()


def _windows() -> Iterator[Any]:
    terms = SettlementTerms(Method.MULTILATERAL, threshold=200, review_days=5)
    window = Window.cut(coalition_id=COALITION, number=1, predecessor=None, terms=terms, at=NOON)
    debts = [Debt(SALON, RESTAURANT, 0, 500, 0, 3, 7), Debt(RESTAURANT, BAKERY, 0, 0, 110)]
    window.state_figures(
        position=7,
        chain_hash="c0" * 32,
        figures=figures_of(debts, terms),
        predecessor=None,
        review_ends_at=EXPIRES,
        at=NOON,
    )
    window.consent(merchant_id=SALON, others=(), at=NOON)
    withhold(window, dispute_id=some("dispute"), debtor=SALON, creditor=RESTAURANT, amount=30, at=NOON)
    window.agree_by_silence(at=EXPIRES)
    restated = restate(window.owed(*window.pending), terms)
    recompute(window, version=2, changes=window.pending, restated=restated, successor=None, at=EXPIRES)
    _pay(window)
    yield window
    yield _bank_file()

    second = Window.cut(coalition_id=COALITION, number=2, predecessor=window, terms=None, at=NOON)
    second.state_figures(
        position=8,
        chain_hash="c1" * 32,
        figures=figures_of([Debt(due.debtor, due.creditor, due.amount) for due in window.carried], terms),
        predecessor=window,
        review_ends_at=EXPIRES,
        at=NOON,
    )
    yield second


def _disputes() -> Iterator[Any]:
    line = DisputedLine(1, 5, 0, Posting(SALON, RESTAURANT, 500, Kind.VALUE), CERTIFICATE, FIRST)
    for withheld, upheld in ((True, False), (False, True)):
        dispute = Dispute.raise_about(
            line,
            coalition_id=COALITION,
            amount=30,
            reason=Reason.OTHER,
            note="the guest brought “another” paper",
            withheld=withheld,
            answer_by=EXPIRES,
            at=NOON,
        )
        dispute.contest(speaks_for=(RESTAURANT,), note="it was the right one", at=NOON)
        dispute.decide(uphold=upheld, note="seen on the slip", at=EXPIRES)
        yield dispute


def _defaults() -> Iterator[Any]:
    deposit = Deposit.put_up(merchant_id=SALON, amount=300, held_by="a notary", at=NOON)
    deposit.increase(amount=100, held_by="another notary", at=NOON)
    deposit.give_back(amount=50, reason="too much", at=NOON)
    deposit.use(amount=350, window_number=1, at=NOON)
    yield deposit

    owed = {(SALON, RESTAURANT): 900, (SALON, BAKERY): 400, (BAKERY, SALON): 500}
    found = waterfall(owed, SALON, deposit=350, pool=70)
    default = Default.declare(
        coalition_id=COALITION,
        number=1,
        version=2,
        defaulter_id=SALON,
        pool_id=POOL,
        by="organizer",
        reason="the door is locked",
        waterfall=found,
        changes=changes_of(found, SALON, deposits=deposits_of(COALITION), pool=POOL),
        at=NOON,
    )
    default.recover(amount=100, paid_to=ORGANIZER, reason="the bailiff was there", at=EXPIRES)
    yield default


def _pay(window: Window) -> None:
    payouts = [
        Payout(f"W1V1-{number}", due.debtor, due.creditor, due.amount, "d1" * 16, None)
        for number, due in enumerate(window.payments)
    ]
    by = "organizer"
    instruct(window, payouts=payouts, due_on=EXPIRES.date(), today=EXPIRES.date(), by=by, at=EXPIRES)
    first, whole = payouts[0].end_to_end_id, payouts[0].amount
    arrived = Booking("e0" * 16, first, SaidBy.CREDITOR, whole, "R-1", "2026-04-02", "")
    back = Booking("e1" * 16, first, SaidBy.DEBTOR, -whole, "R-2", "2026-04-03", "AC04")
    in_cash = Booking(str(some("cash")), first, SaidBy.HAND, 1, "", "2026-04-04", "in cash")
    book(window, [arrived, back], by="bank", at=EXPIRES)
    book(window, [in_cash], by=str(RESTAURANT), at=EXPIRES)
    withdraw(window, end_to_end_id=first, line=in_cash.line, reason="a slip", by=by, at=EXPIRES)
    book(window, [replace(back, line="e2" * 16, side=SaidBy.CREDITOR)], by="bank", at=EXPIRES)
    remind(window, end_to_end_id=first, on=EXPIRES.date(), step=7, by="network", at=EXPIRES)


def _bank_file() -> BankFile:
    counts = {"lines": 3, "matched": 1, "known": 1, "unmatched": 1, "not_booked": 2}
    file = BankFile.load(
        coalition_id=COALITION, digest="f0" * 32, kind="camt.053.001.08", by="organizer", at=EXPIRES, **counts
    )
    file.assign(line="e3" * 16, end_to_end_id="W1V1-0", by="organizer", at=EXPIRES)
    file.release(line="e3" * 16, reason="a slip", by="organizer", at=EXPIRES)
    return file


def _payments() -> Iterator[Any]:
    payment = Payment.record(
        merchant_id=SALON, bill_reference="b1", amount=2_400, currency="EUR", customer_id=ANNA, at=NOON
    )
    payment.assign(
        draw(CANDIDATES, RULES, "0f" * 16),
        rules=RULES,
        policy_version=1,
        seed="0f" * 16,
        seen_at=12,
        passed_over=(PassedOver(some("paused agreement"), BAKERY, "agreement_not_active"),),
        at=NOON,
    )
    payment.follow_or_override(given=(some("other agreement"), AGREEMENT), reason="no sugar", at=NOON)
    payment.decide_issue(certificate_ids=(CERTIFICATE,), campaign="spring", at=NOON)
    yield payment

    bill = Payment.announce(
        merchant_id=RESTAURANT,
        bill_reference="r1",
        currency="EUR",
        redemption_id=FIRST,
        certificate_id=CERTIFICATE,
        deducted=500,
        at=NOON,
    )
    bill.deduct(redemption_id=SECOND, certificate_id=some("other"), deducted=100, at=NOON)
    bill.reverse_deduction(redemption_id=SECOND, at=NOON)
    bill.complete(amount=1_800, customer_id=ANNA, at=NOON)
    bill.refund(refund_id=some("refund"), amount=900, at=NOON)
    yield bill


def _allotments() -> Iterator[Any]:
    stock = Allotment.set_aside(
        allotment_id=STOCK,
        acceptor_id=RESTAURANT,
        partner_id=SALON,
        agreement_id=AGREEMENT,
        number=50,
        face=500,
        last_on="2026-03-31",
        transferable=True,
        at=NOON,
    )
    stock.hand_out(partner_id=SALON, certificate_id=CERTIFICATE, on="2026-03-02", at=NOON)
    stock.give_back(partner_id=SALON, number=9, at=NOON)
    yield stock.transfer(
        partner_id=SALON,
        to_allotment_id=some("other stock"),
        to_partner_id=BAKERY,
        to_agreement_id=some("other agreement"),
        number=10,
        at=NOON,
    )
    yield stock


def _certificates() -> Iterator[Any]:
    used = _issued()
    used.claim(epoch=0, holder_id=ANNA, status_index=8, at=NOON)
    used.pass_on(holder_id=ANNA, status_index=9, at=NOON)
    used.claim(epoch=1 + 1, holder_id=BORIS, status_index=10, at=NOON)
    for redemption_id, requested in ((FIRST, 100), (SECOND, 200)):
        used.redeem(
            redemption_id=redemption_id,
            acceptor_id=RESTAURANT,
            epoch=3,
            bill_reference="r1",
            bill=1_800,
            bill_left=1_800,
            requested=requested,
            guest=Guest.NEW,
            at=NOON,
            seller=TAXES,
            sold=(AtRate(2_100, 1_300), AtRate(500, 500)),
        )
    used.reverse(redemption_id=FIRST, by="acceptor", reason="a slip", at=NOON)
    used.refund(redemption_id=SECOND, part=50, already=0, replacement_id=some("replacement"), at=NOON)
    used.refund_cause(payment_id=CAUSE, at=NOON)
    used.expire(at=EXPIRES)
    yield used

    yield _taken_offline()

    live = _issued()
    live.claim(epoch=0, holder_id=ANNA, status_index=8, at=NOON, holder_key="pAECIAEhWCA")
    live.rebind(holder_id=ANNA, holder_key="pAECIAEhWCB", status_index=9, at=NOON)
    live.put_on_paper(holder_id=ANNA, status_index=10, at=NOON)
    yield live

    revoked = _issued()
    revoked.revoke(by="organizer", reason="fraud", at=NOON)
    yield revoked


def _taken_offline() -> Certificate:
    """One till's acceptance comes in after the end, another's earlier one after that."""
    taken = _issued()
    taken.expire(at=EXPIRES)
    around = Circumstances(on_bill=lambda: True, guest=lambda: Guest.NEW, seller=lambda: TAXES)
    for till, hours in (("window", 2), ("door", 1)):
        at = NOON + timedelta(hours=hours)
        offline = Offline(some(till), 1, 3, 0, at, at, 7, NOON, ())
        one = Taken(some(f"{till} 3"), offline, "r7", 1_800, 250)
        take_offline(taken, one, around, at=EXPIRES)
    return taken


def _till() -> Till:
    till = Till.register(till_id=some("window"), merchant_id=RESTAURANT, key="pAECIAEhWCA", at=NOON)
    facts: Any = {"receipt": "a1" * 32, "at": NOON}
    till.take(
        till.journal, sequence=1, taken_at=NOON, status="conflicted", code="taken_twice", certificate_id=CERTIFICATE,
        redemption_id=FIRST, **facts,
    )  # fmt: skip
    till.block(till.journal, Place.GAP, sequence=3, **facts)
    till.resume(journal=1, sequence=3, by="owner", reason="the tablet fell into the sink", at=NOON)
    till.register_key(key="pAECIAEhWCB", at=NOON)
    till.revoke_keys(by="owner", reason="stolen", at=NOON)
    return till


def _issued() -> Certificate:
    return Certificate.issue(
        certificate_id=CERTIFICATE,
        coalition_id=COALITION,
        issuer_id=SALON,
        acceptor_id=RESTAURANT,
        origin=Origin(CAUSE, AGREEMENT, 1, STOCK, some("replaced"), imported=True),
        terms=FULL,
        face=700,
        currency="EUR",
        holder_id=None,
        expires_at=EXPIRES,
        status_index=7,
        at=NOON,
        tax=issue_tax(FULL, TAXES),
    )


def missing_lines() -> Iterator[str]:
    """One line for each topic and newest version that has none yet, in the order of the topics."""
    known = {(line["topic"], line["class_version"]) for line in map(json.loads, _present())}
    mapper = EventMapper()
    found: dict[str, str] = {}
    for aggregate in histories():
        for event in aggregate.collect_events():
            stored = mapper.to_stored_event(event)
            version = getattr(type(event), "class_version", 1)
            if (stored.topic, version) not in known:
                line = {"topic": stored.topic, "class_version": version, "state": stored.state.decode()}
                found.setdefault(stored.topic, json.dumps(line, ensure_ascii=False))
    for topic in topics():
        if topic in found:
            yield found[topic]


def _present() -> list[str]:
    return LINES.read_text(encoding="utf-8").splitlines() if LINES.exists() else []


if __name__ == "__main__":
    new = list(missing_lines())
    with LINES.open("a", encoding="utf-8") as file:
        file.writelines(f"{line}\n" for line in new)
    print(f"{len(new)} lines added")  # noqa: T201
