"""Where parties are paid, sealed beside the log, which names them by a keyed digest alone.

An IBAN of a sole trader says who she is, and the log is for ever. The digest is keyed, because so few IBANs exist that
a plain one could be tried out. Details are kept under their digest before any event names them: again, the same row.
"""

import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

import msgspec
from psycopg import sql

from network.banking.instructions import Party, PostalAddress
from network.coalitions import OpenCoalition

_json = msgspec.json.Encoder(order="deterministic")
_UUID = UUID(int=0)


@dataclass(frozen=True, slots=True)
class BankDetails:
    """One party's, as its bank knows it: checked and in the electronic format."""

    holder: str
    iban: str
    bic: str | None = None
    address: PostalAddress | None = None

    @classmethod
    def checked(
        cls, *, holder: str, iban: str, bic: str | None = None, address: PostalAddress | None = None
    ) -> "BankDetails":
        """Raises: the refusals of IBANs and BICs, PaymentInvalid."""
        party = Party(_UUID, holder, iban, bic, address)
        return cls(party.name, party.iban, party.bic, party.address)

    def party(self, party_id: UUID) -> Party:
        """As a payment file names it."""
        return Party(party_id, self.holder, self.iban, self.bic, self.address)


def keyed_digest(coalition: OpenCoalition, purpose: str, text: bytes) -> str:
    """What the log may call something that it must not show."""
    return hmac.digest(coalition.bank_key, purpose.encode() + b"\0" + text, "sha256").hex()[:32]


def keep_details(coalition: OpenCoalition, party_id: UUID, details: BankDetails) -> str:
    """Seal them, and return their digest."""
    plain = _json.encode(details)
    digest = keyed_digest(coalition, f"details of {party_id}", plain)
    with coalition.readers.connection() as connection:
        connection.execute(
            _sql(coalition, "INSERT INTO {t} (party_id, digest, sealed) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING"),
            (party_id, digest, coalition.seal.seal(plain, _context(party_id, digest))),
        )
    return digest


def find_details(coalition: OpenCoalition, wanted: Iterable[tuple[UUID, str]]) -> dict[tuple[UUID, str], BankDetails]:
    """`{(party, digest): details}`; those that were erased are missing."""
    pairs = list(wanted)
    with coalition.readers.connection() as connection:
        rows = connection.execute(
            _sql(
                coalition,
                "SELECT party_id, digest, sealed FROM {t}"
                " JOIN unnest(%s::uuid[], %s::text[]) AS w (party_id, digest) USING (party_id, digest)",
            ),
            ([party for party, _ in pairs], [digest for _, digest in pairs]),
        ).fetchall()
    return {(party, digest): _opened(coalition, party, digest, sealed) for party, digest, sealed in rows}


def known_ibans(coalition: OpenCoalition) -> set[str]:
    """Every IBAN that a party here has or had: whose statements may be loaded."""
    with coalition.readers.connection() as connection:
        rows = connection.execute(_sql(coalition, "SELECT party_id, digest, sealed FROM {t}")).fetchall()
    return {_opened(coalition, *row).iban for row in rows}


def _opened(coalition: OpenCoalition, party_id: UUID, digest: str, sealed: bytes) -> BankDetails:
    plain = coalition.seal.open(sealed, _context(party_id, digest))
    return msgspec.json.decode(plain, type=BankDetails)


def _context(party_id: UUID, digest: str) -> bytes:
    return f"bank details {party_id} {digest}".encode()


def _sql(coalition: OpenCoalition, text: str) -> sql.Composed:
    return sql.SQL(text).format(t=sql.Identifier(coalition.schema, "bank_details"))
