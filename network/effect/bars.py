"""What the proof must show, and whether it did."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any, Literal, TypeAlias

from network.effect.distributions import normal_quantile
from network.effect.neighbourhoods import Neighbourhood
from network.effect.proof import ALPHA, Proof

HOLDS_AT_LEAST = 0.94
CLAIMS_AT_MOST = 0.05
HOLDS_ONCE = "one look at the horizon holds the truth"
HOLDS_DAILY = "every daily look holds the truth"
EVERYWHERE = "all of them"
CLAIMS = "a daily look ever claims an effect"


Verdict: TypeAlias = Literal["passed", "within_luck", "missed"]
"""`within_luck` is beyond the bar, but by no more than so few worlds may be by chance. With 1 000 worlds a true 95 %
shows less than 94 % in one of fourteen counts; all neighbourhoods together decide, without this allowance."""


_VERDICTS: dict[tuple[bool, bool], Verdict] = {
    (True, True): "passed",
    (True, False): "passed",
    (False, True): "within_luck",
    (False, False): "missed",
}


@dataclass(frozen=True, slots=True)
class Bar:
    """One promise about one outcome of one neighbourhood."""

    neighbourhood: str
    outcome: str
    promise: str
    worlds: int
    share: float
    low: float
    high: float
    """What the share could be with infinitely many worlds, at 95 % (Wilson's interval)."""
    verdict: Verdict


def has_effect(place: Neighbourhood) -> bool:
    """Whether certificates change anything there."""
    return any(rate != place.control_rate for rate in place.treated_rates)


def name_of(place: Neighbourhood) -> str:
    """For tables."""
    return place.name + ("" if has_effect(place) else ", no effect")


def bars_of(proof: Proof) -> Iterator[Bar]:
    """In a neighbourhood with an effect its intervals must hold; without one, nothing may be claimed as well."""
    name = name_of(proof.place)
    for outcome, tally in (("visits", proof.visits), ("revenue", proof.revenue)):
        held = [
            (HOLDS_ONCE, tally.held_at_horizon, tally.known_at_horizon),
            (HOLDS_DAILY, tally.held_at_every_look, tally.ever_known),
        ]
        for promise, count, of in held:
            # An interval that was given in no world promises nothing.
            if of:
                yield _bar(name, outcome, promise, of, count)
        if not has_effect(proof.place):
            yield _bar(name, outcome, CLAIMS, tally.worlds, tally.claimed_at_any_look)


def pooled_bars(bars: list[Bar]) -> list[Bar]:
    """Each promise over all neighbourhoods: so many worlds leave little to chance."""
    pooled = []
    for outcome, promise in dict.fromkeys((bar.outcome, bar.promise) for bar in bars):
        alike = [bar for bar in bars if (bar.outcome, bar.promise) == (outcome, promise)]
        worlds = sum(bar.worlds for bar in alike)
        count = round(sum(bar.share * bar.worlds for bar in alike))
        pooled.append(_bar(EVERYWHERE, outcome, promise, worlds, count))
    return pooled


def proof_document(
    proofs: list[Proof], bars: list[Bar], power: list[Proof], limit: Proof, *, worlds: int, seed: int
) -> dict[str, Any]:
    """All counts, for whoever wants to judge by other bars."""
    return {
        "worlds": worlds,
        "seed": seed,
        "alpha": ALPHA,
        "holds_at_least": HOLDS_AT_LEAST,
        "claims_at_most": CLAIMS_AT_MOST,
        "passed": not any(bar.verdict == "missed" for bar in bars),
        "bars": [asdict(bar) for bar in bars],
        "neighbourhoods": [asdict(proof) for proof in proofs],
        "power": [asdict(proof) for proof in power],
        "limit": asdict(limit),
    }


def _bar(name: str, outcome: str, promise: str, worlds: int, count: int) -> Bar:
    share, low, high = _share(count, worlds)
    is_claim = promise == CLAIMS
    passed = share <= CLAIMS_AT_MOST if is_claim else share >= HOLDS_AT_LEAST
    may_be_luck = name != EVERYWHERE and (low <= CLAIMS_AT_MOST if is_claim else high >= HOLDS_AT_LEAST)
    return Bar(name, outcome, promise, worlds, share, low, high, _VERDICTS[passed, may_be_luck])


def _share(count: int, worlds: int) -> tuple[float, float, float]:
    z = -float(normal_quantile(0.025))
    share = count / worlds
    middle = (share + z * z / (2 * worlds)) / (1 + z * z / worlds)
    reach = z / (1 + z * z / worlds) * (share * (1 - share) / worlds + z * z / (4 * worlds * worlds)) ** 0.5
    return share, max(0.0, middle - reach), min(1.0, middle + reach)
