"""From what is presented at a till or in a wallet, a token or a typed code, to a certificate and an epoch."""

from collections.abc import Hashable
from uuid import UUID

from psycopg import sql

from network.api import shown_codes
from network.api.bodies import Presented
from network.api.calls import Call
from network.api.keys import Copy
from network.api.limits import Tries
from network.api.looking import looking
from network.api.threads import in_thread
from network.application.base import Facts, summary
from network.coalitions import OpenCoalition
from network.domain.certificate import Certificate
from network.domain.errors import CertificateNotFound, Refusal, WrongAcceptor
from network.domain.merchant import Merchant
from network.typed_code import code_digest
from network.unit import Unit


class TypedCodeAmbiguous(Refusal):
    """Two living certificates have this code. One in millions; the QR tells them apart."""

    code = "typed_code_ambiguous"
    sentence = "This code fits more than one certificate. Scan the QR instead."


async def presented_copy(call: Call, asked: Presented) -> Copy:
    """Which copy is presented. A till finds by a typed code only what it may accept; wrong codes are counted.

    Raises: TokenRefused, TypedCodeRefused, CertificateNotFound, TypedCodeAmbiguous, TooManyTries.
    """
    if asked.token is not None:
        return await call.service.keys.verified(call.coalition, asked.token)
    assert asked.typed_code is not None, "one of the two is given"
    digest = code_digest(call.coalition.code_key, asked.typed_code)  # a slip is told here and costs no try
    limits = _limits(call)
    for tries, key in limits:
        tries.must_have_room(key)
    acceptor_id = call.subject_id if call.role == "till" else None
    try:
        return await in_thread(_copy_of_code, call, digest, acceptor_id)
    except CertificateNotFound:
        for tries, key in limits:
            tries.count(key)
        raise


def _limits(call: Call) -> list[tuple[Tries, Hashable]]:
    service = call.service
    own: list[tuple[Tries, Hashable]] = [(service.wrong_codes, call.caller.credential.credential_id)]
    if call.role != "till":
        own.append((service.wrong_codes_of_address, call.address))
        own.append((service.wrong_codes_of_guests, call.coalition.schema))
    return own


def _copy_of_code(call: Call, digest: bytes, acceptor_id: UUID | None) -> Copy:
    copies = _copies(call.coalition, digest)
    if not copies:
        raise CertificateNotFound()
    with looking(call.coalition, call.at) as unit:
        found = [(copy, unit.get(Certificate, copy.certificate_id)) for copy in copies]
    if acceptor_id is not None:
        found = [(copy, certificate) for copy, certificate in found if certificate.acceptor_id == acceptor_id]
    if len(found) > 1:
        found = [(copy, certificate) for copy, certificate in found if copy.epoch == certificate.epoch] or found
    if not found:
        raise CertificateNotFound()
    if len(found) > 1:
        raise TypedCodeAmbiguous()
    return found[0][0]


def _copies(coalition: OpenCoalition, digest: bytes) -> list[Copy]:
    """Those whose lasting code this is, and those whose phone asked for it a moment ago."""
    lasting = sql.SQL("SELECT certificate_id, epoch FROM {} WHERE digest = %s").format(
        sql.Identifier(coalition.schema, "typed_codes")
    )
    with coalition.reading() as recorder:
        copies = [Copy(*row) for row in recorder.connection.execute(lasting, (digest,))]
        return copies + shown_codes.find(recorder.connection, coalition.schema, digest)


def worth(unit: Unit, copy: Copy, *, acceptor_id: UUID | None) -> Facts:
    """What a copy is worth here: the certificate, both partners' names, and why it would be refused now, if so."""
    certificate = unit.get(Certificate, copy.certificate_id)
    refusal: Facts | None = None
    try:
        if acceptor_id is not None and certificate.acceptor_id != acceptor_id:
            raise WrongAcceptor()
        certificate.must_count(copy.epoch, unit.at)
        if acceptor_id is not None:
            certificate.must_be_shown_live(copy.proof, unit.at)
        unit.get(Merchant, certificate.acceptor_id).must_trade()
    except Refusal as found:
        refusal = dict(found.body())
    acceptor = unit.get(Merchant, certificate.acceptor_id)
    shown = summary(certificate) | {
        "issuer_name": unit.get(Merchant, certificate.issuer_id).name,
        "acceptor_name": acceptor.name,
        "acceptor_address": acceptor.address,
        "counts": refusal is None,
        "refusal": refusal,
    }
    if copy.epoch != certificate.epoch:  # what the next holder does with it is not for the one before to see
        shown |= {"epoch": copy.epoch, "state": None, "outstanding": None, "in_wallet": None}
    return shown
