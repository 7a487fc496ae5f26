"""What guests do: show, claim, keep, print, pass on; and how a certificate ends."""

from uuid import UUID

from tests.simulation.giving import Giving
from tests.simulation.notebook.sums import Plain


class Guests(Giving):
    def redeem(self) -> None:
        """A certificate is shown at a till, sometimes a dead copy, at the wrong shop, or for an odd sum."""
        certificate_id = self._some_certificate()
        if certificate_id is None:
            return
        before = self._ledger()
        details = self._redemption(certificate_id)
        code, _ = self.do("redeem_certificate", **details)
        redemption = self.model.certificates[certificate_id]["redemptions"].get(details["redemption_id"])
        if code == "done" and redemption["at"] == self.clock.now and self.random.random() < 0.15:
            code, _ = self.do(
                "reverse_redemption",
                certificate_id=certificate_id,
                redemption_id=details["redemption_id"],
                acceptor_id=details["acceptor_id"],
                reason="a slip",
            )
            if code == "done":
                self._same("balances after a reversal", self._ledger(), before)
        elif code == "done" and self.random.random() < 0.75:
            self._pay_after(details, certificate_id)

    def _pay_after(self, redemption: Plain, certificate_id: UUID) -> None:
        if redemption["bill_reference"] is not None:
            holder = self.model.certificates[certificate_id]["holder"]
            self._record(redemption["acceptor_id"], redemption["bill_reference"], redemption["bill"], holder)

    def _redemption(self, certificate_id: UUID) -> Plain:
        certificate = self.model.certificates[certificate_id]
        chance = self.random.random
        outstanding, face = certificate["outstanding"], certificate["face"]
        smallest = certificate["terms"]["min_redeem"]
        near = [1, face - 1, face, face + 1, outstanding, outstanding + 1, smallest - 1, smallest, smallest + 1]
        bill = self.random.choice([*near, face + 700, self.random.randrange(1, 5_000)])
        amount = None if chance() < 0.5 else self.random.choice([0, 1, *near, bill, self.random.randrange(1, face + 2)])
        self._references += 1
        details: Plain = {
            "certificate_id": certificate_id,
            "epoch": certificate["epoch"],
            "redemption_id": self._id(),
            "acceptor_id": certificate["acceptor"],
            "bill_reference": f"b{self._references}",
            "bill": bill,
            "amount": amount,
            "shown_at": self._shown_at(certificate),
        }
        if chance() < 0.15:
            details |= self._bill_on_record(certificate)
        if chance() < 0.03:
            details |= {"bill_reference": None, "bill": None}
        if chance() < 0.07 and certificate["epoch"]:
            details["epoch"] = self.random.randrange(certificate["epoch"])
        if chance() < 0.01:
            details["epoch"] += 1
        if chance() < 0.02:
            details["acceptor_id"] = self.random.choice(self.shops)
        if chance() < 0.08 and certificate["redemptions"]:
            details |= self._same_redemption(certificate, exactly=chance() < 0.6)
        if chance() < 0.01:
            details["certificate_id"] = self._id()
            details["acceptor_id"] = self.random.choice(self.shops)
        return details

    def _bill_on_record(self, certificate: Plain) -> Plain:
        """A bill that other certificates lowered, or that is paid already."""
        recent = list(self.model.bills.items())[-60:]
        bills = [(reference, bill) for (shop, reference), bill in recent if shop == certificate["acceptor"]]
        if not bills:
            return {}
        reference, bill = self.random.choice(bills)
        named = [r["asked"][1] for _, r in self._redemptions_on(bill)]
        usual = bill["amount"] or max([1, *(b for b in named if b)])
        found: Plain = {"bill_reference": reference, "bill": self._about(usual)}
        if bill["deductions"] and self.random.random() < 0.05:
            found["redemption_id"] = self.random.choice(list(bill["deductions"]))
        return found

    def _same_redemption(self, certificate: Plain, *, exactly: bool) -> Plain:
        redemption_id = self.random.choice(list(certificate["redemptions"]))
        reference, bill, amount = certificate["redemptions"][redemption_id]["asked"]
        return {
            "redemption_id": redemption_id,
            "acceptor_id": certificate["acceptor"],
            "bill_reference": reference,
            "bill": bill,
            "amount": amount if exactly else 1,
        }

    def _redemptions_on(self, bill: Plain) -> list[tuple[UUID, Plain]]:
        known = [(r, self.model.certificates[d["certificate"]]["redemptions"]) for r, d in bill["deductions"].items()]
        return [(r, redemptions[r]) for r, redemptions in known if r in redemptions]  # one that lost is on its bill too

    def undo_redemption(self) -> None:
        used = [i for i in self._recent(self.model.certificates) if self.model.certificates[i]["redemptions"]]
        if not used:
            return
        certificate_id = self.random.choice(used)
        certificate = self.model.certificates[certificate_id]
        redemption_id = self.random.choice(list(certificate["redemptions"]))
        shops = [certificate["acceptor"], certificate["acceptor"], None, self.random.choice(self.shops)]
        self.do(
            "reverse_redemption",
            certificate_id=certificate_id,
            redemption_id=redemption_id if self.random.random() < 0.97 else self._id(),
            acceptor_id=self.random.choice(shops),
            reason="a slip",
        )

    def pass_on(self) -> None:
        certificate_id = self._some_certificate()
        if certificate_id is None:
            return
        wallet = self.model.certificates[certificate_id]["holder"]
        if wallet is None or self.random.random() < 0.05:
            wallet = self._some(self.model.wallets)
        code, _ = self.do("pass_on_certificate", certificate_id=certificate_id, wallet_id=wallet)
        if code == "done" and self.random.random() < 0.7:
            self._claim(certificate_id)

    def claim(self) -> None:
        certificate_id = self._some_certificate()
        if certificate_id is not None:
            self._claim(certificate_id)

    def _claim(self, certificate_id: UUID) -> None:
        certificate = self.model.certificates[certificate_id]
        epoch = certificate["epoch"]
        if self.random.random() < 0.15:
            epoch = self.random.randrange(-1, epoch + 2)
        holder = certificate["holder"] if self.random.random() < 0.3 else None
        wallet = holder or (self._some(self.model.wallets) if self.random.random() < 0.98 else self._id())
        key = self._some_key() if self.random.random() < 0.8 else None
        self.do("claim_certificate", certificate_id=certificate_id, epoch=epoch, wallet_id=wallet, holder_key=key)

    def keep_or_print(self) -> None:
        """A phone makes a new key, or its guest prefers paper; sometimes one who does not hold it tries."""
        certificate_id = self._some_certificate()
        if certificate_id is None:
            return
        certificate = self.model.certificates[certificate_id]
        wallet = certificate["holder"] or self._some(self.model.wallets)
        if self.random.random() < 0.05:
            wallet = self._some(self.model.wallets)
        if self.random.random() < 0.4:
            self.do("print_certificate", certificate_id=certificate_id, wallet_id=wallet)
        else:
            key = certificate["key"] if certificate["key"] and self.random.random() < 0.2 else self._some_key()
            self.do("rebind_certificate", certificate_id=certificate_id, wallet_id=wallet, holder_key=key)

    def revoke(self) -> None:
        certificate_id = self._some_certificate()
        if certificate_id is None:
            return
        issuer = self.model.certificates[certificate_id]["issuer"]
        by = self.random.choice([issuer, issuer, issuer, None, self.random.choice(self.shops)])
        self.do("revoke_certificate", certificate_id=certificate_id, issuer_id=by, reason="a slip")

    def expire(self) -> None:
        """The daily round writes down whose time is over; sometimes it asks too early."""
        over = [
            i
            for i in self._recent(self.model.certificates)
            if self.model.certificates[i]["state"] == "active"
            and self.model.certificates[i]["expires"] <= self.clock.now
        ]
        certificate_id = self.random.choice(over) if over else self._some(self.model.certificates)
        if certificate_id is not None:
            self.do("expire_certificate", certificate_id=certificate_id)
