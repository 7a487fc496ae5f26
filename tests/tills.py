"""A till without a network, as a device works it: a key, a journal of signed receipts, and nothing of the server's."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid4

from network.public_keys import Algorithm, PublicKey, key_of_point
from network.receipts import Receipt, sign
from network.signing import LocalSigner
from network.token import from_text
from tests.token.gc1_vectors import public_bytes


def device_key(seed: int, algorithm: Algorithm = Algorithm.ED25519) -> LocalSigner[PublicKey]:
    """The key of a device, the same for the same seed."""
    private = sha256(f"till {seed}".encode()).digest()
    return LocalSigner(key_of_point(algorithm, public_bytes(algorithm, private)), private)


@dataclass
class OfflineTill:
    """One device. `receipts` are what it has to deliver, in order."""

    seed: int
    till_id: UUID = field(default_factory=uuid4)
    algorithm: Algorithm = Algorithm.ED25519
    receipts: list[bytes] = field(default_factory=list)
    signer: LocalSigner[PublicKey] = field(init=False)

    def __post_init__(self) -> None:
        self.signer = device_key(self.seed, self.algorithm)

    def take(
        self,
        *,
        shown: str,
        certificate_id: UUID,
        at: datetime,
        epoch: int = 0,
        amount: int = 500,
        bill: int = 1_800,
        bill_reference: str | None = None,
        list_at: datetime | None = None,
        **other: Any,
    ) -> bytes:
        """Accept a certificate, as it was scanned."""
        sequence = len(self.receipts) + 1
        details: dict[str, Any] = {
            "till_id": self.till_id,
            "sequence": sequence,
            "previous": sha256(self.receipts[-1]).digest() if self.receipts else bytes(32),
            "certificate_id": certificate_id,
            "epoch": epoch,
            "amount": amount,
            "bill_reference": bill_reference or f"{self.seed}/{sequence}",
            "bill": bill,
            "taken_at": at,
            "list_version": 1,
            "list_at": list_at or at - timedelta(hours=1),
            "shown": from_text(shown),
        }
        signed = sign(Receipt(**(details | other)), self.signer)
        self.receipts.append(signed)
        return signed
