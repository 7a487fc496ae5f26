"""A till that lost its network: what it judges alone, the receipts that it signs, and their delivery later.

Written from docs/offline.md, apart from the network's own code. Everything it needs was fetched while there was a
network (`Offline.prepare`). A receipt is on disk before the cashier sees a yes, and stays there after it was delivered:
nothing of the file is ever changed but the answers.
"""

import json
import os
import sqlite3
import zlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from merchants.cbor import CborError, read_one, written
from merchants.client import Client
from merchants.keys import (
    COSE_NAMES,
    KeySet,
    KeysRefused,
    VerifyKey,
    open_key_set,
    open_sign1,
    signed_part,
)
from merchants.presentation import verify_presented
from merchants.token import Claims, from_text

AT_ONCE = 40
_START = bytes(32)
_STATUS_LIST, _PRIVATE, _RECEIPT = 65533, -65537, -65539
_LIST_TYPE = "application/statuslist+cwt"
_TABLES = """
CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, fact BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS receipts (
    sequence INTEGER PRIMARY KEY, receipt BLOB NOT NULL, certificate_id TEXT NOT NULL, amount INTEGER NOT NULL,
    bill_reference TEXT NOT NULL, taken_at INTEGER NOT NULL, answer TEXT
);
"""


class OnlineOnly(Exception):
    """It cannot be taken without the network; the text is a sentence for the cashier."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What was taken without the network."""

    sequence: int
    certificate_id: str
    amount: int
    bill_reference: str
    taken_at: datetime
    answer: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class _List:
    version: int
    made_at: int
    places: bytes

    def status(self, place: int) -> int:
        """0: untouched. A place past the end is for the network to judge."""
        return self.places[place // 4] >> 2 * (place % 4) & 3 if place // 4 < len(self.places) else 3


class Offline:
    """One device: its key, what it knows, and its journal, in one private file."""

    def __init__(self, path: Path, client: Client) -> None:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        self._client = client
        self._db = sqlite3.connect(path, timeout=10.0, isolation_level=None)
        for setting in ("journal_mode = WAL", "synchronous = FULL"):
            self._db.execute(f"PRAGMA {setting}")
        self._db.executescript(f"BEGIN IMMEDIATE; {_TABLES} COMMIT;")

    def close(self) -> None:
        """What was taken stays on disk."""
        self._db.close()

    def prepare(self) -> None:
        """Fetch what is needed to go on without the network. Raises: NoDecision, Refused, KeysRefused."""
        kit = self._client.till_kit()
        if self._fact("journal") is None:
            self._register(UUID(kit["till_id"]))
        kept = self._fact("kit")
        roots = [_root_of(json.loads(kept) if kept else kit)]  # the root is pinned by the first answer
        keys = self._client.transport.read(kit["keys_url"]).content
        known = self._fact("keys_version")
        now = int(datetime.now(UTC).timestamp())
        key_set = open_key_set(keys, roots, at=now, version_min=int(known) if known else 0)
        lists = {one["quarter"]: self._client.transport.read(one["url"]).content for one in kit["lists"]}
        for quarter, signed in lists.items():
            opened, earlier = _opened_list(signed, roots, quarter), self._fact(f"list:{quarter}")
            if earlier is None or _opened_list(earlier, roots, quarter).version <= opened.version:
                self._keep(f"list:{quarter}", signed)
        self._keep("keys", keys)
        self._keep("keys_version", str(key_set.version).encode())
        self._keep("kit", json.dumps(kit | {"root_key": json.loads(kept)["root_key"]} if kept else kit).encode())

    def is_prepared_since(self, seconds: float) -> bool:
        """Whether what it knows is at most so old."""
        kept = self._fact("kit")
        return kept is not None and datetime.now(UTC).timestamp() - _seconds(json.loads(kept)["at"]) <= seconds

    def take(self, *, scanned: str, bill_reference: str, bill: int, amount: int | None = None) -> Taken:
        """Judge a certificate alone and sign that it was taken. Raises: OnlineOnly, TokenRefused."""
        kept = self._fact("kit")
        if kept is None or self._fact("journal") is None:
            raise OnlineOnly("This till was never prepared for working without the network.")
        kit, shown, at = json.loads(kept), from_text(scanned), datetime.now(UTC)
        claims, _ = verify_presented(shown, self._keys(kit, at), at=at)
        listed = self._must_be_allowed(kit, claims, at)
        deducted = self._deducted(kit, claims, bill, amount)
        receipt, sequence = self._signed(kit, claims, (deducted, bill_reference, bill), listed, shown, at)
        self._db.execute(
            "INSERT INTO receipts VALUES (?, ?, ?, ?, ?, ?, NULL)",
            (sequence, receipt, str(claims.certificate_id), deducted, bill_reference, int(at.timestamp())),
        )
        return self.taken()[-1]

    def taken(self, *, waiting: bool = False) -> list[Taken]:
        """What was taken without the network; with `waiting`, what the network does not know yet."""
        rows = self._db.execute(
            "SELECT sequence, certificate_id, amount, bill_reference, taken_at, answer FROM receipts ORDER BY sequence"
        ).fetchall()
        found = [
            Taken(
                sequence, certificate, amount, bill, datetime.fromtimestamp(at, UTC), json.loads(told) if told else None
            )
            for sequence, certificate, amount, bill, at, told in rows
        ]
        return [one for one in found if one.answer is None] if waiting else found

    def deliver(self) -> list[dict[str, Any]]:
        """Bring everything that waits to the network, in order; the answers. One that the network keeps waiting
        (`waiting`) stays here. Raises: NoDecision, Refused.
        """
        answers: list[dict[str, Any]] = []
        while True:
            rows = self._db.execute(
                "SELECT sequence, receipt FROM receipts WHERE answer IS NULL ORDER BY sequence LIMIT ?", (AT_ONCE,)
            ).fetchall()
            if not rows:
                return answers
            told = self._client.deliver_receipts(receipts=[_text(receipt) for _, receipt in rows])["receipts"]
            answers += told
            final = [one for one in told if one["status"] != "waiting"]
            for one in final:
                self._db.execute(
                    "UPDATE receipts SET answer = ? WHERE sequence = ?", (json.dumps(one), one["sequence"])
                )
            if len(final) < len(told):
                return answers

    def _register(self, till_id: UUID) -> None:
        kept = self._fact("seed")
        seed = kept or os.urandom(32)
        self._keep("seed", seed)
        public = _public(seed)
        core = written({1: 1, -1: 6, -2: public})
        message = b"pollen till key\x00" + till_id.bytes + core
        signature = Ed25519PrivateKey.from_private_bytes(seed).sign(message)
        key = {"kty": "OKP", "crv": "Ed25519", "x": _text(public)}
        self._keep("journal", json.dumps(self._client.register_till_key(key=key, signature=_text(signature))).encode())

    def _keys(self, kit: dict[str, Any], at: datetime) -> KeySet:
        signed = self._fact("keys")
        try:
            return open_key_set(signed or b"", [_root_of(kit)], at=int(at.timestamp()))
        except KeysRefused as refused:
            raise OnlineOnly(f"{refused.detail}. Connect this till to the network.") from refused

    def _must_be_allowed(self, kit: dict[str, Any], claims: Claims, at: datetime) -> _List:
        here = (kit["coalition_number"], kit["merchant_number"])
        if (claims.coalition_number, claims.acceptor_number) != here:
            raise OnlineOnly("This certificate is for another shop.")
        if claims.online_only:
            raise OnlineOnly("This certificate can be checked with the network only.")
        quarter = f"{claims.expires_at.year}Q{(claims.expires_at.month + 2) // 3}"
        signed = self._fact(f"list:{quarter}")
        listed = _opened_list(signed, [_root_of(kit)], quarter) if signed else None
        if listed is None or at.timestamp() - listed.made_at > kit["list_seconds_max"]:
            raise OnlineOnly("This till's list of used certificates is older than a day. Connect it to the network.")
        if (status := listed.status(claims.status_index)) != 0:
            raise OnlineOnly(
                "This certificate was used, passed on or taken back."
                if status == 1
                else "This certificate can be checked with the network only."
            )
        before = self._db.execute("SELECT 1 FROM receipts WHERE certificate_id = ?", (str(claims.certificate_id),))
        if before.fetchone():
            raise OnlineOnly("This till took this certificate already.")
        return listed

    def _deducted(self, kit: dict[str, Any], claims: Claims, bill: int, amount: int | None) -> int:
        rule = next((one for one in kit["rules"] if one["issuer_number"] == claims.issuer_number), None)
        if rule is None or rule["ceiling"] == 0:
            raise OnlineOnly("The agreement does not let a till take this certificate without the network.")
        if bill < rule["smallest_bill"]:
            raise OnlineOnly("The bill is too small for this certificate.")
        fits = min(claims.face_value, bill)
        deducted = fits if amount is None else amount
        if not 0 < deducted <= fits or (deducted < fits and not rule["partial"]):
            raise OnlineOnly("So much cannot be taken off this bill.")
        if deducted > rule["ceiling"]:
            raise OnlineOnly("It is worth more than a till may take without the network.")
        return deducted

    def _signed(
        self,
        kit: dict[str, Any],
        claims: Claims,
        about: tuple[int, str, int],
        listed: _List,
        shown: bytes,
        at: datetime,
    ) -> tuple[bytes, int]:
        seed = self._fact("seed")
        assert seed is not None, "a registered till has a key"
        last = self._db.execute("SELECT sequence, receipt FROM receipts ORDER BY sequence DESC LIMIT 1").fetchone()
        sequence, previous = (last[0] + 1, sha256(last[1]).digest()) if last else (1, _START)
        details = [
            1, UUID(kit["till_id"]).bytes, sequence, previous, claims.certificate_id.bytes, claims.epoch,
            *about, listed.version, listed.made_at, shown,
        ]  # fmt: skip
        kid = sha256(written({1: 1, -1: 6, -2: _public(seed)})).digest()[:8]
        protected = written({1: -19, 4: kid})
        payload = written({6: int(at.timestamp()), _RECEIPT: details})
        signature = Ed25519PrivateKey.from_private_bytes(seed).sign(signed_part(protected, payload))
        return b"\xd2" + written([protected, {}, payload, signature]), sequence

    def _fact(self, name: str) -> bytes | None:
        row = self._db.execute("SELECT fact FROM facts WHERE name = ?", (name,)).fetchone()
        return None if row is None else bytes(row[0])

    def _keep(self, name: str, fact: bytes) -> None:
        self._db.execute("INSERT OR REPLACE INTO facts VALUES (?, ?)", (name, fact))


def _opened_list(signed: bytes, roots: list[VerifyKey], quarter: str) -> _List:
    """Raises: KeysRefused."""
    try:
        protected, payload, signature = open_sign1(signed)
        header: Any = read_one(protected)
        claims: Any = read_one(payload)
        fits = any(
            root.kid == header[4]
            and COSE_NAMES.get(header[1]) == root.algorithm
            and root.fits(signature, signed_part(protected, payload))
            for root in roots
        )
        if not fits or header[16] != _LIST_TYPE or claims[_STATUS_LIST]["bits"] != 2 or claims[_PRIVATE][3] != quarter:
            raise KeysRefused("status_list_refused", "this is not a status list of this coalition")
        return _List(claims[_PRIVATE][4], claims[6], zlib.decompress(claims[_STATUS_LIST]["lst"]))
    except (CborError, LookupError, TypeError, zlib.error) as error:
        raise KeysRefused("status_list_refused", "this is not a status list") from error


def _root_of(kit: dict[str, Any]) -> VerifyKey:
    root = kit["root_key"]
    public = urlsafe_b64decode(root["public_key"] + "=" * (-len(root["public_key"]) % 4))
    x, y = (public, b"") if len(public) == 32 else (public[1:33], public[33:])
    return VerifyKey.of(bytes.fromhex(root["kid"]), root["algorithm"], x, y)


def _public(seed: bytes) -> bytes:
    return Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


def _text(raw: bytes) -> str:
    return urlsafe_b64encode(raw).decode().rstrip("=")


def _seconds(instant: str) -> float:
    return datetime.fromisoformat(instant).timestamp()
