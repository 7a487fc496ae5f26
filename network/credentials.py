"""The secrets that organizers, owners, tills and wallets call with: derived, shown once, stored as a hash."""

import hmac
import re
from base64 import b32encode
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from uuid import UUID, uuid5

from psycopg import Connection, sql
from psycopg.rows import class_row

from network.coalitions import OpenCoalition
from network.domain.errors import Conflict, NotFound, Refusal
from network.store.recorder import Write

ROLES = ("organizer", "owner", "till", "wallet")
_SECRET = re.compile(r"pollen_(organizer|owner|till|wallet)_([a-z][a-z0-9-]{1,39})_[a-z2-7]{52}")
_COLUMNS = "credential_id, role, subject_id, label, version, created_at, revoked_at, person_id"


class CredentialNotFound(NotFound):
    """No credential that this caller may see has this id."""

    code = "credential_not_found"
    sentence = "There is no such credential."


class CredentialConflict(Conflict):
    """The credential id is taken."""

    code = "credential_conflict"
    sentence = "This credential is already on record with other details."


class LastOrganizer(Refusal):
    """Without it nobody could let the organizer in again."""

    code = "last_organizer_credential"
    sentence = "This is the organizer's last credential. Make another one first."


@dataclass(frozen=True, slots=True)
class Credential:
    """Who may call as what. `subject_id`: the coalition (organizer), the merchant (owner, till), or the wallet.

    `person_id`: the organizer whose key it is. Keys that name nobody are all of one and the same person.
    """

    credential_id: UUID
    role: str
    subject_id: UUID
    label: str
    version: int
    created_at: datetime
    revoked_at: datetime | None
    person_id: UUID | None

    @property
    def person(self) -> UUID:
        """Who stands behind it, where two people are needed."""
        return self.person_id or self.subject_id


def named_in(secret: str) -> tuple[str, str] | None:
    """The role and the coalition's short name in the text of a secret; None when it is no secret of ours."""
    match = _SECRET.fullmatch(secret)
    return (match[1], match[2]) if match else None


def digest_of(secret: str) -> bytes:
    """What is stored instead of the secret."""
    return sha256(secret.encode()).digest()


def secret_of(coalition: OpenCoalition, credential_id: UUID, role: str, version: int = 0) -> str:
    """The secret of one version of a credential. The same again, so that a retry is answered byte for byte."""
    derived = hmac.digest(coalition.credential_key, credential_id.bytes + version.to_bytes(4), "sha256")
    return f"pollen_{role}_{coalition.entry.slug}_{b32encode(derived).decode().rstrip('=').lower()}"


def first_credential(role: str, subject_id: UUID) -> UUID:
    """The id of the credential that comes with a new owner or wallet."""
    return uuid5(subject_id, f"first {role}")


def create_credential(
    coalition: OpenCoalition,
    credential_id: UUID,
    role: str,
    subject_id: UUID,
    label: str,
    person_id: UUID | None = None,
) -> str:
    """Put a credential on record and return its secret; again with the same details, the same secret.

    Raises: CredentialConflict.
    """
    coalition.write(creation(coalition, credential_id, role, subject_id, label, person_id))
    found = must_be(coalition, credential_id, (role, subject_id, label, person_id))
    return secret_of(coalition, credential_id, role, found.version)


def creation(
    coalition: OpenCoalition,
    credential_id: UUID,
    role: str,
    subject_id: UUID,
    label: str,
    person_id: UUID | None = None,
) -> Write:
    """A credential on record; one that is there stays as it is."""
    digest = digest_of(secret_of(coalition, credential_id, role))
    return Write(
        "INSERT INTO {s}.credentials (credential_id, role, subject_id, label, secret_hash, person_id)"
        " VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING",
        (credential_id, role, subject_id, label, digest, person_id),
    )


def must_be(coalition: OpenCoalition, credential_id: UUID, details: tuple[str, UUID, str, UUID | None]) -> Credential:
    """The credential on record, if it is this one. Raises: CredentialConflict."""
    found = find_credential(coalition, credential_id)
    if found is None or details_of(found) != details:
        raise CredentialConflict(credential_id=credential_id)
    return found


def details_of(credential: Credential) -> tuple[str, UUID, str, UUID | None]:
    """What a repeat of its creation must repeat."""
    return credential.role, credential.subject_id, credential.label, credential.person_id


def organizers(coalition: OpenCoalition) -> dict[UUID, datetime]:
    """`{person: since when}` of those who have a living organizer's credential."""
    living = [one for one in list_credentials(coalition, roles=("organizer",)) if one.revoked_at is None]
    return {one.person: one.created_at for one in reversed(living)}


def find_credential(coalition: OpenCoalition, credential_id: UUID) -> Credential | None:
    """The credential with this id, revoked or not."""
    with coalition.readers.connection() as connection:
        return _find(coalition, connection, credential_id)


def credential_of_secret(coalition: OpenCoalition, digest: bytes) -> Credential | None:
    """The living credential whose secret has this digest."""
    with coalition.readers.connection() as connection:
        cursor = connection.cursor(row_factory=class_row(Credential))
        query = f"SELECT {_COLUMNS} FROM {{t}} WHERE secret_hash = %s AND revoked_at IS NULL"  # noqa: S608 - our columns
        return cursor.execute(_sql(coalition, query), (digest,)).fetchone()


def list_credentials(
    coalition: OpenCoalition, *, roles: tuple[str, ...], subject_id: UUID | None = None
) -> list[Credential]:
    """Every credential of these roles, of one subject where given, oldest first; revoked ones too."""
    with coalition.readers.connection() as connection:
        cursor = connection.cursor(row_factory=class_row(Credential))
        query = (
            f"SELECT {_COLUMNS} FROM {{t}} WHERE role = ANY (%s) AND (%s::uuid IS NULL OR subject_id = %s)"  # noqa: S608
            " ORDER BY created_at, credential_id"
        )
        return cursor.execute(_sql(coalition, query), (list(roles), subject_id, subject_id)).fetchall()


def rotation(coalition: OpenCoalition, credential_id: UUID, role: str, version: int) -> Write:
    """A credential brought to this version: its newer secret calls, older ones do not. Never goes back."""
    digest = digest_of(secret_of(coalition, credential_id, role, version))
    return Write(
        "UPDATE {s}.credentials SET version = %s, secret_hash = %s WHERE credential_id = %s AND version < %s",
        (version, digest, credential_id, version),
    )


def revocation(credential_id: UUID) -> Write:
    """A credential cut off for good. Again, it changes nothing."""
    return Write(
        "UPDATE {s}.credentials SET revoked_at = now() WHERE credential_id = %s AND revoked_at IS NULL",
        (credential_id,),
    )


def _find(coalition: OpenCoalition, connection: Connection, credential_id: UUID) -> Credential | None:
    cursor = connection.cursor(row_factory=class_row(Credential))
    query = f"SELECT {_COLUMNS} FROM {{t}} WHERE credential_id = %s"  # noqa: S608 - our columns
    return cursor.execute(_sql(coalition, query), (credential_id,)).fetchone()


def _sql(coalition: OpenCoalition, text: str) -> sql.Composed:
    return sql.SQL(text).format(t=sql.Identifier(coalition.schema, "credentials"))
