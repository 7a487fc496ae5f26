"""The readers' languages: their texts from gettext catalogues, and how money and days are written in each.

A *room* is a gettext domain: `pages`, `papers`, `reports`, `wallet`. Texts in the code are English and are the keys;
`locales/<language>/LC_MESSAGES/<room>.po` holds the others. `scripts/texts` brings the catalogues up to the code.
"""

from collections.abc import Sequence
from datetime import date, datetime, tzinfo
from decimal import Decimal
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import Final

from babel import Locale, UnknownLocaleError, dates, numbers
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations

from network.domain.units import Minor, exponent

LANGUAGES: Final = ("en", "ru", "lv")
"""English first: the texts in the code are English."""
NAMES: Final = {"en": "English", "ru": "Русский", "lv": "Latviešu"}
LOCALES: Final = Path(__file__).parent / "locales"
_FORMATS: Final = {"en": Locale("en", "GB"), "ru": Locale("ru"), "lv": Locale("lv")}


def catalogue_path(room: str, language: str) -> Path:
    """Where a room's texts of a language are kept."""
    return LOCALES / language / "LC_MESSAGES" / f"{room}.po"


@lru_cache(maxsize=64)
def texts(room: str, language: str) -> NullTranslations:
    """The texts of a room: `.gettext(text)`, `.ngettext(one, many, n)`. English needs no catalogue."""
    if language == "en":
        return NullTranslations()
    with catalogue_path(room, language).open("rb") as file:
        catalogue = read_po(file, locale=language, domain=room)
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return Translations(compiled, domain=room)


def choose(wanted: Sequence[str]) -> str:
    """The first of the reader's languages that we have (`["lv-LV", "en"]` -> "lv"); English if none."""
    for one in wanted:
        try:
            language = Locale.parse(one.strip().replace("_", "-"), sep="-").language
        except (ValueError, UnknownLocaleError):
            continue
        if language in LANGUAGES:
            return language
    return LANGUAGES[0]


def choose_for(accept_language: str) -> str:
    """`choose` from the HTTP header `Accept-Language` (RFC 9110, 12.5.4)."""
    ranked = []
    for place, part in enumerate(accept_language[:500].split(",")):
        tag, _, quality = part.partition(";q=")
        try:
            weight = float(quality or 1)
        except ValueError:
            weight = 0.0
        if weight > 0:
            ranked.append((-weight, place, tag))
    return choose([tag for _, _, tag in sorted(ranked)])


def money_text(amount: Minor, currency: str, language: str) -> str:
    """The amount as the language writes it: 1250 EUR is "€12.50", "12,50 €"."""
    digits = exponent(currency)
    value = Decimal(amount).scaleb(-digits)
    return numbers.format_currency(value, currency, locale=_FORMATS[language])


def amount_text(amount: Minor, currency: str, language: str) -> str:
    """The bare figure for a column whose head names the currency: 1250 EUR is "12.50", "12,50"."""
    digits = exponent(currency)
    pattern = "#,##0." + "0" * digits if digits else "#,##0"
    return numbers.format_decimal(Decimal(amount).scaleb(-digits), pattern, locale=_FORMATS[language])


def number_text(value: int | float | Decimal, language: str) -> str:
    """A count or a measure, grouped as the language does."""
    return numbers.format_decimal(value, locale=_FORMATS[language])


def percent_text(share: float, language: str, *, decimals: int = 1) -> str:
    """A share of one: 0.125 is "12.5%", "12,5 %"."""
    pattern = f"#,##0.{'#' * decimals}%" if language == "en" else f"#,##0.{'#' * decimals}\u00a0%"
    return numbers.format_percent(share, pattern, locale=_FORMATS[language])


def day_text(day: date, language: str) -> str:
    """A day in full: "5 March 2026", "5 марта 2026". Without the full stop of "г.", which would double a sentence's."""
    return dates.format_date(day, "d MMMM y" if language == "ru" else "long", locale=_FORMATS[language])


def figures_text(day: date, language: str) -> str:
    """A day where there is little room: "05/03/2026", "05.03.2026"."""
    return dates.format_skeleton("yMd", day, locale=_FORMATS[language])


def month_text(day: date, language: str) -> str:
    """The month that a day is in: "Mar 2026", "март 2026 г."."""
    return dates.format_skeleton("yMMM", day, locale=_FORMATS[language])


def instant_text(at: datetime, zone: tzinfo, language: str) -> str:
    """Day and time on the clock of `zone`, to the minute."""
    local, locale = at.astimezone(zone), _FORMATS[language]
    return f"{dates.format_date(local, 'medium', locale=locale)}, {local:%H:%M}"
