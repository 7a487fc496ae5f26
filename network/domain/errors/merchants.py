"""Refusals about a partner: whether it is known and takes part."""

from network.domain.errors.refusal import Conflict, Invalid, NotFound, Refusal


class MerchantNotFound(NotFound):
    """No partner has this id."""

    code = "merchant_not_found"
    sentence = "There is no such partner in this coalition."


class MerchantConflict(Conflict):
    """The merchant id is taken."""

    code = "merchant_conflict"
    sentence = "This partner is already on record."


class InvalidTax(Invalid):
    """A country or tax rates that cannot be, or a bill that is split by other ones."""

    code = "invalid_tax"


class MerchantNotAdmitted(Refusal):
    """Only an admitted partner trades."""

    code = "merchant_not_admitted"
    sentence = "{name} does not take part in the network at present ({state})."


class MerchantStateForbids(Refusal):
    """The partner's state does not allow this step."""

    code = "merchant_state_forbids"
    sentence = "{name} is {state}, so this step is not possible."
