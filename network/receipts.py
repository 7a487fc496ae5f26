"""A till's receipt for what it took without a network: signed by the device, chained to the receipt before.

COSE_Sign1 (RFC 9052): `18([<<{1: alg, 4: kid}>>, {}, <<{6: taken at, -65539: [version, till, sequence, previous,
certificate, epoch, amount, bill reference, bill, list version, list made at, shown]}>>, signature])`. Label 6 is CWT's
iat. `shown` is what the till scanned, the token or the phone's presentation around it: that is the holder's proof.
`docs/offline.md` describes it for others.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid5

from network import cose
from network.domain.offline import Lost
from network.domain.units import MINOR_MAX
from network.presentation import PROOF_SECONDS, taken_apart
from network.public_keys import COSE_ALGORITHMS, KID_BYTES, KeyFinder, PublicKey, cose_key_core
from network.signing import RootSigner
from network.token import TOKEN_BYTES_MAX, Claims, TokenRefused, verify

RECEIPT_BYTES_MAX = 1_024
VERSION = 1
HASH_BYTES = 32
_ALG, _KID, _IAT, _RECEIPT = 1, 4, 6, -65539
_SECONDS_MAX = 253_402_300_799
_UINT_MAX = 2**53 - 1
_REFERENCE_MAX = 64
_ALGORITHM_WRITTEN_AS = {numbers[0]: algorithm for algorithm, numbers in COSE_ALGORITHMS.items()}


class ReceiptRefused(Exception):
    """No receipt of ours; `code` is stable."""

    def __init__(self, code: str = "receipt_malformed") -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, kw_only=True)
class Receipt:
    """What a till signed. `previous` and `certificate_id` are as written; nothing is checked against the network yet.

    `amount` and `bill` are minor units. `list_version`, `list_at`: the status list that the till judged by.
    """

    till_id: UUID
    sequence: int
    previous: bytes
    certificate_id: UUID
    epoch: int
    amount: int
    bill_reference: str
    bill: int
    taken_at: datetime
    list_version: int
    list_at: datetime
    shown: bytes

    def payload(self) -> bytes:
        """The signed bytes' content."""
        details = [
            VERSION, self.till_id.bytes, self.sequence, self.previous, self.certificate_id.bytes, self.epoch,
            self.amount, self.bill_reference, self.bill, self.list_version, int(self.list_at.timestamp()), self.shown,
        ]  # fmt: skip
        return cose.dumps({_IAT: int(self.taken_at.timestamp()), _RECEIPT: details})


@dataclass(frozen=True)
class Signed:
    """A receipt as it was delivered; its signature is the till's key's to check."""

    receipt: Receipt
    kid: bytes
    encoded: bytes
    envelope: cose.Sign1

    @property
    def digest(self) -> str:
        """What the next receipt names as the one before."""
        return sha256(self.encoded).hexdigest()

    @property
    def redemption_id(self) -> UUID:
        """The id of the redemption that it leads to, the same whoever computes it."""
        return redemption_id_of(self.receipt.till_id, self.kid, self.receipt.sequence)

    def is_signed_by(self, key: PublicKey) -> bool:
        """Whether this key made it."""
        fits = self.envelope.protected == _header(key)
        return fits and key.verifies(self.envelope.signature, self.envelope.signed_bytes)


@dataclass(frozen=True)
class Shown:
    """What was shown at the till: whose copy, when its phone proved that it was there, and what is wrong with that."""

    claims: Claims
    shown_at: datetime | None
    fault: Lost | None


def redemption_id_of(till_id: UUID, kid: bytes, sequence: int) -> UUID:
    """One id for one place in one journal."""
    return uuid5(till_id, f"{kid.hex()}:{sequence}")


def sign(receipt: Receipt, signer: RootSigner) -> bytes:
    """The receipt under a device's key."""
    key = signer.key
    return cose.seal({_ALG: COSE_ALGORITHMS[key.algorithm][0], _KID: key.kid}, receipt.payload(), signer)


