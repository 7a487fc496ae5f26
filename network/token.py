"""The signed certificate token, profile GC1: what a QR carries and a till checks offline.

A COSE_Sign1 (RFC 9052) with CWT claims (RFC 8392):
`18([<<{1: alg, 4: kid}>>, {}, <<{4: exp, 7: certificate id, ?8: {1: holder's COSE_Key}, -65537: [1, coalition, issuer,
acceptor, face value, currency, epoch, status index]}>>, signature])`. One certificate and epoch has one spelling.
A token that names a holder's key (`cnf`, RFC 8747) counts only inside that holder's `network.presentation`.
"""

import re
from base64 import b32encode
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, TypeGuard
from uuid import UUID

from network import cose
from network.public_keys import (
    COSE_ALGORITHM_NUMBERS,
    COSE_ALGORITHMS,
    KID_BYTES,
    KeyFinder,
    KeyRecord,
    KeyRefused,
    KeyState,
    PublicKey,
    cose_key_core,
    key_of_cose_core,
)
from network.signing import Signer

TOKEN_BYTES_MAX = 400
VERSION = 1

_ALG, _KID = 1, 4  # header labels, RFC 9052
_EXP, _CTI, _CNF, _CERTIFICATE = 4, 7, 8, -65537  # claim labels, RFC 8392; private ones lie below -65536
_COSE_KEY = 1  # the confirmation method, RFC 8747

_RFC4648 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_PYTHON = "0123456789ABCDEFGHIJKLMNOPQRSTUV"
ALPHABET = "0123456789ABCDEFGHJKLMNPQRSTUVWX"  # no I, O, Y, Z: look-alikes, and Y and Z swap in German
_TO_ALPHABET = str.maketrans(_RFC4648, ALPHABET, "=")
_TO_PYTHON = str.maketrans(ALPHABET, _PYTHON)
# A host name's label has at most 63 characters, so a longer word in a scanned line is the token.
_TOKEN_WORD = re.compile(r"[0-9A-Za-z]{64,}")
_ONLY_ALPHABET = re.compile(f"[{ALPHABET}]*")
_CURRENCY = re.compile("[A-Z]{3}")

_UINT32_MAX = 2**32 - 1
_EPOCH_SECONDS_MAX = 253_402_300_799  # the last second of year 9999
_START_OF_TIME = datetime(1970, 1, 1, tzinfo=UTC)
_RANGES = {
    "coalition_number": (1, _UINT32_MAX),
    "issuer_number": (1, _UINT32_MAX),
    "acceptor_number": (1, _UINT32_MAX),
    "face_value": (1, 2**53 - 1),  # the largest integer that a browser's number holds exactly
    "epoch": (0, _UINT32_MAX),
    "status_index": (0, _UINT32_MAX),
}

_SENTENCES = {
    "token_text_malformed": "No certificate was found in the scanned text. Scan the code again.",
    "token_too_long": "This code is too long to be a certificate of ours ({length} bytes, at most {max}).",
    "token_malformed": "This code is damaged or is not a certificate of ours. Scan it again.",
    "token_not_canonical": "This code is not written the way we write certificates. Do not accept it.",
    "token_header_not_empty": "This code carries unsigned additions. Do not accept it.",
    "token_algorithm_mismatch": "This code is signed in another way than its issuer signs. Do not accept it.",
    "token_key_unknown": "The issuer's key is not known here. Refresh the keys and scan again.",
    "token_key_limits": "The issuer's key may not sign this certificate ({limit}). Do not accept it.",
    "token_signature_invalid": "The issuer's signature does not fit. Do not accept this certificate.",
    "token_version_unsupported": "This certificate is of a newer kind ({version}). Update the till.",
    "token_proof_missing": "This certificate lives in a phone. Ask the guest to open it there and scan the screen.",
    "token_proof_invalid": "The phone's signature does not fit. Do not accept this certificate.",
    "token_proof_stale": "This is an old picture of the certificate. Ask the guest to open it on the phone.",
    "token_proof_nonce": "This is not the answer to this till's question. Scan again.",
    "token_expired": "This certificate was valid until {expired_at:%Y-%m-%d %H:%M} UTC.",
}


class TokenRefused(Exception):
    """A token that must not be accepted. `code` is stable, `detail` a cashier's sentence, `facts` its values."""

    def __init__(self, code: str, **facts: object) -> None:
        self.code = code
        self.facts = facts
        self.detail = _SENTENCES[code].format(**facts)
        super().__init__(self.detail)


