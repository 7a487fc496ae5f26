"""Readers' languages: every text is there in each, and money and days are written as people write them."""

import re
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from babel.messages.pofile import read_po

from network.cli.texts import ROOMS, missing
from network.languages import (
    LANGUAGES,
    catalogue_path,
    choose,
    choose_for,
    day_text,
    instant_text,
    money_text,
    percent_text,
)

PAIRS = [(room, language) for room in ROOMS for language in LANGUAGES[1:]]
OTHER_WORDS = {
    "ru": re.compile(r"магазин|договорённост|наценк|ПИН|[“„”]", re.IGNORECASE),
    "lv": re.compile(r"veikal|vienošan|uzcenojum|pašrocīg|[“«»]", re.IGNORECASE),
}
"""What the glossary has another word or another mark for (docs/words.md)."""
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|\{\w+\}")


def messages(room: str, language: str) -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
    """Each text in English and in the language, with its plural forms; none if the room has no catalogue."""
    path = catalogue_path(room, language)
    if not path.exists():
        return []
    with path.open("rb") as file:
        catalogue = read_po(file, locale=language)
    return [(_forms(message.id), _forms(message.string)) for message in catalogue if message.id]


def _forms(string: str | tuple[str, ...]) -> tuple[str, ...]:
    return string if isinstance(string, tuple) else (string,)


@pytest.mark.parametrize(("room", "language"), PAIRS)
def test_every_text_is_there_and_none_is_left_over(room: str, language: str) -> None:
    assert list(missing(room, language)) == []


@pytest.mark.parametrize(("room", "language"), PAIRS)
def test_a_translation_keeps_to_the_words_of_the_glossary(room: str, language: str) -> None:
    said = [one for _, forms in messages(room, language) for one in forms]

    assert [one for one in said if OTHER_WORDS[language].search(one)] == []


@pytest.mark.parametrize(("room", "language"), PAIRS)
def test_a_translation_names_the_same_figures(room: str, language: str) -> None:
    for originals, said in messages(room, language):
        wanted = set(PLACEHOLDER.findall(originals[-1]))
        assert all(set(PLACEHOLDER.findall(one)) == wanted for one in said), originals


@pytest.mark.parametrize(
    ("language", "amount", "currency", "text"),
    [
        ("en", 125000, "EUR", "€1,250.00"),
        ("ru", 125000, "EUR", "1\u00a0250,00\u00a0€"),
        ("lv", 125000, "EUR", "1\u00a0250,00\u00a0€"),
        ("en", 1250, "JPY", "JP¥1,250"),
        ("en", -5, "EUR", "-€0.05"),
        ("en", 1234, "KWD", "KWD1.234"),
    ],
)
def test_money_is_written_as_the_language_does(language: str, amount: int, currency: str, text: str) -> None:
    assert money_text(amount, currency, language) == text


def test_days_and_shares_are_written_as_the_language_does() -> None:
    riga = ZoneInfo("Europe/Riga")

    assert [day_text(date(2026, 3, 5), language) for language in LANGUAGES] == [
        "5 March 2026",
        "5 марта 2026",
        "2026. gada 5. marts",
    ]
    assert instant_text(datetime(2026, 3, 5, 22, 30, tzinfo=UTC), riga, "en") == "6 Mar 2026, 00:30"
    assert [percent_text(0.125, language) for language in LANGUAGES] == ["12.5%", "12,5\u00a0%", "12,5\u00a0%"]


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("lv-LV,lv;q=0.9,en;q=0.8", "lv"),
        ("de-DE,ru;q=0.4,en;q=0.3", "ru"),
        ("en;q=0.1, ru_RU;q=0.9", "ru"),
        ("ru;q=0, lv", "lv"),
        ("*", "en"),
        ("", "en"),
        (";;q=x,,\x00", "en"),
    ],
)
def test_the_reader_gets_the_first_language_we_have(header: str, language: str) -> None:
    assert choose_for(header) == language


def test_an_unknown_language_is_answered_in_english() -> None:
    assert choose(["tlh", "xx-YY"]) == "en"
