"""What pages say, in the reader's language: texts, money, days and instants."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from decimal import Decimal
from functools import cached_property
from typing import Any, Final
from zoneinfo import ZoneInfo

from babel.support import NullTranslations

from network.domain.units import exponent
from network.languages import (
    day_text,
    figures_text,
    instant_text,
    money_text,
    month_text,
    number_text,
    percent_text,
    texts,
)

ROOM: Final = "pages"


def N_(text: str) -> str:  # noqa: N802 - gettext's own name for "translated later"
    """Mark a text for the catalogue where it is declared; it is translated where it is shown."""
    return text


@dataclass(frozen=True)
class Reader:
    """Somebody who reads a page: their language, and the clock and the money of their coalition."""

    language: str
    time_zone: str = "UTC"
    currency: str = "EUR"

    @cached_property
    def _texts(self) -> NullTranslations:
        return texts(ROOM, self.language)

    def gettext(self, text: str, **named: Any) -> str:
        """The text in this language, with its `%(name)s` filled in."""
        said = self._texts.gettext(text)
        return said % named if named else said

    def ngettext(self, one: str, many: str, n: int, **named: Any) -> str:
        """The text for this many, with `%(n)s` and others filled in."""
        return self._texts.ngettext(one, many, n) % {"n": number_text(n, self.language), **named}

    def plain_ngettext(self, one: str, many: str, n: int) -> str:
        """The text for this many, as templates ask for it: they fill in the names themselves."""
        return self._texts.ngettext(one, many, n)

    @property
    def zone(self) -> tzinfo:
        """The clock on the wall of the coalition's shops."""
        return ZoneInfo(self.time_zone)

    def money(self, amount: int, currency: str | None = None) -> str:
        """Minor units as the language writes them."""
        return money_text(amount, currency or self.currency, self.language)

    def units(self, amount: int) -> str:
        """Minor units as a plain number of whole ones, for a chart's axis or a field."""
        digits = exponent(self.currency)
        return f"{Decimal(amount).scaleb(-digits):.{digits}f}"

    def number(self, value: float) -> str:
        """A count."""
        return number_text(value, self.language)

    def percent(self, share: float) -> str:
        """A share of one."""
        return percent_text(share, self.language)

    def day(self, at: datetime) -> str:
        """The day that an instant falls on here."""
        return day_text(at.astimezone(self.zone).date(), self.language)

    def date(self, on: str) -> str:
        """A day of the calendar, as `2026-03-16` has it."""
        return day_text(date.fromisoformat(on), self.language)

    def figures(self, on: str) -> str:
        """The same where there is little room, as under a chart."""
        return figures_text(date.fromisoformat(on), self.language)

    def month(self, on: str) -> str:
        """The month that a day of the calendar is in."""
        return month_text(date.fromisoformat(on), self.language)

    def last_day(self, expires_at: datetime) -> str:
        """The last day of what ends with that day, at midnight."""
        return day_text(datetime.fromtimestamp(expires_at.timestamp() - 1, self.zone).date(), self.language)

    def instant(self, at: datetime) -> str:
        """Day and time."""
        return instant_text(at, self.zone, self.language)

    def time(self, at: datetime) -> str:
        """The time of day alone."""
        return f"{at.astimezone(self.zone):%H:%M}"

    def when(self, at: datetime, now: datetime) -> str:
        """As people say it: "today at 14:02", else the day and the time."""
        days = (now.astimezone(self.zone).date() - at.astimezone(self.zone).date()).days
        if days == 0:
            return self.gettext("today at %(time)s", time=self.time(at))
        if days == 1:
            return self.gettext("yesterday at %(time)s", time=self.time(at))
        return self.instant(at)

    @property
    def filters(self) -> dict[str, Callable[..., str]]:
        """What templates write values with."""
        return {
            "money": self.money,
            "units": self.units,
            "number": self.number,
            "percent": self.percent,
            "day": self.day,
            "date": self.date,
            "figures": self.figures,
            "month": self.month,
            "last_day": self.last_day,
            "instant": self.instant,
            "time": self.time,
        }
