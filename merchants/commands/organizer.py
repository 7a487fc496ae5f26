"""What the organizer does, what anybody may do before having a credential, and the reads that all share."""

from merchants.answers import CoalitionShown, Me, MerchantShown, View, WalletOpened, shown_as
from merchants.commands.base import Command, Commands, Id, segment


class OrganizerCommands(Commands):
    """Who takes part, how much may be at stake, and the books."""

    def me(self) -> Me:
        """Whose credential this is."""
        return shown_as(Me, self.transport.read("/v1/me"))

    def coalition(self, *, slug: str) -> CoalitionShown:
        """Name, currency and time zone; open to anybody."""
        return shown_as(CoalitionShown, self.transport.read(f"/v1/coalitions/{segment(slug)}"))

    def apply_to_join(
        self, *, slug: str, merchant_id: Id, name: str, category: str, address: str, key: str | None = None
    ) -> MerchantShown:
        """A business asks to take part; the answer has its owner's credential."""
        body = {"merchant_id": str(merchant_id), "name": name, "category": category, "address": address}
        return self._post(MerchantShown, f"/v1/coalitions/{segment(slug)}/merchants", body, key)

    def open_wallet(self, *, slug: str, wallet_id: Id, key: str | None = None) -> WalletOpened:
        """A new pseudonym; the answer has its credential."""
        body = {"wallet_id": str(wallet_id)}
        return self._post(WalletOpened, f"/v1/coalitions/{segment(slug)}/wallets", body, key)

    def merchants(self) -> View:
        """The partners and their state."""
        return self._read("/v1/merchants")

    def merchant(self, *, merchant_id: Id) -> MerchantShown:
        """One partner."""
        return shown_as(MerchantShown, self.transport.read(f"/v1/merchants/{segment(merchant_id)}"))

    def admit_merchant(self, *, merchant_id: Id, key: str | None = None) -> MerchantShown:
        """Let a partner in."""
        return self._post(MerchantShown, f"/v1/merchants/{segment(merchant_id)}/admission", {}, key)

    def suspend_merchant(self, *, merchant_id: Id, reason: str, key: str | None = None) -> MerchantShown:
        """Stop a partner for a while."""
        return self._post(MerchantShown, f"/v1/merchants/{segment(merchant_id)}/suspension", {"reason": reason}, key)

    def readmit_merchant(self, *, merchant_id: Id, key: str | None = None) -> MerchantShown:
        """Let a suspended partner go on."""
        return self._post(MerchantShown, f"/v1/merchants/{segment(merchant_id)}/readmission", {}, key)

    def leave_coalition(self, *, merchant_id: Id, reason: str, key: str | None = None) -> MerchantShown:
        """A partner leaves for good."""
        return self._post(MerchantShown, f"/v1/merchants/{segment(merchant_id)}/leaving", {"reason": reason}, key)

    def set_cap(self, *, scope: str, limit: int | None, reason: str, key: str | None = None) -> View:
        """Set or lift (None) a limit on new issues."""
        command = Command("set_cap", "PUT", "/v1/caps", {"scope": scope, "limit": limit, "reason": reason})
        return self._do(View, command, key)

    def caps(self) -> View:
        """The limits and what counts against them."""
        return self._read("/v1/caps")

    def report(self, *, name: str) -> View:
        """`obligations`, `balances`, `reserves` or `flows`, with the log position it speaks for."""
        return self._read(f"/v1/reports/{segment(name)}")

    def events(self, *, after: int = 0, limit: int | None = None) -> View:
        """A page of the replayable feed; come back with its `next_after`."""
        return self._read("/v1/events", after=after, limit=limit)
