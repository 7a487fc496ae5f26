"""What a neighbourhood has to choose from: more often what is new, and alive."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from network.public_keys import Algorithm, key_of_point, key_text
from tests.simulation.notebook.sums import Plain
from tests.simulation.sending import Sending

KEYS = [
    key_text(
        key_of_point(Algorithm.ED25519, Ed25519PrivateKey.from_private_bytes(seed * 32).public_key().public_bytes_raw())
    )
    for seed in (b"1", b"2", b"3")
]


class Choosing(Sending):
    def _about(self, amount: int) -> int:
        return max(1, amount + self.random.choice([0, 0, 0, 0, 0, -1, 1]))

    def _some(self, of: Any) -> Any:
        """A known id, more often a new one; None when there is none."""
        recent = self._recent(of)
        return self.random.choice(recent) if recent else None

    def _recent(self, of: Any) -> list[Any]:
        known = sorted(of) if isinstance(of, set) else list(of)
        return known[-150:] if self.random.random() < 0.9 else known

    def _some_certificate(self) -> UUID | None:
        """One that is alive, more often than not."""
        known = self._recent(self.model.certificates)
        alive = [i for i in known if self.model.certificates[i]["state"] == "active"]
        chosen: UUID | None = self.random.choice(alive) if alive and self.random.random() < 0.85 else None
        return chosen or (self.random.choice(known) if known else None)

    def _some_bill(self, *, redeemed: bool = False) -> tuple[UUID, str] | None:
        bills = self._recent(self.model.bills)
        lowered = [key for key in bills if self.model.bills[key]["deductions"]]
        chosen = lowered if redeemed and lowered else bills
        return self.random.choice(chosen) if chosen else None

    def _some_key(self) -> str:
        return self.random.choice(KEYS)

    def _shown_at(self, certificate: Plain) -> datetime | None:
        """When the phone showed it: mostly now, sometimes a moment ago, as before, too long ago, or not at all."""
        if not certificate["key"]:
            return None
        chance = self.random.random()
        if chance < 0.08:
            return None
        if chance < 0.2 and certificate["proved"] is not None:
            return certificate["proved"]  # type: ignore[no-any-return]
        seconds = self.random.choice([0, 1, 10, 45, -45, -3, 46, -46]) if chance < 0.6 else 0
        return self.clock.now - timedelta(seconds=seconds)
