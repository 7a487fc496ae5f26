"""Check what a guest's phone shows: a certificate's token, signed again by the phone a moment ago.

Written apart from the network's own code; both are held to the same vectors (tests/vectors/gc1_live.json).
"""

from datetime import datetime

from merchants.cbor import CborError, read_one
from merchants.keys import ED25519, P256, KeySet, KeysRefused, open_sign1, signed_part
from merchants.token import TOKEN_BYTES_MAX, Claims, TokenRefused, verify

SECONDS = 45
"""How far a phone's clock may be from the till's, either way."""

_ALGORITHMS = {bytes.fromhex("a10132"): ED25519, bytes.fromhex("a10128"): P256}
_SHOWN_AT, _NONCE, _TOKEN = 6, 10, -65538


def verify_presented(
    scanned: bytes, key_set: KeySet, *, at: datetime, nonce: bytes | None = None
) -> tuple[Claims, int | None]:
    """The claims of a bearer's token, or of a live one with the second at which its phone showed it. `nonce` is what
    the till asked the phone to sign, if it did. Raises TokenRefused.
    """
    if len(scanned) > TOKEN_BYTES_MAX:
        raise TokenRefused("token_too_long")
    try:
        protected, payload, signature = open_sign1(scanned)
    except CborError as error:
        raise TokenRefused("token_not_canonical" if error.spelling else "token_malformed") from error
    except KeysRefused as error:
        raise TokenRefused("token_header_not_empty") from error
    algorithm = _ALGORITHMS.get(protected)
    if algorithm is None:
        claims = verify(scanned, key_set, at=at)
        if claims.holder_key is not None:
            raise TokenRefused("token_proof_missing")
        return claims, None
    token, shown_at, signed_nonce = _parts(payload)
    claims = verify(token, key_set, at=at)
    key = claims.holder_key
    if key is None or key.algorithm != algorithm or not key.fits(signature, signed_part(protected, payload)):
        raise TokenRefused("token_proof_invalid")
    if nonce is not None and signed_nonce != nonce:
        raise TokenRefused("token_proof_nonce")
    if not -SECONDS <= at.timestamp() - shown_at <= SECONDS:
        raise TokenRefused("token_proof_stale")
    return claims, shown_at


def _parts(payload: bytes) -> tuple[bytes, int, bytes | None]:
    try:
        said = read_one(payload)
    except CborError as error:
        raise TokenRefused("token_malformed") from error
    if isinstance(said, dict) and list(said) in ([_SHOWN_AT, _TOKEN], [_SHOWN_AT, _NONCE, _TOKEN]):
        token, shown_at, nonce = said[_TOKEN], said[_SHOWN_AT], said.get(_NONCE)
        asked = nonce is None or (isinstance(nonce, bytes) and 1 <= len(nonce) <= 16)
        if isinstance(token, bytes) and isinstance(shown_at, int) and 0 < shown_at < 253_402_300_800 and asked:
            return token, shown_at, nonce if isinstance(nonce, bytes) else None
    raise TokenRefused("token_malformed")
