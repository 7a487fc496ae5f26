"""Who signs: private keys at rest under a master key, and the `Signer` that a key service can replace.

The caller stores what is returned here (a `KeyRecord` and its `SealedKey`) and hands it back; this
module knows no file, no database and no clock. A PKCS#11 token or a cloud key service is one more
class with `key` and `sign`; one that signs ECDSA passes its answer through `es256_signature`.
"""

import secrets
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Generic, Protocol, TypeVar
from uuid import UUID

import cbor2
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDSA,
    SECP256R1,
    EllipticCurvePrivateKey,
    derive_private_key,
)
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from network.public_keys import (
    P256_ORDER,
    Algorithm,
    KeyLimits,
    KeyRecord,
    KeyRefused,
    KeyState,
    PublicKey,
    kid_of,
)

MASTER_KEY_BYTES = 32
_NONCE_BYTES = 12

_Key = TypeVar("_Key", bound=PublicKey)


class Signer(Protocol):
    """Signs as one issuing merchant."""

    @property
    def key(self) -> KeyRecord:
        """The public record of the key that signs, with its limits."""

    def sign(self, message: bytes, /) -> bytes:
        """Return 64 bytes: RFC 8032, or r and s of ECDSA side by side with the lower s."""


class RootSigner(Protocol):
    """Signs a coalition's published key set."""

    @property
    def key(self) -> PublicKey:
        """The root public key, which partners are given once and out of band."""

    def sign(self, message: bytes, /) -> bytes:
        """As `Signer.sign`."""


@dataclass(frozen=True, kw_only=True)
class SealedKey:
    """A private key under AES-256-GCM; kid, coalition, merchant and algorithm are bound to the ciphertext.

    `merchant_id` is None for the coalition's root key.
    """

    kid: bytes
    coalition_id: UUID
    merchant_id: UUID | None
    algorithm: Algorithm
    nonce: bytes
    ciphertext: bytes


@dataclass(frozen=True)
class NewKey(Generic[_Key]):
    """A fresh key: store both parts in one transaction."""

    key: _Key
    sealed: SealedKey


@dataclass(frozen=True)
class Rotation:
    """A merchant's new active key and the old record in its new state: store all three parts together."""

    old: KeyRecord
    new: NewKey[KeyRecord]


class LocalSigner(Generic[_Key]):
    """Signs with a private key held in this process (32 bytes: an Ed25519 seed or a P-256 scalar)."""

    def __init__(self, key: _Key, private_bytes: bytes) -> None:
        self._private = _private_key(key.algorithm, private_bytes)
        if _public_bytes(self._private) != key.public_key:
            raise KeyRefused("key_mismatch", "the private key does not belong to this public key")
        self.key = key

    def sign(self, message: bytes, /) -> bytes:
        """Sign deterministically, so that no weak random source can give the key away (RFC 8032, 6979)."""
        if isinstance(self._private, Ed25519PrivateKey):
            return self._private.sign(message)
        return es256_signature(self._private.sign(message, ECDSA(SHA256(), deterministic_signing=True)))


def generate_key(
    *,
    coalition_id: UUID,
    coalition_number: int,
    merchant_id: UUID,
    merchant_number: int,
    limits: KeyLimits,
    created_at: datetime,
    master_key: bytes,
    algorithm: Algorithm = Algorithm.ED25519,
) -> NewKey[KeyRecord]:
    """Make an active signing key for one merchant."""
    private_bytes = _random_private_bytes(algorithm)
    public_key = _public_bytes(_private_key(algorithm, private_bytes))
    record = KeyRecord(
        kid=kid_of(algorithm, public_key),
        algorithm=algorithm,
        public_key=public_key,
        coalition_id=coalition_id,
        coalition_number=coalition_number,
        merchant_id=merchant_id,
        merchant_number=merchant_number,
        state=KeyState.ACTIVE,
        created_at=created_at,
        limits=limits,
    )
    return NewKey(record, _sealed(private_bytes, record, coalition_id, merchant_id, master_key))


def generate_root_key(
    *, coalition_id: UUID, master_key: bytes, algorithm: Algorithm = Algorithm.ED25519
) -> NewKey[PublicKey]:
    """Make the key that signs a coalition's published key sets."""
    private_bytes = _random_private_bytes(algorithm)
    public_key = _public_bytes(_private_key(algorithm, private_bytes))
    key = PublicKey(kid=kid_of(algorithm, public_key), algorithm=algorithm, public_key=public_key)
    return NewKey(key, _sealed(private_bytes, key, coalition_id, None, master_key))