def opened(encoded: bytes) -> Signed:
    """Take a receipt apart without checking its signature. Raises: ReceiptRefused."""
    if len(encoded) > RECEIPT_BYTES_MAX:
        raise ReceiptRefused()
    try:
        envelope = cose.opened(encoded)
        header, payload = cose.loads(envelope.protected), cose.loads(envelope.payload)
        receipt = _receipt(payload)
        if type(header) is not dict or type(header.get(_KID)) is not bytes or len(header[_KID]) != KID_BYTES:
            raise ReceiptRefused()
    except (cose.NotCose, TypeError, ValueError, OverflowError) as error:
        raise ReceiptRefused() from error
    if receipt.payload() != envelope.payload:
        raise ReceiptRefused()
    return Signed(receipt, header[_KID], encoded, envelope)


def shown_in(receipt: Receipt, keys: KeyFinder) -> Shown:
    """What the till was shown, by the issuer's signature and the phone's. Raises: TokenRefused, ReceiptRefused when
    the receipt says another certificate than the token.
    """
    presented = taken_apart(receipt.shown)
    claims = verify(receipt.shown if presented is None else presented.token, keys, at=None)
    if (claims.certificate_id, claims.epoch) != (receipt.certificate_id, receipt.epoch):
        raise ReceiptRefused("receipt_contradicts_token")
    if presented is None:
        return Shown(claims, None, None if claims.holder_key is None else Lost.PROOF_MISSING)
    fault = None
    try:
        presented.must_prove(claims.holder_key)
    except TokenRefused:
        fault = Lost.PROOF_INVALID
    if fault is None and abs((receipt.taken_at - presented.shown_at).total_seconds()) > PROOF_SECONDS:
        fault = Lost.PROOF_STALE
    return Shown(claims, presented.shown_at, fault)


def _header(key: PublicKey) -> bytes:
    return cose.dumps({_ALG: COSE_ALGORITHMS[key.algorithm][0], _KID: key.kid})


def _receipt(payload: Any) -> Receipt:
    if type(payload) is not dict or set(payload) != {_IAT, _RECEIPT}:
        raise ReceiptRefused()
    version, till, sequence, previous, certificate, epoch, amount, reference, bill, made, made_at, shown = payload[
        _RECEIPT
    ]
    numbers = (version, sequence, epoch, amount, bill, made, made_at, payload[_IAT])
    if any(type(number) is not int or not 0 <= number <= _UINT_MAX for number in numbers) or version != VERSION:
        raise ReceiptRefused()
    lengths = ((till, 16), (certificate, 16), (previous, HASH_BYTES))
    if any(type(part) is not bytes or len(part) != length for part, length in lengths) or type(shown) is not bytes:
        raise ReceiptRefused()
    in_range = (
        0 < sequence < 2**31
        and 0 < amount <= MINOR_MAX
        and 0 < bill <= MINOR_MAX
        and 0 < made_at <= _SECONDS_MAX
        and 0 < payload[_IAT] <= _SECONDS_MAX
        and len(shown) <= TOKEN_BYTES_MAX
    )
    if not in_range or type(reference) is not str or not _is_reference(reference):
        raise ReceiptRefused()
    return Receipt(
        till_id=UUID(bytes=till),
        sequence=sequence,
        previous=previous,
        certificate_id=UUID(bytes=certificate),
        epoch=epoch,
        amount=amount,
        bill_reference=reference,
        bill=bill,
        taken_at=datetime.fromtimestamp(payload[_IAT], UTC),
        list_version=made,
        list_at=datetime.fromtimestamp(made_at, UTC),
        shown=shown,
    )


def _is_reference(text: str) -> bool:
    """A bill's reference as the other routes take it: trimmed, printable, and storable."""
    return 0 < len(text) <= _REFERENCE_MAX and text == text.strip() and text.isprintable()


def possession_of(till_id: UUID, key: PublicKey) -> bytes:
    """What a device signs with a new key, so that it registers no key but its own."""
    return b"pollen till key\x00" + till_id.bytes + cose.dumps(cose_key_core(key.algorithm, key.public_key))
