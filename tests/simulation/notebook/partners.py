"""Shops, wallets and limits."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from tests.simulation.notebook.pages import Pages
from tests.simulation.notebook.sums import LARGEST, No, Plain


class Partners(Pages):
    def apply_to_join(self, merchant_id: UUID, **_: Any) -> Plain:
        self._want(not self._taken(merchant_id), "merchant_conflict")
        self.shops[merchant_id] = "applied"
        return {"state": "applied", "number": len(self.shops)}

    def admit_merchant(self, merchant_id: UUID) -> Plain:
        return self._step(merchant_id, {"applied"}, "admitted")

    def suspend_merchant(self, merchant_id: UUID, reason: str) -> Plain:
        return self._step(merchant_id, {"admitted"}, "suspended")

    def readmit_merchant(self, merchant_id: UUID) -> Plain:
        return self._step(merchant_id, {"suspended"}, "admitted")

    def leave_coalition(self, merchant_id: UUID, reason: str) -> Plain:
        return self._step(merchant_id, {"applied", "admitted", "suspended"}, "left")

    def _step(self, merchant_id: UUID, allowed: set[str], state: str) -> Plain:
        self._want(merchant_id in self.shops, "merchant_not_found")
        self._want(self.shops[merchant_id] in allowed, "merchant_state_forbids")
        self.shops[merchant_id] = state
        return {"state": state}

    def open_wallet(self, wallet_id: UUID) -> Plain:
        self._want(not self._taken(wallet_id), "conflict")
        self.wallets.add(wallet_id)
        return {}

    def set_cap(self, scope: str, limit: int | None, by: str, reason: str) -> Plain:
        self._want(limit is None or 0 <= limit <= LARGEST, "invalid_amount")
        self._want(not self._raises(scope, limit), "raise_needs_two")
        return self._cap(scope, limit)

    def propose_raise(
        self, raise_id: UUID, scope: str, limit: int | None, person_id: UUID, reason: str, others: bool
    ) -> Plain:
        self._want(limit is None or 0 <= limit <= LARGEST, "invalid_amount")
        self._want(raise_id not in self.raises, "raise_conflict")
        self._want(self._raises(scope, limit), "invalid")
        self._want(others, "second_person_needed")
        self.raises[raise_id] = {"scope": scope, "limit": limit, "over": self.caps[scope], "by": person_id}
        self.raises[raise_id]["until"] = self.now + timedelta(days=7)
        return {"limit": limit}

    def confirm_raise(self, raise_id: UUID, person_id: UUID, since: datetime) -> Plain:
        waiting = self.raises.get(raise_id)
        if waiting is None or waiting.get("done"):
            raise No("raise_not_found")
        self._want(self.now < waiting["until"], "raise_expired")
        self._want(person_id != waiting["by"], "cannot_confirm_own_raise")
        self._want(self.caps.get(waiting["scope"]) == waiting["over"], "cap_changed_since")
        waiting["done"] = True
        return self._cap(waiting["scope"], waiting["limit"])

    def _raises(self, scope: str, limit: int | None) -> bool:
        return scope in self.caps and (limit is None or limit > self.caps[scope])

    def _cap(self, scope: str, limit: int | None) -> Plain:
        if limit is None:
            self.caps.pop(scope, None)
        else:
            self.caps[scope] = limit
        return {"limit": limit}
