"""The answer for a terminal: what an owner reads in a minute, and what it rests on."""

from rich import box
from rich.console import Console
from rich.table import Table

from network.effect.answers import Answer, Effect, Interval

_CONCLUSIONS = {
    "at_any_look": "an effect, however often you look",
    "at_one_look": "an effect only if this is your one planned look; looking daily, wait",
    "none_shown": "no effect as large as {smallest}",
}


def print_answer(answer: Answer, console: Console) -> None:
    """Difference and interval only where they say something; JSON has the rest."""
    console.print(_arms(answer))
    _print_sizes(answer, console)
    _print_adjustment(answer, console)
    compared = [*answer.comparisons, *([answer.pooled] if answer.pooled else [])]
    visits = {each.arm: each.visits for each in compared}
    revenue = {each.arm: each.revenue for each in compared}
    for title, effects, times in (
        ("Visits: percentage points more than the control arm", visits, 100.0),
        ("Revenue: minor units a guest more than the control arm", revenue, 1.0),
    ):
        console.print(_effects(title, effects, times))
        for arm, effect in effects.items():
            console.print(f"  {arm}: {conclusion(effect, times)}")
        console.print()
    if len(answer.comparisons) > 1:
        console.print(
            f"{len(answer.comparisons)} arms were compared at once: p-values are adjusted by Holm, and the intervals "
            "of all arms hold together. The pooled row is a question of its own, every arm counting the same."
        )
    console.print(
        "The interval is for one look at a date chosen in advance, the always-valid one for as many looks as you like; "
        f"both at {_percent(1 - answer.question.alpha)}. They speak of what a guest's own certificate changed, "
        "not of what guests told one another."
    )


def _arms(answer: Answer) -> Table:
    table = _table(
        f"{_number(answer.guests)} guests, {answer.probabilities} probabilities",
        "Arm",
        "Guests",
        "Visits",
        "Visit rate",
        "Mean revenue, minor",
    )
    for arm in answer.arms:
        name = f"{arm.arm} (control)" if arm.arm == answer.question.control else arm.arm
        table.add_row(
            name,
            _number(arm.guests),
            _number(arm.visits),
            f"{100 * arm.visit_rate:.2f} %",
            f"{arm.mean_revenue_minor:.1f}",
        )
    return table


def _print_sizes(answer: Answer, console: Console) -> None:
    sizes = answer.sizes
    if sizes.passed:
        console.print(f"Arm sizes fit their probabilities ({sizes.method}, p = {_p(sizes.p_value)}).")
        return
    counts = ", ".join(f"{arm} {sizes.observed[arm]:.0f}, expected {each:.0f}" for arm, each in sizes.expected.items())
    console.print(
        f"DO NOT TRUST what follows: the arms do not have the sizes their probabilities promise ({sizes.method}, "
        f"p = {_p(sizes.p_value)}; {counts}). Guests were lost, or drawn otherwise than recorded.",
        style="bold red",
    )


def _print_adjustment(answer: Answer, console: Console) -> None:
    if answer.adjustment is None:
        return
    if answer.adjustment.variance_removed > 0:
        share = _percent(answer.adjustment.variance_removed)
        console.print(
            f"Past spending took out {share} of the revenue's variance (CUPED, slope {answer.adjustment.slope:.3f})."
        )
    else:
        console.print("Past spending says too little about revenue here and was not used.")


def _effects(title: str, effects: dict[str, Effect], times: float) -> Table:
    table = _table(title, "Arm", "Difference", "Interval", "p", "Always valid", "p")
    for arm, effect in effects.items():
        cells = (
            f"{times * effect.difference:+.2f}",
            interval_text(effect.interval_all_arms, times),
            _p(effect.p_value_holm),
            interval_text(effect.always_valid_interval_all_arms, times),
            _p(effect.always_valid_p_value_holm),
        )
        table.add_row(arm, *("-" if effect.verdict == "not_enough_yet" else cell for cell in cells))
    return table


def conclusion(effect: Effect, times: float) -> str:
    """In words; `times` as in the table."""
    if effect.verdict != "not_enough_yet":
        return _CONCLUSIONS[effect.verdict].format(smallest=f"{times * effect.smallest_effect:.4g}")
    because = f" ({effect.note})" if effect.note else ""
    if effect.more_guests is None:
        return f"not enough data yet{because}"
    more = f"about {_number(effect.more_guests)} more guests in the two arms are needed"
    return f"not enough data yet{because}: {more} to find a difference of {times * effect.smallest_effect:.4g}"


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left", box=box.SIMPLE)
    for column in columns:
        table.add_column(column, justify="left" if column == "Arm" else "right")
    return table


def interval_text(bounds: Interval | None, times: float) -> str:
    """Both bounds, signed."""
    return "-" if bounds is None else f"{times * bounds[0]:+.2f} to {times * bounds[1]:+.2f}"


def _p(value: float | None) -> str:
    return "-" if value is None else "< 0.0001" if value < 0.0001 else f"{value:.4f}"


def _percent(share: float) -> str:
    return f"{100 * share:.3g} %"


def _number(value: int) -> str:
    return f"{value:,}".replace(",", " ")
