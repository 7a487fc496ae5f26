"""COSE_Sign1 (RFC 9052), in the only shape we write and read: tagged, deterministic, nothing unprotected."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import cbor2

_SIGN1_TAG = b"\xd2"  # tag 18 in its one short spelling
_PART_TYPES = [bytes, dict, bytes, bytes]
_DEPTH_MAX = 6


class NotCose(Exception):
    """These bytes are not our shape; `reason` is one of malformed, not_canonical, header_not_empty."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class SignsBytes(Protocol):
    """The part of a signer that an envelope needs."""

    def sign(self, message: bytes, /) -> bytes:
        """Return the 64-byte signature on `message`."""


@dataclass(frozen=True)
class Sign1:
    """One opened envelope; nothing in it is to be believed before its signature is checked."""

    protected: bytes
    payload: bytes
    signature: bytes

    @property
    def signed_bytes(self) -> bytes:
        """The Sig_structure of RFC 9052, section 4.4, without external data."""
        return sig_structure(self.protected, self.payload)


def dumps(value: object) -> bytes:
    """Deterministic CBOR.

    cbor2 sorts map keys by length first (RFC 7049), RFC 8949 bytewise. The two agree on every map we
    write, because its longer keys (the private labels) also sort last bytewise; keep it so.
    """
    return cbor2.dumps(value, canonical=True)


def loads(encoded: bytes) -> object:
    """Decode one item of deterministic CBOR, or raise NotCose.

    Re-encoding is compared, because a decoder forgives longer integers and floats. A map key `true` is
    the key 1 to a dict and survives this: callers that must know rebuild from what they understood.
    """
    value = decoded(encoded)
    try:
        again = dumps(value)
    except cbor2.CBORError as error:
        raise NotCose("malformed") from error
    if again != encoded:
        raise NotCose("not_canonical")
    return value


def sig_structure(protected: bytes, payload: bytes) -> bytes:
    """The bytes that are signed (RFC 9052, section 4.4)."""
    return dumps(["Signature1", protected, b"", payload])


def seal(protected: Mapping[int, object], payload: bytes, signer: SignsBytes) -> bytes:
    """Sign `payload` into a tagged COSE_Sign1."""
    header = dumps(protected)
    signature = signer.sign(sig_structure(header, payload))
    return _SIGN1_TAG + dumps([header, {}, payload, signature])


def opened(encoded: bytes) -> Sign1:
    """Take a tagged COSE_Sign1 apart without checking its signature, or raise NotCose."""
    if not encoded.startswith(_SIGN1_TAG):
        raise NotCose("malformed")
    parts = decoded(encoded[1:])
    if type(parts) is not list or [type(part) for part in parts] != _PART_TYPES:
        raise NotCose("malformed")
    protected, unprotected, payload, signature = parts
    if unprotected:
        raise NotCose("header_not_empty")
    if _SIGN1_TAG + dumps([protected, {}, payload, signature]) != encoded:
        raise NotCose("not_canonical")
    return Sign1(protected, payload, signature)


def decoded(encoded: bytes) -> object:
    """Decode one item, or raise NotCose; the caller still has to compare with the one spelling."""
    try:
        value: object = cbor2.loads(encoded, allow_indefinite=False, allow_duplicate_keys=False, max_depth=_DEPTH_MAX)
    except cbor2.CBORError as error:
        raise NotCose("malformed") from error
    return value
