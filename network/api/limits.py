"""How often somebody may fail or ask. Counted in memory, so each process of the network counts alone."""

import time
from collections import OrderedDict, deque
from collections.abc import Callable, Hashable
from dataclasses import dataclass

from network.api.errors import TooManyTries

_KEYS_MAX = 50_000


class Tries:
    """At most `most` counted tries per key in `seconds`; of too many keys the oldest are forgotten."""

    def __init__(self, most: int, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.most = most
        self.seconds = seconds
        self._clock = clock
        self._counted: OrderedDict[Hashable, deque[float]] = OrderedDict()

    def must_have_room(self, key: Hashable) -> None:
        """Raises: TooManyTries, saying when to come back."""
        tries = self._counted.get(key)
        if tries is None:
            return
        now = self._clock()
        while tries and tries[0] <= now - self.seconds:
            tries.popleft()
        if len(tries) >= self.most:
            raise TooManyTries(retry_after=max(1, int(tries[0] + self.seconds - now) + 1))

    def count(self, key: Hashable) -> None:
        """One more."""
        tries = self._counted.setdefault(key, deque(maxlen=self.most))
        tries.append(self._clock())
        self._counted.move_to_end(key)
        while len(self._counted) > _KEYS_MAX:
            self._counted.popitem(last=False)

    def take(self, key: Hashable) -> None:
        """Count one if there is room. Raises: TooManyTries."""
        self.must_have_room(key)
        self.count(key)


@dataclass(frozen=True)
class Limits:
    """What strangers and guessers may do. A wrong typed code counts against the credential, the address it came from,
    and the guests of the whole coalition; guests cannot use up the tills' tries.
    """

    wrong_codes: int = 10
    wrong_codes_of_address: int = 60
    wrong_codes_of_guests: int = 1_000
    wrong_codes_seconds: float = 600
    applications: int = 20
    wallets: int = 120
    opened_links: int = 120
    recoveries: int = 20
    messages: int = 10
    strangers_seconds: float = 600
    unknown_secrets: int = 300
    unknown_secrets_seconds: float = 60


DEVELOPER = Limits(wallets=100_000, applications=10_000, opened_links=10_000, recoveries=10_000)
"""On a developer's machine, where one program plays a whole neighbourhood."""
