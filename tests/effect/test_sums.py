"""Sums of parts say what the guests say: the same answer, however they are divided and whatever the bills are."""

from collections.abc import Iterator
from dataclasses import asdict

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from network.effect.estimate import estimate
from network.effect.question import Question
from network.effect.sample import Sample
from network.effect.summed import estimate_sums
from network.effect.sums import NOBODY, ArmSums, Guests

ASKED = Question(control="none", together=3)
MILLION = 1_000_000


@st.composite
def experiments(draw: st.DrawFn) -> tuple[Guests, np.ndarray]:
    """Guests with odds of a few kinds, and who of them was drawn for a certificate: at least one of each arm."""
    random = np.random.default_rng(draw(st.integers(0, 2**32)))
    size, kinds = draw(st.integers(4, 300)), draw(st.integers(1, 4))
    kind = random.integers(0, kinds, size)
    kind[:4] = 0, 0, kinds - 1, kinds - 1  # so that odds that change are seen to change in each arm
    neutral = random.integers(20_000, 400_000, kinds)[kind]
    drawn = random.random(size) > neutral / MILLION
    drawn[:4] = False, True, False, True
    own, other = np.where(drawn, MILLION - neutral, neutral), np.where(drawn, neutral, MILLION - neutral)
    visited = random.random(size) < draw(st.sampled_from([0.0, 0.02, 0.3, 1.0]))
    revenue = np.where(visited, random.lognormal(7, draw(st.sampled_from([0.0, 1.0, 2.0])), size), 0).astype(np.int64)
    revenue += np.where(visited, draw(st.sampled_from([0, 10**10])), 0)
    past = np.where(random.random(size) < 0.5, revenue // 2 + random.integers(0, 900, size), 0)
    return Guests(own, other, visited, revenue, past, random.integers(1, 10**15, size)), drawn


@settings(deadline=None, max_examples=40)
@given(experiments(), st.integers(1, 5))
def test_sums_of_parts_give_the_answer_that_the_guests_give(experiment: tuple[Guests, np.ndarray], parts: int) -> None:
    guests, drawn = experiment
    part = np.arange(len(drawn)) % parts

    found = guests.sums(2 * part + drawn)
    control, treated = (
        sum((sums for group, sums in reversed(found.items()) if group % 2 == arm), NOBODY) for arm in (0, 1)
    )
    summed = estimate_sums(control, treated, ASKED, treated_name="certificate")

    whole = guests.sums(drawn.astype(np.int64))
    assert (control, treated) == (whole[0], whole[1])
    assert ArmSums.of(control.numbers) == control
    sample = Sample(
        ("none", "certificate"),
        drawn.astype(np.int64),
        guests.own / (guests.own + guests.other),
        guests.visited.astype(np.float64),
        guests.revenue.astype(np.float64),
        guests.past.astype(np.float64),
    )
    read = estimate(sample, ASKED)
    largest = max(1.0, float(guests.revenue.max()))
    for name, (mine, theirs) in both(asdict(summed), asdict(read)):
        if isinstance(mine, float) and isinstance(theirs, float):
            scale = largest if "revenue" in name and "p_value" not in name else 1.0
            assert mine == pytest.approx(theirs, rel=1e-5, abs=1e-6 * scale), name
        elif "more_guests" in name and mine and theirs:
            assert mine == pytest.approx(theirs, rel=1e-5, abs=1), name  # rounded up
        else:
            assert mine == theirs, name


def both(mine: object, theirs: object, name: str = "") -> Iterator[tuple[str, tuple[object, object]]]:
    """Each figure of the one document with that of the other."""
    if isinstance(mine, dict) and isinstance(theirs, dict):
        assert mine.keys() == theirs.keys()
        for key, value in mine.items():
            yield from both(value, theirs[key], f"{name}.{key}")
    elif isinstance(mine, (list, tuple)) and isinstance(theirs, (list, tuple)):
        for place, (here, there) in enumerate(zip(mine, theirs, strict=True)):
            yield from both(here, there, f"{name}[{place}]")
    else:
        yield name, (mine, theirs)


def test_what_large_bills_hide_from_floating_point_is_kept() -> None:
    """Bills of ten million and a unit more or less: their variance is a part in 10^14 of their squares."""
    bills = np.array([10**9, 10**9 + 1, 10**9 + 2] * 40, dtype=np.int64)
    even = np.full(len(bills), 500_000)
    everybody = np.ones(len(bills), dtype=np.bool_)
    sums = Guests(even, even, everybody, bills, np.zeros_like(bills), np.ones_like(bills)).sums(np.arange(120) % 2)

    effect = estimate_sums(sums[0], sums[1], ASKED, treated_name="certificate").comparisons[0].revenue

    assert effect.interval is not None
    spread = effect.interval[1] - effect.interval[0]
    assert spread == pytest.approx(2 * 2.054 * np.sqrt(2 / 3) * np.sqrt(2 / 60), rel=0.05)
