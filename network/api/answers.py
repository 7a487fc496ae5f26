"""The shapes of the answers, for the description of the API. Commands answer with stored bytes; these check nothing."""

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict


class Answer(BaseModel):
    """Members may be added; a reader ignores those it does not know."""

    model_config = ConfigDict(extra="allow")


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


class WalletForgotten(Answer):
    """A guest who is forgotten."""

    wallet_id: UUID
    erased: bool


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


class AgreementState(Answer):
    """Where an agreement stands."""

    agreement_id: UUID
    issuer_id: UUID
    acceptor_id: UUID
    state: str
    version_in_force: int | None
    version_waiting: int | None


class AllotmentState(Answer):
    """A stock."""

    allotment_id: UUID
    acceptor_id: UUID
    partner_id: UUID
    agreement_id: UUID
    face: int
    left: int
    last_on: str
    transferable: bool


class PaymentState(Answer):
    """A bill: whole, less certificates, paid in money."""

    payment_id: UUID
    merchant_id: UUID
    bill_reference: str
    amount: int
    deducted: int
    paid: int
    currency: str


class CertificateState(Answer):
    """A certificate, without its copy."""

    certificate_id: UUID
    issuer_id: UUID
    acceptor_id: UUID
    state: str | None
    face: int
    outstanding: int | None
    currency: str
    expires_at: datetime
    epoch: int
    in_wallet: bool | None
    transferable: bool
    partial_redemption: bool
    smallest_bill: int


class CertificateCopy(CertificateState):
    """A certificate with the copy that its holder shows. With a `holder_key` it is bound to that phone's key: the token
    counts only inside the phone's signature, and there is no lasting code.
    """

    issuer_name: str
    acceptor_name: str
    token: str
    typed_code: str | None
    holder_key: str | None


class ShownCode(Answer):
    """A code to say at the till, for a few minutes."""

    typed_code: str
    ends_at: datetime


class LinkedCopy(CertificateCopy):
    """The same, with the link that its QR shows."""

    link: str


class Issued(Answer):
    """The issue decision."""

    payment_id: UUID
    certificates: list[CertificateCopy]


class ProposalReason(Answer):
    """Why. `code` is stable and to be translated with `name` and `partners`; `detail` says it in English."""

    code: str
    detail: str
    name: str
    partners: int


class ProposedCertificate(Answer):
    """What was drawn, as it would be handed out now."""

    agreement_id: UUID
    acceptor_id: UUID
    acceptor_name: str
    acceptor_address: str
    face: int
    currency: str
    expires_at: datetime


class Proposal(Answer):
    """The draw of a bill. `certificate` None: none this time."""

    payment_id: UUID
    certificate: ProposedCertificate | None
    reason: ProposalReason


class IssuedByDraw(Proposal):
    """The issue decision by the draw: one certificate, or none."""

    certificates: list[CertificateCopy]


class DrawRules(Answer):
    """A merchant's hand in the draw; shares in basis points."""

    merchant_id: UUID
    policy_version: int
    neutral: int
    exploration: int
    partners: list[dict[str, Any]]


class WebhookTry(Answer):
    """What came of one post to a webhook."""

    delivered: bool
    status: int | None
    error: str | None


class DrawOutlook(Answer):
    """What a bill would be drawn among. `neutral` and each `probability` in millionths; together a million."""

    bill: int
    neutral: int
    partners: list[dict[str, Any]]
    passed_over: list[dict[str, Any]]


class Refunded(Answer):
    """What went back: money, and certificates for what certificates had paid."""

    refund_id: UUID
    payment_id: UUID
    amount: int
    cash: int
    currency: str
    certificates: list[CertificateCopy]
    revoked: list[UUID]
    standing: list[UUID]


class RedemptionState(CertificateState):
    """A deduction. `to_pay` is what the bill has left."""

    redemption_id: UUID
    deducted: int
    released: int


class Redeemed(RedemptionState):
    """A deduction from a bill."""

    bill: int | None
    to_pay: int | None


class Worth(CertificateState):
    """What a presented copy is worth here. `refusal` says why it would be refused now."""

    issuer_name: str
    acceptor_name: str
    acceptor_address: str
    counts: bool
    refusal: dict[str, Any] | None


class Opened(Worth):
    """The same for somebody without a credential, with the coalition to open a wallet in."""

    slug: str


class MarginState(Answer):
    """What a partner keeps of a bill, in basis points."""

    merchant_id: UUID
    margin: int | None


class CapState(Answer):
    """A limit as it was set."""

    scope: str
    limit: int | None


class WindowState(Answer):
    """A window after a step of its closing."""

    number: int
    state: str


class WindowDetails(WindowState):
    """How far a window is: cut, stated, agreed, instructed, part_paid, settled."""

    window_id: UUID
    state_at: datetime
    cut_at: datetime
    method: str
    threshold: int
    review_days: int
    review_ends_at: datetime | None
    due_on: str | None


class StatementPage(Answer):
    """A party's statement with a page of its lines; amounts are signed from its side."""

    heading: dict[str, Any]
    in_force: int
    version: int
    made_at: datetime | None
    party_id: UUID
    opening: int
    closing: int
    changes: dict[str, int]
    due: int
    rolled_over: int
    pairs: list[dict[str, Any]]
    lines: list[dict[str, Any]]
    next_after: int
    more: bool


