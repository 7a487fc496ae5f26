"""People with a name: organizers, owners, shift leaders, cashiers. `person_id` is theirs alone and says nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

import msgspec
from psycopg.errors import UniqueViolation

from network.access.secrets import digest, hash_of_password, hash_of_pin, keyed_digest, new_code, plain_code
from network.access.tables import all_rows, composed, one_row, run
from network.coalitions import OpenCoalition
from network.domain.errors import Conflict

ORGANIZER, OWNER, SHIFT_LEADER, CASHIER = "organizer", "owner", "shift_leader", "cashier"
TILL_ROLES = (SHIFT_LEADER, CASHIER)


class LoginTaken(Conflict):
    """Somebody in this coalition signs in with this already."""

    code = "login_taken"
    sentence = "Somebody already signs in with this. Choose another one."


class Sealed(msgspec.Struct):
    """What is known of a person, in no log and in no clear column."""

    name: str
    login: str | None = None


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody, as this coalition knows them. `login` None: signs in by PIN at a till alone."""

    person_id: UUID
    name: str
    login: str | None
    password_hash: str | None
    totp_secret: str | None
    totp_step: int
    pin_hash: str | None
    created_at: datetime
    left_at: datetime | None


@dataclass(frozen=True, slots=True)
class Post:
    """A role, and the coalition or the merchant that it is held for."""

    person_id: UUID
    role: str
    subject_id: UUID


@dataclass(frozen=True, slots=True)
class _Row:
    person_id: UUID
    sealed: bytes
    password_hash: str | None
    sealed_totp: bytes | None
    totp_step: int
    pin_hash: str | None
    created_at: datetime
    left_at: datetime | None


_COLUMNS = "p.person_id, p.sealed, p.password_hash, p.sealed_totp, p.totp_step, p.pin_hash, p.created_at, p.left_at"


def add_person(
    coalition: OpenCoalition, *, name: str, post: tuple[str, UUID], at: datetime, login: str | None = None,
    password: str | None = None, pin: str | None = None, person_id: UUID | None = None,
) -> Person:  # fmt: skip
    """Put a person on record with one post. Raises: LoginTaken."""
    person_id = person_id or uuid4()
    sealed = coalition.seal.seal(msgspec.json.encode(Sealed(name, login)), person_id.bytes)
    values = (
        person_id,
        sealed,
        _login_digest(coalition, login) if login else None,
        hash_of_password(password) if password else None,
        hash_of_pin(coalition, pin) if pin else None,
        at,
    )
    with coalition.readers.connection() as connection, connection.transaction():
        added = connection.execute(
            composed(
                coalition,
                "INSERT INTO {people} (person_id, sealed, login_digest, password_hash, pin_hash, created_at)"
                " VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING",
            ),
            values,
        )
        if not added.rowcount:
            raise LoginTaken()
        connection.execute(
            composed(coalition, "INSERT INTO {posts} (person_id, role, subject_id) VALUES (%s, %s, %s)"),
            (person_id, *post),
        )
    person = find_person(coalition, person_id)
    assert person is not None, "it was just written"
    return person


def find_person(coalition: OpenCoalition, person_id: UUID) -> Person | None:
    """The person with this id, also one who left."""
    row = one_row(coalition, _Row, f"SELECT {_COLUMNS} FROM {{people}} p WHERE p.person_id = %s", (person_id,))  # noqa: S608
    return _opened(coalition, row) if row else None


def person_of_login(coalition: OpenCoalition, login: str) -> Person | None:
    """Who signs in with this; nobody who left."""
    row = one_row(
        coalition,
        _Row,
        f"SELECT {_COLUMNS} FROM {{people}} p WHERE p.login_digest = %s AND p.left_at IS NULL",  # noqa: S608 - our columns
        (_login_digest(coalition, login),),
    )
    return _opened(coalition, row) if row else None


def people_of(coalition: OpenCoalition, subject_id: UUID, roles: Sequence[str]) -> list[tuple[Person, str]]:
    """Everybody who holds one of these posts for this subject, with the role, by name."""
    rows = all_rows(
        coalition,
        _Row,
        f"SELECT {_COLUMNS} FROM {{people}} p WHERE p.left_at IS NULL AND EXISTS (SELECT FROM {{posts}} o"  # noqa: S608
        " WHERE o.person_id = p.person_id AND o.subject_id = %s AND o.role = ANY (%s) AND o.ended_at IS NULL)",
        (subject_id, list(roles)),
    )
    found = [
        (_opened(coalition, row), post.role)
        for row in rows
        for post in posts_of(coalition, row.person_id)
        if post.subject_id == subject_id and post.role in roles
    ]
    return sorted(found, key=lambda one: one[0].name.casefold())


