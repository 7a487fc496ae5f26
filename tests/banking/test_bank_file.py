import contextlib
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from network.banking.bank_file import BYTES_MAX, read_bank_file
from network.banking.lines import file_hash
from network.banking.pain001 import payment_file
from network.banking.refusals import BankFileRefused
from network.domain.errors import Refusal
from tests.banking.samples import OURS, read, sample
from tests.banking.world import RESTAURANT, SALON, batched, debt

GOOD = sample("camt.053.001.08")
XML = b'<?xml version="1.0" encoding="UTF-8"?>\n'
BILLION = b"".join(b'<!ENTITY l%d "%s">' % (n, b"&l%d;" % (n - 1) * 10) for n in range(1, 10))
BODY = GOOD.partition(b"\n")[2]


def typed(document_type: bytes, reason: bytes = b"AC04") -> bytes:
    """A statement that would be good without its document type."""
    return XML + b"<!DOCTYPE Document " + document_type + b">" + BODY.replace(b"AC04", reason)


def refusal(content: bytes) -> Refusal:
    with pytest.raises(Refusal) as caught:
        read(content)
    return caught.value


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(typed(b'[<!ENTITY l0 "ha">' + BILLION + b"]", b"&l9;"), id="billion-laughs"),
        pytest.param(typed(b'[<!ENTITY x SYSTEM "file:///etc/passwd">]', b"&x;"), id="xxe"),
        pytest.param(typed(b'SYSTEM "http://127.0.0.1:9/x.dtd"'), id="external-dtd"),
        pytest.param(typed(b""), id="doctype"),
        pytest.param(GOOD.replace(b"AC04", b"&undefined;"), id="undefined-entity"),
        pytest.param(GOOD[: len(GOOD) // 2], id="cut-off"),
        pytest.param(GOOD + b"<more/>", id="two-roots"),
        pytest.param(GOOD.replace(b"</Stmt>", b""), id="not-nested"),
        pytest.param(GOOD.decode().replace("UTF-8", "UTF-16").encode("utf-16"), id="utf-16"),
        pytest.param(GOOD.replace(b"Salon", b"Sal\xf5n"), id="latin-1"),
        pytest.param(GOOD.replace(b"Salon", b"Sal\x00n"), id="nul"),
        pytest.param(GOOD.replace(b"Salon", b"<a>" * 5_000 + b"</a>" * 5_000), id="deep"),
        pytest.param(GOOD.replace(b"Salon", b"x" * 11_000_000, 1), id="huge-text"),
        pytest.param(b"", id="empty"),
        pytest.param(b"\xff\xfe\x00", id="noise"),
        pytest.param(b"%PDF-1.7", id="pdf"),
        pytest.param(b"PK\x03\x04", id="zip"),
    ],
)  # fmt: skip
def test_a_hostile_or_broken_file_is_refused_at_once(content: bytes) -> None:
    started = time.perf_counter()

    assert refusal(content).code == "bank_file_unreadable"
    assert time.perf_counter() - started < 5


def test_an_encoding_that_hides_a_document_type_is_not_followed() -> None:
    hidden = b'<?xml version="1.0" encoding="UTF-7"?>+ADw-+ACE-DOCTYPE a+AD4-<a/>'

    assert refusal(hidden).code == "bank_file_unreadable"


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"<html><body>Session expired</body></html>", id="a page"),
        pytest.param(GOOD.replace(b"urn:iso:std:iso:20022:tech:xsd:", b"urn:evil:"), id="wrong namespace"),
        pytest.param(GOOD.replace(b' xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"', b""), id="no namespace"),
        pytest.param(payment_file(batched([debt(SALON, RESTAURANT, 1)])[0]), id="our own payment file"),
    ],
)
def test_a_good_file_of_another_kind_is_refused_by_name(content: bytes) -> None:
    assert refusal(content).code == "bank_file_unknown"


def test_a_huge_file_is_not_even_parsed() -> None:
    assert refusal(b" " * (BYTES_MAX + 1)).code == "bank_file_too_large"


def test_the_same_bytes_are_taken_once() -> None:
    with pytest.raises(Refusal) as caught:
        read_bank_file(GOOD, own_ibans=OURS, currency="EUR", loaded_hashes={file_hash(GOOD)})

    assert caught.value.body() == {
        "code": "bank_file_loaded_before",
        "detail": "This bank file was loaded before. Nothing was changed.",
    }


def test_a_byte_order_mark_is_forgiven() -> None:
    assert read(b"\xef\xbb\xbf" + GOOD).lines == read(GOOD).lines


def test_a_refusal_names_nobody_and_no_whole_iban() -> None:
    said = str(
        refusal(GOOD.replace(f"<Acct><Id><IBAN>{SALON.iban}".encode(), b"<Acct><Id><IBAN>DE89370400440532013000"))
    )

    assert "3000" in said
    assert "DE89" not in said


@given(st.binary(max_size=200))
def test_any_bytes_are_refused(content: bytes) -> None:
    assert refusal(content).code.startswith("bank_file_")


@given(st.integers(0, len(GOOD) - 1), st.binary(max_size=3))
def test_a_damaged_file_is_refused_or_read_whole(place: int, noise: bytes) -> None:
    total = 0
    with contextlib.suppress(BankFileRefused):
        total = sum(line.amount for line in read(GOOD[:place] + noise + GOOD[place + 1 :]).lines)

    assert total == 0
