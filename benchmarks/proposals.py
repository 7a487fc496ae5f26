"""How long a cashier waits for what to offer: the draw among ten and a hundred neighbours, over HTTP.

A cashier with a queue in front has a second.
"""

import json
from uuid import UUID, uuid4

from benchmarks.load import Measured, load, request
from benchmarks.street import Street
from network.coalitions import Coalitions
from network.credentials import create_credential
from network.domain.payment import payment_id_of
from network.domain.terms import FaceValue, Funding, Terms
from network.projections.tracking import progress, wait_for

NEIGHBOURS = (10, 100)
CLIENTS = (1, 8)
SECOND_MS = 1_000.0
TERMS = Terms(face=FaceValue(fixed=500), funding=Funding(issuer=5_000), validity_days=365)
_READ = ("agreements", "flows", "obligations")


class Corner(Street):
    """A salon with so many neighbours whose certificates it may hand out, with a limit on what it may owe each."""

    def __init__(self, coalitions: Coalitions, neighbours: int) -> None:
        super().__init__(coalitions)
        partners = [self.restaurant_id, *(self._partner(f"Shop {number}") for number in range(1, neighbours))]
        for partner_id in partners:
            self._do("set_cap", scope=f"pair:{self.salon_id}:{partner_id}", limit=10**9, by="organizer", reason="bench")

    def _partner(self, name: str) -> UUID:
        merchant_id, agreement_id = uuid4(), uuid4()
        self._do("apply_to_join", merchant_id=merchant_id, name=name, category="shop", address="here")
        self._do("admit_merchant", merchant_id=merchant_id)
        proposal = {"agreement_id": agreement_id, "issuer_id": self.salon_id, "acceptor_id": merchant_id}
        self._do("propose_agreement", **proposal, terms=TERMS, by=self.salon_id)
        self._do("accept_version", agreement_id=agreement_id, version=1, by=merchant_id)
        return merchant_id

    def wait_for_views(self) -> None:
        """What the draw reads has seen everything."""
        with self.coalition.readers.connection() as connection:
            head = max(one.position + one.behind for one in progress(connection, self.coalition.schema))
            wait_for(connection, self.coalition.schema, _READ, head, timeout=60)


def proposals(corner: Corner, port: int, neighbours: int, clients: int, requests: int) -> Measured:
    """Draw for so many bills, each once; every draw is among all neighbours."""
    secret = create_credential(corner.coalition, uuid4(), "till", corner.salon_id, "till")
    bills = [uuid4().hex for _ in range(requests)]
    for paid in [corner.pay(bill) for bill in bills]:
        paid.result().facts()
    corner.wait_for_views()
    wanted = [
        request(f"/v1/payments/{payment_id_of(corner.salon_id, bill)}/proposal", b"{}", secret=secret, key=uuid4().hex)
        for bill in bills
    ]
    measured, bodies = load(port, wanted, clients)
    assert not measured.failed, "a proposal was refused"
    drawn_among = {json.loads(body)["reason"]["partners"] for body in bodies}
    assert drawn_among == {neighbours}, f"drawn among {drawn_among}, not {neighbours}"
    return measured
