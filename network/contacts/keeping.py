"""A guest's address at rest: sealed under a key of that guest, which ends with the guest; found by a keyed digest.

Nothing of it is ever in the log, in a stored answer or in a log line. The key is sealed under the coalition's, so that
a copy of the database alone opens nothing; an erasure takes key, address and consents in its own transaction.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import msgspec
from psycopg import Connection, sql

from network.access.secrets import keyed_digest, new_code, plain_code
from network.coalitions import OpenCoalition
from network.contacts import consents
from network.contacts.addresses import Address
from network.contacts.consents import Consent
from network.domain.errors import Refusal, WalletErased
from network.sealing import Seal

CODE_COUNTS = timedelta(minutes=15)
_WALLETS_MAX = 5


class ContactCodeUnknown(Refusal):
    """Mistyped, used, or too old."""

    code = "contact_code_unknown"
    sentence = "This code does not fit, or its time is over. Ask for a new one."


class _Sealed(msgspec.Struct):
    channel: str
    text: str


@dataclass(frozen=True, slots=True)
class Contact:
    """How a guest can be reached. `confirmed_at` None: nobody has shown yet that a message arrives there."""

    address: Address
    kept_at: datetime
    confirmed_at: datetime | None


def find_contact(coalition: OpenCoalition, wallet_id: UUID) -> tuple[Contact | None, list[Consent]]:
    """A guest's contact, and every yes that was given for it."""
    with coalition.readers.connection() as connection:
        return _contact(coalition, connection, wallet_id), consents.consents_of(connection, coalition.schema, wallet_id)


def keep_contact(
    coalition: OpenCoalition, wallet_id: UUID, address: Address, purposes: set[str], *, version: int, language: str,
    at: datetime,
) -> str | None:  # fmt: skip
    """Keep the address for these purposes and no others. Returns the code that confirms it; None when it is confirmed.

    Raises: ConsentTextChanged, WalletErased.
    """
    with _living(coalition, wallet_id) as connection:
        consents.agree(connection, coalition.schema, wallet_id, purposes, version=version, language=language, at=at)
        before = _contact(coalition, connection, wallet_id)
        if before is not None and before.address == address and before.confirmed_at is not None:
            return None
        code = new_code()
        sealed = _guest_seal(coalition, connection, wallet_id).seal(
            msgspec.json.encode(_Sealed(address.channel, address.text)), _context(wallet_id)
        )
        connection.execute(
            _sql(
                coalition,
                "INSERT INTO {contacts} (wallet_id, digest, sealed, kept_at, code_digest, code_ends_at)"
                " VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT (wallet_id) DO UPDATE SET digest = excluded.digest,"
                " sealed = excluded.sealed, kept_at = excluded.kept_at, confirmed_at = NULL,"
                " code_digest = excluded.code_digest, code_ends_at = excluded.code_ends_at",
            ),
            (
                wallet_id,
                _digest(coalition, address),
                sealed,
                at,
                _code_digest(coalition, wallet_id, code),
                at + CODE_COUNTS,
            ),
        )
        return code


def confirm_contact(coalition: OpenCoalition, wallet_id: UUID, typed: str, at: datetime) -> None:
    """The code arrived, so the address is the guest's; it is used up. Raises: ContactCodeUnknown, WalletErased."""
    with _living(coalition, wallet_id) as connection:
        done = connection.execute(
            _sql(
                coalition,
                "UPDATE {contacts} SET confirmed_at = %s, code_digest = NULL, code_ends_at = NULL"
                " WHERE wallet_id = %s AND code_digest = %s AND code_ends_at > %s",
            ),
            (at, wallet_id, _code_digest(coalition, wallet_id, plain_code(typed)), at),
        )
        if not done.rowcount:
            raise ContactCodeUnknown()


