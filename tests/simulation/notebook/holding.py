"""Whose a certificate is, and how it ends unused."""

from uuid import UUID

from tests.simulation.notebook.bills import Bills
from tests.simulation.notebook.sums import Plain, used


class Holding(Bills):
    def claim_certificate(
        self, certificate_id: UUID, epoch: int, wallet_id: UUID, holder_key: str | None = None
    ) -> Plain:
        certificate = self._certificate(certificate_id)
        self._want(wallet_id in self.wallets, "wallet_not_found")
        if certificate["holder"] == wallet_id and epoch in (certificate["epoch"], certificate["epoch"] - 1):
            self._must_live(certificate)
            return {"epoch": certificate["epoch"]}
        self._must_count(certificate, epoch)
        self._want(certificate["holder"] is None, "certificate_already_held")
        self._next_epoch(certificate_id, "certificate_claimed", wallet_id, holder_key)
        return {"epoch": certificate["epoch"], "in_wallet": True}

    def rebind_certificate(self, certificate_id: UUID, wallet_id: UUID, holder_key: str) -> Plain:
        certificate = self._certificate(certificate_id)
        self._want(certificate["holder"] == wallet_id, "not_the_holder")
        self._must_live(certificate)
        if certificate["key"] != holder_key:
            self._next_epoch(certificate_id, "certificate_rebound", wallet_id, holder_key)
        return {"epoch": certificate["epoch"], "in_wallet": True}

    def print_certificate(self, certificate_id: UUID, wallet_id: UUID) -> Plain:
        certificate = self._certificate(certificate_id)
        self._want(certificate["holder"] == wallet_id, "not_the_holder")
        self._must_live(certificate)
        self._next_epoch(certificate_id, "certificate_printed", None)
        return {"epoch": certificate["epoch"], "in_wallet": False}

    def pass_on_certificate(self, certificate_id: UUID, wallet_id: UUID) -> Plain:
        certificate = self._certificate(certificate_id)
        self._want(certificate["holder"] == wallet_id, "not_the_holder")
        self._must_live(certificate)
        self._want(certificate["terms"]["transferable"], "not_transferable")
        self._next_epoch(certificate_id, "certificate_passed_on", None)
        certificate["hops"] += 1
        return {"epoch": certificate["epoch"], "in_wallet": False}

    def revoke_certificate(self, certificate_id: UUID, issuer_id: UUID | None, reason: str) -> Plain:
        certificate = self._certificate(certificate_id)
        self._want(issuer_id in (None, certificate["issuer"]), "only_the_issuer")
        self._must_not_have_ended(certificate)
        self._want(issuer_id is None or not (used(certificate) or certificate["hops"]), "certificate_used")
        self._end(certificate_id, "revoked")
        return {"state": "revoked", "outstanding": 0}

    def expire_certificate(self, certificate_id: UUID) -> Plain:
        certificate = self._certificate(certificate_id)
        self._must_not_have_ended(certificate)
        self._want(self.now >= certificate["expires"], "not_yet_expired")
        self._end(certificate_id, "expired")
        return {"state": "expired", "outstanding": 0}
