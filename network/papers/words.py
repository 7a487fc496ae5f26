"""What a paper says, in each of its reader's languages."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeAlias
from zoneinfo import ZoneInfo

from network.domain.units import Minor
from network.languages import LANGUAGES, amount_text, day_text, instant_text, money_text, texts

ROOM = "papers"
MOST = 2

Said: TypeAlias = tuple[str, ...]
"""The same in each language of the paper, the first one first."""
Fact: TypeAlias = str | int | Callable[[str], str]
"""What stands in a sentence: as it is, or written for a language."""


def _(text: str) -> str:
    """Marks a text for the catalogues; `Words.say` speaks it."""
    return text


class LanguageRefused(ValueError):
    """No paper can be written in these languages."""


def languages_of(wanted: str) -> tuple[str, ...]:
    """`"lv"` or `"lv,en"`. Raises: LanguageRefused."""
    chosen = tuple(part.strip() for part in wanted.split(","))
    if not set(chosen) <= set(LANGUAGES) or not 1 <= len(set(chosen)) == len(chosen) <= MOST:
        raise LanguageRefused(f"A paper is in one or two of {', '.join(LANGUAGES)}, such as lv or lv,en.")
    return chosen


@dataclass(frozen=True)
class Words:
    """The languages of one paper, its currency and its clock."""

    languages: Sequence[str]
    currency: str
    zone: ZoneInfo

    def say(self, text: str, **facts: Fact) -> Said:
        """The text in each language, with its facts as that language writes them."""
        return tuple(self._said(language, text, facts) for language in self.languages)

    def in_line(self, text: str, **facts: Fact) -> str:
        """The same where there is only one line."""
        return " / ".join(dict.fromkeys(self.say(text, **facts)))

    def amount(self, amount: Minor) -> str:
        """A figure in a column; its head names the currency. Digits are the same in every language of ours."""
        return amount_text(amount, self.currency, self.languages[0]).replace("-", "\N{MINUS SIGN}")

    def amount_or_blank(self, amount: Minor | None) -> str:
        """Nothing where nothing is."""
        return self.amount(amount) if amount else ""

    def money(self, amount: Minor) -> Callable[[str], str]:
        """With its currency, in a sentence."""
        return lambda language: money_text(amount, self.currency, language)

    def part(self, text: str) -> Callable[[str], str]:
        """A text of ours inside another one."""
        return lambda language: texts(ROOM, language).gettext(text)

    def day(self, at: datetime) -> Callable[[str], str]:
        """The local day of an instant."""
        return lambda language: day_text(at.astimezone(self.zone).date(), language)

    def last_day_before(self, at: datetime) -> Callable[[str], str]:
        """The local day that ends at `at`, which is a midnight."""
        return self.day(at - timedelta(microseconds=1))

    def instant(self, at: datetime) -> Callable[[str], str]:
        """Day and time on the coalition's clock."""
        return lambda language: instant_text(at, self.zone, language)

    def moment(self, at: datetime) -> str:
        """Day and time in a column, the same in every language."""
        return f"{at.astimezone(self.zone):%d.%m.%Y %H:%M}"

    def _said(self, language: str, text: str, facts: dict[str, Fact]) -> str:
        written = {name: fact(language) if callable(fact) else str(fact) for name, fact in facts.items()}
        return texts(ROOM, language).gettext(text).format(**written)
