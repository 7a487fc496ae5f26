"""Answers about a coalition, its partners, and who calls."""

from typing import Any
from uuid import UUID

from network.api.answers.answer import Answer


class RootKey(Answer):
    """The coalition's root, which signs its key sets; `public_key` is base64url."""

    kid: str
    algorithm: str
    public_key: str


class Secret(Answer):
    """A credential with its secret, shown this once."""

    credential_id: UUID
    role: str
    secret: str


class CoalitionShown(Answer):
    """A coalition as anybody sees it."""

    slug: str
    name: str
    currency: str
    time_zone: str
    number: int
    root_key: RootKey
    partners: dict[str, list[dict[str, Any]]]


class MerchantShown(Answer):
    """A partner and its state: applied, admitted, suspended, left."""

    merchant_id: UUID
    name: str
    category: str
    address: str
    number: int
    state: str


class MerchantApplied(MerchantShown):
    """An applicant, and the credential of its owner."""

    credential: Secret


class MyCoalition(Answer):
    """Where a credential belongs."""

    slug: str
    coalition_id: UUID
    number: int
    name: str | None
    currency: str | None
    time_zone: str | None
    root_key: RootKey


class Me(Answer):
    """Who a credential is."""

    role: str
    subject_id: UUID
    credential_id: UUID
    label: str
    coalition: MyCoalition


class MarginState(Answer):
    """What a partner keeps of a bill, in basis points."""

    merchant_id: UUID
    margin: int | None


class CapState(Answer):
    """A limit as it was set."""

    scope: str
    limit: int | None
