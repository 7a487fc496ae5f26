"""The way back by mail: a code of a few minutes for every wallet that an address was kept for."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from network import recoveries
from network.access import tries
from network.coalitions import Coalitions
from network.contacts import letters
from network.contacts.addresses import Address
from network.contacts.consents import RECOVERY
from network.contacts.keeping import wallets_of
from network.contacts.sending import Postman

CODE_COUNTS: Final = timedelta(minutes=15)
MESSAGES: Final = tries.Room("messages", 300, 60)
"""Of a whole coalition: more is somebody's game, and mail costs."""
MESSAGES_TO_CONTACT: Final = tries.Room("messages to a contact", 3, 60)


def send_way_back(
    coalitions: Coalitions, postman: Postman, address: Address, *, language: str, public_url: str, at: datetime
) -> None:
    """Write to this address if it is confirmed and kept for that; do nothing if not, or if it was written to enough.

    Raises: NotSent.
    """
    links = [f"{public_url}/v#{code}" for code in _codes(coalitions, address, at)]
    if links:
        letter = letters.recovery(links, int(CODE_COUNTS.total_seconds() // 60), language)
        postman.send(address, letter.subject, letter.text)


def _codes(coalitions: Coalitions, address: Address, at: datetime) -> Iterable[str]:
    for entry in coalitions.directory.all():
        coalition = coalitions.open(entry.slug)
        wallets = wallets_of(coalition, address, RECOVERY)
        if not wallets or tries.take(coalition, MESSAGES_TO_CONTACT, address.found_by, at):
            continue
        if tries.take(coalition, MESSAGES, "", at):
            continue
        for wallet_id in wallets:
            yield recoveries.make_short(coalition, wallet_id, at + CODE_COUNTS)
