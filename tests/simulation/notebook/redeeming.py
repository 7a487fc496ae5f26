"""What is taken off a bill, and undone."""

from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any
from uuid import UUID

from tests.simulation.notebook.holding import Holding
from tests.simulation.notebook.sums import LARGEST, No, Plain, bill_of, funded, half_up


class Redeeming(Holding):
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
            on_record = self.bills.setdefault((acceptor_id, bill_reference), bill_of(None, None))
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

    def _deduct(
        self,
        certificate_id: UUID,
        redemption_id: UUID,
        asked: tuple[Any, ...],
        taken: int,
        *,
        at: datetime | None = None,
        offline: Plain | None = None,
    ) -> None:
        """`at`: when the guest was there, if that was not now."""
        certificate = self._touch(certificate_id)
        terms, issuer, acceptor = certificate["terms"], certificate["issuer"], certificate["acceptor"]
        released = 0 if terms["partial"] else certificate["outstanding"] - taken
        bill = asked[1]
        value = funded(terms, taken)
        owed = [(funder, acceptor, part) for funder, part in zip((issuer, self.pool), value, strict=True)]
        if terms["commission"]:
            share, fixed = terms["commission"][self._guest(certificate, at or self.now)]
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
            "offline": offline,
        }
        self._set_outstanding(certificate_id, certificate["outstanding"] - taken - released)
        if certificate["outstanding"] == 0:
            certificate["state"] = "redeemed"

    def _guest(self, certificate: Plain, at: datetime) -> str:
        """A guest whom nobody knows counts as returning."""
        if certificate["holder"] is None:
            return "returning"
        seen = self.visits.get((certificate["acceptor"], certificate["holder"]))
        if seen is None:
            return "new"
        return "lapsed" if at - seen >= timedelta(days=180) else "returning"

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
        self._undo(certificate_id, redemption, in_time=self.now < certificate["expires"])
        return {"state": certificate["state"], "outstanding": certificate["outstanding"]}

    def _undo(self, certificate_id: UUID, redemption: Plain, *, in_time: bool) -> None:
        certificate = self._touch(certificate_id)
        redemption["reversed"] = True
        for debtor, creditor, amount in redemption["owed"]:
            self._owe(creditor, debtor, amount)
        back = redemption["amount"] + redemption["released"]
        if certificate["state"] in ("active", "redeemed") and in_time:
            certificate["state"] = "active"
            self._set_outstanding(certificate_id, certificate["outstanding"] + back)
            return
        if certificate["state"] == "redeemed":
            certificate |= {"state": "expired", "over": True}
        if certificate["state"] != "revoked":
            certificate["lapsed"] += back
