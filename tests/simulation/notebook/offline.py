"""What tills took without a network and told later (DOMAIN 5): what stands, who loses, and who bears it."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from tests.simulation.notebook.redeeming import Redeeming
from tests.simulation.notebook.sums import Plain, bill_of, deducted

FIVE_MINUTES = timedelta(minutes=5)
BORNE_BY_RULE = {"already_redeemed", "earlier_offline", "certificate_revoked"} | {
    f"certificate_{why}" for why in ("passed_on", "claimed", "rebound", "printed")
}


class Offline(Redeeming):
    def register_till_key(self, till_id: UUID, merchant_id: UUID, device_key: str) -> Plain:
        self.tills[till_id] = {"merchant": merchant_id, "told": {}, "latest": None}
        return {}

    def deliver_receipts(self, till_id: UUID, merchant_id: UUID, receipts: list[Plain]) -> Plain:
        till = self.tills.get(till_id, {})
        self._want(till.get("merchant") == merchant_id, "till_not_found")
        return {"receipts": [self._heard(till, receipt) for receipt in receipts]}

    def _heard(self, till: Plain, receipt: Plain) -> tuple[Any, ...]:
        """A receipt that came before is answered by how it stands today."""
        if receipt["sequence"] not in till["told"]:
            till["told"][receipt["sequence"]] = self._told_first(till, receipt)
            till["latest"] = max(receipt["at"], till["latest"] or receipt["at"])
        certificate_id, redemption_id, code = till["told"][receipt["sequence"]]
        if certificate_id is None:
            return "refused", code, None, []
        certificate = self.certificates[certificate_id]
        lost = certificate["conflicts"].get(redemption_id)
        if lost:
            return "conflicted", lost["code"], lost["borne_by"], lost["breaches"]
        redemption = certificate["redemptions"][redemption_id]
        breaches = redemption["offline"]["breaches"] if redemption["offline"] else []
        return "booked", "reversed" if redemption["reversed"] else code, None, breaches

    def _told_first(self, till: Plain, receipt: Plain) -> tuple[Any, ...]:
        certificate = self.certificates.get(receipt["certificate"])
        if certificate is None:
            return None, None, "certificate_not_found"
        if certificate["acceptor"] != till["merchant"]:
            return None, None, "wrong_acceptor"
        self._touch(receipt["certificate"])
        for redemption_id, one in certificate["redemptions"].items():
            near = abs(one["at"] - receipt["at"]) <= timedelta(minutes=10) and not one["reversed"]
            same = (*one["asked"][:2], one["amount"]) == (receipt["reference"], receipt["bill"], receipt["amount"])
            if same and near and not one["offline"]:
                return receipt["certificate"], redemption_id, "same_as_online"
        taken = receipt | {"breaches": self._breaches(till, receipt, certificate)}
        code = self._lost(taken, certificate)
        if code is None:
            self._stands(taken, certificate)
        else:
            self._loses(taken, certificate, code)
            self._on_bill(taken, certificate)
        return receipt["certificate"], receipt["redemption"], None

    def _breaches(self, till: Plain, receipt: Plain, certificate: Plain) -> list[str]:
        at, list_at, latest = receipt["at"], receipt["list_at"], till["latest"]
        known = list_at - timedelta(minutes=1)
        dead = certificate["dead_at"].get(receipt["epoch"])
        revoked = certificate["ended_at"] if certificate["state"] == "revoked" else None
        was_used = any(one["at"] <= known for one in certificate["redemptions"].values() if not one["reversed"])
        partial = certificate["terms"]["partial"]
        wrong = at > self.now + FIVE_MINUTES or (latest is not None and at < latest - FIVE_MINUTES)
        said_dead = any(one is not None and one <= known for one in (dead, revoked)) or (was_used and not partial)
        found = {
            "clock_wrong": wrong or list_at > at + FIVE_MINUTES,
            "list_old": at - list_at > timedelta(hours=24),
            "list_said_dead": said_dead,
            "list_said_online_only": was_used and partial,
            "over_ceiling": receipt["amount"] > certificate["terms"]["ceiling"],
        }
        return [name for name, is_so in found.items() if is_so]

    def _lost(self, taken: Plain, certificate: Plain) -> str | None:
        epoch = taken["epoch"]
        before = [
            one["offline"] for one in certificate["redemptions"].values() if one["offline"] and not one["reversed"]
        ]
        before += [one for one in certificate["conflicts"].values() if one["code"] == "earlier_offline"]
        faults = {
            "unknown_epoch": epoch != certificate["epoch"] and epoch not in certificate["dead"],
            "taken_before_issue": taken["at"] < certificate["created"] - FIVE_MINUTES,
            "taken_after_expiry": taken["at"] >= certificate["expires"],
            "bill_too_small_to_redeem": taken["bill"] < certificate["terms"]["min_redeem"],
            "more_than_the_bill": taken["amount"] > taken["bill"],
            "insufficient_balance": taken["amount"] > certificate["face"],
            "taken_twice": any(one["till"] == taken["till"] for one in before),
        }
        own = taken["fault"] or next((name for name, is_so in faults.items() if is_so), None)
        if own or epoch in certificate["dead"]:
            return own or str(certificate["dead"][epoch])
        if certificate["state"] == "revoked":
            return "certificate_revoked"
        standing = self._standing(certificate)
        left = certificate["outstanding"] + certificate["lapsed"]
        if standing:
            left += standing["amount"] + standing["released"]
        if taken["amount"] > left:
            return "already_redeemed"
        return "earlier_offline" if standing and _rank(standing["offline"]) < _rank(taken) else None

    @staticmethod
    def _standing(certificate: Plain) -> Plain | None:
        """What a till without a network took, and that may still give way to another one."""
        for one in certificate["redemptions"].values():
            if one["offline"] and not one["reversed"] and not one["refunded"]:
                return dict(one) | {"itself": one}
        return None

    def _stands(self, taken: Plain, certificate: Plain) -> None:
        certificate_id, standing = taken["certificate"], self._standing(certificate)
        if standing:
            self._undo(certificate_id, standing["itself"], in_time=not certificate["over"])
            self._loses(standing["offline"], certificate, "earlier_offline")
        if certificate["outstanding"] < taken["amount"]:
            certificate["lapsed"] -= taken["amount"] - certificate["outstanding"]
            certificate["state"] = "active"
            self._set_outstanding(certificate_id, taken["amount"])
        reference = taken["reference"] if self._on_bill(taken, certificate) else None
        asked = reference, taken["bill"], taken["amount"]
        self._deduct(certificate_id, taken["redemption"], asked, taken["amount"], at=taken["at"], offline=taken)

    def _loses(self, taken: Plain, certificate: Plain, code: str) -> None:
        """The bill stays as it was paid; who bears it owes the acceptor, unless that is the acceptor itself."""
        by_rule = code in BORNE_BY_RULE and not taken["breaches"]
        borne_by = certificate["terms"]["liability"] if by_rule else "acceptor"
        certificate["conflicts"][taken["redemption"]] = taken | {"code": code, "borne_by": borne_by}
        if borne_by != "acceptor":
            debtor = certificate["issuer"] if borne_by == "issuer" else self.pool
            self._owe(debtor, certificate["acceptor"], taken["amount"])

    def _on_bill(self, taken: Plain, certificate: Plain) -> bool:
        """A bill that is paid and has no room for it, or was given back in part, is left as it is."""
        bill = self.bills.setdefault((certificate["acceptor"], taken["reference"]), bill_of(None, None))
        if bill["amount"] is not None and (bill["refunded"] or deducted(bill) + taken["amount"] > bill["amount"]):
            return False
        deduction = {"certificate": taken["certificate"], "amount": taken["amount"], "returned": 0}
        bill["deductions"][taken["redemption"]] = deduction
        return True


def _rank(taken: Plain) -> tuple[Any, ...]:
    return bool(taken["breaches"]), taken["at"], taken["till"].bytes, taken["sequence"]
