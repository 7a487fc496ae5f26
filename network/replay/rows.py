"""What one line of each file means, checked as far as it can be alone."""

from datetime import UTC, datetime
from hashlib import sha256
from typing import NamedTuple

from network.domain.units import MINOR_MAX, Minor, is_currency

PAYMENT_COLUMNS = ("payment_ref", "merchant", "customer_ref", "paid_at", "amount_minor", "currency")
CERTIFICATE_COLUMNS = (
    "certificate_ref", "campaign", "issuer", "acceptor", "customer_ref", "payment_ref", "issued_at", "expires_at",
    "face_minor", "currency",
)  # fmt: skip
ATTEMPT_COLUMNS = ("certificate_ref", "acceptor", "redeemed_at", "bill_minor")

REF_MAX = 100
_EARLIEST, _LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(2999, 1, 1, tzinfo=UTC)


class Unreadable(Exception):
    """A line that means nothing; its text says which field and why."""


class PaidLine(NamedTuple):
    """A line of payments.csv."""

    number: int
    digest: bytes
    ref: str
    merchant: str
    customer: str
    at: datetime
    amount: Minor
    currency: str


class CertificateLine(NamedTuple):
    """A line of certificates.csv. `payment` is the reference of the cause."""

    number: int
    digest: bytes
    ref: str
    campaign: str
    issuer: str
    acceptor: str
    customer: str
    payment: str
    at: datetime
    expires_at: datetime
    face: Minor
    currency: str


class AttemptLine(NamedTuple):
    """A line of redemption_attempts.csv. `bill` is None when it is unknown."""

    number: int
    digest: bytes
    certificate: str
    acceptor: str
    at: datetime
    bill: Minor | None


def payment_of(number: int, fields: tuple[str, ...], now: datetime) -> PaidLine:
    """Raises: Unreadable."""
    ref, merchant, customer, paid_at, amount, currency = fields
    return PaidLine(
        number,
        _digest(fields),
        _ref("payment_ref", ref),
        _ref("merchant", merchant),
        _ref("customer_ref", customer),
        _past("paid_at", paid_at, now),
        _minor("amount_minor", amount),
        _currency(currency),
    )


def certificate_of(number: int, fields: tuple[str, ...], now: datetime) -> CertificateLine:
    """Raises: Unreadable."""
    ref, campaign, issuer, acceptor, customer, payment, issued_at, expires_at, face, currency = fields
    line = CertificateLine(
        number,
        _digest(fields),
        _ref("certificate_ref", ref),
        _ref("campaign", campaign),
        _ref("issuer", issuer),
        _ref("acceptor", acceptor),
        _ref("customer_ref", customer),
        _ref("payment_ref", payment),
        _past("issued_at", issued_at, now),
        _instant("expires_at", expires_at),
        _minor("face_minor", face),
        _currency(currency),
    )
    if line.face == 0:
        raise Unreadable("face_minor is 0, expected more")
    if line.issuer == line.acceptor:
        raise Unreadable(f"issuer and acceptor are both {issuer!r}")
    if line.expires_at <= line.at:
        raise Unreadable(f"expires_at {expires_at} is not after issued_at {issued_at}")
    return line


def attempt_of(number: int, fields: tuple[str, ...], now: datetime) -> AttemptLine:
    """Raises: Unreadable."""
    certificate, acceptor, redeemed_at, bill = fields
    return AttemptLine(
        number,
        _digest(fields),
        _ref("certificate_ref", certificate),
        _ref("acceptor", acceptor),
        _past("redeemed_at", redeemed_at, now),
        _minor("bill_minor", bill) or None,
    )


def _digest(fields: tuple[str, ...]) -> bytes:
    return sha256("\0".join(fields).encode()).digest()


def _ref(column: str, text: str) -> str:
    if not 0 < len(text) <= REF_MAX:
        raise Unreadable(f"{column} has {len(text)} characters, expected 1 to {REF_MAX}")
    if not text.isprintable() or text != text.strip():
        raise Unreadable(f"{column} is {text!r}, expected printable text without spaces around it")
    return text


def _minor(column: str, text: str) -> Minor:
    if not (text.isascii() and text.isdigit() and len(text) <= 13 and int(text) <= MINOR_MAX):
        raise Unreadable(f"{column} is {_shown(text)}, expected a whole number from 0 to {MINOR_MAX}")
    return int(text)


def _currency(text: str) -> str:
    if not is_currency(text):
        raise Unreadable(f"currency is {_shown(text)}, expected a code of ISO 4217")
    return text


def _instant(column: str, text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise Unreadable(f"{column} is {_shown(text)}, expected an instant such as 2017-01-01T12:30:27Z") from None
    if at.tzinfo is None:
        raise Unreadable(f"{column} is {_shown(text)}, which names no time zone; end it with Z for UTC")
    if not _EARLIEST <= at < _LATEST:
        raise Unreadable(f"{column} is {_shown(text)}, expected a year from 1970 to 2998")
    return at.astimezone(UTC)


def _past(column: str, text: str, now: datetime) -> datetime:
    at = _instant(column, text)
    if at > now:
        raise Unreadable(f"{column} is {_shown(text)}, which has not been yet")
    return at


def _shown(text: str) -> str:
    return repr(text) if len(text) <= 40 else f"{text[:40]!r}..."
