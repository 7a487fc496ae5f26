"""The place on a report for what was measured by lot: sentences, table rows and lines, from `measuring`'s document."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from network.languages import money_text, number_text, percent_text
from network.reports.words import NOT_MEASURED, said

Facts = dict[str, Any]


def _(text: str) -> str:
    return text


HEAD = (_("guests with and without"), _("of them came"), _("visits brought"), _("money brought, a guest"))
ALL_TOGETHER = _("All neighbours together")
_BEGUN = _(
    "Of {drawn} draws by lot, {measured} can be measured by now: known guests whose {days} days are over. Guests who "
    "got a certificate are compared with guests who by lot got none, whether they used it or not. Intervals are of "
    "95 % and hold however often you look."
)
_BEGUN_OWN = _(
    "Of your own {drawn} draws by lot, {measured} can be measured by now: known guests whose {days} days are over. "
    "Whose guests came to you follows from the draws of those neighbours. Guests who got a certificate are "
    "compared with guests who by lot got none, whether they used it or not. Intervals are of 95 % and hold however "
    "often you look."
)
_BY_NEIGHBOURS = _(
    "Neighbours drew by lot which of their guests got your certificate. Guests who got one are compared with guests "
    "who by lot got none, whether they used it or not. Intervals are of 95 % and hold however often you look."
)
_NONE_OVER = _("Not enough data yet: guests were drawn by lot, and no known guest's {days} days are over.")
_WAITING = _("not enough data yet")
_FEW = _("not enough data yet: fewer than five guests so far, or fewer than five who came, with or without one")
_MORE_GUESTS = _("not enough data yet: about {guests} more guests to see a difference of {smallest}")
_MORE_TIME = _("not enough data yet: about {guests} more guests ({time}) to see a difference of {smallest}")
_DAYS = _("some {n} days")
_MONTHS = _("some {n} months")
_YEARS = _("some {n} years")
_LONG = _("more than ten years at this pace")
_EFFECT = _("{difference} ({low} to {high}): an effect")
_NO_EFFECT = _("{difference} ({low} to {high}): no effect as large as {smallest}")
_OPEN = _("{difference} ({low} to {high}): not certain yet")
_KEPT = _("after goods and material {difference} ({low} to {high})")
_OF_HUNDRED = _("{n} of 100 guests")
_UNFIT = _("guests were lost on the way: the draws' numbers do not fit, so nothing is said")
_HIDDEN = "<5"
_YEAR_DAYS = 365
_OUTCOMES = (("visits", "basis_points", 10_000), ("revenue", "minor", 1), ("margin", "minor", 1))


def measured_facts(found: Facts | None, currency: str, language: str) -> Facts:
    """For JSON: `estimate` null only where nothing was randomised, and each comparison with its sentences."""
    if found is None:
        return {"estimate": None, "why": said(NOT_MEASURED, language), "says": said(NOT_MEASURED, language)}
    pairs = [one | {"says": says_of(one, currency, language)} for one in found["pairs"]]
    together = found["together"] | {"says": says_of(found["together"], currency, language)}
    estimate = {**found, "pairs": pairs, "together": together}
    return {"estimate": estimate, "why": None, "says": measured_text(found, language)}


def measured_text(found: Facts | None, language: str) -> str:
    """What was drawn and how it is compared; or that nothing was."""
    if found is None:
        return said(NOT_MEASURED, language)
    draws = found["draws"]
    none_over = not found["pairs"] and not found["together"]["arms"]
    begun = _BEGUN_OWN if found["together"]["issuer_id"] else _BEGUN
    text = said(_NONE_OVER if none_over else begun if draws["randomised"] else _BY_NEIGHBOURS, language)
    drawn, measured = (number_text(draws[name], language) for name in ("randomised", "measured"))
    return text.format(drawn=drawn, measured=measured, days=found["horizon_days"])


def measured_rows(
    found: Facts | None, currency: str, language: str, *, received_by: UUID | None = None, given_by: UUID | None = None
) -> list[list[str]]:
    """A row for each pair, `received_by` a merchant or `given_by` it, and with neither of all; then all together.

    All together speaks of the guests that the reader drew for, so it does not stand among those that it received.
    """
    if found is None:
        return []
    rows = []
    for one in found["pairs"]:
        if received_by is not None and one["acceptor_id"] == received_by:
            rows.append([one["issuer"], *_cells(one, currency, language)])
        elif given_by is not None and one["issuer_id"] == given_by:
            rows.append([one["acceptor"], *_cells(one, currency, language)])
        elif received_by is None and given_by is None:
            rows.append([_about(one), *_cells(one, currency, language)])
    if received_by is None and found["together"]["arms"]:
        rows.append([said(ALL_TOGETHER, language), *_cells(found["together"], currency, language)])
    return rows


def measured_lines(found: Facts | None, currency: str, language: str) -> Iterator[tuple[str, str, Any, str, Any, str]]:
    """For a spreadsheet: `(about, figure, value, unit, of, of what)`; a value that is not shown says why instead."""
    for one in [*found["pairs"], found["together"]] if found else []:
        about = _about(one)
        for arm in one["arms"]:
            guests = _HIDDEN if arm["guests"] is None else arm["guests"]
            yield about, f"guests_{arm['arm']}", guests, "count", "", ""
            rate = _HIDDEN if arm["visit_rate"] is None else round(10_000 * arm["visit_rate"])
            yield about, f"visit_rate_{arm['arm']}", rate, "basis_points", guests, "guests"
        for outcome, unit, times in _OUTCOMES:
            effect = one[outcome]
            if effect is None:
                continue
            interval = effect.get("always_valid_interval_all_arms")
            says = effect_text(effect, outcome, currency, language)
            if interval and _is_fit(one):
                values = zip(("difference", "low", "high"), (effect["difference"], *interval), strict=True)
                for name, value in values:
                    yield about, f"{outcome}_{name}", round(times * value), unit, "", says
            else:
                yield about, f"{outcome}_difference", says if _is_fit(one) else said(_UNFIT, language), unit, "", ""


def effect_text(effect: Facts, outcome: str, currency: str, language: str) -> str:
    """What may be said of one difference, however often it is looked at."""
    interval = effect.get("always_valid_interval_all_arms")
    if effect["verdict"] == "not_enough_yet" or not interval:
        return _wait(effect, outcome, currency, language)

    low, high = interval
    smallest = effect["smallest_effect"]
    is_small = -smallest < low and high < smallest
    text = _EFFECT if effect["verdict"] == "at_any_look" else _NO_EFFECT if is_small else _OPEN
    return said(text, language).format(
        difference=_value(effect["difference"], outcome, currency, language, sign=True),
        low=_bare(low, outcome, currency, language),
        high=_bare(high, outcome, currency, language),
        smallest=_value(smallest, outcome, currency, language),
    )


def _money(one: Facts, currency: str, language: str) -> str:
    """The effect on what guests pay; and what of it stays with the shop, where its margin is known."""
    text = effect_text(one["revenue"], "revenue", currency, language)
    kept = one["margin"]
    interval = kept and kept.get("always_valid_interval_all_arms")
    if not interval or kept["verdict"] == "not_enough_yet":
        return text
    low, high = (_bare(bound, "margin", currency, language) for bound in interval)
    difference = _value(kept["difference"], "margin", currency, language, sign=True)
    return f"{text}; {said(_KEPT, language).format(difference=difference, low=low, high=high)}"


def _wait(effect: Facts, outcome: str, currency: str, language: str) -> str:
    guests, days = effect["more_guests"], effect["more_days"]
    if guests is None:
        return said(_WAITING, language)
    return said(_MORE_GUESTS if days is None else _MORE_TIME, language).format(
        guests=number_text(guests, language),
        time=_time(days or 0, language),
        smallest=_value(effect["smallest_effect"], outcome, currency, language),
    )


def _time(days: int, language: str) -> str:
    """So that it can be imagined; nobody waits for what takes longer than that."""
    if days > 10 * _YEAR_DAYS:
        return said(_LONG, language)
    for text, long, one in ((_YEARS, 2 * _YEAR_DAYS, _YEAR_DAYS), (_MONTHS, 61, _YEAR_DAYS / 12)):
        if days >= long:
            return said(text, language).format(n=round(days / one))
    return said(_DAYS, language).format(n=days)


def _value(number: float, outcome: str, currency: str, language: str, *, sign: bool = False) -> str:
    """Of a hundred guests, or money for each guest."""
    bare = ("+" if sign and number > 0 else "") + _bare(number, outcome, currency, language)
    return said(_OF_HUNDRED, language).format(n=bare) if outcome == "visits" else bare


def _bare(number: float, outcome: str, currency: str, language: str) -> str:
    if outcome == "visits":
        return number_text(round(100 * number, 1), language)
    return money_text(round(number), currency, language)


def says_of(one: Facts, currency: str, language: str) -> dict[str, str]:
    """What may be said of one comparison, by outcome; with "sizes" alone where its arms are not to be believed."""
    if not _is_fit(one):
        return {"sizes": said(_UNFIT, language)}
    if one["visits"] is None:
        return {"visits": said(_FEW, language), "revenue": said(_WAITING, language)}
    says = {name: effect_text(one[name], name, currency, language) for name in ("visits", "margin") if one[name]}
    return says | ({"revenue": _money(one, currency, language)} if one["revenue"] else {})


def _cells(one: Facts, currency: str, language: str) -> list[str]:
    if not one["arms"]:
        return ["–", "–", said(_FEW, language), said(_WAITING, language)]
    arms = {arm["arm"]: arm for arm in one["arms"]}
    both = [arms["certificate"], arms["none"]]
    guests = " / ".join(_HIDDEN if arm["guests"] is None else number_text(arm["guests"], language) for arm in both)
    came = " / ".join(
        _HIDDEN if arm["visit_rate"] is None else percent_text(arm["visit_rate"], language) for arm in both
    )
    if not _is_fit(one):
        return [guests, came, said(_UNFIT, language), "–"]
    return [guests, came, effect_text(one["visits"], "visits", currency, language), _money(one, currency, language)]


def _is_fit(one: Facts) -> bool:
    return one["sizes"] is None or bool(one["sizes"]["passed"])


def _about(one: Facts) -> str:
    return f"{one['issuer'] or '*'} → {one['acceptor'] or '*'}"
