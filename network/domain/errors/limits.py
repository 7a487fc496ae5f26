"""Refusals about limits, who may raise them, and campaigns."""

from network.domain.errors.refusal import Conflict, NotAllowed, NotFound, Refusal


class CampaignNotFound(NotFound):
    """No campaign has this id."""

    code = "campaign_not_found"
    sentence = "There is no such campaign in this coalition."


class CampaignConflict(Conflict):
    """The campaign id is taken."""

    code = "campaign_conflict"
    sentence = "This campaign is already on record under another name."


class RaiseNotFound(NotFound):
    """No raise that waits has this id."""

    code = "raise_not_found"
    sentence = "No such raise of a limit is waiting."


class RaiseConflict(Conflict):
    """The id of the raise is taken."""

    code = "raise_conflict"
    sentence = "This raise is already on record."


class RaiseNeedsTwo(Refusal):
    """One person alone may lower a limit, and not raise or lift it."""

    code = "raise_needs_two"
    sentence = "Raising or lifting a limit takes two people. Propose it, and let another organizer confirm."


class SecondPersonNeeded(Refusal):
    """The coalition has one organizer, so nobody could confirm."""

    code = "second_person_needed"
    sentence = "A second organizer is needed to raise a limit. Make a credential for another person first."


class CannotConfirmOwnRaise(NotAllowed):
    """The second person is another one than the first."""

    code = "cannot_confirm_own_raise"
    sentence = "You proposed this raise. Another organizer has to confirm it."


class RaiseExpired(Refusal):
    """Nobody confirmed it in time."""

    code = "raise_expired"
    sentence = "This raise waited until {expired_at} (UTC) and was not confirmed. Propose it again."


class CapChangedSince(Refusal):
    """The limit is not the one that the proposer saw."""

    code = "cap_changed_since"
    sentence = "The limit was changed since this raise was proposed. Propose it again."


class CapReached(Refusal):
    """The limit leaves no room for another certificate."""

    code = "cap_reached"
    sentence = "The limit {scope} leaves no room for this: {available} is available, {requested} is needed."