def posts_of(coalition: OpenCoalition, person_id: UUID) -> list[Post]:
    """What a person may do now."""
    return all_rows(
        coalition,
        Post,
        "SELECT person_id, role, subject_id FROM {posts} WHERE person_id = %s AND ended_at IS NULL"
        " ORDER BY array_position(ARRAY['organizer', 'owner', 'shift_leader', 'cashier'], role), subject_id",
        (person_id,),
    )


def end_post(coalition: OpenCoalition, post: Post, at: datetime) -> None:
    """Take a post away; every session under it ends."""
    values = (at, post.person_id, post.role, post.subject_id)
    run(
        coalition,
        "UPDATE {posts} SET ended_at = %s WHERE person_id = %s AND role = %s AND subject_id = %s AND ended_at IS NULL",
        values,
    )
    run(
        coalition,
        "UPDATE {sessions} SET ended_at = %s WHERE kind = 'person' AND person_id = %s AND role = %s"
        " AND subject_id = %s AND ended_at IS NULL",
        values,
    )
    run(
        coalition,
        "UPDATE {sessions} SET person_id = NULL, shift_id = NULL, shift_role = NULL WHERE kind = 'till'"
        " AND person_id = %s AND shift_role = %s AND subject_id = %s",
        values[1:],
    )


def set_password(coalition: OpenCoalition, person_id: UUID, password: str) -> None:
    """From now on this one."""
    run(
        coalition,
        "UPDATE {people} SET password_hash = %s WHERE person_id = %s",
        (hash_of_password(password), person_id),
    )


def set_login(coalition: OpenCoalition, person: Person, login: str, password: str) -> None:
    """The first of somebody who had none. Raises: LoginTaken."""
    sealed = coalition.seal.seal(msgspec.json.encode(Sealed(person.name, login)), person.person_id.bytes)
    values = (sealed, _login_digest(coalition, login), hash_of_password(password), person.person_id)
    try:
        run(
            coalition,
            "UPDATE {people} SET sealed = %s, login_digest = %s, password_hash = %s"
            " WHERE person_id = %s AND password_hash IS NULL",
            values,
        )
    except UniqueViolation:
        raise LoginTaken() from None


def set_pin(coalition: OpenCoalition, person_id: UUID, pin: str) -> None:
    """From now on this one."""
    run(coalition, "UPDATE {people} SET pin_hash = %s WHERE person_id = %s", (hash_of_pin(coalition, pin), person_id))


def set_totp(coalition: OpenCoalition, person_id: UUID, secret: str, step: int) -> list[str]:
    """Make this the second factor, whose code of `step` was typed. Returns new recovery codes, shown this once."""
    sealed = coalition.seal.seal(secret.encode(), b"totp" + person_id.bytes)
    codes = [new_code() for _ in range(10)]
    with coalition.readers.connection() as connection, connection.transaction():
        connection.execute(
            composed(coalition, "UPDATE {people} SET sealed_totp = %s, totp_step = %s WHERE person_id = %s"),
            (sealed, step, person_id),
        )
        connection.execute(composed(coalition, "DELETE FROM {recovery_codes} WHERE person_id = %s"), (person_id,))
        connection.cursor().executemany(
            composed(coalition, "INSERT INTO {recovery_codes} (code_hash, person_id) VALUES (%s, %s)"),
            [(digest(code), person_id) for code in codes],
        )
    return codes


def use_totp_step(coalition: OpenCoalition, person_id: UUID, step: int) -> bool:
    """Use up a time step. False: somebody used it, or a newer one, already."""
    statement = "UPDATE {people} SET totp_step = %s WHERE person_id = %s AND totp_step < %s"
    return run(coalition, statement, (step, person_id, step)) == 1


def use_recovery_code(coalition: OpenCoalition, person_id: UUID, typed: str, at: datetime) -> bool:
    """Use up a recovery code. False: it is none, or is used."""
    statement = "UPDATE {recovery_codes} SET used_at = %s WHERE code_hash = %s AND person_id = %s AND used_at IS NULL"
    return run(coalition, statement, (at, digest(plain_code(typed)), person_id)) == 1


def _login_digest(coalition: OpenCoalition, login: str) -> bytes:
    return keyed_digest(coalition, "logins", login.strip().casefold())


def _opened(coalition: OpenCoalition, row: _Row) -> Person:
    known = msgspec.json.decode(coalition.seal.open(row.sealed, row.person_id.bytes), type=Sealed)
    totp = coalition.seal.open(row.sealed_totp, b"totp" + row.person_id.bytes).decode() if row.sealed_totp else None
    return Person(
        row.person_id, known.name, known.login, row.password_hash, totp, row.totp_step, row.pin_hash, row.created_at,
        row.left_at,
    )  # fmt: skip