@dataclass(frozen=True, kw_only=True)
class Claims:
    """What a token says. `face_value` is in minor units; `expires_at` (UTC, whole seconds) is already too late.

    The numbers are the coalition's in the network and the merchants' in the coalition, from 1.
    `holder_key` is the key of the phone that has to prove that it is there; None makes it a bearer's.
    `online_only` is not in the token: it is set on reading when the issuer's key has leaked.
    Raises ValueError for anything that a token could not carry.
    """

    certificate_id: UUID
    coalition_number: int
    issuer_number: int
    acceptor_number: int
    face_value: int
    currency: str
    epoch: int
    status_index: int
    expires_at: datetime
    holder_key: PublicKey | None = None
    online_only: bool = False

    def __post_init__(self) -> None:
        for name, (low, high) in _RANGES.items():
            number = getattr(self, name)
            if type(number) is not int or not low <= number <= high:
                raise ValueError(f"{name} must be an integer from {low} to {high}, not {number!r}")
        if type(self.currency) is not str or not _CURRENCY.fullmatch(self.currency):
            raise ValueError(f"currency must be three capital letters, not {self.currency!r}")
        if self.expires_at.utcoffset() != timedelta(0) or self.expires_at.microsecond:
            raise ValueError(f"expires_at must be UTC and in whole seconds, not {self.expires_at!r}")
        if self.expires_at <= _START_OF_TIME:
            raise ValueError("expires_at must be after 1970")


def encode(claims: Claims, signer: Signer) -> bytes:
    """Sign a token (about 135 bytes). Raises TokenRefused when the key's own limits forbid it."""
    key = signer.key
    _refuse_outside_limits(claims, key, at=None)
    return cose.seal({_ALG: COSE_ALGORITHMS[key.algorithm][0], _KID: key.kid}, _payload(claims), signer)


def verify(token: bytes, keys: KeyFinder, *, at: datetime | None) -> Claims:
    """Check everything a token can prove alone; `at=None` leaves time to the caller.

    It cannot know what the log knows: whether the certificate was passed on, used or revoked; nor, of a token that
    names a holder's key, who shows it (`network.presentation`).

    Raises:
        TokenRefused: with the first rule that the token breaks.
    """
    if len(token) > TOKEN_BYTES_MAX:
        raise TokenRefused("token_too_long", length=len(token), max=TOKEN_BYTES_MAX)
    try:
        envelope = cose.opened(token)
        key = _signing_key(envelope, keys)
        claims = _claims(envelope.payload)
    except cose.NotCose as error:
        raise TokenRefused(f"token_{error.reason}") from error
    _refuse_outside_limits(claims, key, at=at)
    if at is not None and at >= claims.expires_at:
        raise TokenRefused("token_expired", expired_at=claims.expires_at)
    return replace(claims, online_only=True) if key.state is KeyState.COMPROMISED else claims


def text(token: bytes) -> str:
    """The token in base32 with our alphabet, as it stands behind the # of the QR's link."""
    return b32encode(token).decode().translate(_TO_ALPHABET)


def from_text(scanned: str) -> bytes:
    """Find the token in whatever a scanner typed: the bare text, the link, or the link through a wrong layout.

    Capitals, or small letters throughout (a till with caps lock on). Non-zero tail bits are refused: they
    would be further spellings of one token. Raises TokenRefused.
    """
    words: list[str] = _TOKEN_WORD.findall(scanned)
    if len(words) != 1:
        raise TokenRefused("token_text_malformed")
    word = words[0].upper() if words[0].islower() else words[0]
    length, tail_bits = divmod(5 * len(word), 8)
    if length > TOKEN_BYTES_MAX:
        raise TokenRefused("token_too_long", length=length, max=TOKEN_BYTES_MAX)
    if tail_bits >= 5 or not _ONLY_ALPHABET.fullmatch(word):
        raise TokenRefused("token_text_malformed")
    number = int(word.translate(_TO_PYTHON), 32)
    if number & ((1 << tail_bits) - 1):
        raise TokenRefused("token_text_malformed")
    return (number >> tail_bits).to_bytes(length)


def _payload(claims: Claims) -> bytes:
    seconds = int(claims.expires_at.timestamp())
    details = [
        VERSION,
        claims.coalition_number,
        claims.issuer_number,
        claims.acceptor_number,
        claims.face_value,
        claims.currency,
        claims.epoch,
        claims.status_index,
    ]
    said: dict[int, object] = {_EXP: seconds, _CTI: claims.certificate_id.bytes, _CERTIFICATE: details}
    if claims.holder_key is not None:
        key = claims.holder_key
        said[_CNF] = {_COSE_KEY: cose_key_core(key.algorithm, key.public_key)}
    return cose.dumps(said)


