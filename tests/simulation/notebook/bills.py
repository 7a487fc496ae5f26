"""Bills and what is given back of them."""

from fractions import Fraction
from uuid import UUID, uuid5

from tests.simulation.notebook.drawing import Drawing
from tests.simulation.notebook.sums import LARGEST, No, Plain, bill_of, deducted, half_up, used


class Bills(Drawing):
    def record_payment(
        self, merchant_id: UUID, bill_reference: str, amount: int, currency: str, customer_id: UUID | None
    ) -> Plain:
        self._must_trade(merchant_id)
        self._want(currency == self.currency, "invalid_currency")
        self._want(customer_id is None or customer_id in self.wallets, "wallet_not_found")
        bill = self.bills.get((merchant_id, bill_reference))
        if bill is None:
            self._want(0 < amount <= LARGEST, "invalid_amount")
            bill = self.bills[merchant_id, bill_reference] = bill_of(amount, customer_id)
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
        before = sum(deduction["returned"] for deduction in bill["deductions"].values())
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
        redemption = old["redemptions"].get(redemption_id)
        if redemption is None or redemption["reversed"]:  # a till without a network took it, and it did not count
            deduction["returned"] += part
            return []
        for funder, share in zip(self.funders(old), redemption["value"], strict=True):
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
