"""What shops and the organizer agree on: terms, limits, discipline, stocks."""

from datetime import timedelta
from uuid import UUID

from tests.simulation.choosing import Choosing
from tests.simulation.notebook.sums import Plain
from tests.support import MORNING

ORGANIZERS = [UUID(int=person, version=4) for person in (1, 2, 3)]
SINCE = MORNING - timedelta(days=1)
FUNDINGS = [(0, 0), (10_000, 0), (5_000, 0), (0, 10_000), (3_333, 3_333), (2_500, 5_000), (1, 1), (9_999, 0)]


class Business(Choosing):
    def _settle(self) -> None:
        self.shops = [self._id() for _ in range(6)]
        for number, shop in enumerate(self.shops):
            self.do("apply_to_join", merchant_id=shop, name=f"Shop {number}", category="shop", address="Elm Street")
            self.do("admit_merchant", merchant_id=shop)
        for _ in range(8):
            self.do("open_wallet", wallet_id=self._id())
        for _ in range(10):
            self.new_agreement()

    def new_agreement(self) -> None:
        agreement_id = self._id()
        issuer, acceptor = self.random.sample(self.shops, 2)
        if self.random.random() < 0.02:
            acceptor = issuer
        by = self.random.choice([issuer, issuer, acceptor, self.random.choice(self.shops)])
        code, _ = self.do(
            "propose_agreement",
            agreement_id=agreement_id,
            issuer_id=issuer,
            acceptor_id=acceptor,
            terms=self._terms(),
            by=by,
        )
        if code == "done" and self.random.random() < 0.9:
            other = acceptor if by == issuer else issuer
            self.do("accept_version", agreement_id=agreement_id, version=1, by=other)

    def change_agreement(self) -> None:
        agreement_id = self._some(self.model.agreements)
        agreement = self.model.agreements[agreement_id]
        by = self.random.choice([agreement["issuer"], agreement["acceptor"], self.random.choice(self.shops)])
        what = self.random.choice(["version", "accept", "accept", "pause", "resume", "resume", "end"])
        if what == "version":
            self.do("propose_version", agreement_id=agreement_id, terms=self._terms(), by=by)
        elif what == "accept":
            version = agreement["pending"] or 1
            self.do("accept_version", agreement_id=agreement_id, version=version, by=by)
        elif what == "end":
            if self.random.random() < 0.1:
                self.do("end_agreement", agreement_id=agreement_id, by=by, reason="enough")
        else:
            self.do(f"{what}_agreement", agreement_id=agreement_id, by=by)

    def _terms(self) -> Plain:
        fixed = self.random.choice([1, 3, 100, 499, 500, 500, 501, 2_000])
        by_share = self.random.random() < 0.35
        issuer_rate, pool_rate = self.random.choice(FUNDINGS)
        chance = self.random.random
        reward = lambda: (self.random.choice([0, 1, 500, 1_000]), self.random.choice([0, 0, 50]))  # noqa: E731
        return {
            "fixed": 0 if by_share else fixed,
            "share": self.random.choice([1, 333, 1_000, 2_500, 10_000]) if by_share else int(chance() < 0.01),
            "at_most": self.random.choice([None, 1, 500]) if by_share else None,
            "min_issue": self.random.choice([0, 0, 1_000]),
            "min_redeem": self.random.choice([0, 0, 0, 500, 1_000]),
            "days": self.random.choice([0, 1, 3, 3, 30, 1_097 if chance() < 0.05 else 90]),
            "transferable": chance() < 0.8,
            "partial": chance() < 0.5,
            "issuer_rate": issuer_rate,
            "pool_rate": pool_rate,
            "commission": {g: reward() for g in ("new", "lapsed", "returning")} if chance() < 0.5 else None,
            "fee": {
                "payer": self.random.choice(["issuer", "acceptor"]),
                "share": 150,
                "fixed": self.random.choice([0, 5]),
            }
            if chance() < 0.5
            else None,
            "combinable": chance() < 0.6,
            "stock_transferable": chance() < 0.6,
            "reversal_hours": self.random.choice([0, 1, 24, 720]),
            "ceiling": self.random.choice([0, 500, 500, 2_000, 20_000]),
            "liability": self.random.choice(["acceptor", "issuer", "pool"]),
        }

    def limit(self) -> None:
        """The organizer sets a limit at, under or over what is used, or lifts it."""
        scopes = [*self._recent(self.model.use), *((scope, "") for scope in self.model.caps)]
        if not scopes:
            return
        scope, key = self.random.choice(scopes)
        now = self.model.use[scope, key]
        limit = self.random.choice([None, None, now - 1, now, now + 1, now + 500, now * 2 + 3, 0])
        odd = 10**12 + 1 if self.random.random() < 0.02 else limit
        self.set_limit(scope, None if odd is None else max(0, odd))

    def set_limit(self, scope: str, limit: int | None) -> None:
        """One organizer sets it; where it takes two, one proposes, and soon, late or never another one confirms."""
        code, _ = self.do("set_cap", scope=scope, limit=limit, by="organizer", reason="prudence")
        if code == "raise_needs_two":
            raise_id = self._id()
            asked = {"raise_id": raise_id, "scope": scope, "limit": limit, "reason": "trust"}
            self.do("propose_raise", **asked, person_id=ORGANIZERS[0], others=self.random.random() < 0.9)
            if self.random.random() < 0.8:
                self.confirm(raise_id)
        waiting = [one for one in self.model.raises if not self.model.raises[one].get("done")]
        if waiting and self.random.random() < 0.3:
            self.confirm(self.random.choice(waiting))

    def confirm(self, raise_id: UUID) -> None:
        person_id = self.random.choice([*ORGANIZERS[1:] * 4, ORGANIZERS[0]])
        self.do("confirm_raise", raise_id=raise_id, person_id=person_id, since=SINCE)

    def lift_limits(self) -> None:
        """Now and then everything may be issued again, so that a run does not end in refusals."""
        for scope in list(self.model.caps):
            raise_id = self._id()
            asked = {"raise_id": raise_id, "scope": scope, "limit": None, "reason": "a new year", "others": True}
            self.do("propose_raise", **asked, person_id=ORGANIZERS[0])
            self.do("confirm_raise", raise_id=raise_id, person_id=ORGANIZERS[1], since=SINCE)
        for shop, state in list(self.model.shops.items()):
            if state == "suspended":
                self.do("readmit_merchant", merchant_id=shop)

    def discipline(self) -> None:
        shop = self.random.choice(self.shops)
        if "suspended" in self.model.shops.values() or self.random.random() < 0.1:
            shop = next((one for one, state in self.model.shops.items() if state == "suspended"), shop)
            self.do("readmit_merchant", merchant_id=shop)
        else:
            self.do("suspend_merchant", merchant_id=shop, reason="complaints")

    def set_aside(self) -> None:
        agreement_id = self._some(self.model.agreements)
        agreement = self.model.agreements[agreement_id]
        day = (self.clock.now + timedelta(days=self.random.choice([0, 1, 5, 30]))).date()
        self.do(
            "set_allotment_aside",
            allotment_id=self._id(),
            acceptor_id=agreement["acceptor"] if self.random.random() < 0.97 else agreement["issuer"],
            agreement_id=agreement_id,
            number=self.random.choice([1, 2, 3, 10, 0 if self.random.random() < 0.1 else 5]),
            face=self.random.choice([1, 500, 777]),
            last_on=day.isoformat(),
        )

    def move_stock(self) -> None:
        stock_id = self._some(self.model.stocks)
        if stock_id is None:
            return
        stock = self.model.stocks[stock_id]
        partner = stock["partner"] if self.random.random() < 0.95 else self.random.choice(self.shops)
        number = self.random.choice([1, 1, stock["left"], stock["left"] + 1, 0])
        if self.random.random() < 0.4:
            self.do("return_allotment", allotment_id=stock_id, partner_id=partner, number=number)
            return
        same = [i for i, a in self.model.agreements.items() if a["acceptor"] == stock["acceptor"]]
        to_agreement = self.random.choice(same) if self.random.random() < 0.95 else self._some(self.model.agreements)
        self.do(
            "transfer_allotment",
            allotment_id=stock_id,
            partner_id=partner,
            to_allotment_id=self._id() if self.random.random() < 0.97 else stock_id,
            to_agreement_id=to_agreement,
            number=number,
        )
