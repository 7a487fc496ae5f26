"""The verify keys of a coalition as partners fetch and trust them: a COSE KeySet signed by its root key.

A COSE_Sign1 whose payload is a plain COSE_KeySet (RFC 9052, section 7) and whose protected header carries
version and dates as CWT claims (RFC 9597), so that any COSE library can use the payload as it is.
`network.jwks` publishes the same keys unsigned.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from network import cose
from network.public_keys import (
    COSE_ALGORITHMS,
    Algorithm,
    KeyLimits,
    KeyRecord,
    KeyRefused,
    KeyState,
    PublicKey,
    cose_key_core,
)
from network.signing import RootSigner

CONTENT_TYPE = "application/cose-key-set"
FORMAT_VERSION = 1

_ALG, _CONTENT_TYPE, _KID, _CWT_CLAIMS = 1, 3, 4, 15
_EXP, _IAT, _POLLEN = 4, 6, -65537
_STATES = (KeyState.ACTIVE, KeyState.RETIRED, KeyState.COMPROMISED)  # their numbers on the wire: 0, 1, 2
_ALGORITHM_WRITTEN_AS = {numbers[0]: algorithm for algorithm, numbers in COSE_ALGORITHMS.items()}


@dataclass(frozen=True, kw_only=True)
class KeySet:
    """Every key that tokens of one coalition may be signed with; `version` only grows.

    A till refuses a set older than its newest, and uses none after `expires_at`. Dates are whole seconds.
    """

    coalition_id: UUID
    coalition_number: int
    version: int
    issued_at: datetime
    expires_at: datetime
    keys: tuple[KeyRecord, ...]

    def __post_init__(self) -> None:
        if type(self.version) is not int or self.version < 1:
            raise KeyRefused("key_set_malformed", f"a version counts from 1, this one is {self.version!r}")
        if any(key.coalition_id != self.coalition_id for key in self.keys):
            raise KeyRefused("key_set_malformed", "a key set holds the keys of one coalition")


def sign_key_set(key_set: KeySet, root: RootSigner) -> bytes:
    """The document for the well-known path."""
    return cose.seal(_protected(key_set, root.key), cose.dumps([_cose_key(key) for key in key_set.keys]), root)


def open_key_set(signed: bytes, roots: Iterable[PublicKey], *, at: datetime, version_min: int = 0) -> KeySet:
    """Read a signed key set with one of the root keys given out of band.

    Raises:
        KeyRefused: key_set_malformed, key_set_root_unknown, key_set_signature_invalid,
            key_set_rolled_back (below `version_min`) or key_set_expired.
    """
    try:
        envelope = cose.opened(signed)
        key_set = _read(envelope, roots)
    except (cose.NotCose, LookupError, TypeError, ValueError, OverflowError) as error:
        raise KeyRefused("key_set_malformed", "this is not a key set of ours") from error
    if key_set.version < version_min:
        raise KeyRefused("key_set_rolled_back", f"version {version_min} was seen, this is version {key_set.version}")
    if at >= key_set.expires_at:
        raise KeyRefused("key_set_expired", f"this key set expired at {key_set.expires_at.isoformat()}")
    return key_set


def _protected(key_set: KeySet, root: PublicKey) -> dict[int, object]:
    claims = {
        _EXP: seconds(key_set.expires_at),
        _IAT: seconds(key_set.issued_at),
        _POLLEN: [FORMAT_VERSION, key_set.coalition_number, key_set.coalition_id.bytes, key_set.version],
    }
    return {
        _ALG: COSE_ALGORITHMS[root.algorithm][0],
        _CONTENT_TYPE: CONTENT_TYPE,
        _KID: root.kid,
        _CWT_CLAIMS: claims,
    }


def _signing_root(envelope: cose.Sign1, kid: bytes, roots: Iterable[PublicKey]) -> PublicKey:
    known = [root for root in roots if root.kid == kid]
    if not known:
        raise KeyRefused("key_set_root_unknown", "this key set is signed by a root that is not ours")
    for root in known:
        if root.verifies(envelope.signature, envelope.signed_bytes):
            return root
    raise KeyRefused("key_set_signature_invalid", "the coalition's signature does not fit this key set")


def _read(envelope: cose.Sign1, roots: Iterable[PublicKey]) -> KeySet:
    protected: Any = cose.loads(envelope.protected)
    root = _signing_root(envelope, protected[_KID], roots)
    claims = protected[_CWT_CLAIMS]
    _, coalition_number, coalition_id, version = claims[_POLLEN]
    coalition = (UUID(bytes=coalition_id), coalition_number)
    keys: Any = cose.loads(envelope.payload)
    if type(keys) is not list:
        raise ValueError("a COSE_KeySet is a list")
    key_set = KeySet(
        coalition_id=coalition[0],
        coalition_number=coalition[1],
        version=version,
        issued_at=instant(claims[_IAT]),
        expires_at=instant(claims[_EXP]),
        keys=tuple(_key_of_cose(key, *coalition) for key in keys),
    )
    # Leaves one spelling, one algorithm (the root's), this content type and this format version.
    if cose.dumps(_protected(key_set, root)) != envelope.protected:
        raise ValueError("a header that we do not write")
    return key_set


def _cose_key(key: KeyRecord) -> dict[int, object]:
    return {
        **cose_key_core(key.algorithm, key.public_key),
        2: key.kid,
        3: COSE_ALGORITHMS[key.algorithm][0],
        4: [2],  # key_ops: verify
        _POLLEN: [
            key.merchant_number,
            key.merchant_id.bytes,
            _STATES.index(key.state),
            key.limits.face_value_max,
            seconds(key.limits.valid_from),
            seconds(key.limits.valid_until),
            seconds(key.created_at),
        ],
    }


def _key_of_cose(key: Mapping[int, Any], coalition_id: UUID, coalition_number: int) -> KeyRecord:
    algorithm = _ALGORITHM_WRITTEN_AS[key[3]]
    number, merchant_id, state, face_value_max, valid_from, valid_until, created = key[_POLLEN]
    record = KeyRecord(
        kid=key[2],
        algorithm=algorithm,
        public_key=key[-2] if algorithm is Algorithm.ED25519 else b"\x04" + key[-2] + key[-3],
        coalition_id=coalition_id,
        coalition_number=coalition_number,
        merchant_id=UUID(bytes=merchant_id),
        merchant_number=number,
        state=_STATES[state],
        created_at=instant(created),
        limits=KeyLimits(face_value_max, instant(valid_from), instant(valid_until)),
    )
    if cose.dumps(_cose_key(record)) != cose.dumps(key):
        raise ValueError("a key with members that we do not write")
    return record


def seconds(moment: datetime) -> int:
    """Whole seconds since 1970, as keys and key sets carry time."""
    return int(moment.timestamp())


def instant(since_1970: int) -> datetime:
    """The UTC instant of `seconds`."""
    return datetime.fromtimestamp(since_1970, UTC)
