"""Check a certificate's token at a partner's till with the published keys alone, offline if need be.

Profile GC1, written apart from the network's own code; both are held to the same vectors
(tests/vectors/gc1.json). A live certificate comes inside its holder's presentation: `merchants.presentation`.
What only the log knows (used, passed on, revoked) is not decided here.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from merchants.cbor import CborError, read_one
from merchants.keys import COSE_NAMES, ED25519, P256, IssuerKey, KeySet, KeysRefused, VerifyKey, open_sign1, signed_part

TOKEN_BYTES_MAX = 400
ALPHABET = "0123456789ABCDEFGHJKLMNPQRSTUVWX"

_CNF, _PRIVATE = 8, -65537
_UINT32 = range(1 << 32)
_NUMBERS = range(1, 1 << 32)
_ALLOWED = (_NUMBERS, _NUMBERS, _NUMBERS, range(1, 1 << 53), None, _UINT32, _UINT32)
_SECONDS = range(1, 253_402_300_800)

_SENTENCES = {
    "token_text_malformed": "No certificate was found in the scanned text. Scan the code again.",
    "token_too_long": "This code is too long to be a certificate.",
    "token_malformed": "This code is damaged or is not a certificate. Scan it again.",
    "token_not_canonical": "This code is not written as certificates are. Do not accept it.",
    "token_header_not_empty": "This code carries unsigned additions. Do not accept it.",
    "token_algorithm_mismatch": "This code is signed in another way than its issuer signs. Do not accept it.",
    "token_key_unknown": "The issuer's key is not known here. Refresh the keys and scan again.",
    "token_key_limits": "The issuer's key may not sign this certificate. Do not accept it.",
    "token_keys_expired": "This till's keys are too old. Connect it to the network.",
    "token_signature_invalid": "The issuer's signature does not fit. Do not accept this certificate.",
    "token_version_unsupported": "This certificate is of a newer kind. Update the till.",
    "token_proof_missing": "This certificate lives in a phone. Scan the phone's screen.",
    "token_proof_invalid": "The phone's signature does not fit. Do not accept this certificate.",
    "token_proof_stale": "This is an old picture of the certificate. Ask the guest to open it on the phone.",
    "token_proof_nonce": "This is not the answer to this till's question. Scan again.",
    "token_expired": "This certificate has expired.",
}


class TokenRefused(Exception):
    """A token that must not be accepted: a stable `code` and a `detail` that a cashier can read."""

    def __init__(self, code: str) -> None:
        super().__init__(_SENTENCES[code])
        self.code = code
        self.detail = _SENTENCES[code]


@dataclass(frozen=True)
class Claims:
    """What the token says; merchants and coalition by number, `face_value` in minor units.

    With `online_only` the issuer's key has leaked: accept only what the network confirms. With a `holder_key` it counts
    only as its holder's phone shows it.
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
    online_only: bool
    holder_key: VerifyKey | None = None


