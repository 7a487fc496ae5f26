"""The root and the branches of the tree of refusals, and how one is written down and read again."""

from datetime import datetime
from typing import ClassVar, TypeAlias

from network.domain.units import Minor, money

Fact: TypeAlias = str | int | bool | None


class Refusal(Exception):
    """A request that the facts forbid. `code` is stable, `facts` are for machines, `str()` is for a cashier."""

    code: ClassVar[str] = "refused"
    sentence: ClassVar[str] = "This cannot be done."

    def __init__(self, **facts: object) -> None:
        self.facts: dict[str, Fact] = {name: _plain(value) for name, value in facts.items()}
        super().__init__(self.sentence.format(**_spoken(facts)))

    def body(self) -> dict[str, Fact]:
        """What the caller is told: the code, the sentence and the facts."""
        return {"code": self.code, "detail": str(self), **self.facts}


def _plain(value: object) -> Fact:
    if isinstance(value, datetime):
        return value.isoformat()
    return value if isinstance(value, str | int | bool) or value is None else str(value)


def _spoken(facts: dict[str, object]) -> dict[str, object]:
    """Amounts beside a `currency` are spoken as money, instants as day and minute."""
    currency = facts.get("currency")
    spoken: dict[str, object] = {}
    for name, value in facts.items():
        if isinstance(value, datetime):
            spoken[name] = f"{value:%Y-%m-%d %H:%M}"
        elif isinstance(value, int) and not isinstance(value, bool) and isinstance(currency, str):
            spoken[name] = money(value, currency)
        else:
            spoken[name] = value
    return spoken


class NotFound(Refusal):
    """Nothing by that name in this coalition."""

    code = "not_found"
    sentence = "There is no such thing here."


class NotAllowed(Refusal):
    """The caller's role or side does not permit it."""

    code = "not_allowed"
    sentence = "You may not do this."


class Conflict(Refusal):
    """An id is already taken by other facts."""

    code = "conflict"
    sentence = "This id is already used for something else."


class Invalid(Refusal):
    """A value that can never be right."""

    code = "invalid"
    sentence = "{reason}"


def money_facts(currency: str, **amounts: Minor) -> dict[str, object]:
    """Facts of a refusal that speaks of money: the amounts and their currency."""
    return {**amounts, "currency": currency}


def _all_refusals(of: type[Refusal] = Refusal) -> dict[str, type[Refusal]]:
    found = {of.code: of}
    for sub in of.__subclasses__():
        found |= _all_refusals(sub)
    return found


_found: dict[str, type[Refusal]] = {}


def _kind_of(code: str) -> type[Refusal]:
    if code not in _found:
        _found.update(_all_refusals())  # a room may have been entered since, with refusals of its own
    return _found.get(code, Refusal)


def refusal_of(body: dict[str, object]) -> Refusal:
    """The refusal that `Refusal.body` was made of, as far as its code, sentence and facts go."""
    facts = dict(body)
    code, detail = str(facts.pop("code")), str(facts.pop("detail"))
    kind = _kind_of(code)
    refusal = kind.__new__(kind)
    Exception.__init__(refusal, detail)
    refusal.facts = {name: _plain(value) for name, value in facts.items()}
    return refusal
