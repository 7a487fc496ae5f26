"""What the network answers, as frozen values. `raw` is the whole body, also what this SDK has no name for yet.

Money is an integer of the currency's minor unit; instants are aware UTC. Tokens and typed codes are worth money:
they are left out of `repr`, so that no log prints them.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

import msgspec

from merchants.errors import UnexpectedAnswer
from merchants.transport import Answer


@dataclass(frozen=True, kw_only=True)
class Answered:
    """Every answer: its body, and the log position from which views show it."""

    raw: dict[str, Any] = field(repr=False, compare=False)
    position: int | None = field(default=None, compare=False)


@dataclass(frozen=True, kw_only=True)
class Secret:
    """A new credential; its secret is shown once."""

    credential_id: UUID
    role: str
    secret: str = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class OwnCoalition:
    """The coalition of a credential."""

    slug: str
    currency: str | None = None
    time_zone: str | None = None
    name: str | None = None
    number: int | None = None


@dataclass(frozen=True, kw_only=True)
class Me(Answered):
    """Whose credential this is: `subject_id` is the coalition, the merchant or the wallet."""

    role: str
    subject_id: UUID
    credential_id: UUID
    label: str
    coalition: OwnCoalition


@dataclass(frozen=True, kw_only=True)
class CoalitionShown(Answered):
    """What anybody may know of a coalition; `partners` by category."""

    slug: str
    name: str
    currency: str
    time_zone: str
    number: int
    partners: dict[str, list[dict[str, Any]]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class MerchantShown(Answered):
    """A partner, or one that applied; `credential` only in the answer to its own application."""

    merchant_id: UUID
    name: str
    category: str = ""
    address: str = ""
    number: int | None = None
    state: str = ""
    credential: Secret | None = None


@dataclass(frozen=True, kw_only=True)
class WalletOpened(Answered):
    """A new wallet and its credential, shown once."""

    wallet_id: UUID
    credential: Secret


@dataclass(frozen=True, kw_only=True)
class CredentialMade(Answered):
    """A new credential, shown once."""

    credential_id: UUID
    role: str
    secret: str = field(repr=False)
    label: str = ""


@dataclass(frozen=True, kw_only=True)
class AgreementShown(Answered):
    """An agreement's state after a command."""

    agreement_id: UUID
    issuer_id: UUID
    acceptor_id: UUID
    state: str
    version_in_force: int | None = None
    version_waiting: int | None = None


@dataclass(frozen=True, kw_only=True)
class AllotmentShown(Answered):
    """A stock that an acceptor set aside for a partner."""

    allotment_id: UUID
    acceptor_id: UUID
    partner_id: UUID
    agreement_id: UUID
    face: int
    left: int
    last_on: str
    transferable: bool = False


@dataclass(frozen=True, kw_only=True)
class PaymentRecorded(Answered):
    """A bill on record: `amount` whole, `deducted` by certificates, `paid` in money."""

    payment_id: UUID
    bill_reference: str
    amount: int
    deducted: int
    paid: int
    currency: str


@dataclass(frozen=True, kw_only=True)
class Option(Answered):
    """One certificate that could be handed out for a bill now, or why it cannot (`fits` False, with the `refusal`).

    `left`: how many the stock still has.
    """

    agreement_id: UUID
    acceptor_id: UUID
    acceptor_name: str
    fits: bool
    allotment_id: UUID | None = None
    acceptor_category: str = ""
    face: int | None = None
    expires_at: datetime | None = None
    combinable: bool = False
    left: int | None = None
    refusal: dict[str, Any] | None = None

    @property
    def reason(self) -> str | None:
        """Why it cannot be handed out, in the network's words; None when it can."""
        return None if self.fits else str((self.refusal or {}).get("detail", "It cannot be given now."))


@dataclass(frozen=True, kw_only=True)
class CertificateShown(Answered):
    """A certificate; `token`, `typed_code` and `link` only where the caller may hold a copy."""

    certificate_id: UUID
    issuer_id: UUID
    acceptor_id: UUID
    state: str
    face: int
    outstanding: int
    currency: str
    expires_at: datetime
    epoch: int = 0
    in_wallet: bool = False
    transferable: bool = False
    partial_redemption: bool = False
    smallest_bill: int = 0
    issuer_name: str = ""
    acceptor_name: str = ""
    token: str | None = field(default=None, repr=False)
    typed_code: str | None = field(default=None, repr=False)
    link: str | None = field(default=None, repr=False)


