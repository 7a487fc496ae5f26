"""Passwords, PINs, second factors and one-time codes: how each is made, kept and checked."""

import hmac
import secrets
from base64 import b64encode, urlsafe_b64encode
from datetime import datetime
from hashlib import sha256

import pyotp
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.low_level import ARGON2_VERSION

from network.coalitions import OpenCoalition
from network.sealing import derive_key
from network.typed_code import ALPHABET

PASSWORD_MIN = 12
PIN_DIGITS = (4, 8)
RECOVERY_CODES = 10
TOTP_SECONDS = 30

_hasher = PasswordHasher()  # Argon2id with the low-memory profile of RFC 9106: 64 MiB, three passes


def _hash_of_nothing() -> str:
    """What is compared where somebody has no password. Drawn, not worked out: as slow to check, free to make."""
    cost = f"m={_hasher.memory_cost},t={_hasher.time_cost},p={_hasher.parallelism}"
    salt, drawn = (b64encode(secrets.token_bytes(n)).decode().rstrip("=") for n in (_hasher.salt_len, _hasher.hash_len))
    return f"$argon2id$v={ARGON2_VERSION}${cost}${salt}${drawn}"


_NOBODYS = _hash_of_nothing()


def hash_of_password(password: str) -> str:
    """What is stored instead of a password."""
    return _hasher.hash(password)


def password_is(password: str, kept: str | None) -> bool:
    """Whether it is the right one. As slow for somebody who has none, so that time does not tell who exists."""
    try:
        right = _hasher.verify(kept or _NOBODYS, password)
    except (VerificationError, InvalidHashError):
        return False
    return right and kept is not None


def hash_of_pin(coalition: OpenCoalition, pin: str) -> str:
    """A PIN has few digits: without the coalition's key, which is not in the database, its hash cannot be tried."""
    return _hasher.hash(_peppered(coalition, pin))


def pin_is(coalition: OpenCoalition, pin: str, kept: str | None) -> bool:
    """Whether it is the right PIN."""
    return password_is(_peppered(coalition, pin), kept)


def new_session_secret() -> str:
    """256 random bits, as a cookie holds them."""
    return secrets.token_urlsafe(32)


def digest(text: str) -> bytes:
    """What is stored instead of a random secret."""
    return sha256(text.encode()).digest()


def forms_token(session_secret: str) -> str:
    """What a form of this session carries (against forged requests). It says nothing about the secret."""
    made = hmac.digest(session_secret.encode(), b"pollen forms 1", "sha256")
    return urlsafe_b64encode(made).decode().rstrip("=")


def keyed_digest(coalition: OpenCoalition, purpose: str, text: str) -> bytes:
    """A digest that only this coalition's key makes: for logins, addresses, and what else a dictionary holds."""
    return hmac.digest(_key(coalition, purpose), text.encode(), "sha256")


def new_code(symbols: int = 10) -> str:
    """A one-time code of five bits a symbol, in groups of five, that can be read aloud."""
    drawn = "".join(secrets.choice(ALPHABET) for _ in range(symbols))
    return "-".join(drawn[at : at + 5] for at in range(0, symbols, 5))


def plain_code(typed: str) -> str:
    """A typed one-time code as it was drawn; case, spaces and look-alikes are forgiven."""
    kept = "".join(symbol for symbol in typed.upper().translate(_FORGIVEN) if symbol in ALPHABET)
    return "-".join(kept[at : at + 5] for at in range(0, len(kept), 5))


def new_totp_secret() -> str:
    """160 random bits in base32, for an authenticator application."""
    return pyotp.random_base32()


def totp_address(secret: str, *, login: str, issuer: str) -> str:
    """The `otpauth://` address that an authenticator scans."""
    return pyotp.TOTP(secret).provisioning_uri(name=login, issuer_name=issuer)


def totp_step(secret: str, typed: str, at: datetime, *, after: int = 0) -> int | None:
    """The time step that a typed code belongs to, if it is right and newer than `after`: a code counts once."""
    now = int(at.timestamp()) // TOTP_SECONDS
    code = "".join(symbol for symbol in typed if symbol.isdigit())
    for step in (now, now - 1, now + 1):
        if step > after and hmac.compare_digest(pyotp.TOTP(secret).at(step * TOTP_SECONDS), code):
            return step
    return None


_FORGIVEN = str.maketrans("OIL", "011")


def _peppered(coalition: OpenCoalition, pin: str) -> str:
    return keyed_digest(coalition, "pins", pin).hex()


def _key(coalition: OpenCoalition, purpose: str) -> bytes:
    return derive_key(coalition.credential_key, f"access: {purpose}")
