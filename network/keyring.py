"""One coalition's signing keys as this process knows them: made, unsealed, rotated, and found by kid."""

import threading
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

import msgspec
from psycopg import Connection, sql
from psycopg.rows import class_row

from network.domain.units import MINOR_MAX
from network.public_keys import Algorithm, KeyLimits, KeyRecord, KeyState, PublicKey, keys_by_kid
from network.signing import (
    NewKey,
    RootSigner,
    SealedKey,
    Signer,
    generate_key,
    generate_root_key,
    open_root_signer,
    open_signer,
    rotate_key,
)
from network.store.recorder import Write

KEY_LIFE = timedelta(days=365 * 6)
"""A key is honoured this long: longer than the longest certificate that it may sign in its last year."""

KNOWN_FOR = 5.0
"""Seconds after which another process's rotation or report of a leak is seen here."""


class _Row(msgspec.Struct):
    kid: bytes
    merchant_id: UUID
    merchant_number: int
    algorithm: str
    public_key: bytes
    nonce: bytes
    ciphertext: bytes
    state: str
    limits: dict[str, object]
    created_at: datetime


class Keyring:
    """Thread-safe. Keys are read again every few seconds, and at once for a kid that is not known."""

    def __init__(
        self,
        *,
        connect: Callable[[], Connection],
        schema: str,
        coalition_id: UUID,
        coalition_number: int,
        master_key: bytes,
        clock: Callable[[], datetime],
    ) -> None:
        self._connect = connect
        self._schema = schema
        self._table = sql.Identifier(schema, "signing_keys")
        self._coalition_id = coalition_id
        self._coalition_number = coalition_number
        self._master_key = master_key
        self._clock = clock
        self._lock = threading.RLock()
        self._read_at = -KNOWN_FOR
        self._by_kid: dict[bytes, list[KeyRecord]] = {}
        self._signers: dict[UUID, Signer] = {}
        self._root: RootSigner | None = None

    def get(self, kid: bytes, /) -> Sequence[KeyRecord] | None:
        """Every key of this coalition with that kid (a token's `KeyFinder`)."""
        with self._lock:
            if time.monotonic() - self._read_at >= KNOWN_FOR or kid not in self._by_kid:
                self._read()
            return self._by_kid.get(kid)

    def all(self) -> list[KeyRecord]:
        """Every merchant's keys, newest state, for the published key set."""
        with self._lock:
            self._read()
            return [key for keys in self._by_kid.values() for key in keys]

    def signer(self, merchant_id: UUID, merchant_number: int) -> Signer:
        """The merchant's active key; made at its first certificate."""
        with self._lock:
            if time.monotonic() - self._read_at >= KNOWN_FOR:
                self._read()
            if merchant_id not in self._signers:
                self._read()
            if merchant_id not in self._signers:
                self._make(merchant_id, merchant_number)
                self._read()
            return self._signers[merchant_id]

    def rotation(
        self, merchant_id: UUID, merchant_number: int, *, leaked: bool = False
    ) -> tuple[KeyRecord, tuple[Write, Write]]:
        """The merchant's key, and what replaces it by a new one. The old one still verifies; if it `leaked`, its tokens
        count online only. Of two at once the first counts.
        """
        with self._lock:
            self._read()
            current = self.signer(merchant_id, merchant_number).key
        made = rotate_key(current, limits=self._limits(), created_at=self._clock(), master_key=self._master_key)
        ended = Write(
            "UPDATE {s}.signing_keys SET state = %s, retired_at = %s WHERE kid = %s AND merchant_id = %s",
            ("compromised" if leaked else "retired", self._clock(), current.kid, merchant_id),
        )
        return current, (ended, self._insertion(made.new, merchant_id, merchant_number))

    def root(self) -> RootSigner:
        """The coalition's root, which signs the published key set; made when it is first asked for."""
        with self._lock:
            if self._root is None:
                self._read()
            if self._root is None:
                new = generate_root_key(coalition_id=self._coalition_id, master_key=self._master_key)
                self._insert(new, self._coalition_id, 0)
                self._read()
            assert self._root is not None, "a root was made or found"
            return self._root

    def _make(self, merchant_id: UUID, merchant_number: int) -> None:
        new = generate_key(
            coalition_id=self._coalition_id,
            coalition_number=self._coalition_number,
            merchant_id=merchant_id,
            merchant_number=merchant_number,
            limits=self._limits(),
            created_at=self._clock(),
            master_key=self._master_key,
        )
        self._insert(new, merchant_id, merchant_number)

    def _limits(self) -> KeyLimits:
        now = self._clock()
        return KeyLimits(face_value_max=MINOR_MAX, valid_from=now - timedelta(days=1), valid_until=now + KEY_LIFE)

    def _insert(self, new: NewKey[KeyRecord] | NewKey[PublicKey], owner: UUID, number: int) -> None:
        insertion = self._insertion(new, owner, number)
        with self._connect() as connection:
            connection.execute(insertion.statement(self._schema), insertion.values)

    def _insertion(self, new: NewKey[KeyRecord] | NewKey[PublicKey], owner: UUID, number: int) -> Write:
        """Another process that was first keeps its key: there is one active key."""
        limits = new.key.limits if isinstance(new.key, KeyRecord) else None
        return Write(
            "INSERT INTO {s}.signing_keys (kid, merchant_id, merchant_number, algorithm, public_key, nonce,"
            " ciphertext, state, limits, created_at) VALUES (%s, %s, %s, %s, %s, %s, %s, 'active', %s::jsonb, %s)"
            " ON CONFLICT DO NOTHING",
            (
                new.key.kid,
                owner,
                number,
                new.key.algorithm.value,
                new.key.public_key,
                new.sealed.nonce,
                new.sealed.ciphertext,
                msgspec.json.encode(limits or {}).decode(),
                self._clock(),
            ),
        )

    def _read(self) -> None:
        with self._connect() as connection:
            rows = (
                connection.cursor(row_factory=class_row(_Row))
                .execute(
                    sql.SQL(
                        "SELECT kid, merchant_id, merchant_number, algorithm, public_key, nonce, ciphertext, state,"
                        " limits, created_at FROM {} ORDER BY created_at"
                    ).format(self._table)
                )
                .fetchall()
            )
        keys = []
        for row in rows:
            if row.merchant_id == self._coalition_id:
                self._open_root(row)
            else:
                keys.append(self._open(row))
        self._by_kid = keys_by_kid(keys)
        self._read_at = time.monotonic()

    def _open_root(self, row: _Row) -> None:
        if self._root is None:
            key = PublicKey(kid=row.kid, algorithm=Algorithm(row.algorithm), public_key=row.public_key)
            self._root = open_root_signer(
                key, self._sealed(row, None), coalition_id=self._coalition_id, master_key=self._master_key
            )

    def _open(self, row: _Row) -> KeyRecord:
        key = KeyRecord(
            kid=row.kid,
            algorithm=Algorithm(row.algorithm),
            public_key=row.public_key,
            coalition_id=self._coalition_id,
            coalition_number=self._coalition_number,
            merchant_id=row.merchant_id,
            merchant_number=row.merchant_number,
            state=KeyState(row.state),
            created_at=row.created_at,
            limits=msgspec.convert(row.limits, KeyLimits),
        )
        held = self._signers.get(row.merchant_id)
        if key.state is KeyState.ACTIVE and (held is None or held.key != key):
            sealed = self._sealed(row, row.merchant_id)
            self._signers[row.merchant_id] = open_signer(key, sealed, master_key=self._master_key)
        return key

    def _sealed(self, row: _Row, merchant_id: UUID | None) -> SealedKey:
        return SealedKey(
            kid=row.kid,
            coalition_id=self._coalition_id,
            merchant_id=merchant_id,
            algorithm=Algorithm(row.algorithm),
            nonce=row.nonce,
            ciphertext=row.ciphertext,
        )
