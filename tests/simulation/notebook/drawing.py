"""What is handed out by the draw."""

from fractions import Fraction
from uuid import UUID, uuid5

from tests.simulation.notebook.issuing import Issuing
from tests.simulation.notebook.sums import No, Plain, deducted, half_up


class Drawing(Issuing):
    def set_draw_rules(self, merchant_id: UUID, rules: Plain, by: str) -> Plain:
        for shop in (merchant_id, *rules["partners"]):
            self._want(shop in self.shops, "merchant_not_found")
        hands = rules["partners"].values()
        sensible = 0 <= rules["neutral"] <= 5_000 and 500 <= rules["exploration"] <= 10_000
        sensible = sensible and [hand for hand, _ in hands].count("pinned") <= 1
        sensible = sensible and all((hand == "share") == (share > 0) for hand, share in hands)
        self._want(sensible and sum(share for _, share in hands) <= 10_000, "invalid_draw_rules")
        before = self.draw_rules.get(merchant_id, {"version": 0})
        version = before["version"] + (rules != before.get("rules"))
        self.draw_rules[merchant_id] = {"version": version, "rules": rules}
        return {"policy_version": version, "neutral": rules["neutral"]}

    def propose_certificate(self, merchant_id: UUID, bill_reference: str, standing: Plain) -> Plain:
        bill = self._undecided(merchant_id, bill_reference)
        self._draw(merchant_id, bill_reference, bill, None, standing)
        return {"proposed": bill["drawn"] and bill["drawn"][0]}

    def issue_drawn(
        self, merchant_id: UUID, bill_reference: str, certificate_id: UUID, holder_id: UUID | None, standing: Plain
    ) -> Plain:
        bill = self._undecided(merchant_id, bill_reference, holder_id)
        before = bill["drawn"]
        try:
            self._draw(merchant_id, bill_reference, bill, holder_id, standing)
            agreement_id = bill["drawn"] and bill["drawn"][0]
            choices = [(certificate_id, agreement_id, None)] if agreement_id else []
            return self.issue_certificates(merchant_id, bill_reference, choices, holder_id) | {"proposed": agreement_id}
        except No:
            bill["drawn"] = before
            raise

    def _draw(
        self, merchant_id: UUID, bill_reference: str, bill: Plain, holder_id: UUID | None, standing: Plain
    ) -> None:
        """The first draw of a bill stands; where nothing fits there is none."""
        if bill["drawn"] is not None:
            return
        rules = self.draw_rules.get(merchant_id, {}).get(
            "rules", {"neutral": 500, "exploration": 2_000, "partners": {}}
        )
        ones = []
        for agreement_id in standing["agreements"]:
            try:
                ones.append(self._lot_of(agreement_id, merchant_id, bill, holder_id, standing, rules))
            except No:
                continue
        if ones:
            lot = self.pulled(self.secret, uuid5(merchant_id, bill_reference))
            bill["drawn"] = (self.drawn(ones, rules, lot),)

    def _lot_of(
        self, agreement_id: UUID, merchant_id: UUID, bill: Plain, holder_id: UUID | None, standing: Plain, rules: Plain
    ) -> Plain:
        agreement = self.agreements[agreement_id]
        acceptor = agreement["acceptor"]
        hand, share = rules["partners"].get(acceptor, ("free", 0))
        self._want(hand != "excluded", "excluded")
        paid = bill["amount"] - deducted(bill)
        terms = self._terms_for(agreement_id, merchant_id, paid)
        face = terms["fixed"] or half_up(Fraction(paid * terms["share"], 10_000))
        if not terms["fixed"] and terms["at_most"] is not None:
            face = min(face, terms["at_most"])
        self._want(face > 0, "invalid_amount")
        room = 10_000
        for (scope, key), amount in self._issue_moves(agreement_id, terms, face, holder_id or bill["customer"]):
            cap, used = self.caps.get(scope), self.use[scope, key]
            self._want(cap is None or used + amount <= cap, "cap_reached")
            room = min(room, (cap - used) * 10_000 // cap if cap else 10_000)
        thanks = terms["commission"]["new"][1] if terms["commission"] else 0
        return {
            "agreement": agreement_id,
            "acceptor": acceptor,
            "gave": standing["gave"].get(acceptor, 0),
            "received": standing["received"].get(acceptor, 0),
            "owed": standing["owed"].get(acceptor, 0),
            "adds": half_up(Fraction(face * terms["issuer_rate"], 10_000)) - thanks,
            "face": face,
            "room": room,
            "hand": hand,
            "share": share,
        }
