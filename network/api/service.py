"""What every route works with: the coalitions, the callers, the keys, the limits, the figures."""

import asyncio
import time
from collections.abc import Callable
from datetime import datetime

from network.api.auth import Callers
from network.api.keys import Keys
from network.api.landing import Landing
from network.api.limits import DEVELOPER, Limits, Tries
from network.api.metrics import Metrics
from network.api.status_lists import StatusLists
from network.api.threads import in_thread
from network.coalitions import Clock, Coalitions, OpenCoalition
from network.contacts.sending import Postman, senders_of
from network.domain.errors import CoalitionNotFound
from network.qr import link
from network.settings import Settings
from network.store.directory import Entry

DIRECTORY_KNOWN_FOR = 0.25


class Service:
    """One process of the network. Opened and closed by the application's lifespan."""

    def __init__(self, settings: Settings, coalitions: Coalitions, metrics: Metrics, limits: Limits | None) -> None:
        limits = limits or (DEVELOPER if settings.dev else Limits())
        self.settings = settings
        self.coalitions = coalitions
        self.metrics = metrics
        self.limits = limits
        self.callers = Callers(coalitions, limits, settings)
        self.keys = Keys(coalitions.clock)
        self.status_lists = StatusLists(coalitions.clock, settings.public_url)
        self.landing = Landing()
        self.wrong_codes = Tries(limits.wrong_codes, limits.wrong_codes_seconds)
        self.wrong_codes_of_address = Tries(limits.wrong_codes_of_address, limits.wrong_codes_seconds)
        self.wrong_codes_of_guests = Tries(limits.wrong_codes_of_guests, limits.wrong_codes_seconds)
        self.applications = Tries(limits.applications, limits.strangers_seconds)
        self.wallets = Tries(limits.wallets, limits.strangers_seconds)
        self.opened_links = Tries(limits.opened_links, limits.strangers_seconds)
        self.recoveries = Tries(limits.recoveries, limits.strangers_seconds)
        self.messages = Tries(limits.messages, limits.strangers_seconds)
        self.postman = Postman(senders_of(settings))
        self._entries: list[Entry] = []
        self._entries_at = float("-inf")
        self._entries_lock = asyncio.Lock()

    @property
    def clock(self) -> Clock:
        """The server's clock; a test's, where one was given."""
        return self.coalitions.clock

    def now(self) -> datetime:
        """The instant that the clock shows."""
        return self.coalitions.clock()

    def link(self, token_text: str) -> str:
        """What the QR of a token says."""
        return link(self.settings.public_url, token_text)

    async def coalition_named(self, slug: str) -> OpenCoalition:
        """Raises: CoalitionNotFound."""
        return await self._coalition(lambda entry: entry.slug == slug)

    async def coalition_numbered(self, number: int) -> OpenCoalition:
        """Raises: CoalitionNotFound."""
        return await self._coalition(lambda entry: entry.number == number)

    async def _coalition(self, is_meant: Callable[[Entry], bool]) -> OpenCoalition:
        """The directory is read at most a few times a second, whoever asks for unknown names. What was founded in this
        process needs no reading.
        """
        async with self._entries_lock:
            found = next(filter(is_meant, (*self._entries, *self.coalitions.entries())), None)
            if found is None and time.monotonic() - self._entries_at > DIRECTORY_KNOWN_FOR:
                self._entries = await in_thread(self.coalitions.directory.all)
                self._entries_at = time.monotonic()
                found = next(filter(is_meant, self._entries), None)
        if found is None:
            raise CoalitionNotFound()
        return await in_thread(self.coalitions.open, found.slug)
