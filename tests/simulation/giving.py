"""What happens after a payment: issued by hand or by the draw, refunded."""

from collections import Counter
from uuid import UUID

from tests.simulation.business import Business
from tests.simulation.notebook.sums import Plain, used


class Giving(Business):
    def sell(self) -> None:
        """A guest pays a bill; often certificates follow at once."""
        merchant_id = self.random.choice([a["issuer"] for a in self.model.agreements.values()])
        self._references += 1
        reference = f"b{self._references}"
        wallet = self._some(self.model.wallets) if self.random.random() < 0.6 else None
        amount = self.random.choice([1, 999, 1_000, 1_001, 2_400, self.random.randrange(1, 20_000)])
        self._record(merchant_id, reference, amount, wallet)
        if self.random.random() < 0.8:
            self._issue(merchant_id, reference, wallet)

    def pay_again(self) -> None:
        """A bill that is on record, or was announced by a certificate, is sent (again), perhaps with other details."""
        known = self._some_bill()
        if known is None:
            return
        merchant_id, reference = known
        bill = self.model.bills[known]
        wallet = bill["customer"] if self.random.random() < 0.8 else self._some(self.model.wallets)
        announced = [r["asked"][1] for d, r in self._redemptions_on(bill)]
        usual = bill["amount"] or max([1, *(b for b in announced if b)])
        self._record(merchant_id, reference, self._about(usual), wallet)

    def _record(self, merchant_id: UUID, reference: str, amount: int, wallet: UUID | None) -> None:
        odd = self.random.random()
        self.do(
            "record_payment",
            merchant_id=merchant_id,
            bill_reference=reference,
            amount=self.random.choice([0, -1, 10**12 + 1]) if odd < 0.01 else amount,
            currency="USD" if 0.01 <= odd < 0.02 else "EUR",
            customer_id=self._id() if 0.02 <= odd < 0.03 else wallet,
        )

    def issue_for_old_bill(self) -> None:
        """A till asks (again) for certificates for some bill."""
        known = self._some_bill()
        if known is not None:
            self._issue(*known, self._some(self.model.wallets))

    def _issue(self, merchant_id: UUID, reference: str, wallet: UUID | None) -> None:
        agreements = self.model.agreements
        active = self.random.random() < 0.9
        mine = [
            i for i, a in agreements.items() if a["issuer"] == merchant_id and (a["state"] == "active") == active
        ] or list(agreements)
        number = self.random.choices([0, 1, 2, 3], [3, 80, 12, 5])[0]
        chosen = [self.random.choice(mine) for _ in range(number)]
        if self.random.random() < 0.03 and chosen:
            chosen[0] = self._some(self.model.agreements)
        choices = []
        for agreement_id in chosen:
            stocks = [i for i, s in self.model.stocks.items() if s["agreement"] == agreement_id]
            stock_id = self.random.choice(stocks) if stocks and self.random.random() < 0.6 else None
            if self.model.stocks and self.random.random() < 0.02:
                stock_id = self._some(self.model.stocks)
            new = self._id() if self.random.random() < 0.99 else self._some(self.model.certificates) or self._id()
            choices.append((new, agreement_id, stock_id))
        holder = wallet if self.random.random() < 0.8 else None
        self.do(
            "issue_certificates",
            merchant_id=merchant_id,
            bill_reference=reference,
            choices=choices,
            holder_id=self._id() if self.random.random() < 0.01 else holder,
        )

    def draw(self) -> None:
        """A guest pays, and the network draws a neighbour; sometimes the till only looks, or asks twice."""
        merchant_id = self.random.choice([a["issuer"] for a in self.model.agreements.values()])
        known = self._some_bill() if self.random.random() < 0.1 else None
        if known is None:
            self._references += 1
            known = merchant_id, f"d{self._references}"
            wallet = self._some(self.model.wallets) if self.random.random() < 0.6 else None
            self._record(*known, self.random.choice([1_000, 2_400, self.random.randrange(1, 20_000)]), wallet)
        bill: Plain = {"merchant_id": known[0], "bill_reference": known[1]}
        for _ in range(self.random.choice([0, 0, 1, 2])):
            self.do("propose_certificate", **bill, standing=self._standing(known[0]))
        if self.random.random() < 0.9:
            new = self._id() if self.random.random() < 0.99 else self._some(self.model.certificates) or self._id()
            holder = self._some(self.model.wallets) if self.random.random() < 0.5 else None
            holder = self._id() if self.random.random() < 0.01 else holder
            self.do("issue_drawn", **bill, certificate_id=new, holder_id=holder, standing=self._standing(known[0]))

    def _standing(self, merchant_id: UUID) -> Plain:
        """What views say: here they are never late."""
        model, counted = self.model, [one for one in self.model.certificates.values() if used(one)]
        mine = [i for i, a in model.agreements.items() if a["issuer"] == merchant_id and a["state"] != "ended"]
        partners = {model.agreements[i]["acceptor"] for i in mine}
        return {
            "agreements": mine,
            "gave": dict(Counter(one["issuer"] for one in counted)),
            "received": dict(Counter(one["acceptor"] for one in counted)),
            "owed": {p: model.owed.get((merchant_id, p), 0) - model.owed.get((p, merchant_id), 0) for p in partners},
        }

    def rule_draws(self) -> None:
        """An owner takes a hand in the draw."""
        partners: Plain = {}
        for partner in self.random.sample(self.shops, self.random.randrange(3)):
            hand = self.random.choice(["pinned", "excluded", "share", "free"])
            partners[partner] = hand, self.random.choice([1, 3_333, 6_000]) if hand == "share" else 0
        rules = {
            "neutral": self.random.choice([0, 500, 2_500, 5_001]),
            "exploration": self.random.choice([500, 2_000, 10_000]),
            "partners": partners,
        }
        self.do("set_draw_rules", merchant_id=self.random.choice(self.shops), rules=rules, by="owner")

    def refund(self) -> None:
        known = self._some_bill(redeemed=self.random.random() < 0.7)
        if known is None:
            return
        merchant_id, reference = known
        bill = self.model.bills[known]
        left = (bill["amount"] or 0) - bill["refunded"]
        amount = self.random.choice([1, left, left, left + 1, max(1, left // 2), max(1, left // 3), 0])
        old = self.random.choice(list(bill["refunds"])) if bill["refunds"] and self.random.random() < 0.1 else None
        self.do(
            "refund_payment",
            merchant_id=merchant_id if self.random.random() < 0.98 else self.random.choice(self.shops),
            bill_reference=reference,
            refund_id=old or self._id(),
            amount=amount,
        )
