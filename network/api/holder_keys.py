"""A phone's public key as a request brings it: the members that a browser exports (RFC 7517, RFC 8037)."""

from base64 import urlsafe_b64decode
from typing import Annotated, Literal

from pydantic import StringConstraints

from network.api.bodies import Body
from network.domain.errors import Invalid
from network.public_keys import Algorithm, KeyRefused, key_of_point, key_text

Coordinate = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{43}$")]


class HolderKeyRefused(Invalid):
    """A key that anybody could sign for, or no key at all."""

    code = "holder_key_refused"
    sentence = "This phone's key cannot be trusted: {reason}."


class HolderKey(Body):
    """Ed25519 (`OKP`), or P-256 (`EC`) with its `y`. Coordinates are base64url without padding."""

    kty: Literal["OKP", "EC"]
    crv: Literal["Ed25519", "P-256"]
    x: Coordinate
    y: Coordinate | None = None

    def checked(self) -> str:
        """The key as the log keeps it. Raises: HolderKeyRefused."""
        if (self.kty, self.crv, self.y is None) not in (("OKP", "Ed25519", True), ("EC", "P-256", False)):
            raise HolderKeyRefused(reason="its members contradict each other")
        try:
            if self.y is None:
                return key_text(key_of_point(Algorithm.ED25519, _bytes(self.x)))
            return key_text(key_of_point(Algorithm.P256, b"\x04" + _bytes(self.x) + _bytes(self.y)))
        except KeyRefused as error:
            raise HolderKeyRefused(reason=error.detail) from error


def _bytes(coordinate: str) -> bytes:
    return urlsafe_b64decode(coordinate + "=")
