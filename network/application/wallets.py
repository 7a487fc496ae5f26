"""Commands of a guest on the wallet itself: open it, open it again on another phone, be forgotten."""

from concurrent.futures import Future
from uuid import UUID

from network.application.base import Answer, Commands, Facts, Request
from network.domain.errors import Conflict
from network.domain.wallet import Wallet
from network.forgetting import forgetting
from network.unit import Unit


class WalletCommands(Commands):
    """Who a guest is to the network: a number."""

    def open_wallet(self, *, request: Request, wallet_id: UUID) -> Future[Answer]:
        """A new pseudonym. Raises: Conflict."""

        def decide(unit: Unit) -> Facts:
            if not unit.is_free(wallet_id):
                raise Conflict()
            unit.add(Wallet.open(wallet_id=wallet_id, at=unit.at))
            return {"wallet_id": wallet_id}

        return self.committer.submit(request, decide, makes=(wallet_id,))

    def recover_wallet(self, *, request: Request, wallet_id: UUID, recoveries: int) -> Future[Answer]:
        """Open it on another phone, with a code that was made after so many recoveries.

        Raises: WalletNotFound, WalletErased, RecoveryCodeUnknown.
        """

        def decide(unit: Unit) -> Facts:
            wallet = unit.get(Wallet, wallet_id)
            wallet.recover(recoveries=recoveries, at=unit.at)
            return {"wallet_id": wallet_id, "recoveries": wallet.recoveries}

        return self._simple(request, decide, wallet_id)

    def erase_wallet(self, *, request: Request, wallet_id: UUID) -> Future[Answer]:
        """Forget the guest: what it holds cannot be shown any more and lapses with its last day. What stands beside the
        log goes in the same transaction.

        Raises: WalletNotFound.
        """

        def decide(unit: Unit) -> Facts:
            unit.get(Wallet, wallet_id).erase(at=unit.at)
            return {"wallet_id": wallet_id, "erased": True}

        return self._simple(request.with_beside(*forgetting(wallet_id)), decide, wallet_id)
