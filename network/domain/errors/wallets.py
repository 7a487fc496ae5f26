"""Refusals about a guest's wallet and what is in it."""

from network.domain.errors.refusal import NotAllowed, NotFound, Refusal


class WalletNotFound(NotFound):
    """No wallet has this id."""

    code = "wallet_not_found"
    sentence = "There is no such wallet."


class WalletErased(Refusal):
    """Its guest wanted to be forgotten."""

    code = "wallet_erased"
    sentence = "This wallet was deleted by its guest."


class RecoveryCodeUnknown(Refusal):
    """No wallet is opened by this code, or it was used already."""

    code = "recovery_code_unknown"
    sentence = "This recovery code does not fit, or was used already."


class NotTheHolder(NotAllowed):
    """Another wallet holds the certificate now."""

    code = "not_the_holder"
    sentence = "This certificate is not in your wallet."


class AlreadyHeld(Refusal):
    """The certificate is in a wallet already; it has to be passed on first."""

    code = "certificate_already_held"
    sentence = "This certificate is already in a wallet."


class NotTransferable(Refusal):
    """The terms do not let it be passed on."""

    code = "not_transferable"
    sentence = "This certificate cannot be passed on."
