"""Sessions: a browser that somebody signed in with, or a till. The secret is in its cookie; here is its hash."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID, uuid4

from network.access.people import Post
from network.access.secrets import digest, new_session_secret
from network.access.tables import all_rows, one_row, run
from network.coalitions import OpenCoalition

PERSON_LIFE: Final = timedelta(hours=12)
PERSON_IDLE: Final = timedelta(hours=1)
SECOND_FACTOR_LIFE: Final = timedelta(minutes=5)
TILL_LIFE: Final = timedelta(days=400)
SHIFT_LIFE: Final = timedelta(hours=14)
SHIFT_IDLE: Final = timedelta(hours=2)
FRESH_FOR: Final = timedelta(minutes=10)
"""How long after the password or the second factor a dangerous act needs no new one."""
_SEEN_EVERY: Final = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Session:
    """`kind` person or till; `stage` second (the second factor is due) or full. `person_id` of a till: whose shift."""

    session_id: UUID
    kind: str
    stage: str
    person_id: UUID | None
    role: str
    subject_id: UUID
    credential_id: UUID | None
    shift_id: UUID | None
    shift_role: str | None
    shift_began_at: datetime | None
    label: str
    created_at: datetime
    seen_at: datetime
    confirmed_at: datetime
    ends_at: datetime

    @property
    def shift_ends_at(self) -> datetime | None:
        """When the shift is over at the latest; None without one."""
        return self.shift_began_at + SHIFT_LIFE if self.shift_id is not None and self.shift_began_at else None


_COLUMNS = (
    "s.session_id, s.kind, s.stage, s.person_id, s.role, s.subject_id, s.credential_id, s.shift_id, s.shift_role,"
    " s.shift_began_at, s.label, s.created_at, s.seen_at, s.confirmed_at, s.ends_at"
)
_LIVING = (
    "s.ended_at IS NULL AND s.ends_at > %s AND (s.kind = 'till' OR s.seen_at > %s)"
    " AND (s.credential_id IS NULL OR EXISTS (SELECT FROM {credentials} c"
    " WHERE c.credential_id = s.credential_id AND c.revoked_at IS NULL))"
)


def begin(coalition: OpenCoalition, post: Post, *, label: str, at: datetime, stage: str = "full") -> str:
    """A person's session; returns its secret, a new one each time."""
    life = SECOND_FACTOR_LIFE if stage == "second" else PERSON_LIFE
    return _begin(coalition, ("person", stage, post.person_id, post.role, post.subject_id, None), label, at, life)


def begin_till(coalition: OpenCoalition, credential_id: UUID, merchant_id: UUID, *, label: str, at: datetime) -> str:
    """A till's session, which lives as long as its credential; returns its secret."""
    return _begin(coalition, ("till", "full", None, "till", merchant_id, credential_id), label, at, TILL_LIFE)


def _begin(coalition: OpenCoalition, who: tuple[object, ...], label: str, at: datetime, life: timedelta) -> str:
    secret = new_session_secret()
    run(
        coalition,
        "INSERT INTO {sessions} (secret_hash, session_id, kind, stage, person_id, role, subject_id, credential_id,"
        " label, created_at, seen_at, confirmed_at, ends_at)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
        (digest(secret), uuid4(), *who, label[:120], at, at, at, at + life),
    )
    return secret


def session_of(coalition: OpenCoalition, secret: str, at: datetime, *, is_use: bool = True) -> Session | None:
    """The living session of a cookie. Where somebody uses it, and not a script alone, idle time begins anew."""
    found = one_row(
        coalition,
        Session,
        f"SELECT {_COLUMNS} FROM {{sessions}} s WHERE s.secret_hash = %s AND {_LIVING}",  # noqa: S608 - our columns
        (digest(secret), at, at - PERSON_IDLE),
    )
    if found is None:
        return None
    if _shift_is_over(found, at):
        end_shift(coalition, found.session_id)
        found = one_row(
            coalition,
            Session,
            f"SELECT {_COLUMNS} FROM {{sessions}} s WHERE s.session_id = %s",  # noqa: S608 - our columns
            (found.session_id,),
        )
        assert found is not None, "sessions are kept"
    if is_use and at - found.seen_at > _SEEN_EVERY:
        run(coalition, "UPDATE {sessions} SET seen_at = %s WHERE session_id = %s", (at, found.session_id))
    return found


def sessions_of(coalition: OpenCoalition, person_id: UUID, at: datetime) -> list[Session]:
    """Where a person is signed in, last seen first."""
    return all_rows(
        coalition,
        Session,
        f"SELECT {_COLUMNS} FROM {{sessions}} s WHERE s.kind = 'person' AND s.person_id = %s AND s.stage = 'full'"  # noqa: S608
        f" AND {_LIVING} ORDER BY s.seen_at DESC",
        (person_id, at, at - PERSON_IDLE),
    )


@dataclass(frozen=True, slots=True)
class _Device:
    credential_id: UUID


def devices_of(coalition: OpenCoalition, merchant_id: UUID) -> set[UUID]:
    """The credentials of a merchant's that are browsers at its counter; its other ones are programs."""
    statement = "SELECT DISTINCT credential_id FROM {sessions} WHERE kind = 'till' AND subject_id = %s"
    return {one.credential_id for one in all_rows(coalition, _Device, statement, (merchant_id,))}


def end_session(coalition: OpenCoalition, session_id: UUID, at: datetime) -> None:
    """Sign out."""
    statement = "UPDATE {sessions} SET ended_at = %s WHERE session_id = %s AND ended_at IS NULL"
    run(coalition, statement, (at, session_id))


def end_sessions_of(coalition: OpenCoalition, person_id: UUID, at: datetime, *, but: UUID | None = None) -> None:
    """Sign a person out everywhere, but for one session where given; a shift of theirs at a till ends too."""
    run(
        coalition,
        "UPDATE {sessions} SET ended_at = %s WHERE kind = 'person' AND person_id = %s AND ended_at IS NULL"
        " AND session_id IS DISTINCT FROM %s",
        (at, person_id, but),
    )
    run(
        coalition,
        "UPDATE {sessions} SET person_id = NULL, shift_id = NULL, shift_role = NULL WHERE kind = 'till'"
        " AND person_id = %s",
        (person_id,),
    )


def confirm(coalition: OpenCoalition, session_id: UUID, at: datetime) -> None:
    """The person has just proved again who they are."""
    run(coalition, "UPDATE {sessions} SET confirmed_at = %s WHERE session_id = %s", (at, session_id))


def begin_shift(coalition: OpenCoalition, session_id: UUID, person_id: UUID, role: str, at: datetime) -> None:
    """A cashier takes the till."""
    run(
        coalition,
        "UPDATE {sessions} SET person_id = %s, shift_id = %s, shift_role = %s, shift_began_at = %s, seen_at = %s"
        " WHERE session_id = %s",
        (person_id, uuid4(), role, at, at, session_id),
    )


def end_shift(coalition: OpenCoalition, session_id: UUID) -> None:
    """The till asks for a PIN again."""
    run(
        coalition,
        "UPDATE {sessions} SET person_id = NULL, shift_id = NULL, shift_role = NULL WHERE session_id = %s",
        (session_id,),
    )


def is_fresh(session: Session, at: datetime) -> bool:
    """Whether a dangerous act may go ahead without asking again."""
    return at - session.confirmed_at <= FRESH_FOR


def _shift_is_over(session: Session, at: datetime) -> bool:
    if session.shift_id is None or session.shift_began_at is None:
        return False
    return at - session.seen_at > SHIFT_IDLE or at - session.shift_began_at > SHIFT_LIFE
