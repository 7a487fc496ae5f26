"""Refusals at a till are said in plain words, in the reader's language, with money and time as people write them."""

import ast
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import network
from network.api.operations import Operation, operations_of, told
from network.api.pages.sentences import SENTENCES, said
from network.api.pages.sentences_of_rules import REASONS
from network.api.pages.texts import Reader
from network.api.routes import drawing, payments, redemptions
from network.domain import errors
from network.domain.terms import FaceValue, Terms
from network.languages import LANGUAGES

NOON = datetime(2026, 3, 5, 12, 0, tzinfo=UTC)
CALLED = ("redeem", "present", "reverse_redemption", "record_payment", "propose_certificate", "issue_drawn")
ROUTES = [route for room in (redemptions, payments, drawing) for route in room.router.routes]
OPERATIONS = [one for one, route in zip(operations_of(ROUTES), ROUTES, strict=True) if route.name in CALLED]
NEVER_FROM_A_PAGE = {
    "credential_missing", "credential_unknown", "role_not_allowed", "idempotency_key_missing",
    "idempotency_key_invalid", "request_malformed", "request_too_large", "not_json", "invalid_request", "invalid_tax",
}  # fmt: skip
FOR_PROGRAMS_AND_PHONES = {
    "certificate_already_held", "invalid", "invalid_draw_rules", "invalid_tax", "invalid_terms", "invalid_time_zone",
    "not_the_holder", "not_transferable", "not_yet_expired", "out_of_order", "party_not_found", "recovery_code_unknown",
}  # fmt: skip
DOMAIN = Path(network.__file__).parent / "domain"


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda one: one.path)
def test_whatever_a_till_can_be_refused_has_words(operation: Operation) -> None:
    codes = {told(refusal)[1] for refusal in operation.all_refusals} - NEVER_FROM_A_PAGE

    assert {code for code in codes if code not in SENTENCES and not code.startswith("token_")} == set()


def test_what_a_till_calls_is_looked_at() -> None:
    assert len(OPERATIONS) == len(CALLED)


def test_whatever_the_domain_refuses_has_words() -> None:
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, errors.Refusal)]

    assert {kind.code for kind in kinds} - {"refused"} - SENTENCES.keys() - FOR_PROGRAMS_AND_PHONES == set()


def _reasons(path: Path) -> set[str]:
    raised = [one for one in ast.walk(ast.parse(path.read_text())) if isinstance(one, ast.Raise)]
    named = [one for raising in raised for one in ast.walk(raising) if isinstance(one, ast.keyword)]
    said_so = [one.value for one in named if one.arg == "reason" and isinstance(one.value, ast.Constant)]
    return {str(one.value) for one in said_so}


def test_whatever_reason_the_domain_gives_is_translated() -> None:
    reasons = set().union(*(_reasons(path) for path in DOMAIN.glob("*.py")))
    reasons |= {text for text, _ in Terms(FaceValue(fixed=100))._problems()}
    of_a_page = {one for one in reasons if "basis points" not in one and not one.startswith("Windows are numbered")}

    assert len(of_a_page) > 25
    assert of_a_page - REASONS == set()


def test_a_reason_is_said_in_the_readers_language() -> None:
    reason = "Say what is wrong with the line."

    assert [said("invalid", {}, reason, Reader(one), NOON) for one in LANGUAGES] == [
        reason, "Напишите, что не так со строкой.", "Uzrakstiet, kas rindā nav pareizi.",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("en", "This certificate was already used today at 13:02."),
        ("ru", "Этот сертификат уже использовали сегодня в 13:02."),
        ("lv", "Šis sertifikāts jau ir izmantots: šodien plkst. 13:02."),
    ],
)
def test_time_is_said_as_people_say_it(language: str, sentence: str) -> None:
    reader = Reader(language, "Europe/Riga", "EUR")
    facts = {"redeemed_at": (NOON - timedelta(minutes=58)).isoformat()}

    assert said("certificate_redeemed", facts, "", reader, NOON) == sentence


@pytest.mark.parametrize("language", LANGUAGES)
def test_money_is_said_with_its_currency(language: str) -> None:
    reader = Reader(language, "Europe/Riga", "EUR")

    text = said("insufficient_balance", {"outstanding": 150, "requested": 300, "currency": "EUR"}, "", reader, NOON)

    assert "€" in text
    assert ("1.50" if language == "en" else "1,50") in text


def test_an_unknown_refusal_is_still_told() -> None:
    assert "The moon is full." in said("moon", {}, "The moon is full.", Reader("en"), NOON)