def drop_contact(coalition: OpenCoalition, wallet_id: UUID, at: datetime) -> None:
    """Take every yes back: address and key are deleted. That there was a yes is kept until the guest is forgotten."""
    with _living(coalition, wallet_id) as connection:
        consents.withdraw(connection, coalition.schema, wallet_id, keeping=set(), at=at)
        for table in ("contacts", "guest_keys"):
            connection.execute(_sql(coalition, f"DELETE FROM {{{table}}} WHERE wallet_id = %s"), (wallet_id,))  # noqa: S608


def wallets_of(coalition: OpenCoalition, address: Address, purpose: str) -> list[UUID]:
    """The living wallets that this confirmed address may be written to about, newest first."""
    with coalition.readers.connection() as connection:
        found = connection.execute(
            _sql(
                coalition,
                "SELECT c.wallet_id FROM {contacts} c JOIN {consents} y USING (wallet_id)"
                " WHERE c.digest = %s AND c.confirmed_at IS NOT NULL AND y.purpose = %s AND y.withdrawn_at IS NULL"
                " ORDER BY c.kept_at DESC LIMIT %s",
            ),
            (_digest(coalition, address), purpose, _WALLETS_MAX),
        ).fetchall()
    return [wallet_id for (wallet_id,) in found]


@contextmanager
def _living(coalition: OpenCoalition, wallet_id: UUID) -> Iterator[Connection]:
    """A transaction that an erasure of this wallet waits for, or is seen by. Raises: WalletErased."""
    with coalition.readers.connection() as connection, connection.transaction():
        alive = connection.execute(
            _sql(
                coalition,
                "SELECT FROM {credentials} WHERE role = 'wallet' AND subject_id = %s AND revoked_at IS NULL FOR SHARE",
            ),
            (wallet_id,),
        )
        if not alive.rowcount:
            raise WalletErased()
        yield connection


def _guest_seal(coalition: OpenCoalition, connection: Connection, wallet_id: UUID) -> Seal:
    """Under the guest's own key, which is made with the first thing that is sealed."""
    new = coalition.seal.seal(os.urandom(32), _context(wallet_id))
    insert = "INSERT INTO {guest_keys} (wallet_id, sealed_key) VALUES (%s, %s) ON CONFLICT DO NOTHING"
    connection.execute(_sql(coalition, insert), (wallet_id, new))
    row = connection.execute(
        _sql(coalition, "SELECT sealed_key FROM {guest_keys} WHERE wallet_id = %s"), (wallet_id,)
    ).fetchone()
    assert row is not None, "it was just written"
    return Seal(coalition.seal.open(row[0], _context(wallet_id)))


def _contact(coalition: OpenCoalition, connection: Connection, wallet_id: UUID) -> Contact | None:
    row = connection.execute(
        _sql(
            coalition,
            "SELECT c.sealed, k.sealed_key, c.kept_at, c.confirmed_at FROM {contacts} c JOIN {guest_keys} k"
            " USING (wallet_id) WHERE wallet_id = %s",
        ),
        (wallet_id,),
    ).fetchone()
    if row is None:
        return None
    sealed, sealed_key, kept_at, confirmed_at = row
    key = coalition.seal.open(sealed_key, _context(wallet_id))
    known = msgspec.json.decode(Seal(key).open(sealed, _context(wallet_id)), type=_Sealed)
    return Contact(Address(known.channel, known.text), kept_at, confirmed_at)


def _digest(coalition: OpenCoalition, address: Address) -> bytes:
    return keyed_digest(coalition, "contacts", address.found_by)


def _code_digest(coalition: OpenCoalition, wallet_id: UUID, code: str) -> bytes:
    return keyed_digest(coalition, "contact codes", f"{wallet_id}:{code}")


def _context(wallet_id: UUID) -> bytes:
    return b"guest" + wallet_id.bytes


def _sql(coalition: OpenCoalition, text: str) -> sql.Composed:
    names = ("contacts", "guest_keys", "consents", "credentials")
    return sql.SQL(text).format(**{name: sql.Identifier(coalition.schema, name) for name in names})