@lru_cache(maxsize=1_024)
def _header(protected: bytes) -> tuple[int, bytes]:
    # Few keys sign many tokens, so the same few headers come again and again.
    header = cose.decoded(protected)
    if not _has_labels(header, {_ALG, _KID}):
        raise TokenRefused("token_malformed")
    algorithm, kid = header[_ALG], header[_KID]
    if type(algorithm) is not int or type(kid) is not bytes or len(kid) != KID_BYTES:
        raise TokenRefused("token_malformed")
    if cose.dumps({_ALG: algorithm, _KID: kid}) != protected:
        raise TokenRefused("token_not_canonical")
    return algorithm, kid


def _signing_key(envelope: cose.Sign1, keys: KeyFinder) -> KeyRecord:
    algorithm, kid = _header(envelope.protected)
    candidates: Sequence[KeyRecord] = keys.get(kid) or ()
    if not candidates:
        raise TokenRefused("token_key_unknown")
    # The key's record decides the algorithm; the header only has to agree with it.
    fitting = [key for key in candidates if algorithm in COSE_ALGORITHMS[key.algorithm]]
    if algorithm not in COSE_ALGORITHM_NUMBERS or not fitting:
        raise TokenRefused("token_algorithm_mismatch")
    message = envelope.signed_bytes
    for key in fitting:
        if key.verifies(envelope.signature, message):
            return key
    raise TokenRefused("token_signature_invalid")


def _has_labels(decoded: object, labels: set[int]) -> TypeGuard[dict[int, Any]]:
    # To a dict `true` is the key 1 and 4.0 the key 4, hence the look at the types.
    return type(decoded) is dict and decoded.keys() == labels and all(type(key) is int for key in decoded)


def _claims(payload: bytes) -> Claims:
    # Read only after the signature fits. The last comparison leaves one spelling, whatever was decoded.
    decoded = cose.decoded(payload)
    if not (_has_labels(decoded, {_EXP, _CTI, _CERTIFICATE}) or _has_labels(decoded, {_EXP, _CTI, _CNF, _CERTIFICATE})):
        raise TokenRefused("token_malformed")
    seconds, certificate_id, details = decoded[_EXP], decoded[_CTI], decoded[_CERTIFICATE]
    if type(details) is not list or not details or type(details[0]) is not int:
        raise TokenRefused("token_malformed")
    if details[0] != VERSION:
        raise TokenRefused("token_version_unsupported", version=details[0])
    if type(seconds) is not int or not 0 < seconds <= _EPOCH_SECONDS_MAX or len(details) != 8:
        raise TokenRefused("token_malformed")
    if type(certificate_id) is not bytes or len(certificate_id) != 16:
        raise TokenRefused("token_malformed")
    try:
        claims = Claims(
            certificate_id=UUID(bytes=certificate_id),
            coalition_number=details[1],
            issuer_number=details[2],
            acceptor_number=details[3],
            face_value=details[4],
            currency=details[5],
            epoch=details[6],
            status_index=details[7],
            expires_at=datetime.fromtimestamp(seconds, UTC),
            holder_key=_holder_key(decoded),
        )
    except (ValueError, KeyRefused) as error:
        raise TokenRefused("token_malformed") from error
    if _payload(claims) != payload:
        raise TokenRefused("token_not_canonical")
    return claims


def _holder_key(decoded: dict[int, Any]) -> PublicKey | None:
    if _CNF not in decoded:
        return None
    if not _has_labels(decoded[_CNF], {_COSE_KEY}):
        raise TokenRefused("token_malformed")
    return key_of_cose_core(decoded[_CNF][_COSE_KEY])


def _refuse_outside_limits(claims: Claims, key: KeyRecord, *, at: datetime | None) -> None:
    limits = key.limits
    if claims.coalition_number != key.coalition_number:
        raise TokenRefused("token_key_limits", limit="another coalition")
    if claims.issuer_number != key.merchant_number:
        raise TokenRefused("token_key_limits", limit="another issuer")
    if claims.face_value > limits.face_value_max:
        raise TokenRefused("token_key_limits", limit="a higher value")
    if not limits.valid_from < claims.expires_at <= limits.valid_until:
        raise TokenRefused("token_key_limits", limit="a day outside its validity")
    if at is not None and at < limits.valid_from:
        raise TokenRefused("token_key_limits", limit="not valid yet")
