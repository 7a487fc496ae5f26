"""Every screen of the wallet, as a reader of any of the languages sees it: usable, whole, and in the reader's words."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from network.api.wallet.page import _texts
from tests.api.street import Street
from tests.wallet.conftest import Phones, accessible, overflows

pytestmark = pytest.mark.browser

SCREENS: dict[str, Callable[[Page, Street], None]] = {}
LANGUAGES = {"en": "en-GB", "lv": "lv-LV", "ru": "ru-RU"}
QUICK = ("live", "deleting")
"""What every run looks at: between them, almost every part of a screen. The rest is long."""


def screen(walk: Callable[[Page, Street], None]) -> Callable[[Page, Street], None]:
    SCREENS[walk.__name__] = walk
    return walk


def press(page: Page, place: int = 0, kind: str = "button.main") -> None:
    page.locator(kind).nth(place).click()


@screen
def empty(page: Page, street: Street) -> None:
    page.goto(f"{street.server.url}/v")
    expect(page.locator(".card h1")).to_be_visible()


@screen
def arriving(page: Page, street: Street) -> None:
    page.goto(f"{street.server.url}/v#{street.paper()['token']}")
    expect(page.locator("button.main")).to_be_visible()


@screen
def live(page: Page, street: Street) -> None:
    arriving(page, street)
    press(page)
    expect(page.locator(".alive")).to_be_visible()


@screen
def to_say(page: Page, street: Street) -> None:
    live(page, street)
    press(page, 0, "button.plain")
    expect(page.locator(".code")).to_be_visible()


@screen
def passing(page: Page, street: Street) -> None:
    live(page, street)
    press(page, 0, ".actions button")
    expect(page.locator("button.main")).to_be_visible()


@screen
def link(page: Page, street: Street) -> None:
    passing(page, street)
    press(page)
    expect(page.locator(".link")).to_be_visible()


@screen
def paper(page: Page, street: Street) -> None:
    live(page, street)
    press(page, 1, ".actions button")
    expect(page.locator(".note")).to_be_visible()
    press(page)
    expect(page.locator(".paper .code")).to_be_visible()


@screen
def holding(page: Page, street: Street) -> None:
    link(page, street)
    press(page, -1, ".actions button")
    live(page, street)
    press(page, -1, ".actions button")
    expect(page.locator(".row")).to_have_count(2)


@screen
def settings(page: Page, street: Street) -> None:
    live(page, street)
    press(page, -1, ".actions button")
    press(page, -1, "button.plain")
    press(page, 0, ".card button")
    expect(page.locator(".code")).to_be_visible()


@screen
def deleting(page: Page, street: Street) -> None:
    settings(page, street)
    press(page, 0, "button.danger")
    expect(page.locator(".note")).to_be_visible()


@screen
def ended(page: Page, street: Street) -> None:
    copy = street.paper()
    street.done("POST", "/v1/claims", street.wallet, {"token": copy["token"]})
    page.goto(f"{street.server.url}/v#{copy['token']}")
    expect(page.locator(".ended")).to_be_visible()


def small_targets(page: Page) -> list[str]:
    """What is pressed is at least 48 pixels high."""
    return list(
        page.evaluate("""() => [...document.querySelectorAll('button, select, input, a')]
            .filter((one) => one.getBoundingClientRect().height < 47.5).map((one) => one.outerHTML.slice(0, 100))""")
    )


@pytest.mark.parametrize(
    "name", [name if name in QUICK else pytest.param(name, marks=pytest.mark.slow) for name in SCREENS]
)
def test_a_screen_is_usable_on_a_phone_and_a_desk_by_day_and_in_the_dark(
    street: Street, phones: Phones, name: str
) -> None:
    phone = phones()
    SCREENS[name](phone, street)

    for width in (360, 1280):
        phone.set_viewport_size({"width": width, "height": 800})
        for scheme in ("light", "dark"):
            phone.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            assert accessible(phone) == []
        assert overflows(phone) == []
        assert small_targets(phone) == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", ["live", pytest.param("settings", marks=pytest.mark.slow)])
def test_a_screen_speaks_the_browsers_language(street: Street, phones: Phones, name: str, language: str) -> None:
    phone = phones(locale=LANGUAGES[language])
    SCREENS[name](phone, street)

    assert phone.locator("html").get_attribute("lang") == language
    assert overflows(phone) == []
    if language != "en":
        english = set(json.loads(_texts(language)))
        shown = {text.strip() for text in phone.locator("main").inner_text().splitlines()}
        assert shown & english == set()


def test_the_language_is_chosen_and_kept(street: Street, phones: Phones) -> None:
    phone = phones()
    live(phone, street)

    phone.get_by_label("Language").select_option("ru")
    expect(phone.get_by_text("Покажите это на кассе")).to_be_visible()
    phone.goto(f"{street.server.url}/v")

    expect(phone.get_by_text("Можно использовать")).to_be_visible()


@pytest.mark.slow
@pytest.mark.parametrize("name", ["live", "holding", "settings"])
def test_text_twice_as_long_does_not_break_the_layout(street: Street, phones: Phones, name: str) -> None:
    doubled = {text: f"{said} {said}" for text, said in json.loads(_texts("ru")).items()}
    phone = phones(locale="ru-RU", service_workers="block")
    phone.route("**/v/words/ru.json", lambda route: route.fulfill(json=doubled))

    SCREENS[name](phone, street)

    for width in (360, 1280):
        phone.set_viewport_size({"width": width, "height": 800})
        assert overflows(phone) == []


def test_every_text_of_the_page_is_translated() -> None:
    for language in ("lv", "ru"):
        assert len(json.loads(_texts(language))) > 70


def test_the_worker_keeps_every_file_of_the_page() -> None:
    files = Path(__file__).parents[2] / "network" / "api" / "static" / "wallet"
    worker = (files / "worker.js").read_text()

    for file in files.glob("*.js"):
        assert file.stem == "worker" or f'"{file.stem}"' in worker, file.name