def from_text(scanned: str) -> bytes:
    """The token inside whatever the scanner typed: bare, or in a link, garbled around it or not."""
    spaced = "".join(sign if sign.isascii() and sign.isalnum() else " " for sign in scanned)
    words = [word for word in spaced.split() if len(word) >= 64]
    if len(words) != 1:
        raise TokenRefused("token_text_malformed")
    word = words[0].upper() if words[0].islower() else words[0]
    if len(word) * 5 // 8 > TOKEN_BYTES_MAX:
        raise TokenRefused("token_too_long")
    bits = 0
    for sign in word:
        value = ALPHABET.find(sign)
        if value < 0:
            raise TokenRefused("token_text_malformed")
        bits = bits << 5 | value
    spare = len(word) * 5 % 8
    if spare >= 5 or bits % (1 << spare):
        raise TokenRefused("token_text_malformed")
    return (bits >> spare).to_bytes(len(word) * 5 // 8)


def verify(token: bytes, key_set: KeySet, *, at: datetime) -> Claims:
    """Every rule that needs no network. `at` is the till's clock, aware. Raises TokenRefused."""
    if at.utcoffset() is None:
        raise ValueError("the till's clock must name its time zone")
    now = at.timestamp()
    if now >= key_set.expires_at:
        raise TokenRefused("token_keys_expired")
    if len(token) > TOKEN_BYTES_MAX:
        raise TokenRefused("token_too_long")
    try:
        protected, payload, signature = open_sign1(token)
        key = _signing_key(protected, payload, signature, key_set)
        claims: Any = read_one(payload)
    except CborError as error:
        raise TokenRefused("token_not_canonical" if error.spelling else "token_malformed") from error
    except KeysRefused as error:
        raise TokenRefused("token_header_not_empty") from error
    numbers = _checked(claims)
    _refuse_outside_limits(claims[4], numbers, key, key_set, now)
    if now >= claims[4]:
        raise TokenRefused("token_expired")
    coalition, issuer, acceptor, face_value, currency, epoch, status_index = numbers
    return Claims(
        certificate_id=UUID(bytes=claims[7]),
        coalition_number=coalition,
        issuer_number=issuer,
        acceptor_number=acceptor,
        face_value=face_value,
        currency=currency,
        epoch=epoch,
        status_index=status_index,
        expires_at=datetime.fromtimestamp(claims[4], UTC),
        online_only=key.state == "compromised",
        holder_key=_holder_key(claims[_CNF]) if _CNF in claims else None,
    )


def _signing_key(protected: bytes, payload: bytes, signature: bytes, key_set: KeySet) -> IssuerKey:
    header: Any = read_one(protected)
    if not isinstance(header, dict) or list(header) != [1, 4]:
        raise TokenRefused("token_malformed")
    algorithm, kid = header[1], header[4]
    if not isinstance(algorithm, int) or not isinstance(kid, bytes) or len(kid) != 8:
        raise TokenRefused("token_malformed")
    keys = key_set.keys.get(kid, ())
    if not keys:
        raise TokenRefused("token_key_unknown")
    fitting = [key for key in keys if key.verify.algorithm == COSE_NAMES.get(algorithm)]
    if not fitting:
        raise TokenRefused("token_algorithm_mismatch")
    message = signed_part(protected, payload)
    for key in fitting:
        if key.verify.fits(signature, message):
            return key
    raise TokenRefused("token_signature_invalid")


def _checked(claims: Any) -> tuple[Any, ...]:
    # The reader yields no bool and no float, so a type that fits is the type that was written.
    if not isinstance(claims, dict) or list(claims) not in ([4, 7, _PRIVATE], [4, 7, _CNF, _PRIVATE]):
        raise TokenRefused("token_malformed")
    expires, certificate_id, details = claims[4], claims[7], claims[_PRIVATE]
    if not isinstance(details, list) or not details or not isinstance(details[0], int):
        raise TokenRefused("token_malformed")
    if details[0] != 1:
        raise TokenRefused("token_version_unsupported")
    numbers = tuple(details[1:])
    fits = (
        isinstance(expires, int)
        and expires in _SECONDS
        and isinstance(certificate_id, bytes)
        and len(certificate_id) == 16
        and len(numbers) == len(_ALLOWED)
        and all(
            isinstance(number, int) and number in allowed
            for number, allowed in zip(numbers, _ALLOWED, strict=True)
            if allowed is not None
        )
        and _is_currency(numbers[4])
    )
    if not fits:
        raise TokenRefused("token_malformed")
    return numbers


def _holder_key(confirmation: Any) -> VerifyKey:
    try:
        match confirmation:
            case {1: {1: 1, -1: 6, -2: bytes(x), **more}, **others} if not more and not others:
                return VerifyKey.of(bytes(8), ED25519, x)
            case {1: {1: 2, -1: 1, -2: bytes(x), -3: bytes(y), **more}, **others} if not more and not others:
                return VerifyKey.of(bytes(8), P256, x, y)
    except ValueError as error:
        raise TokenRefused("token_malformed") from error
    raise TokenRefused("token_malformed")


def _is_currency(word: object) -> bool:
    return isinstance(word, str) and len(word) == 3 and word.isascii() and word.isalpha() and word.isupper()


def _refuse_outside_limits(expires: int, numbers: tuple[Any, ...], key: IssuerKey, key_set: KeySet, now: float) -> None:
    coalition, issuer, _acceptor, face_value = numbers[:4]
    allowed = (
        coalition == key_set.coalition
        and issuer == key.issuer
        and face_value <= key.face_value_max
        and key.valid_from < expires <= key.valid_until
        and now >= key.valid_from
    )
    if not allowed:
        raise TokenRefused("token_key_limits")