@dataclass(frozen=True, kw_only=True)
class Worth(Answered):
    """What a presented copy is worth here: `counts`, or the `refusal` it would meet. A dead copy says no balance."""

    certificate_id: UUID
    issuer_name: str
    acceptor_name: str
    face: int
    currency: str
    expires_at: datetime
    counts: bool
    outstanding: int | None = None
    smallest_bill: int = 0
    partial_redemption: bool = False
    transferable: bool = False
    refusal: dict[str, Any] | None = None


@dataclass(frozen=True, kw_only=True)
class Reason:
    """Why the network chose so: `code` is stable, to be translated with `name` and `partners`; `detail` is English."""

    code: str
    detail: str
    name: str = ""
    partners: int = 0


@dataclass(frozen=True, kw_only=True)
class Proposed:
    """What was drawn for a bill, as it would be handed out now."""

    agreement_id: UUID
    acceptor_id: UUID
    acceptor_name: str
    face: int
    expires_at: datetime
    acceptor_address: str = ""


@dataclass(frozen=True, kw_only=True)
class Proposal(Answered):
    """The network's draw for a bill. `certificate` None: none this time."""

    payment_id: UUID
    certificate: Proposed | None
    reason: Reason


@dataclass(frozen=True, kw_only=True)
class Issued(Answered):
    """The issue decision of one bill; `reason` where the network had drawn it."""

    payment_id: UUID
    certificates: tuple[CertificateShown, ...]
    reason: Reason | None = None


@dataclass(frozen=True, kw_only=True)
class DrawRules(Answered):
    """A merchant's hand in the draw, in basis points. `partners`: each with `acceptor_id`, `hand` and `share`."""

    merchant_id: UUID
    policy_version: int
    neutral: int
    exploration: int
    partners: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True, kw_only=True)
class Redeemed(CertificateShown):
    """A deduction: `to_pay` is what the guest still pays of `bill`. Also the answer to its reversal."""

    redemption_id: UUID
    deducted: int
    released: int = 0
    bill: int | None = None
    to_pay: int | None = None


@dataclass(frozen=True, kw_only=True)
class Refunded(Answered):
    """`cash` goes back in money, the rest as new `certificates`; `revoked` died, `standing` were already used."""

    refund_id: UUID
    payment_id: UUID
    amount: int
    cash: int
    currency: str
    certificates: tuple[CertificateShown, ...] = ()
    revoked: tuple[UUID, ...] = ()
    standing: tuple[UUID, ...] = ()


@dataclass(frozen=True, kw_only=True)
class View(Answered):
    """A list or report of which only the frame is fixed: read `raw`."""


Shown = TypeVar("Shown", bound=Answered)


def shown_as(kind: type[Shown], answer: Answer) -> Shown:
    """The answer as a `kind`. Raises UnexpectedAnswer when it lacks what the API promises."""
    try:
        if not isinstance(answer.body, dict):
            raise msgspec.ValidationError("not an object")
        return msgspec.convert(_with_raw(answer.body, answer.position), kind)
    except msgspec.ValidationError as error:
        detail = f"The network answered in a way that this till does not know ({error}). Update the till."
        raise UnexpectedAnswer(detail, may_have_arrived=True, status=answer.status) from error


def listed_as(kind: type[Shown], answer: Answer, name: str) -> tuple[Shown, ...]:
    """The items under `name`, or the body itself when it is a list."""
    items = answer.body.get(name) if isinstance(answer.body, dict) else answer.body
    if not isinstance(items, list):
        raise UnexpectedAnswer(f"The network answered without {name}.", may_have_arrived=True, status=answer.status)
    return tuple(shown_as(kind, Answer(answer.status, item, b"", answer.position)) for item in items)


def _with_raw(body: dict[str, Any], position: int | None) -> dict[str, Any]:
    """The body with the fields of `Answered`, in its certificates too."""
    inner = {
        name: [_with_raw(item, position) if isinstance(item, dict) else item for item in items]
        for name, items in body.items()
        if name == "certificates" and isinstance(items, list)
    }
    return {**body, **inner, "raw": body, "position": position}
