"""Passkeys: keys that a device keeps and uses after a fingerprint, a face or its own PIN. Two factors in one act."""

import hmac
import json
from base64 import urlsafe_b64decode
from binascii import Error as NotBase64
from dataclasses import dataclass
from datetime import datetime, timedelta
from secrets import token_bytes
from typing import Final
from uuid import UUID

from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from network.access import tries
from network.access.people import Person
from network.access.tables import all_rows, one_row, run
from network.coalitions import OpenCoalition
from network.sealing import derive_key

CHALLENGE_LIFE: Final = timedelta(minutes=5)
_ONCE: Final = tries.Room("passkey challenges", 1, 15)
_VERIFIED: Final = UserVerificationRequirement.REQUIRED


@dataclass(frozen=True, slots=True)
class Site:
    """Where passkeys are valid: the host's name, the addresses its pages have, and the key that signs challenges."""

    host: str
    origins: tuple[str, ...]
    key: bytes

    def challenge(self, browser: str, at: datetime) -> bytes:
        """One for this browser (its cookie's token), now."""
        stamp = int(at.timestamp()).to_bytes(8) + token_bytes(16)
        return stamp + self._signature(stamp, browser)

    def is_ours(self, challenge: bytes, browser: str, at: datetime) -> bool:
        """Whether we gave it to this browser, not long ago."""
        stamp, signature = challenge[:24], challenge[24:]
        if not hmac.compare_digest(signature, self._signature(stamp, browser)):
            return False
        return timedelta() <= at - datetime.fromtimestamp(int.from_bytes(stamp[:8]), at.tzinfo) <= CHALLENGE_LIFE

    def _signature(self, stamp: bytes, browser: str) -> bytes:
        return hmac.digest(derive_key(self.key, "access: passkey challenges"), stamp + browser.encode(), "sha256")


@dataclass(frozen=True, slots=True)
class Passkey:
    """One key of a person. `label`: the browser that made it, for people."""

    passkey_id: bytes
    person_id: UUID
    public_key: bytes
    sign_count: int
    label: str
    created_at: datetime
    used_at: datetime


_COLUMNS = "passkey_id, person_id, public_key, sign_count, label, created_at, used_at"


def passkeys_of(coalition: OpenCoalition, person_id: UUID) -> list[Passkey]:
    """A person's, oldest first."""
    statement = f"SELECT {_COLUMNS} FROM {{passkeys}} WHERE person_id = %s ORDER BY created_at"  # noqa: S608 - ours
    return all_rows(coalition, Passkey, statement, (person_id,))


def has_way_in(coalition: OpenCoalition, person: Person) -> bool:
    """Whether they can sign in without an invitation."""
    return person.password_hash is not None or bool(passkeys_of(coalition, person.person_id))


def to_make(coalition: OpenCoalition, site: Site, person: Person, browser: str, at: datetime) -> str:
    """What the browser is asked to make."""
    options = generate_registration_options(
        rp_id=site.host,
        rp_name="Pollen",
        user_id=coalition.entry.number.to_bytes(4) + person.person_id.bytes,
        user_name=person.login or person.name,
        user_display_name=person.name,
        challenge=site.challenge(browser, at),
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=_VERIFIED
        ),
        exclude_credentials=[
            PublicKeyCredentialDescriptor(one.passkey_id) for one in passkeys_of(coalition, person.person_id)
        ],
    )
    return options_to_json(options)


def to_show(site: Site, browser: str, at: datetime) -> str:
    """What the browser is asked to sign; the person chooses the key, which says whose it is."""
    options = generate_authentication_options(
        rp_id=site.host, challenge=site.challenge(browser, at), user_verification=_VERIFIED
    )
    return options_to_json(options)


def keep(
    coalition: OpenCoalition, site: Site, person: Person, made: str, *, browser: str, label: str, at: datetime
) -> bool:
    """Put a new key on record. False: it is not what was asked for."""
    challenge = _challenge_in(made)
    if not _may_use(coalition, site, challenge, browser, at):
        return False
    try:
        checked = verify_registration_response(
            credential=made, expected_challenge=challenge, expected_rp_id=site.host,
            expected_origin=list(site.origins), require_user_verification=True,
        )  # fmt: skip
    except (WebAuthnException, ValueError, KeyError, TypeError):
        return False
    added = run(
        coalition,
        "INSERT INTO {passkeys} (passkey_id, person_id, public_key, sign_count, label, created_at, used_at)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING",
        (checked.credential_id, person.person_id, checked.credential_public_key, checked.sign_count, label, at, at),
    )
    return added == 1


def person_by(coalition: OpenCoalition, site: Site, shown: str, *, browser: str, at: datetime) -> UUID | None:
    """Whose key signed our challenge; None when it is none of ours, or the challenge was used."""
    challenge, passkey_id = _challenge_in(shown), _bytes_in(shown, "rawId")
    statement = f"SELECT {_COLUMNS} FROM {{passkeys}} WHERE passkey_id = %s"  # noqa: S608 - our columns
    known = one_row(coalition, Passkey, statement, (passkey_id,))
    if known is None or not _may_use(coalition, site, challenge, browser, at):
        return None
    try:
        checked = verify_authentication_response(
            credential=shown, expected_challenge=challenge, expected_rp_id=site.host,
            expected_origin=list(site.origins), credential_public_key=known.public_key,
            credential_current_sign_count=known.sign_count, require_user_verification=True,
        )  # fmt: skip
    except (WebAuthnException, ValueError, KeyError, TypeError):
        return None
    values = (checked.new_sign_count, at, known.passkey_id)
    run(coalition, "UPDATE {passkeys} SET sign_count = %s, used_at = %s WHERE passkey_id = %s", values)
    return known.person_id


def coalition_number_in(shown: str) -> int | None:
    """The coalition that a key names as its own; whether it is right shows only when the signature is checked."""
    handle = _bytes_in(shown, "response", "userHandle")
    return int.from_bytes(handle[:4]) if len(handle) == 20 else None


def remove(coalition: OpenCoalition, person_id: UUID, passkey_id: bytes) -> None:
    """It opens nothing any more."""
    run(coalition, "DELETE FROM {passkeys} WHERE person_id = %s AND passkey_id = %s", (person_id, passkey_id))


def _may_use(coalition: OpenCoalition, site: Site, challenge: bytes, browser: str, at: datetime) -> bool:
    return site.is_ours(challenge, browser, at) and tries.take(coalition, _ONCE, challenge.hex(), at) == 0


def _challenge_in(answer: str) -> bytes:
    try:
        asked = json.loads(_bytes_in(answer, "response", "clientDataJSON"))
        return _decoded(asked["challenge"])
    except (ValueError, KeyError, TypeError):
        return b""


def _bytes_in(answer: str, *path: str) -> bytes:
    try:
        found = json.loads(answer)
        for name in path:
            found = found[name]
        return _decoded(found)
    except (ValueError, KeyError, TypeError):
        return b""


def _decoded(text: str) -> bytes:
    try:
        return urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except NotBase64:
        return b""
