import io
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from rich.console import Console

from merchants.answers import CertificateShown
from merchants.printing import COLUMNS, last_day, qr_text, receipt
from merchants.screen import Screen

CERTIFICATE = CertificateShown(
    raw={},
    certificate_id=uuid4(),
    issuer_id=uuid4(),
    acceptor_id=uuid4(),
    state="active",
    face=50_000,
    outstanding=50_000,
    currency="EUR",
    expires_at=datetime(2026, 12, 31, 22, 0, tzinfo=UTC),
    issuer_name="Anna's Beauty Salon by the Old Mill",
    acceptor_name="The Restaurant with the Very Long Name next door",
    smallest_bill=100_000,
    typed_code="01234-56789",
)


@pytest.mark.parametrize("paper", [58, 80])
def test_a_receipt_fits_its_paper_and_says_what_counts(paper: int) -> None:
    text = receipt(CERTIFICATE, time_zone="Europe/Riga", paper=paper)

    assert max(map(len, text.splitlines())) <= COLUMNS[paper]
    for part in ("500.00 EUR", "Restaurant", "Last day: 31.12.2026", "1000.00 EUR", "01234-56789"):
        assert part in " ".join(text.split())


def test_the_last_day_is_the_one_before_midnight_where_the_shop_is() -> None:
    assert last_day(datetime(2026, 12, 31, 22, 0, tzinfo=UTC), "Europe/Riga") == "31.12.2026"
    assert last_day(datetime(2026, 7, 1, 21, 0, tzinfo=UTC), "Europe/Riga") == "01.07.2026"


def test_a_qr_is_two_modules_a_character() -> None:
    lines = qr_text("https://pollen.example/v#ABC").splitlines()

    assert len({len(line) for line in lines}) == 1
    assert len(lines[0]) in (2 * len(lines), 2 * len(lines) - 1)


@pytest.mark.parametrize("word", ["OK", "NO", "WAIT"])
def test_an_answer_has_a_word_and_a_sign_without_its_colour(word: str) -> None:
    shown = io.StringIO()
    screen = Screen(Console(file=shown, no_color=True, force_terminal=True, width=60, markup=False, highlight=False))

    {"OK": screen.ok, "NO": screen.no, "WAIT": screen.wait}[word]("[bold]HEADLINE", "A sentence.")

    text = shown.getvalue()
    assert {"OK": "✔ OK", "NO": "✘ NO", "WAIT": "… WAIT"}[word] in text
    assert "[bold]HEADLINE" in text
    assert "A sentence." in text
    assert "\x1b[3" not in text
    assert "\x1b[4" not in text


def test_a_terminal_without_unicode_gets_plain_signs() -> None:
    raw = io.BytesIO()
    console = Console(file=io.TextIOWrapper(raw, encoding="ascii", write_through=True), force_terminal=True, width=60)
    screen = Screen(console)

    screen.ok("PAID")
    screen.qr("https://pollen.example/v#ABC")

    assert b"+ OK" in raw.getvalue()
    assert b"--png" in raw.getvalue()
