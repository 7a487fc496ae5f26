"""What a coalition as a whole refuses: names, parties, currencies, request keys."""

from network.domain.errors.refusal import Conflict, Invalid, NotFound


class CoalitionNotFound(NotFound):
    """No coalition has this name."""

    code = "coalition_not_found"
    sentence = "There is no such coalition."


class PartyNotFound(NotFound):
    """Neither a partner nor the pool nor the organizer."""

    code = "party_not_found"
    sentence = "There is no such party in this coalition."


class InvalidCurrency(Invalid):
    """Not a currency of ISO 4217, or not this coalition's."""

    code = "invalid_currency"


class InvalidTimeZone(Invalid):
    """Not a time zone of the IANA database."""

    code = "invalid_time_zone"


class InvalidAmount(Invalid):
    """An amount that is negative, zero or beyond what the network counts."""

    code = "invalid_amount"


class RequestConflict(Conflict):
    """The request key was used before with other details."""

    code = "request_conflict"
    sentence = "This request key was already used for another request. Use a new one."
