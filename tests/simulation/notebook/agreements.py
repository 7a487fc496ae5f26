"""Agreements, their versions, and stocks set aside under them."""

from uuid import UUID

from tests.simulation.notebook.partners import Partners
from tests.simulation.notebook.sums import LARGEST, Plain, sensible


class Agreements(Partners):
    def propose_agreement(
        self, agreement_id: UUID, issuer_id: UUID, acceptor_id: UUID, terms: Plain, by: UUID
    ) -> Plain:
        self._want(not self._taken(agreement_id), "agreement_conflict")
        for shop in (issuer_id, acceptor_id):
            self._must_trade(shop)
        self._want(issuer_id != acceptor_id, "invalid")
        self._want(by in (issuer_id, acceptor_id), "not_a_party")
        self._want(sensible(terms), "invalid_terms")
        self.agreements[agreement_id] = {
            "issuer": issuer_id,
            "acceptor": acceptor_id,
            "versions": {1: terms},
            "current": None,
            "pending": 1,
            "pending_by": by,
            "state": "proposed",
            "paused_by": None,
        }
        return {"state": "proposed", "version_waiting": 1}

    def propose_version(self, agreement_id: UUID, terms: Plain, by: UUID) -> Plain:
        agreement = self._party(agreement_id, by)
        self._want(agreement["state"] != "ended", "agreement_state_forbids")
        self._want(sensible(terms), "invalid_terms")
        version = len(agreement["versions"]) + 1
        agreement["versions"][version] = terms
        agreement |= {"pending": version, "pending_by": by}
        return {"version_waiting": version, "version_in_force": agreement["current"]}

    def accept_version(self, agreement_id: UUID, version: int, by: UUID) -> Plain:
        agreement = self._party(agreement_id, by)
        self._want(version == agreement["pending"], "version_not_pending")
        self._want(by != agreement["pending_by"], "cannot_accept_for_the_other")
        agreement |= {"current": version, "pending": None}
        if agreement["state"] == "proposed":
            agreement["state"] = "active"
        return {"version_in_force": version, "version_waiting": None, "state": agreement["state"]}

    def pause_agreement(self, agreement_id: UUID, by: UUID) -> Plain:
        agreement = self._party(agreement_id, by)
        self._want(agreement["state"] == "active", "agreement_state_forbids")
        agreement |= {"state": "paused", "paused_by": by}
        return {"state": "paused"}

    def resume_agreement(self, agreement_id: UUID, by: UUID) -> Plain:
        agreement = self._party(agreement_id, by)
        self._want(agreement["state"] == "paused" and agreement["paused_by"] == by, "agreement_state_forbids")
        agreement["state"] = "active"
        return {"state": "active"}

    def end_agreement(self, agreement_id: UUID, by: UUID, reason: str) -> Plain:
        agreement = self._party(agreement_id, by)
        self._want(agreement["state"] != "ended", "agreement_state_forbids")
        agreement |= {"state": "ended", "pending": None}
        return {"state": "ended"}

    def _party(self, agreement_id: UUID, by: UUID) -> Plain:
        self._want(agreement_id in self.agreements, "agreement_not_found")
        agreement = self.agreements[agreement_id]
        self._want(by in (agreement["issuer"], agreement["acceptor"]), "not_a_party")
        return agreement

    def _in_force(self, agreement: Plain) -> Plain:
        self._want(agreement["state"] == "active", "agreement_not_active")
        terms: Plain = agreement["versions"][agreement["current"]]
        return terms

    def set_allotment_aside(
        self, allotment_id: UUID, acceptor_id: UUID, agreement_id: UUID, number: int, face: int, last_on: str
    ) -> Plain:
        self._want(agreement_id in self.agreements, "agreement_not_found")
        agreement = self.agreements[agreement_id]
        self._want(agreement["acceptor"] == acceptor_id, "not_a_party")
        terms = self._in_force(agreement)
        self._must_trade(acceptor_id)
        self._want(not self._taken(allotment_id), "allotment_conflict")
        self._want(0 < number <= 1_000_000 and 0 < face <= LARGEST, "invalid_amount")
        self.stocks[allotment_id] = {
            "acceptor": acceptor_id,
            "partner": agreement["issuer"],
            "agreement": agreement_id,
            "left": number,
            "face": face,
            "last_on": last_on,
            "transferable": terms["stock_transferable"],
        }
        return {"left": number, "partner_id": agreement["issuer"]}

    def return_allotment(self, allotment_id: UUID, partner_id: UUID, number: int) -> Plain:
        self._want(allotment_id in self.stocks, "allotment_not_found")
        stock = self._take(allotment_id, partner_id, number)
        return {"left": stock["left"]}

    def transfer_allotment(
        self, allotment_id: UUID, partner_id: UUID, to_allotment_id: UUID, to_agreement_id: UUID, number: int
    ) -> Plain:
        self._want(allotment_id in self.stocks, "allotment_not_found")
        self._want(to_agreement_id in self.agreements, "agreement_not_found")
        stock, agreement = self.stocks[allotment_id], self.agreements[to_agreement_id]
        self._in_force(agreement)
        self._want(agreement["acceptor"] == stock["acceptor"], "wrong_acceptor")
        self._must_trade(agreement["issuer"])
        self._want(not self._taken(to_allotment_id), "allotment_conflict")
        self._want(stock["transferable"], "allotment_not_transferable")
        self._take(allotment_id, partner_id, number)
        self.stocks[to_allotment_id] = stock | {
            "partner": agreement["issuer"],
            "agreement": to_agreement_id,
            "left": number,
        }
        return {}

    def _take(self, allotment_id: UUID, partner_id: UUID, number: int) -> Plain:
        stock = self.stocks[allotment_id]
        self._want(stock["partner"] == partner_id, "only_the_issuer")
        self._want(number > 0, "invalid_amount")
        self._want(number <= stock["left"], "allotment_exhausted")
        stock["left"] -= number
        return stock