class ScheduleState(Answer):
    """When windows are cut by themselves."""

    cadence: str
    day: int
    pay_days: int
    reminder_days: list[int]


class Instructed(WindowState):
    """What was asked for."""

    version: int
    due_on: str
    payments: int
    to_pay: int
    without_bank: int


class PayoutState(WindowState):
    """A payment after something was said of it, and its window."""

    version: int
    end_to_end_id: str
    asked: int
    paid: int
    missing: int
    standing: str


class PayoutShown(Answer):
    """A payment: `standing` is open, part_paid, paid, overpaid or returned."""

    end_to_end_id: str
    window_number: int
    version: int
    debtor_id: UUID
    debtor: str
    creditor_id: UUID
    creditor: str
    amount: int
    due_on: str
    paid: int
    missing: int
    surplus: int
    standing: str
    bookings: list[dict[str, Any]]


class BankDetailsKnown(Answer):
    """Whether a party has bank details now."""

    party_id: UUID
    known: bool


class BankDetailsShown(Answer):
    """A party's bank details, or null."""

    party_id: UUID
    details: dict[str, Any] | None


class BankFileLoaded(Answer):
    """What a bank's answer came to: `lines` = `matched` + `known` + `unmatched`."""

    file_id: UUID
    kind: str
    lines: int
    matched: int
    known: int
    unmatched: int
    not_booked: int
    booked: list[dict[str, Any]]


class DisputeState(Answer):
    """A disputed line. `withheld`: its window leaves the amount out of what is to be paid."""

    dispute_id: UUID
    state: str
    window_number: int
    position: int
    kind: str
    debtor_id: UUID
    creditor_id: UUID
    amount: int
    reason: str
    withheld: bool
    answer_by: datetime


class Recomputed(Answer):
    """A new version of a window."""

    window_id: UUID
    number: int
    state: str
    version: int
    payments: int
    to_pay: int


class DepositState(Answer):
    """What is left of a partner's deposit."""

    merchant_id: UUID
    balance: int
    held_by: str


class DefaultDeclared(Answer):
    """Who bears what, step by step: deposit, set-off, pool, creditors."""

    default_id: UUID
    window_number: int
    version: int
    defaulter_id: UUID
    waterfall: dict[str, Any]
    payments: int
    to_pay: int


class DefaultRecovered(Answer):
    """What is still lost after a recovery."""

    default_id: UUID
    amount: int
    paid_to: UUID
    still_lost: int


class DrillShown(Answer):
    """What a default would cost whom, as the log stood at `position`. An owner's cases are its own losses."""

    position: int
    worst: list[dict[str, Any]]
    cases: list[dict[str, Any]]


class VersionShown(Answer):
    """A window's newest version. `current`: it takes in everything that has come to the window. `consented`: the caller
    agreed to its statement by word.
    """

    number: int
    state: str
    version: int
    current: bool
    consented: bool
    defaulters: list[UUID]
    changes: list[dict[str, Any]]
    payments: list[dict[str, Any]]
    carried: list[dict[str, Any]]


class TillJournal(Answer):
    """One device key and its receipts. `state`: active, replaced, revoked. `blocked` says why nothing more is taken in,
    and at which sequence. `next_sequence` and `previous` (hex) are what its next receipt names.
    """

    journal: int
    kid: str
    state: str
    blocked: dict[str, Any] | None
    next_sequence: int
    previous: str


class TillKey(TillJournal):
    """The journal that a till's key begins, or goes on with."""

    till_id: UUID
    merchant_id: UUID


class TillJournals(Answer):
    """A till's keys, the newest last."""

    till_id: UUID
    merchant_id: UUID
    journals: list[TillJournal]


class DeliveredReceipt(Answer):
    """What became of one receipt. `status`: booked, conflicted, refused, waiting. `borne_by`: acceptor, issuer or pool,
    of a conflicted one. `breaches`: which rules it broke.
    """

    sequence: int
    kid: str
    receipt: str
    status: str
    code: str | None
    detail: str
    certificate_id: UUID
    redemption_id: UUID
    amount: int
    borne_by: str | None
    breaches: list[str]


class DeliveredReceipts(Answer):
    """One answer for each receipt, in the order in which they were sent, and the till's journals after that."""

    receipts: list[DeliveredReceipt]
    till: TillJournals


class OfflineRule(Answer):
    """Up to which sum (minor units) certificates of an issuer may be taken without a network, and from which bill."""

    issuer_id: UUID
    issuer_number: int
    issuer_name: str
    ceiling: int
    smallest_bill: int
    partial: bool
    transferable: bool


class TillKit(Answer):
    """What a till needs to judge a certificate without a network; nothing of it is about guests."""

    till_id: UUID
    merchant_id: UUID
    merchant_number: int
    coalition_id: UUID
    coalition_number: int
    slug: str
    currency: str
    time_zone: str
    root_key: RootKey
    keys_url: str
    lists: list[dict[str, str]]
    rules: list[OfflineRule]
    list_seconds_max: int
    proof_seconds: int
    at: datetime
