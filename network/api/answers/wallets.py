"""Answers about a guest's wallet, how to reach the guest, and the way back into it."""

from datetime import datetime
from uuid import UUID

from network.api.answers.answer import Answer
from network.api.answers.coalitions import Secret


class WalletOpened(Answer):
    """A wallet, and its credential."""

    wallet_id: UUID
    credential: Secret


class WalletKept(Answer):
    """The code that opens the wallet again."""

    recovery_code: str


class WalletHere(Answer):
    """A wallet that this browser holds."""

    slug: str
    wallet_id: UUID


class WalletsHere(Answer):
    """Every one of them."""

    wallets: list[WalletHere]


class WalletRecovered(Answer):
    """A wallet on another phone, and its new credential."""

    wallet_id: UUID
    recoveries: int
    slug: str
    credential: Secret


class WalletForgotten(Answer):
    """A guest who is forgotten."""

    wallet_id: UUID
    erased: bool


class ContactShown(Answer):
    """An address and whether it was confirmed."""

    channel: str
    address: str
    kept_at: datetime
    confirmed_at: datetime | None


class ConsentShown(Answer):
    """One yes: for what, when, to which text, in which language, and when it was taken back."""

    purpose: str
    given_at: datetime
    text_version: int
    language: str
    withdrawn_at: datetime | None


class Reachable(Answer):
    """How a guest can be reached, if at all. `channels`: what messages can be sent to."""

    channels: list[str]
    text_version: int
    contact: ContactShown | None
    consents: list[ConsentShown]


class WaysBack(Answer):
    """What a recovery code can be sent to."""

    channels: list[str]


class MessageComing(Answer):
    """The same whether the address is known or not."""

    sent_if_known: bool
