"""Every command of the network, one method each: load, act, record. Rules are in `domain`, writing in `committer`."""

from network.application.agreements import AgreementCommands
from network.application.allotments import AllotmentCommands
from network.application.base import Answer, Request
from network.application.certificates import CertificateCommands
from network.application.coalitions import CoalitionCommands
from network.application.defaults import DefaultCommands
from network.application.disputes import DisputeCommands
from network.application.drawing import DrawCommands
from network.application.imports import ImportCommands
from network.application.offline import OfflineCommands
from network.application.payments import PaymentCommands
from network.application.payouts import PayoutCommands
from network.application.wallets import WalletCommands
from network.application.windows import WindowCommands

__all__ = ["Answer", "Application", "Request"]


class Application(
    CoalitionCommands,
    AgreementCommands,
    PaymentCommands,
    DrawCommands,
    AllotmentCommands,
    CertificateCommands,
    OfflineCommands,
    ImportCommands,
    WindowCommands,
    WalletCommands,
    DisputeCommands,
    DefaultCommands,
    PayoutCommands,
):
    """The commands of one coalition."""
