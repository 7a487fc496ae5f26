"""The SDK: every command and read of docs/api.md as a typed method.

    with Client("https://pollen.example", credential) as client:
        paid = client.record_payment(bill_reference="B-17", amount=240_000, currency="EUR")

Methods are keyword-only and named as the network names its commands. Each command takes `key`, the idempotency key
(by default a new one); within `Patience.total` seconds it is sent again with the same key after time-outs, lost
connections and 5xx, so it takes effect once. To ask again later, or after a crash, keep the key: `merchants.outbox`
does that. Reads after own commands wait until the views show them. What can be raised:

PollenError
+-- Refused                 final; `code`, `detail`, `facts`, `status`
+-- NoDecision              `may_have_arrived`; the same key may be sent again
    +-- Unreachable
    +-- UnexpectedAnswer
    +-- CredentialRefused
    +-- TooManyTries
"""

from merchants.commands.organizer import OrganizerCommands
from merchants.commands.owner import OwnerCommands
from merchants.commands.till import Choice, TillCommands
from merchants.commands.wallet import WalletCommands
from merchants.errors import (
    CredentialRefused,
    NoDecision,
    PollenError,
    Refused,
    TooManyTries,
    UnexpectedAnswer,
    Unreachable,
)
from merchants.transport import Patience, Transport

__all__ = [
    "Choice",
    "Client",
    "CredentialRefused",
    "NoDecision",
    "Patience",
    "PollenError",
    "Refused",
    "TooManyTries",
    "UnexpectedAnswer",
    "Unreachable",
]


class Client(TillCommands, WalletCommands, OwnerCommands, OrganizerCommands):
    """One credential at one network; connections are kept and shared by threads. Use it in `with`, or close it."""

    def __init__(
        self,
        base_url: str,
        credential: str | None = None,
        *,
        patience: Patience | None = None,
        plain_http: bool = False,
    ) -> None:
        """`credential` None is for what anybody may do. `plain_http`: see `Transport`."""
        self.transport = Transport(base_url, credential, patience=patience, plain_http=plain_http)

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Give the connections back."""
        self.transport.close()
