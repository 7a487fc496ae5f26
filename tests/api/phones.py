"""A guest's phone without a browser: holds keys and shows certificates as the page does."""

from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from network.public_keys import Algorithm, PublicKey, key_of_point
from network.signing import LocalSigner
from network.token import from_text, text
from tests.token.gc1_live_vectors import shown
from tests.token.gc1_vectors import public_bytes


def _base64(raw: bytes) -> str:
    return urlsafe_b64encode(raw).decode().rstrip("=")


@dataclass
class Phone:
    """One key, as a browser makes it for one certificate."""

    seed: int = 51
    algorithm: Algorithm = Algorithm.ED25519
    signer: LocalSigner[PublicKey] = field(init=False)

    def __post_init__(self) -> None:
        private = bytes([self.seed]) * 32
        self.signer = LocalSigner(key_of_point(self.algorithm, public_bytes(self.algorithm, private)), private)

    @property
    def key(self) -> dict[str, Any]:
        """As `crypto.subtle.exportKey("jwk")` gives it, without what the network does not ask."""
        public = self.signer.key.public_key
        if self.algorithm is Algorithm.ED25519:
            return {"kty": "OKP", "crv": "Ed25519", "x": _base64(public)}
        return {"kty": "EC", "crv": "P-256", "x": _base64(public[1:33]), "y": _base64(public[33:])}

    def shows(self, token_text: str, at: datetime | None = None) -> str:
        """What its QR says at this instant of its own clock."""
        seconds = int((at or datetime.now(UTC)).timestamp())
        return text(shown(from_text(token_text), self.signer, at=seconds))
