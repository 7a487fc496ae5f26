"""Tills that lost their network: they take certificates, sign receipts, and come back in whatever order."""

from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256
from uuid import UUID

from network.public_keys import PublicKey, key_text
from network.receipts import Receipt, redemption_id_of, sign
from network.signing import LocalSigner
from tests.simulation.guests import Guests
from tests.simulation.notebook.sums import Plain
from tests.tills import device_key

TILLS_A_SHOP = 3
FAULTS = ("proof_missing", "proof_invalid", "proof_stale")


@dataclass
class Device:
    """One till's key and journal; `delivered` of its receipts were brought to the network at least once."""

    till_id: UUID
    merchant_id: UUID
    signer: LocalSigner[PublicKey]
    receipts: list[Plain] = field(default_factory=list)
    delivered: int = 0


class Tills(Guests):
    def __init__(self, database_url: str, seed: int) -> None:
        super().__init__(database_url, seed)
        self.devices: dict[UUID, list[Device]] = {}
        self._shown: list[UUID] = []

    def take_without_a_network(self) -> None:
        """Somebody shows a certificate at a till that has no network; often one that was shown at another before."""
        again = self._shown and self.random.random() < 0.4
        certificate_id = self.random.choice(self._shown[-6:]) if again else self._some_in_time()
        if certificate_id is None:
            return
        shop = self.model.certificates[certificate_id]["acceptor"]
        device = self._device(shop if self.random.random() < 0.98 else self.random.choice(self.shops))
        self._shown.append(certificate_id)
        self._sign(device, self._acceptance(certificate_id))

    def _some_in_time(self) -> UUID | None:
        """Mostly one that could be taken; what has ended is tried now and then."""
        known, now = self.model.certificates, self.clock.now
        alive = [i for i in self._recent(known) if known[i]["state"] == "active" and known[i]["expires"] > now]
        return self.random.choice(alive) if alive and self.random.random() < 0.9 else self._some_certificate()

    def come_back(self) -> None:
        """One of them has its network again and delivers a piece, sometimes with what it delivered before."""
        waiting = [one for devices in self.devices.values() for one in devices if one.delivered < len(one.receipts)]
        if not waiting:
            return
        device = self.random.choice(waiting)
        until = min(len(device.receipts), device.delivered + self.random.choice([1, 1, 2, 3, 10]))
        since = device.delivered if self.random.random() < 0.8 else self.random.randrange(device.delivered + 1)
        device.delivered = until
        receipts = device.receipts[since:until]
        self.do("deliver_receipts", till_id=device.till_id, merchant_id=device.merchant_id, receipts=receipts)

    def _device(self, shop: UUID) -> Device:
        devices = self.devices.setdefault(shop, [])
        if len(devices) < TILLS_A_SHOP:
            till_id = self._id()
            devices.append(Device(till_id, shop, device_key(self.random.getrandbits(32))))
            key = key_text(devices[-1].signer.key)
            self.do("register_till_key", till_id=till_id, merchant_id=shop, device_key=key)
        return self.random.choice(devices)

    def _acceptance(self, certificate_id: UUID) -> Plain:
        certificate, chance = self.model.certificates[certificate_id], self.random.random
        face, outstanding = certificate["face"], certificate["outstanding"] or certificate["face"]
        amount = self.random.choice(
            [outstanding, outstanding, face, 1, max(1, face // 2), face + 1 if chance() < 0.1 else 1]
        )
        at = self.clock.now.replace(microsecond=0) - timedelta(minutes=self.random.choice([0, 0, 1, 4, 30]))
        at += timedelta(minutes=6) if chance() < 0.02 else timedelta()
        self._references += 1
        taken: Plain = {
            "certificate": certificate_id,
            "epoch": self.random.randrange(certificate["epoch"] + 2) if chance() < 0.05 else certificate["epoch"],
            "amount": amount,
            "bill": self.random.choice([amount, amount + 700, 5_000, max(1, amount - 1) if chance() < 0.1 else 2_000]),
            "reference": f"o{self._references}",
            "at": at,
            "list_at": at - timedelta(minutes=self.random.choice([0, 1, 5, 60, 600, 1_441 if chance() < 0.3 else 15])),
            "fault": self.random.choice(FAULTS) if certificate["key"] and chance() < 0.15 else None,
        }
        if chance() < 0.1:
            taken |= self._bill_taken_before(certificate)
        return taken

    def _bill_taken_before(self, certificate: Plain) -> Plain:
        """The bill of a redemption that the network did, its answer lost; or another bill of this shop."""
        asked = [(*one["asked"][:2], one["amount"]) for one in certificate["redemptions"].values() if one["asked"][0]]
        if asked and self.random.random() < 0.7:
            reference, bill, amount = self.random.choice(asked)
            return {"reference": reference, "bill": bill, "amount": amount}
        recent = [reference for shop, reference in list(self.model.bills)[-60:] if shop == certificate["acceptor"]]
        return {"reference": self.random.choice(recent)} if recent else {}

    def _sign(self, device: Device, taken: Plain) -> None:
        before = device.receipts[-1]["signed"] if device.receipts else None
        sequence = len(device.receipts) + 1
        receipt = Receipt(
            till_id=device.till_id,
            sequence=sequence,
            previous=sha256(before).digest() if before else bytes(32),
            certificate_id=taken["certificate"],
            epoch=taken["epoch"],
            amount=taken["amount"],
            bill_reference=taken["reference"],
            bill=taken["bill"],
            taken_at=taken["at"],
            list_version=1,
            list_at=taken["list_at"],
            shown=b"what was scanned",
        )
        known = {"till": device.till_id, "sequence": sequence, "signed": sign(receipt, device.signer)}
        redemption_id = redemption_id_of(device.till_id, device.signer.key.kid, sequence)
        device.receipts.append(taken | known | {"redemption": redemption_id})
