"""What can go wrong between a till and the network.

PollenError
+-- Refused                 the network decided against it; final, sending it again gives the same answer
+-- NoDecision              nothing is known to be decided; the same key may be sent again
    +-- Unreachable         no connection, lost before the answer came, or the network was too busy
    +-- UnexpectedAnswer    something else answered: a hotel's sign-in page, a proxy, a newer network
    +-- CredentialRefused   401: this till's credential is dead; give it a new one, then send again
    +-- TooManyTries        429: wait `retry_after` seconds
"""

from collections.abc import Mapping
from typing import Any


class PollenError(Exception):
    """Anything that keeps a till from its answer. `detail` is a sentence for the person at the till."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class Refused(PollenError):
    """The facts forbid it. `code` is stable, `facts` are what the sentence speaks of, `status` is HTTP's."""

    def __init__(self, code: str, detail: str, facts: Mapping[str, Any], status: int) -> None:
        super().__init__(detail)
        self.code = code
        self.facts = dict(facts)
        self.status = status


class NoDecision(PollenError):
    """`may_have_arrived` False: the network cannot have the command. True: it may; the same key makes a repeat safe."""

    def __init__(self, detail: str, *, may_have_arrived: bool, retry_after: float | None = None) -> None:
        super().__init__(detail)
        self.may_have_arrived = may_have_arrived
        self.retry_after = retry_after


class Unreachable(NoDecision):
    """No connection, or none that lasted until the answer."""


class UnexpectedAnswer(NoDecision):
    """An answer that Pollen does not give. `status` is HTTP's."""

    def __init__(self, detail: str, *, may_have_arrived: bool, status: int) -> None:
        super().__init__(detail, may_have_arrived=may_have_arrived)
        self.status = status


class CredentialRefused(NoDecision):
    """The credential is unknown, revoked or rotated away; the command itself was not looked at."""


class TooManyTries(NoDecision):
    """The network asks for a pause of `retry_after` seconds."""
