"""Figures: a value with its unit, what it is a share of, the period, and how it is counted."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from network.domain.units import BasisPoints, pro_rata_rounded_half_up, share_rounded_half_up
from network.projections.effects.waits import median_hours
from network.reports.period import Period
from network.reports.reading import Group, Sums
from network.reports.suppression import hidden


class Unit(StrEnum):
    """What a value is in. Shares are basis points."""

    COUNT = "count"
    MONEY = "minor"
    SHARE = "basis_points"
    HOURS = "hours"


class Why(StrEnum):
    """Why a figure has no value."""

    NOBODY = "nobody"
    FEW = "fewer_than_5"
    NO_MARGIN = "no_margin"
    OWNERS_ALONE = "owners_alone"


@dataclass(frozen=True, slots=True)
class Figure:
    """`of` is the denominator, `of_what` names it; None where the figure is a plain sum. `method` names a sentence of
    `words.METHODS`. Without a `value`, `why` says why.
    """

    name: str
    value: int | None
    unit: Unit
    period: Period
    of: int | None = None
    of_what: str | None = None
    why: Why | None = None

    @property
    def method(self) -> str:
        """How it is counted."""
        return self.name


def added(groups: Iterable[Group]) -> tuple[Sums, dict[int, int]]:
    """The sums of several groups, and their waits."""
    total: Sums = {}
    waits: dict[int, int] = {}
    for group in groups:
        for name, value in group.sums.items():
            total[name] = total.get(name, 0) + value
        for one, count in group.waits.items():
            waits[one] = waits.get(one, 0) + count
    return total, waits


class Counted:
    """Figures of one set of sums. `margin`: basis points, for what is reckoned by it."""

    def __init__(
        self,
        sums: Sums,
        waits: dict[int, int],
        period: Period,
        *,
        margin: BasisPoints | None = None,
        whose: bool = True,
    ) -> None:
        self._sums = sums
        self._waits = waits
        self._period = period
        self._margin = margin
        self._whose = whose

    def __getitem__(self, name: str) -> int:
        return self._sums.get(name, 0)

    def flow(self) -> list[Figure]:
        """What went out and what became of it."""
        gone = self["redeemed_value"] + self["released_value"] + self["lapsed_value"]
        used = self["used_count"]
        return [
            self._sum("issued", "issued_count", Unit.COUNT),
            self._sum("issued_value", "issued_value", Unit.MONEY),
            self._sum("passed_on", "passed_on_count", Unit.COUNT),
            self._sum("used", "used_count", Unit.COUNT),
            self._sum("redeemed_value", "redeemed_value", Unit.MONEY),
            self._share("redemption_rate", used, used + self["unused_count"], "used_or_ended"),
            self._figure("median_wait", median_hours(self._waits), Unit.HOURS, sum(self._waits.values()), "used"),
            self._share("breakage", self["released_value"] + self["lapsed_value"], gone, "value_gone"),
        ]

    def guests(self) -> list[Figure]:
        """Who came, as the acceptor's own payments know them, and who came again."""
        visits = self["visits_count"]
        return [
            self._sum("visits", "visits_count", Unit.COUNT),
            *(
                self._figure(name, self[f"{kind}_count"], Unit.COUNT, visits, "visits")
                for name, kind in (
                    ("new_guests", "new"),
                    ("lapsed_guests", "lapsed"),
                    ("returning_guests", "returning"),
                    ("unknown_guests", "unknown"),
                )
            ),
            *(
                self._share(f"again_{n}", self[f"returned_{n}"], self[f"matured_{n}"], f"known_{n}")
                for n in (30, 60, 90)
            ),
        ]

    def money(self) -> list[Figure]:
        """What it brought and cost the acceptor."""
        bill, billed = self["bill_value"], self["billed_count"]
        return [
            self._figure("bills", bill, Unit.MONEY, billed, "billed"),
            self._figure("spent_over", bill - self["billed_redeemed_value"], Unit.MONEY, billed, "billed"),
            *(
                self._figure(
                    f"followed_{n}", self[f"matured_followed_value_{n}"], Unit.MONEY, self[f"matured_{n}"], f"known_{n}"
                )
                for n in (30, 60, 90)
            ),
            self._figure("cost", self.cost, Unit.MONEY, self["redemptions_count"], "redemptions"),
            self._figure("own_share", self["acceptor_value"], Unit.MONEY, self["redemptions_count"], "redemptions"),
            self._figure(
                "commission_paid", self["commission_value"], Unit.MONEY, self["redemptions_count"], "redemptions"
            ),
            self._figure("fees_paid", self["acceptor_fee_value"], Unit.MONEY, self["redemptions_count"], "redemptions"),
            self._ratio("cost_per_new_guest", self.cost, self["new_count"], "new_guests"),
            *self._benefit(),
        ]

    @property
    def cost(self) -> int:
        """What the acceptor bore: its share of the value, commission, fees."""
        return self["acceptor_value"] + self["commission_value"] + self["acceptor_fee_value"]

    @property
    def issuer_gain(self) -> int:
        """What neighbours paid the issuer for its guests, less what it bore; below zero where it treats them."""
        return self["commission_value"] - self["issuer_value"] - self["issuer_fee_value"]

    def giving(self) -> list[Figure]:
        """What the issuer paid and was paid for its guests at neighbours."""
        uses = self["redemptions_count"]
        return [
            self._figure("treat_value", self["issuer_value"], Unit.MONEY, uses, "redemptions"),
            self._figure("treat_fees", self["issuer_fee_value"], Unit.MONEY, uses, "redemptions"),
            self._figure("commission_got", self["commission_value"], Unit.MONEY, uses, "redemptions"),
            self._figure("treat_gain", self.issuer_gain, Unit.MONEY, uses, "redemptions"),
        ]

    def borne_by_issuers(self) -> Figure:
        """What those who sent guests paid of the deductions."""
        uses = self["redemptions_count"]
        return self._figure("borne_by_issuers", self["issuer_value"], Unit.MONEY, uses, "redemptions")

    @property
    def net_benefit(self) -> int | None:
        """Margin of the bills, less the cost; None without a margin."""
        if self._margin is None:
            return None
        return share_rounded_half_up(max(0, self["bill_value"]), self._margin) - self.cost

    def _benefit(self) -> list[Figure]:
        if not self._whose:
            return []
        billed = self["billed_count"]
        if self._margin is None:
            return [
                Figure("net_benefit", None, Unit.MONEY, self._period, billed, "billed", Why.NO_MARGIN),
                Figure("return_on_cost", None, Unit.SHARE, self._period, self.cost, "cost", Why.NO_MARGIN),
            ]
        further = self["bill_value"] + self["followed_90_value"]
        with_follow = share_rounded_half_up(max(0, further), self._margin) - self.cost
        net = self.net_benefit or 0
        rate = None if self.cost <= 0 else abs(net) * 10_000 // self.cost * (1 if net >= 0 else -1)
        return [
            self._figure("net_benefit", net, Unit.MONEY, billed, "billed"),
            self._figure("net_benefit_90", with_follow, Unit.MONEY, billed, "billed"),
            Figure(
                "return_on_cost",
                rate,
                Unit.SHARE,
                self._period,
                self.cost,
                "cost",
                None if rate is not None else Why.NOBODY,
            ),
        ]

    def _sum(self, name: str, column: str, unit: Unit) -> Figure:
        return Figure(name, self[column], unit, self._period)

    def _figure(self, name: str, value: int | None, unit: Unit, of: int, of_what: str) -> Figure:
        if not of:
            return Figure(name, None, unit, self._period, of, of_what, Why.NOBODY)
        return Figure(name, value, unit, self._period, of, of_what)

    def _share(self, name: str, part: int, whole: int, of_what: str) -> Figure:
        value = pro_rata_rounded_half_up(10_000, part, whole) if whole > 0 else None
        return Figure(name, value, Unit.SHARE, self._period, whole, of_what, None if whole > 0 else Why.NOBODY)

    def _ratio(self, name: str, value: int, of: int, of_what: str) -> Figure:
        each = pro_rata_rounded_half_up(value, 1, of) if of and value >= 0 else None
        return Figure(name, each, Unit.MONEY, self._period, of, of_what, None if each is not None else Why.NOBODY)


def large_kinds(guests: list[Figure]) -> list[Figure]:
    """Kinds of guests add up to the visits beside them, so a small kind is not hidden alone."""
    unseen = hidden({figure.name: figure.value or 0 for figure in guests[1:5]})
    return [
        Figure(one.name, None, one.unit, one.period, one.of, one.of_what, Why.FEW) if one.name in unseen else one
        for one in guests
    ]
