"""A naive second implementation of the rules in DOMAIN 2-4, in plain dicts and fractions.

It knows nothing of events, versions, batches or PostgreSQL, and imports nothing of the network. Each command answers
`(code, facts)`: "done" or the code of the refusal, and what the network's answer has to say. Terms are plain dicts.
"""

from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from math import floor
from typing import Any
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

Plain = dict[str, Any]
Outcome = tuple[str, Plain]
LARGEST = 10**12


class No(Exception):
    """The rule that forbids it."""


def half_up(amount: Fraction) -> int:
    return floor(amount + Fraction(1, 2))


def shares(amount: int, rates: list[int]) -> list[int]:
    """Largest remainder; of equal remainders the last part gets the unit first."""
    exact = [Fraction(amount * rate, 10_000) for rate in rates]
    parts = [floor(part) for part in exact]
    order = sorted(range(len(rates)), key=lambda i: (exact[i] - parts[i], i))
    while sum(parts) < amount:
        parts[order.pop()] += 1
    return parts


def first_instant_after(day: date, zone: ZoneInfo) -> datetime:
    """The first instant whose local date is past `day`, found by halving."""
    early = datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(days=2)
    late = early + timedelta(days=5)
    while late - early > timedelta(seconds=1):
        middle = (early + (late - early) / 2).replace(microsecond=0)
        early, late = (middle, late) if middle.astimezone(zone).date() <= day else (early, middle)
    return late


