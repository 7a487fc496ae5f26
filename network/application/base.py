"""What every room of commands shares: the committer, the keys, and how a certificate is shown to its holder."""

from collections.abc import Callable
from concurrent.futures import Future
from uuid import UUID

from network import token
from network.committer import Committer
from network.deciding import Answer, Request
from network.domain.certificate import Certificate
from network.domain.merchant import Merchant
from network.keyring import Keyring
from network.public_keys import key_of_text
from network.typed_code import typed_code
from network.unit import Unit

__all__ = ["Answer", "Commands", "Facts", "Future", "Request"]

Facts = dict[str, object]
"""An answer as plain JSON values: ids and instants become text when it is written."""


class Commands:
    """One coalition's writer. Methods queue a command and return the future of its answer."""

    def __init__(
        self, *, coalition_id: UUID, committer: Committer, keyring: Keyring, code_key: bytes, draw_key: bytes
    ) -> None:
        self.coalition_id = coalition_id
        self.committer = committer
        self.keyring = keyring
        self._code_key = code_key
        self._draw_key = draw_key

    def _simple(self, request: Request, decide: Callable[[Unit], object], *loads: UUID) -> Future[Answer]:
        return self.committer.submit(request, decide, loads=loads)

    def shown(self, certificate: Certificate, *, issuer: Merchant, acceptor: Merchant, coalition_number: int) -> Facts:
        """A certificate as its holder gets it: the signed token, the typed code, and what it is worth where.

        A copy that is bound to a phone has no lasting code; `holder_key` says which key can show it.
        """
        signer = self.keyring.signer(issuer.id, issuer.number)
        claims = token.Claims(
            certificate_id=certificate.id,
            coalition_number=coalition_number,
            issuer_number=issuer.number,
            acceptor_number=acceptor.number,
            face_value=certificate.face,
            currency=certificate.currency,
            epoch=certificate.epoch,
            status_index=certificate.status_index,
            expires_at=certificate.expires_at.replace(microsecond=0),
            holder_key=key_of_text(certificate.holder_key) if certificate.holder_key else None,
        )
        code = None if claims.holder_key else typed_code(self._code_key, certificate.id, certificate.epoch)
        return {
            **summary(certificate),
            "issuer_name": issuer.name,
            "acceptor_name": acceptor.name,
            "token": token.text(token.encode(claims, signer)),
            "typed_code": code,
            "holder_key": certificate.holder_key,
        }

    def shown_in(self, unit: Unit, certificate: Certificate) -> Facts:
        """As `shown`, with the partners taken from the unit."""
        return self.shown(
            certificate,
            issuer=unit.get(Merchant, certificate.issuer_id),
            acceptor=unit.get(Merchant, certificate.acceptor_id),
            coalition_number=unit.coalition.number,
        )


def summary(certificate: Certificate) -> Facts:
    """What may be said of a certificate to anybody who may see it: no token, no code, no holder."""
    return {
        "certificate_id": certificate.id,
        "issuer_id": certificate.issuer_id,
        "acceptor_id": certificate.acceptor_id,
        "state": certificate.state,
        "face": certificate.face,
        "outstanding": certificate.outstanding,
        "currency": certificate.currency,
        "expires_at": certificate.expires_at,
        "epoch": certificate.epoch,
        "in_wallet": certificate.holder_id is not None,
        "transferable": certificate.terms.transferable,
        "partial_redemption": certificate.terms.partial_redemption,
        "smallest_bill": certificate.terms.smallest_bill_to_redeem,
    }
