"""A live copy as a phone shows it: the token and the time, signed by the holder's key every few seconds.

One more COSE_Sign1 (RFC 9052) around the token, as small as it goes, so that the QR stays at version 13:
`18([<<{1: alg}>>, {}, <<{6: shown at, ?10: the till's nonce, -65538: token}>>, signature])`. Labels 6 (iat) and 10
(nonce) are those of CWT and RFC 9711. The key is the one that the token names, so no kid is needed.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from network import cose
from network.public_keys import Algorithm, KeyFinder, PublicKey
from network.token import TOKEN_BYTES_MAX, Claims, TokenRefused, verify

PROOF_SECONDS = 45
"""How far the phone's clock may be from ours, and how long a picture of its screen lives at most."""

NONCE_BYTES_MAX = 16
_IAT, _NONCE, _TOKEN = 6, 10, -65538
# The two headers there are. Only the newer algorithm numbers: our own page is the only writer.
_HEADERS = {b"\xa1\x01\x32": Algorithm.ED25519, b"\xa1\x01\x28": Algorithm.P256}
_SECONDS_MAX = 253_402_300_799


@dataclass(frozen=True)
class Presentation:
    """What was shown, taken apart; nothing in it is to be believed before `proves` and the token's own check."""

    token: bytes
    shown_at: datetime
    nonce: bytes | None
    algorithm: Algorithm
    envelope: cose.Sign1

    def must_prove(self, holder_key: PublicKey | None) -> None:
        """Whether the phone that the token names signed this. Raises: TokenRefused (token_proof_invalid)."""
        fits = (
            holder_key is not None
            and holder_key.algorithm is self.algorithm
            and holder_key.verifies(self.envelope.signature, self.envelope.signed_bytes)
        )
        if not fits:
            raise TokenRefused("token_proof_invalid")


def taken_apart(scanned: bytes) -> Presentation | None:
    """The presentation, or None for a bare token. Raises: TokenRefused."""
    if len(scanned) > TOKEN_BYTES_MAX:
        raise TokenRefused("token_too_long", length=len(scanned), max=TOKEN_BYTES_MAX)
    try:
        envelope = cose.opened(scanned)
        algorithm = _HEADERS.get(envelope.protected)
        return None if algorithm is None else _presentation(algorithm, envelope, cose.loads(envelope.payload))
    except cose.NotCose as error:
        raise TokenRefused(f"token_{error.reason}") from error


def verify_presented(
    scanned: bytes, keys: KeyFinder, *, at: datetime | None, nonce: bytes | None = None
) -> tuple[Claims, datetime | None]:
    """Check what was scanned, a bare token or a presentation; also returns when the phone showed it, by its clock.

    `at=None` leaves time to the caller. `nonce` is what the till asked the phone to sign, if it did.

    Raises:
        TokenRefused: as `network.token.verify`; token_proof_missing, token_proof_invalid, token_proof_stale,
            token_proof_nonce.
    """
    shown = taken_apart(scanned)
    claims = verify(shown.token if shown else scanned, keys, at=at)
    if shown is None:
        if claims.holder_key is not None:
            raise TokenRefused("token_proof_missing")
        return claims, None
    shown.must_prove(claims.holder_key)
    if nonce is not None and shown.nonce != nonce:
        raise TokenRefused("token_proof_nonce")
    if at is not None and abs((at - shown.shown_at).total_seconds()) > PROOF_SECONDS:
        raise TokenRefused("token_proof_stale")
    return claims, shown.shown_at


def signed_parts(token: bytes, shown_at: int, nonce: bytes | None = None) -> dict[int, object]:
    """The payload's members, as a phone signs them; `shown_at` in seconds since 1970."""
    return {_IAT: shown_at, **({} if nonce is None else {_NONCE: nonce}), _TOKEN: token}


def _presentation(algorithm: Algorithm, envelope: cose.Sign1, payload: Any) -> Presentation:
    if type(payload) is not dict:
        raise cose.NotCose("malformed")
    shown_at, nonce, token = payload.get(_IAT), payload.get(_NONCE), payload.get(_TOKEN)
    if type(shown_at) is not int or not 0 < shown_at <= _SECONDS_MAX or type(token) is not bytes:
        raise cose.NotCose("malformed")
    if nonce is not None and (type(nonce) is not bytes or not 1 <= len(nonce) <= NONCE_BYTES_MAX):
        raise cose.NotCose("malformed")
    if cose.dumps(signed_parts(token, shown_at, nonce)) != envelope.payload:
        raise cose.NotCose("malformed")
    return Presentation(token, datetime.fromtimestamp(shown_at, UTC), nonce, algorithm, envelope)