class Model:
    """The neighbourhood as somebody with a notebook would keep it. `now` is set from outside before each command."""

    def __init__(
        self,
        coalition: UUID,
        pool: UUID,
        organizer: UUID,
        time_zone: str,
        currency: str,
        secret: bytes,
        lots: tuple[Any, Any],
    ) -> None:
        self.secret, (self.pulled, self.drawn) = secret, lots
        self.draw_rules: dict[UUID, Plain] = {}
        self.coalition, self.pool, self.organizer = coalition, pool, organizer
        self.zone = ZoneInfo(time_zone)
        self.currency = currency
        self.now = datetime.min.replace(tzinfo=UTC)
        self.shops: dict[UUID, str] = {}
        self.wallets: set[UUID] = set()
        self.agreements: dict[UUID, Plain] = {}
        self.bills: dict[tuple[UUID, str], Plain] = {}
        self.certificates: dict[UUID, Plain] = {}
        self.stocks: dict[UUID, Plain] = {}
        self.caps: dict[str, int] = {}
        self.raises: dict[UUID, Plain] = {}
        self.use: defaultdict[tuple[str, str], int] = defaultdict(int)
        self.owed: defaultdict[tuple[UUID, UUID], int] = defaultdict(int)
        self.reserve: defaultdict[tuple[UUID, UUID], int] = defaultdict(int)
        self.visits: dict[tuple[UUID, UUID], datetime] = {}
        self.touched: set[UUID] = set()
        self.moved: set[tuple[str, str]] = set()

    def act(self, command: str, details: Plain) -> Outcome:
        """Decide one command. What is refused leaves no trace."""
        self.touched, self.moved = set(), set()
        try:
            return "done", getattr(self, command)(**details)
        except No as refusal:
            return str(refusal), {}

    # -- Partners and wallets ---------------------------------------------------------------------------------------

    def apply_to_join(self, merchant_id: UUID, **_: Any) -> Plain:
        self._want(not self._taken(merchant_id), "merchant_conflict")
        self.shops[merchant_id] = "applied"
        return {"state": "applied", "number": len(self.shops)}

    def admit_merchant(self, merchant_id: UUID) -> Plain:
        return self._step(merchant_id, {"applied"}, "admitted")

    def suspend_merchant(self, merchant_id: UUID, reason: str) -> Plain:
        return self._step(merchant_id, {"admitted"}, "suspended")

    def readmit_merchant(self, merchant_id: UUID) -> Plain:
        return self._step(merchant_id, {"suspended"}, "admitted")

    def leave_coalition(self, merchant_id: UUID, reason: str) -> Plain:
        return self._step(merchant_id, {"applied", "admitted", "suspended"}, "left")

    def _step(self, merchant_id: UUID, allowed: set[str], state: str) -> Plain:
        self._want(merchant_id in self.shops, "merchant_not_found")
        self._want(self.shops[merchant_id] in allowed, "merchant_state_forbids")
        self.shops[merchant_id] = state
        return {"state": state}

    def open_wallet(self, wallet_id: UUID) -> Plain:
        self._want(not self._taken(wallet_id), "conflict")
        self.wallets.add(wallet_id)
        return {}

    def set_cap(self, scope: str, limit: int | None, by: str, reason: str) -> Plain:
        self._want(limit is None or 0 <= limit <= LARGEST, "invalid_amount")
        self._want(not self._raises(scope, limit), "raise_needs_two")
        return self._cap(scope, limit)

    def propose_raise(
        self, raise_id: UUID, scope: str, limit: int | None, person_id: UUID, reason: str, others: bool
    ) -> Plain:
        self._want(limit is None or 0 <= limit <= LARGEST, "invalid_amount")
        self._want(raise_id not in self.raises, "raise_conflict")
        self._want(self._raises(scope, limit), "invalid")
        self._want(others, "second_person_needed")
        self.raises[raise_id] = {"scope": scope, "limit": limit, "over": self.caps[scope], "by": person_id}
        self.raises[raise_id]["until"] = self.now + timedelta(days=7)
        return {"limit": limit}

    def confirm_raise(self, raise_id: UUID, person_id: UUID, since: datetime) -> Plain:
        waiting = self.raises.get(raise_id)
        if waiting is None or waiting.get("done"):
            raise No("raise_not_found")
        self._want(self.now < waiting["until"], "raise_expired")
        self._want(person_id != waiting["by"], "cannot_confirm_own_raise")
        self._want(self.caps.get(waiting["scope"]) == waiting["over"], "cap_changed_since")
        waiting["done"] = True
        return self._cap(waiting["scope"], waiting["limit"])

    def _raises(self, scope: str, limit: int | None) -> bool:
        return scope in self.caps and (limit is None or limit > self.caps[scope])

    def _cap(self, scope: str, limit: int | None) -> Plain:
        if limit is None:
            self.caps.pop(scope, None)
        else:
            self.caps[scope] = limit
        return {"limit": limit}

    # -- Agreements -------------------------------------------------------------------------------------------------

    def propose_agreement(
        self, agreement_id: UUID, issuer_id: UUID, acceptor_id: UUID, terms: Plain, by: UUID
    ) -> Plain:
        self._want(not self._taken(agreement_id), "agreement_conflict")
        for shop in (issuer_id, acceptor_id):
            self._must_trade(shop)
        self._want(issuer_id != acceptor_id, "invalid")
        self._want(by in (issuer_id, acceptor_id), "not_a_party")
        self._want(sensible(terms), "invalid_terms")
        self.agreements[agreement_id] = {
            "issuer": issuer_id,
            "acceptor": acceptor_id,
            "versions": {1: terms},
            "current": None,
            "pending": 1,
            "pending_by": by,
            "state": "proposed",
            "paused_by": None,
        }
        return {"state": "proposed", "version_waiting": 1}

    def propose_version(self, agreement_id: UUID, terms: Plain, by: UUID) -> Plain:
        agreement = self._party(agreement_id, by)
        self._want(agreement["state"] != "ended", "agreement_state_forbids")
        self._want(sensible(terms), "invalid_terms")
        version = len(agreement["versions"]) + 1
        agreement["versions"][version] = terms
        agreement |= {"pending": version, "pending_by": by}
        return {"version_waiting": version, "version_in_force": agreement["current"]}

    def accept_version(self, agreement_id: UUID, version: int, by: UUID) -> Plain:
        agreement = self._party(agreement_id, by)
        self._want(version == agreement["pending"], "version_not_pending")
        self._want(by != agreement["pending_by"], "cannot_accept_for_the_other")
        agreement |= {"current": version, "pending": None}
        if agreement["state"] == "proposed":
            agreement["state"] = "active"
        return {"version_in_force": version, "version_waiting": None, "state": agreement["state"]}

    def pause_agreement(self, agreement_id: UUID, by: UUID) -> Plain:
        agreement = self._party(agreement_id, by)
        self._want(agreement["state"] == "active", "agreement_state_forbids")
        agreement |= {"state": "paused", "paused_by": by}
        return {"state": "paused"}

    def resume_agreement(self, agreement_id: UUID, by: UUID) -> Plain:
        agreement = self._party(agreement_id, by)
        self._want(agreement["state"] == "paused" and agreement["paused_by"] == by, "agreement_state_forbids")
        agreement["state"] = "active"
        return {"state": "active"}

    def end_agreement(self, agreement_id: UUID, by: UUID, reason: str) -> Plain:
        agreement = self._party(agreement_id, by)
        self._want(agreement["state"] != "ended", "agreement_state_forbids")
        agreement |= {"state": "ended", "pending": None}
        return {"state": "ended"}

    def _party(self, agreement_id: UUID, by: UUID) -> Plain:
        self._want(agreement_id in self.agreements, "agreement_not_found")
        agreement = self.agreements[agreement_id]
        self._want(by in (agreement["issuer"], agreement["acceptor"]), "not_a_party")
        return agreement

    def _in_force(self, agreement: Plain) -> Plain:
        self._want(agreement["state"] == "active", "agreement_not_active")
        terms: Plain = agreement["versions"][agreement["current"]]
        return terms

    # -- Stocks -----------------------------------------------------------------------------------------------------

    def set_allotment_aside(
        self, allotment_id: UUID, acceptor_id: UUID, agreement_id: UUID, number: int, face: int, last_on: str
    ) -> Plain:
        self._want(agreement_id in self.agreements, "agreement_not_found")
        agreement = self.agreements[agreement_id]
        self._want(agreement["acceptor"] == acceptor_id, "not_a_party")
        terms = self._in_force(agreement)
        self._must_trade(acceptor_id)
        self._want(not self._taken(allotment_id), "allotment_conflict")
        self._want(0 < number <= 1_000_000 and 0 < face <= LARGEST, "invalid_amount")
        self.stocks[allotment_id] = {
            "acceptor": acceptor_id,
            "partner": agreement["issuer"],
            "agreement": agreement_id,
            "left": number,
            "face": face,
            "last_on": last_on,
            "transferable": terms["stock_transferable"],
        }
        return {"left": number, "partner_id": agreement["issuer"]}

    def return_allotment(self, allotment_id: UUID, partner_id: UUID, number: int) -> Plain:
        self._want(allotment_id in self.stocks, "allotment_not_found")
        stock = self._take(allotment_id, partner_id, number)
        return {"left": stock["left"]}

    def transfer_allotment(
        self, allotment_id: UUID, partner_id: UUID, to_allotment_id: UUID, to_agreement_id: UUID, number: int
    ) -> Plain:
        self._want(allotment_id in self.stocks, "allotment_not_found")
        self._want(to_agreement_id in self.agreements, "agreement_not_found")
        stock, agreement = self.stocks[allotment_id], self.agreements[to_agreement_id]
        self._in_force(agreement)
        self._want(agreement["acceptor"] == stock["acceptor"], "wrong_acceptor")
        self._must_trade(agreement["issuer"])
        self._want(not self._taken(to_allotment_id), "allotment_conflict")
        self._want(stock["transferable"], "allotment_not_transferable")
        self._take(allotment_id, partner_id, number)
        self.stocks[to_allotment_id] = stock | {
            "partner": agreement["issuer"],
            "agreement": to_agreement_id,
            "left": number,
        }
        return {}

    def _take(self, allotment_id: UUID, partner_id: UUID, number: int) -> Plain:
        stock = self.stocks[allotment_id]
        self._want(stock["partner"] == partner_id, "only_the_issuer")
        self._want(number > 0, "invalid_amount")
        self._want(number <= stock["left"], "allotment_exhausted")
        stock["left"] -= number
        return stock

    # -- Bills ------------------------------------------------------------------------------------------------------

    def record_payment(
        self, merchant_id: UUID, bill_reference: str, amount: int, currency: str, customer_id: UUID | None
    ) -> Plain:
        self._must_trade(merchant_id)
        self._want(currency == self.currency, "invalid_currency")
        self._want(customer_id is None or customer_id in self.wallets, "wallet_not_found")
        bill = self.bills.get((merchant_id, bill_reference))
        if bill is None:
            self._want(0 < amount <= LARGEST, "invalid_amount")
            bill = self.bills[merchant_id, bill_reference] = _bill(amount, customer_id)
        elif bill["amount"] is not None:
            self._want((amount, customer_id) == (bill["amount"], bill["customer"]), "bill_conflict")
            return {"amount": amount, "deducted": deducted(bill), "paid": amount - deducted(bill)}
        else:
            self._want(0 < amount <= LARGEST, "invalid_amount")
            self._want(amount >= deducted(bill), "bill_conflict")
            bill |= {"amount": amount, "customer": customer_id}
        if customer_id is not None:
            self.visits[merchant_id, customer_id] = self.now
        return {"amount": amount, "deducted": deducted(bill), "paid": amount - deducted(bill)}

    def refund_payment(self, merchant_id: UUID, bill_reference: str, refund_id: UUID, amount: int) -> Plain:
        bill = self.bills.get((merchant_id, bill_reference))
        if bill is None:
            raise No("payment_not_found")
        self._want(refund_id not in bill["refunds"], "refund_conflict")
        self._want(bill["amount"] is not None, "payment_not_found")
        self._want(0 < amount <= LARGEST, "invalid_amount")
        self._want(bill["refunded"] + amount <= bill["amount"], "refund_too_large")
        before = half_up(Fraction(deducted(bill) * bill["refunded"], bill["amount"]))
        bill["refunded"] += amount
        bill["refunds"].add(refund_id)
        back = half_up(Fraction(deducted(bill) * bill["refunded"], bill["amount"])) - before
        cash, faces = amount - back, []
        bill["cash_back"] = bill.get("cash_back", 0) + cash
        for redemption_id, deduction in bill["deductions"].items():
            part = min(back, deduction["amount"] - deduction["returned"])
            back -= part
            if part:
                faces += self._give_back(deduction, redemption_id, part, refund_id)
        return {"cash": cash, "certificates": faces, "revoked": self._undo_cause(bill)}

    def _give_back(self, deduction: Plain, redemption_id: UUID, part: int, refund_id: UUID) -> list[int]:
        """A new certificate with the old last day, and the funders' share of what comes back."""
        old = self._touch(deduction["certificate"])
        redemption = old["redemptions"][redemption_id]
        for funder, share in zip(funders(self, old), redemption["value"], strict=True):
            due = half_up(Fraction(share * (deduction["returned"] + part), redemption["amount"]))
            done = half_up(Fraction(share * deduction["returned"], redemption["amount"]))
            self._owe(old["acceptor"], funder, due - done)
        deduction["returned"] += part
        redemption["refunded"] += part
        if self.now >= old["expires"] or old["state"] == "revoked":
            return []
        new = uuid5(refund_id, str(redemption_id))
        self._hand_out(new, old["agreement"], old["terms"], part, old["holder"], old["expires"], replaces=True)
        old["replaced_by"].append(new)
        return [part]

    def _undo_cause(self, bill: Plain) -> list[UUID]:
        revoked, caused = [], list(bill["decided"] or ())
        for certificate_id in caused:
            certificate = self.certificates[certificate_id]
            caused += certificate["replaced_by"]
            kept = bill["amount"] - deducted(bill) - bill["cash_back"]
            too_little = kept < max(1, certificate["terms"]["min_issue"])
            if too_little and certificate["state"] == "active" and not used(certificate):
                self._end(certificate_id, "revoked")
                revoked.append(certificate_id)
        return revoked

    # -- Certificates -----------------------------------------------------------------------------------------------

    def issue_certificates(
        self,
        merchant_id: UUID,
        bill_reference: str,
        choices: list[tuple[UUID, UUID, UUID | None]],
        holder_id: UUID | None,
    ) -> Plain:
        bill = self._undecided(merchant_id, bill_reference, holder_id)
        paid = bill["amount"] - deducted(bill)
        terms = [self._terms_for(agreement_id, merchant_id, paid) for _, agreement_id, _ in choices]
        self._want(len(choices) == 1 or all(one["combinable"] for one in terms), "not_combinable")
        self._want(len({agreement_id for _, agreement_id, _ in choices}) == len(choices), "not_combinable")
        today = self.now.astimezone(self.zone).date()
        taken, given = defaultdict[UUID, int](int), []
        for (certificate_id, agreement_id, stock_id), one in zip(choices, terms, strict=True):
            self._want(not self._taken(certificate_id), "certificate_conflict")
            face = one["fixed"] or half_up(Fraction(paid * one["share"], 10_000))
            if not one["fixed"] and one["at_most"] is not None:
                face = min(face, one["at_most"])
            if stock_id is not None:
                self._want(stock_id in self.stocks, "allotment_not_found")
                stock = self.stocks[stock_id]
                self._want(stock["agreement"] == agreement_id, "not_a_party")
                self._want(stock["left"] - taken[stock_id] > 0, "allotment_exhausted")
                self._want(today <= date.fromisoformat(stock["last_on"]), "allotment_ended")
                taken[stock_id] += 1
                face = stock["face"]
            self._want(face > 0, "invalid_amount")
            expires = first_instant_after(today + timedelta(days=one["days"]), self.zone)
            given.append((certificate_id, agreement_id, one, face, holder_id, expires))
        self._must_fit(given)
        for one_given in given:
            self._hand_out(*one_given)
        for stock_id, number in taken.items():
            self.stocks[stock_id]["left"] -= number
        bill["decided"] = tuple(certificate_id for certificate_id, *_ in given)
        return {"certificates": [face for _, _, _, face, _, _ in given], "expires": [e for *_, e in given]}

    # -- Lots -------------------------------------------------------------------------------------------------------

    def set_draw_rules(self, merchant_id: UUID, rules: Plain, by: str) -> Plain:
        for shop in (merchant_id, *rules["partners"]):
            self._want(shop in self.shops, "merchant_not_found")
        hands = rules["partners"].values()
        sensible = 0 <= rules["neutral"] <= 5_000 and 500 <= rules["exploration"] <= 10_000
        sensible = sensible and [hand for hand, _ in hands].count("pinned") <= 1
        sensible = sensible and all((hand == "share") == (share > 0) for hand, share in hands)
        self._want(sensible and sum(share for _, share in hands) <= 10_000, "invalid_draw_rules")
        before = self.draw_rules.get(merchant_id, {"version": 0})
        version = before["version"] + (rules != before.get("rules"))
        self.draw_rules[merchant_id] = {"version": version, "rules": rules}
        return {"policy_version": version, "neutral": rules["neutral"]}

    def propose_certificate(self, merchant_id: UUID, bill_reference: str, standing: Plain) -> Plain:
        bill = self._undecided(merchant_id, bill_reference)
        self._draw(merchant_id, bill_reference, bill, None, standing)
        return {"proposed": bill["drawn"] and bill["drawn"][0]}

    def issue_drawn(
        self, merchant_id: UUID, bill_reference: str, certificate_id: UUID, holder_id: UUID | None, standing: Plain
    ) -> Plain:
        bill = self._undecided(merchant_id, bill_reference, holder_id)
        before = bill["drawn"]
        try:
            self._draw(merchant_id, bill_reference, bill, holder_id, standing)
            agreement_id = bill["drawn"] and bill["drawn"][0]
            choices = [(certificate_id, agreement_id, None)] if agreement_id else []
            return self.issue_certificates(merchant_id, bill_reference, choices, holder_id) | {"proposed": agreement_id}
        except No:
            bill["drawn"] = before
            raise

    def _undecided(self, merchant_id: UUID, bill_reference: str, holder_id: UUID | None = None) -> Plain:
        self._must_trade(merchant_id)
        bill = self.bills.get((merchant_id, bill_reference))
        if bill is None:
            raise No("payment_not_found")
        self._want(holder_id is None or holder_id in self.wallets, "wallet_not_found")
        self._want(bill["amount"] is not None, "payment_not_found")
        self._want(bill["decided"] is None, "issue_already_decided")
        self._want(not bill["refunded"], "payment_refunded")
        return bill

    def _draw(
        self, merchant_id: UUID, bill_reference: str, bill: Plain, holder_id: UUID | None, standing: Plain
    ) -> None:
        """The first draw of a bill stands; where nothing fits there is none."""
        if bill["drawn"] is not None:
            return
        rules = self.draw_rules.get(merchant_id, {}).get(
            "rules", {"neutral": 500, "exploration": 2_000, "partners": {}}
        )
        ones = []
        for agreement_id in standing["agreements"]:
            try:
                ones.append(self._lot_of(agreement_id, merchant_id, bill, holder_id, standing, rules))
            except No:
                continue
        if ones:
            lot = self.pulled(self.secret, uuid5(merchant_id, bill_reference))
            bill["drawn"] = (self.drawn(ones, rules, lot),)

    def _lot_of(
        self, agreement_id: UUID, merchant_id: UUID, bill: Plain, holder_id: UUID | None, standing: Plain, rules: Plain
    ) -> Plain:
        agreement = self.agreements[agreement_id]
        acceptor = agreement["acceptor"]
        hand, share = rules["partners"].get(acceptor, ("free", 0))
        self._want(hand != "excluded", "excluded")
        paid = bill["amount"] - deducted(bill)
        terms = self._terms_for(agreement_id, merchant_id, paid)
        face = terms["fixed"] or half_up(Fraction(paid * terms["share"], 10_000))
        if not terms["fixed"] and terms["at_most"] is not None:
            face = min(face, terms["at_most"])
        self._want(face > 0, "invalid_amount")
        room = 10_000
        for (scope, key), amount in self._issue_moves(agreement_id, terms, face, holder_id or bill["customer"]):
            cap, used = self.caps.get(scope), self.use[scope, key]
            self._want(cap is None or used + amount <= cap, "cap_reached")
            room = min(room, (cap - used) * 10_000 // cap if cap else 10_000)
        thanks = terms["commission"]["new"][1] if terms["commission"] else 0
        return {
            "agreement": agreement_id,
            "acceptor": acceptor,
            "gave": standing["gave"].get(acceptor, 0),
            "received": standing["received"].get(acceptor, 0),
            "owed": standing["owed"].get(acceptor, 0),
            "adds": half_up(Fraction(face * terms["issuer_rate"], 10_000)) - thanks,
            "face": face,
            "room": room,
            "hand": hand,
            "share": share,
        }

    def _terms_for(self, agreement_id: UUID, merchant_id: UUID, paid: int) -> Plain:
        self._want(agreement_id in self.agreements, "agreement_not_found")
        agreement = self.agreements[agreement_id]
        self._want(agreement["issuer"] == merchant_id, "not_a_party")
        self._must_trade(agreement["acceptor"])
        terms = self._in_force(agreement)
        self._want(paid >= terms["min_issue"], "bill_too_small_to_issue")
        return terms

    def _must_fit(self, given: list[tuple[Any, ...]]) -> None:
        """No limit may be passed by the new certificates together; what is over it already takes nothing more."""
        more: defaultdict[tuple[str, str], int] = defaultdict(int)
        for _, agreement_id, terms, face, holder_id, _ in given:
            for key, amount in self._issue_moves(agreement_id, terms, face, holder_id):
                more[key] += amount
        for (scope, key), amount in more.items():
            cap = self.caps.get(scope)
            self._want(cap is None or self.use[scope, key] + amount <= cap, "cap_reached")

    def _issue_moves(
        self, agreement_id: UUID, terms: Plain, face: int, holder_id: UUID | None
    ) -> list[tuple[tuple[str, str], int]]:
        agreement = self.agreements[agreement_id]
        issuer, acceptor = agreement["issuer"], agreement["acceptor"]
        day = self.now.astimezone(self.zone).date().isoformat()
        moves = [((f"agreement:{agreement_id}", ""), face), ((f"intake:{acceptor}", day), 1)]
        if holder_id is not None:
            moves.append((("customer", f"{day}:{holder_id}"), 1))
        for funder, part in zip((issuer, self.pool), funded(terms, face), strict=True):
            if part:
                moves += [((f"pair:{funder}:{acceptor}", ""), part), ((f"debtor:{funder}", ""), part)]
        return moves

    def _hand_out(
        self,
        certificate_id: UUID,
        agreement_id: UUID,
        terms: Plain,
        face: int,
        holder: UUID | None,
        expires: datetime,
        *,
        replaces: bool = False,
    ) -> None:
        agreement = self.agreements[agreement_id]
        self.certificates[certificate_id] = {
            "issuer": agreement["issuer"],
            "acceptor": agreement["acceptor"],
            "agreement": agreement_id,
            "terms": terms,
            "face": face,
            "outstanding": 0,
            "holder": holder,
            "epoch": 0,
            "dead": {},
            "key": None,
            "proved": None,
            "hops": 0,
            "state": "active",
            "expires": expires,
            "redemptions": {},
            "replaced_by": [],
        }
        if not replaces:
            day = self.now.astimezone(self.zone).date().isoformat()
            self._use(f"agreement:{agreement_id}", "", face)
            self._use(f"intake:{agreement['acceptor']}", day, 1)
            if holder is not None:
                self._use("customer", f"{day}:{holder}", 1)
        self._set_outstanding(certificate_id, face)

    def claim_certificate(
        self, certificate_id: UUID, epoch: int, wallet_id: UUID, holder_key: str | None = None
    ) -> Plain:
        certificate = self._certificate(certificate_id)
        self._want(wallet_id in self.wallets, "wallet_not_found")
        if certificate["holder"] == wallet_id and epoch in (certificate["epoch"], certificate["epoch"] - 1):
            self._must_live(certificate)
            return {"epoch": certificate["epoch"]}
        self._must_count(certificate, epoch)
        self._want(certificate["holder"] is None, "certificate_already_held")
        self._next_epoch(certificate_id, "certificate_claimed", wallet_id, holder_key)
        return {"epoch": certificate["epoch"], "in_wallet": True}

    def rebind_certificate(self, certificate_id: UUID, wallet_id: UUID, holder_key: str) -> Plain:
        certificate = self._certificate(certificate_id)
        self._want(certificate["holder"] == wallet_id, "not_the_holder")
        self._must_live(certificate)
        if certificate["key"] != holder_key:
            self._next_epoch(certificate_id, "certificate_rebound", wallet_id, holder_key)
        return {"epoch": certificate["epoch"], "in_wallet": True}

    def print_certificate(self, certificate_id: UUID, wallet_id: UUID) -> Plain:
        certificate = self._certificate(certificate_id)
        self._want(certificate["holder"] == wallet_id, "not_the_holder")
        self._must_live(certificate)
        self._next_epoch(certificate_id, "certificate_printed", None)
        return {"epoch": certificate["epoch"], "in_wallet": False}

    def pass_on_certificate(self, certificate_id: UUID, wallet_id: UUID) -> Plain:
        certificate = self._certificate(certificate_id)
        self._want(certificate["holder"] == wallet_id, "not_the_holder")
        self._must_live(certificate)
        self._want(certificate["terms"]["transferable"], "not_transferable")
        self._next_epoch(certificate_id, "certificate_passed_on", None)
        certificate["hops"] += 1
        return {"epoch": certificate["epoch"], "in_wallet": False}

    def redeem_certificate(
        self,
        certificate_id: UUID,
        epoch: int,
        redemption_id: UUID,
        acceptor_id: UUID,
        bill_reference: str | None,
        bill: int | None,
        amount: int | None,
        shown_at: datetime | None = None,
    ) -> Plain:
        certificate = self._certificate(certificate_id)
        self._must_trade(acceptor_id)
        on_record = self.bills.get((acceptor_id, bill_reference or ""))
        left = bill
        if on_record is not None and bill is not None:
            left = self._left_of(on_record, bill, redemption_id)
        self._want(certificate["acceptor"] == acceptor_id, "wrong_acceptor")
        asked = (bill_reference, bill, amount)
        earlier = certificate["redemptions"].get(redemption_id)
        if earlier is not None:
            self._want(earlier["asked"] == asked, "redemption_conflict")
            self._want(not earlier["reversed"], "redemption_already_reversed")
            return {"deducted": earlier["amount"], "outstanding": certificate["outstanding"]}
        self._must_count(certificate, epoch)
        if certificate["key"]:
            self._want(shown_at is not None, "proof_missing")
            assert shown_at is not None
            self._want(abs((self.now - shown_at).total_seconds()) <= 45, "proof_stale")
            self._want(certificate["proved"] is None or shown_at > certificate["proved"], "proof_used")
        taken = self._fitting(certificate, bill, left, amount)
        if on_record is not None:
            self._want(redemption_id not in on_record["deductions"], "redemption_conflict")
        self._deduct(certificate_id, redemption_id, asked, taken)
        if certificate["key"]:
            certificate["proved"] = shown_at
        if bill_reference is not None:
            on_record = self.bills.setdefault((acceptor_id, bill_reference), _bill(None, None))
            on_record["deductions"][redemption_id] = {"certificate": certificate_id, "amount": taken, "returned": 0}
        return {
            "deducted": taken,
            "released": certificate["redemptions"][redemption_id]["released"],
            "outstanding": certificate["outstanding"],
            "state": certificate["state"],
            "to_pay": None if left is None else left - taken,
        }

    def _left_of(self, on_record: Plain, bill: int, redemption_id: UUID) -> int:
        self._want(on_record["amount"] is None or redemption_id in on_record["deductions"], "bill_already_paid")
        others = sum(d["amount"] for r, d in on_record["deductions"].items() if r != redemption_id)
        self._want(bill > others, "bill_covered")
        return bill - others

    def _fitting(self, certificate: Plain, bill: int | None, left: int | None, amount: int | None) -> int:
        outstanding: int = certificate["outstanding"]
        self._want(bill is None or 0 < bill <= LARGEST, "invalid_amount")
        self._want(amount is None or amount > 0, "invalid_amount")
        self._want(bill is None or bill >= certificate["terms"]["min_redeem"], "bill_too_small_to_redeem")
        fits = outstanding if left is None else min(outstanding, left)
        if amount is None:
            return fits
        self._want(amount <= outstanding, "insufficient_balance")
        self._want(left is None or amount <= left, "more_than_the_bill")
        self._want(certificate["terms"]["partial"] or amount == fits, "partial_redemption_not_allowed")
        return amount

    def _deduct(self, certificate_id: UUID, redemption_id: UUID, asked: tuple[Any, ...], taken: int) -> None:
        certificate = self._touch(certificate_id)
        terms, issuer, acceptor = certificate["terms"], certificate["issuer"], certificate["acceptor"]
        released = 0 if terms["partial"] else certificate["outstanding"] - taken
        bill = asked[1]
        value = funded(terms, taken)
        owed = [(funder, acceptor, part) for funder, part in zip((issuer, self.pool), value, strict=True)]
        if terms["commission"]:
            share, fixed = terms["commission"][self._guest(certificate)]
            first = not any(r["rewarded"] and not r["reversed"] for r in certificate["redemptions"].values())
            over = 0 if bill is None else max(0, bill - taken)
            owed.append((acceptor, issuer, half_up(Fraction(over * share, 10_000)) + (fixed if first else 0)))
        if terms["fee"]:
            payer = issuer if terms["fee"]["payer"] == "issuer" else acceptor
            owed.append(
                (
                    payer,
                    self.organizer,
                    half_up(Fraction(taken * terms["fee"]["share"], 10_000)) + terms["fee"]["fixed"],
                )
            )
        for debtor, creditor, sum_owed in owed:
            self._owe(debtor, creditor, sum_owed)
        certificate["redemptions"][redemption_id] = {
            "asked": asked,
            "amount": taken,
            "released": released,
            "value": value,
            "owed": owed,
            "at": self.now,
            "rewarded": not any(r["rewarded"] and not r["reversed"] for r in certificate["redemptions"].values()),
            "reversed": False,
            "refunded": 0,
        }
        self._set_outstanding(certificate_id, certificate["outstanding"] - taken - released)
        if certificate["outstanding"] == 0:
            certificate["state"] = "redeemed"

    def _guest(self, certificate: Plain) -> str:
        """A guest whom nobody knows counts as returning."""
        if certificate["holder"] is None:
            return "returning"
        seen = self.visits.get((certificate["acceptor"], certificate["holder"]))
        if seen is None:
            return "new"
        return "lapsed" if self.now - seen >= timedelta(days=180) else "returning"

    def reverse_redemption(
        self, certificate_id: UUID, redemption_id: UUID, acceptor_id: UUID | None, reason: str
    ) -> Plain:
        certificate = self._certificate(certificate_id)
        self._want(acceptor_id in (None, certificate["acceptor"]), "wrong_acceptor")
        redemption = certificate["redemptions"].get(redemption_id)
        if redemption is None:
            raise No("redemption_not_found")
        self._want(not redemption["reversed"], "redemption_already_reversed")
        self._want(not redemption["refunded"], "redemption_refunded")
        last = redemption["at"] + timedelta(hours=certificate["terms"]["reversal_hours"])
        self._want(acceptor_id is None or self.now <= last, "reversal_too_late")
        if redemption["asked"][0] is not None:
            bill = self.bills[certificate["acceptor"], redemption["asked"][0]]
            self._want(not bill["refunded"], "payment_refunded")
            del bill["deductions"][redemption_id]
        redemption["reversed"] = True
        for debtor, creditor, amount in redemption["owed"]:
            self._owe(creditor, debtor, amount)
        self._touch(certificate_id)
        if certificate["state"] in ("active", "redeemed") and self.now < certificate["expires"]:
            certificate["state"] = "active"
            self._set_outstanding(
                certificate_id, certificate["outstanding"] + redemption["amount"] + redemption["released"]
            )
        elif certificate["state"] == "redeemed":
            certificate["state"] = "expired"
        return {"state": certificate["state"], "outstanding": certificate["outstanding"]}

    def revoke_certificate(self, certificate_id: UUID, issuer_id: UUID | None, reason: str) -> Plain:
        certificate = self._certificate(certificate_id)
        self._want(issuer_id in (None, certificate["issuer"]), "only_the_issuer")
        self._must_not_have_ended(certificate)
        self._want(issuer_id is None or not (used(certificate) or certificate["hops"]), "certificate_used")
        self._end(certificate_id, "revoked")
        return {"state": "revoked", "outstanding": 0}

    def expire_certificate(self, certificate_id: UUID) -> Plain:
        certificate = self._certificate(certificate_id)
        self._must_not_have_ended(certificate)
        self._want(self.now >= certificate["expires"], "not_yet_expired")
        self._end(certificate_id, "expired")
        return {"state": "expired", "outstanding": 0}

    # -- What the commands share ------------------------------------------------------------------------------------

    @staticmethod
    def _want(allowed: bool, otherwise: str) -> None:
        if not allowed:
            raise No(otherwise)

    def _must_trade(self, merchant_id: UUID) -> None:
        self._want(merchant_id in self.shops, "merchant_not_found")
        self._want(self.shops[merchant_id] == "admitted", "merchant_not_admitted")

    def _taken(self, new: UUID) -> bool:
        return any(
            new in known for known in (self.shops, self.wallets, self.agreements, self.certificates, self.stocks)
        )

    def _certificate(self, certificate_id: UUID) -> Plain:
        self._want(certificate_id in self.certificates, "certificate_not_found")
        return self.certificates[certificate_id]

    def _must_not_have_ended(self, certificate: Plain) -> None:
        self._want(certificate["state"] == "active", f"certificate_{certificate['state']}")

    def _must_live(self, certificate: Plain) -> None:
        self._must_not_have_ended(certificate)
        self._want(self.now < certificate["expires"], "certificate_expired")

    def _must_count(self, certificate: Plain, epoch: int) -> None:
        if epoch in certificate["dead"]:
            raise No(certificate["dead"][epoch])
        self._want(epoch == certificate["epoch"], "certificate_copy_unknown")
        self._must_live(certificate)

    def _next_epoch(self, certificate_id: UUID, why: str, holder: UUID | None, key: str | None = None) -> None:
        certificate = self._touch(certificate_id)
        certificate["dead"][certificate["epoch"]] = why
        certificate |= {"epoch": certificate["epoch"] + 1, "holder": holder, "key": key, "proved": None}

    def _end(self, certificate_id: UUID, state: str) -> None:
        self._set_outstanding(certificate_id, 0)
        self.certificates[certificate_id]["state"] = state

    def _touch(self, certificate_id: UUID) -> Plain:
        self.touched.add(certificate_id)
        return self.certificates[certificate_id]

    def _set_outstanding(self, certificate_id: UUID, outstanding: int) -> None:
        """The reserve follows: each funder's share of what is outstanding."""
        certificate = self._touch(certificate_id)
        held = funded(certificate["terms"], certificate["outstanding"])
        needed = funded(certificate["terms"], outstanding)
        certificate["outstanding"] = outstanding
        for funder, was, becomes in zip(funders(self, certificate), held, needed, strict=True):
            self.reserve[funder, certificate["acceptor"]] += becomes - was
            self._use(f"pair:{funder}:{certificate['acceptor']}", "", becomes - was)
            self._use(f"debtor:{funder}", "", becomes - was)

    def _owe(self, debtor: UUID, creditor: UUID, amount: int) -> None:
        self.owed[debtor, creditor] += amount
        for one, other, sign in ((debtor, creditor, 1), (creditor, debtor, -1)):
            self._use(f"pair:{one}:{other}", "", sign * amount)
            self._use(f"debtor:{one}", "", sign * amount)

    def _use(self, scope: str, key: str, amount: int) -> None:
        if amount:
            self.use[scope, key] += amount
            self.moved.add((scope, key))


def funders(model: Model, certificate: Plain) -> tuple[UUID, UUID]:
    """Who bears the value besides the acceptor."""
    return certificate["issuer"], model.pool


def funded(terms: Plain, amount: int) -> list[int]:
    """The issuer's and the pool's part of an amount."""
    rates = [terms["issuer_rate"], terms["pool_rate"], 10_000 - terms["issuer_rate"] - terms["pool_rate"]]
    return shares(amount, rates)[:2]


def deducted(bill: Plain) -> int:
    """What certificates took off a bill."""
    return sum(deduction["amount"] for deduction in bill["deductions"].values())


def used(certificate: Plain) -> bool:
    """Whether a redemption stands."""
    return any(not redemption["reversed"] for redemption in certificate["redemptions"].values())


def sensible(terms: Plain) -> bool:
    """Whether a certificate could be issued and settled by these terms."""
    rates = [terms["share"], terms["issuer_rate"], terms["pool_rate"]]
    return (
        (terms["fixed"] > 0) != (terms["share"] > 0)
        and all(0 <= rate <= 10_000 for rate in rates)
        and terms["issuer_rate"] + terms["pool_rate"] <= 10_000
        and 0 <= terms["days"] <= 1_096
    )


def _bill(amount: int | None, customer: UUID | None) -> Plain:
    return {
        "amount": amount,
        "customer": customer,
        "deductions": {},
        "decided": None,
        "drawn": None,
        "refunded": 0,
        "refunds": set(),
    }
