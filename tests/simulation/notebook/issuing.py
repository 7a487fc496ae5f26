"""What is handed out for a paid bill, by hand."""

from collections import defaultdict
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Any
from uuid import UUID

from tests.simulation.notebook.agreements import Agreements
from tests.simulation.notebook.sums import (
    No,
    Plain,
    deducted,
    first_instant_after,
    funded,
    half_up,
)


class Issuing(Agreements):
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
            "dead_at": {},
            "key": None,
            "proved": None,
            "hops": 0,
            "state": "active",
            "expires": expires,
            "redemptions": {},
            "replaced_by": [],
            "created": self.now,
            "lapsed": 0,
            "over": False,
            "conflicts": {},
        }
        if not replaces:
            day = self.now.astimezone(self.zone).date().isoformat()
            self._use(f"agreement:{agreement_id}", "", face)
            self._use(f"intake:{agreement['acceptor']}", day, 1)
            if holder is not None:
                self._use("customer", f"{day}:{holder}", 1)
        self._set_outstanding(certificate_id, face)