def rotate_key(current: KeyRecord, *, limits: KeyLimits, created_at: datetime, master_key: bytes) -> Rotation:
    """Replace a merchant's key; the certificates that are out keep verifying under the old record."""
    new = generate_key(
        coalition_id=current.coalition_id,
        coalition_number=current.coalition_number,
        merchant_id=current.merchant_id,
        merchant_number=current.merchant_number,
        limits=limits,
        created_at=created_at,
        master_key=master_key,
        algorithm=current.algorithm,
    )
    return Rotation(old=current.retired(), new=new)


def open_signer(record: KeyRecord, sealed: SealedKey, *, master_key: bytes) -> LocalSigner[KeyRecord]:
    """Unseal a merchant's active key. Retired and compromised keys sign nothing more."""
    if record.state is not KeyState.ACTIVE:
        raise KeyRefused("key_not_active", f"this key is {record.state}; only an active key signs")
    # Unsealed as what the record says it is, so that a row swapped in the database does not open.
    bound = replace(
        sealed,
        kid=record.kid,
        coalition_id=record.coalition_id,
        merchant_id=record.merchant_id,
        algorithm=record.algorithm,
    )
    return LocalSigner(record, _unsealed(bound, master_key))


def open_root_signer(
    key: PublicKey, sealed: SealedKey, *, coalition_id: UUID, master_key: bytes
) -> LocalSigner[PublicKey]:
    """Unseal a coalition's root key."""
    bound = replace(sealed, kid=key.kid, coalition_id=coalition_id, merchant_id=None, algorithm=key.algorithm)
    return LocalSigner(key, _unsealed(bound, master_key))


def resealed(sealed: SealedKey, *, old_master_key: bytes, new_master_key: bytes) -> SealedKey:
    """The same private key under another master key; signatures and public records do not change."""
    return _encrypted(_unsealed(sealed, old_master_key), sealed, new_master_key)


def es256_signature(der: bytes) -> bytes:
    """COSE form of a DER signature: r and s, 32 bytes each, with the lower of the two possible s."""
    r, s = decode_dss_signature(der)
    return r.to_bytes(32) + min(s, P256_ORDER - s).to_bytes(32)


def _private_key(algorithm: Algorithm, private_bytes: bytes) -> Ed25519PrivateKey | EllipticCurvePrivateKey:
    if algorithm is Algorithm.ED25519:
        return Ed25519PrivateKey.from_private_bytes(private_bytes)
    return derive_private_key(int.from_bytes(private_bytes), SECP256R1())


def _public_bytes(private_key: Ed25519PrivateKey | EllipticCurvePrivateKey) -> bytes:
    if isinstance(private_key, Ed25519PrivateKey):
        return private_key.public_key().public_bytes_raw()
    return private_key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def _random_private_bytes(algorithm: Algorithm) -> bytes:
    if algorithm is Algorithm.ED25519:
        return secrets.token_bytes(32)
    return (secrets.randbelow(P256_ORDER - 1) + 1).to_bytes(32)


def _sealed(
    private_bytes: bytes, key: PublicKey, coalition_id: UUID, merchant_id: UUID | None, master_key: bytes
) -> SealedKey:
    empty = SealedKey(
        kid=key.kid,
        coalition_id=coalition_id,
        merchant_id=merchant_id,
        algorithm=key.algorithm,
        nonce=b"",
        ciphertext=b"",
    )
    return _encrypted(private_bytes, empty, master_key)


def _encrypted(private_bytes: bytes, sealed: SealedKey, master_key: bytes) -> SealedKey:
    nonce = secrets.token_bytes(_NONCE_BYTES)
    ciphertext = _cipher(master_key).encrypt(nonce, private_bytes, _binding(sealed))
    return replace(sealed, nonce=nonce, ciphertext=ciphertext)


def _unsealed(sealed: SealedKey, master_key: bytes) -> bytes:
    try:
        return _cipher(master_key).decrypt(sealed.nonce, sealed.ciphertext, _binding(sealed))
    except (InvalidTag, ValueError) as error:
        raise KeyRefused(
            "key_seal_broken", "the sealed key was changed, belongs elsewhere, or has another master key"
        ) from error


def _cipher(master_key: bytes) -> AESGCM:
    if len(master_key) != MASTER_KEY_BYTES:
        raise KeyRefused(
            "master_key_malformed", f"a master key has {MASTER_KEY_BYTES} bytes, this one {len(master_key)}"
        )
    return AESGCM(master_key)


def _binding(sealed: SealedKey) -> bytes:
    merchant = b"" if sealed.merchant_id is None else sealed.merchant_id.bytes
    return cbor2.dumps(["pollen sealed key 1", sealed.kid, sealed.coalition_id.bytes, merchant, str(sealed.algorithm)])
