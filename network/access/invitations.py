"""One-time codes that let a person or a till in. The code begins with the coalition's number: `1-K7QM2-9XTRB`."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from network.access.secrets import digest, new_code, plain_code
from network.access.tables import all_rows, one_row, run
from network.coalitions import OpenCoalition

PERSON, ENTRY, TILL = "person", "entry", "till"
LIFE = {PERSON: timedelta(days=3), ENTRY: timedelta(hours=12), TILL: timedelta(hours=1)}
_CODE = re.compile(r"\s*(\d{1,9})\s*[-‐‑–—− ]\s*(.{10,24})")


@dataclass(frozen=True, slots=True)
class Invitation:
    """Whom a code lets in, as what. `label`: the name of the person or of the till, for people."""

    invitation_id: UUID
    kind: str
    role: str
    subject_id: UUID
    person_id: UUID | None
    label: str
    created_at: datetime
    ends_at: datetime


_COLUMNS = "invitation_id, kind, role, subject_id, person_id, label, created_at, ends_at"


def invite(
    coalition: OpenCoalition, *, kind: str, role: str, subject_id: UUID, label: str, at: datetime,
    person_id: UUID | None = None,
) -> str:  # fmt: skip
    """Make an invitation and return its code, which is stored as a hash and can't be shown again."""
    code = new_code()
    run(
        coalition,
        "INSERT INTO {invitations} (code_hash, invitation_id, kind, role, subject_id, person_id, label, created_at,"
        " ends_at) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)",
        (digest(code), uuid4(), kind, role, subject_id, person_id, label, at, at + LIFE[kind]),
    )
    return f"{coalition.entry.number}-{code}"


def parted(typed: str) -> tuple[int, str] | None:
    """The coalition's number and the code in what was typed; None when it is no code of ours."""
    found = _CODE.fullmatch(typed.strip())
    return (int(found[1]), plain_code(found[2])) if found else None


def find_invitation(coalition: OpenCoalition, code: str, at: datetime) -> Invitation | None:
    """The invitation with this code, if it can still be used."""
    return one_row(
        coalition,
        Invitation,
        f"SELECT {_COLUMNS} FROM {{invitations}} WHERE code_hash = %s AND used_at IS NULL AND ends_at > %s",  # noqa: S608
        (digest(code), at),
    )


def use_invitation(coalition: OpenCoalition, invitation: Invitation, at: datetime) -> bool:
    """Use it up. False: somebody was faster."""
    statement = "UPDATE {invitations} SET used_at = %s WHERE invitation_id = %s AND used_at IS NULL"
    return run(coalition, statement, (at, invitation.invitation_id)) == 1


def waiting(coalition: OpenCoalition, subject_id: UUID, at: datetime) -> list[Invitation]:
    """Those of a subject that nobody has used yet, newest first."""
    return all_rows(
        coalition,
        Invitation,
        f"SELECT {_COLUMNS} FROM {{invitations}} WHERE subject_id = %s AND used_at IS NULL AND ends_at > %s"  # noqa: S608
        " ORDER BY created_at DESC",
        (subject_id, at),
    )


def withdraw(coalition: OpenCoalition, invitation_id: UUID, subject_id: UUID) -> None:
    """Take an unused one back."""
    run(
        coalition,
        "DELETE FROM {invitations} WHERE invitation_id = %s AND subject_id = %s AND used_at IS NULL",
        (invitation_id, subject_id),
    )
