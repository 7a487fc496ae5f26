"""A till's device over HTTP: its key, its receipts."""

from base64 import urlsafe_b64encode
from typing import Any

from network.public_keys import Algorithm
from network.receipts import possession_of
from tests.api.phones import Phone
from tests.api.street import Street
from tests.tills import OfflineTill


def b64(raw: bytes) -> str:
    return urlsafe_b64encode(raw).decode().rstrip("=")


class Device(OfflineTill):
    """A till of the restaurant with a credential and a registered key."""

    secret: str

    @classmethod
    def at(cls, street: Street, seed: int, algorithm: Algorithm = Algorithm.ED25519) -> "Device":
        one = cls(seed, algorithm=algorithm)
        named = {"credential_id": str(one.till_id), "role": "till", "subject_id": street.restaurant.id}
        asked = named | {"label": f"till {seed}"}
        one.secret = street.done("POST", "/v1/credentials", street.restaurant.owner, asked)["secret"]
        street.done("PUT", "/v1/till/key", one.secret, one.named())
        return one

    def named(self) -> dict[str, Any]:
        phone = Phone.__new__(Phone)
        phone.signer, phone.algorithm = self.signer, self.algorithm
        signature = self.signer.sign(possession_of(self.till_id, self.signer.key))
        return {"key": phone.key, "signature": b64(signature)}

    def deliver(self, street: Street, *receipts: bytes) -> list[Any]:
        sent = {"receipts": [b64(one) for one in receipts or self.receipts]}
        found: list[Any] = street.done("POST", "/v1/till/receipts", self.secret, sent)["receipts"]
        return found

    def journal(self, street: Street) -> Any:
        return street.done("GET", "/v1/till", self.secret)["journals"][-1]
