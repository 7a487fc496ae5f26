"""Refusals: well-formed requests that the facts forbid. Each has a stable code and a sentence for a cashier.
They are written down by topic, a file each, and have this one entrance: whoever imports it knows every code.

Refusal
+-- NotFound             nothing by that name in this coalition
|   +-- MerchantNotFound, AgreementNotFound, PaymentNotFound, CertificateNotFound, RedemptionNotFound,
|       AllotmentNotFound, WalletNotFound, WindowNotFound, CoalitionNotFound, CampaignNotFound, RaiseNotFound,
|       LineNotFound, DisputeNotFound, DefaultNotFound, DepositNotFound, PartyNotFound, PayoutNotFound,
|       BankFileNotFound, BankLineNotFound, VersionNotFound, TillNotFound, JournalNotFound
+-- NotAllowed           the caller's role or side does not permit it
|   +-- NotAParty, WrongAcceptor, NotTheHolder, OnlyTheIssuer, CannotAcceptForTheOther, CannotConfirmOwnRaise,
|       NotTheDebtor, NotTheOtherSide, NotYourPayment, NotInTheWindow
+-- Conflict             an id is already taken by other facts
|   +-- RequestConflict, BillConflict, RedemptionConflict, RefundConflict, MerchantConflict, AgreementConflict,
|       CertificateConflict, AllotmentConflict, CampaignConflict, RaiseConflict, WindowConflict, DisputeConflict,
|       DefaultConflict, FiguresChanged, BookingConflict, BankLineAssigned
+-- Invalid              a value that can never be right
|   +-- InvalidTerms, InvalidDrawRules, InvalidAmount, InvalidTax, InvalidCurrency, InvalidTimeZone, BankLineMisfit,
|       WhatIfTooLarge
+-- the rest             facts that forbid it now: CertificateExpired, CertificatePassedOn, CapReached ...
"""

from network.domain.errors.agreements import (
    AgreementConflict,
    AgreementNotActive,
    AgreementNotFound,
    AgreementStateForbids,
    CannotAcceptForTheOther,
    InvalidDrawRules,
    InvalidTerms,
    NotAParty,
    VersionNotPending,
    WhatIfTooLarge,
)
from network.domain.errors.allotments import (
    AllotmentConflict,
    AllotmentEnded,
    AllotmentExhausted,
    AllotmentNotFound,
    AllotmentNotTransferable,
)
from network.domain.errors.certificates import (
    CertificateConflict,
    CertificateExpired,
    CertificateNotFound,
    CertificateRedeemed,
    CertificateRevoked,
    CertificateUsed,
    DayOver,
    NotYetExpired,
    OnlyTheIssuer,
    WrongAcceptor,
)
from network.domain.errors.coalition import (
    CoalitionNotFound,
    InvalidAmount,
    InvalidCurrency,
    InvalidTimeZone,
    PartyNotFound,
    RequestConflict,
)
from network.domain.errors.copies import (
    CertificateClaimed,
    CertificatePassedOn,
    CertificatePrinted,
    CertificateRebound,
    ProofMissing,
    ProofStale,
    ProofUsed,
    UnknownEpoch,
)
from network.domain.errors.defaults import DefaultConflict, DefaultNotFound, DepositNotFound, OwesNothing
from network.domain.errors.disputes import (
    AnswerTimeNotOver,
    DisputeConflict,
    DisputeNotFound,
    DisputeStateForbids,
    DisputeTooLate,
    LineNotDisputable,
    NotTheDebtor,
    NotTheOtherSide,
)
from network.domain.errors.limits import (
    CampaignConflict,
    CampaignNotFound,
    CannotConfirmOwnRaise,
    CapChangedSince,
    CapReached,
    RaiseConflict,
    RaiseExpired,
    RaiseNeedsTwo,
    RaiseNotFound,
    SecondPersonNeeded,
)
from network.domain.errors.merchants import (
    InvalidTax,
    MerchantConflict,
    MerchantNotAdmitted,
    MerchantNotFound,
    MerchantStateForbids,
)
from network.domain.errors.payments import (
    BillAlreadyPaid,
    BillConflict,
    BillCovered,
    BillTooSmallToIssue,
    IssueAlreadyDecided,
    NotCombinable,
    PaymentNotFound,
    PaymentRefunded,
    RefundConflict,
    RefundTooLarge,
)
from network.domain.errors.payouts import (
    BankFileNotFound,
    BankLineAssigned,
    BankLineMisfit,
    BankLineNotFound,
    BookingConflict,
    NoPaymentFile,
    NothingToRemind,
    NotYourPayment,
    PayoutNotFound,
    RemindedAlready,
)
from network.domain.errors.redemptions import (
    BillTooSmallToRedeem,
    InsufficientBalance,
    MoreThanTheBill,
    PartialRedemptionNotAllowed,
    RedemptionConflict,
    RedemptionNotFound,
    RedemptionRefunded,
    RedemptionReversed,
    ReversalTooLate,
)
from network.domain.errors.refusal import (
    Conflict,
    Fact,
    Invalid,
    NotAllowed,
    NotFound,
    Refusal,
    money_facts,
    refusal_of,
)
from network.domain.errors.tills import JournalNotBlocked, JournalNotFound, TillBlocked, TillKeyRevoked, TillNotFound
from network.domain.errors.wallets import (
    AlreadyHeld,
    NotTheHolder,
    NotTransferable,
    RecoveryCodeUnknown,
    WalletErased,
    WalletNotFound,
)
from network.domain.errors.windows import (
    FiguresChanged,
    LineNotFound,
    NotInTheWindow,
    ReviewNotOver,
    VersionNotFound,
    WindowConflict,
    WindowNotFound,
    WindowOutOfOrder,
    WindowStateForbids,
)
