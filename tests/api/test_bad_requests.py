"""Whatever is sent, the answer is a clear refusal in one shape, and never a 5xx."""

import json
from typing import Any

import pytest

from tests.api.street import Server, Street, an_id

BILL = {"bill_reference": "bad 1", "amount": 1_000, "currency": "EUR"}


def send(street: Street, content: bytes, content_type: str | None = "application/json") -> tuple[int, dict[str, Any]]:
    headers = {"Authorization": f"Bearer {street.salon.till}", "Idempotency-Key": an_id()}
    if content_type:
        headers["Content-Type"] = content_type
    answer = street.http.post("/v1/payments", headers=headers, content=content)
    body = answer.json()
    assert {"code", "detail"} <= body.keys()
    return answer.status_code, body


@pytest.mark.parametrize(("content", "status", "code"), [
    (b"",                                           400, "request_malformed"),
    (b"{",                                          400, "request_malformed"),
    (b"[" * 60_000,                                 400, "request_malformed"),
    (b'{"a":' * 10_000,                             400, "request_malformed"),
    (b'"\xff\xfe"',                                 400, "request_malformed"),
    (b'{"bill_reference": "\\ud800"}',              400, "request_malformed"),
    (b"null",                                       422, "invalid_request"),
    (b"[]",                                         422, "invalid_request"),
    (b"NaN",                                        422, "invalid_request"),
    (b"{}" + b" " * 70_000,                         413, "request_too_large"),
])  # fmt: skip
def test_malformed_bodies(street: Street, content: bytes, status: int, code: str) -> None:
    assert send(street, content)[0] == status
    assert send(street, content)[1]["code"] == code


@pytest.mark.parametrize("field", [
    {"amount": "1000"}, {"amount": 1_000.0}, {"amount": 10.5}, {"amount": True}, {"amount": None}, {"amount": 0},
    {"amount": -1}, {"amount": 10**12 + 1}, {"amount": 10**400}, {"amount": [1]},
    {"currency": "eur"}, {"currency": "EURO"}, {"currency": "EUR\n"}, {"currency": ""},
    {"bill_reference": ""}, {"bill_reference": "   "}, {"bill_reference": "a\u0000b"}, {"bill_reference": "a\nb"},
    {"bill_reference": "a\u202eb"}, {"bill_reference": "x" * 65}, {"bill_reference": 5},
    {"customer_id": "nobody"}, {"customer_id": 5}, {"unknown": 1}, {"x" * 500: 1}, {"\u0001": 1},
])  # fmt: skip
def test_wrong_fields_are_named(street: Street, field: dict[str, Any]) -> None:
    status, body = send(street, json.dumps(BILL | field).encode())

    assert (status, body["code"]) == (422, "invalid_request")
    assert body["fields"]
    assert all(set(one) == {"field", "problem"} for one in body["fields"])


@pytest.mark.parametrize("content_type", [None, "text/plain", "application/x-www-form-urlencoded", "application/jsonp"])
def test_only_json(street: Street, content_type: str | None) -> None:
    status, body = send(street, json.dumps(BILL).encode(), content_type)

    assert (status, body["code"]) == (415, "not_json")


def test_a_body_that_never_ends_is_cut_off(street: Street) -> None:
    def endless() -> Any:
        for _ in range(100):
            yield b" " * 10_000

    headers = {"Authorization": f"Bearer {street.salon.till}", "Content-Type": "application/json"}
    answer = street.http.post("/v1/payments", headers=headers, content=endless())

    assert (answer.status_code, answer.json()["code"]) == (413, "request_too_large")


@pytest.mark.parametrize(("path", "status", "code"), [
    ("/v1/certificates/nothing/history",         422, "invalid_request"),
    ("/v1/certificates/%00/history",             422, "invalid_request"),
    ("/v1/events?after=-1",                      422, "invalid_request"),
    ("/v1/events?after=1e3",                     422, "invalid_request"),
    ("/v1/events?limit=1001",                    422, "invalid_request"),
    ("/v1/events?after=1&after=2",               422, "invalid_request"),
    ("/v1/events?who=me",                        422, "invalid_request"),
    ("/v1/nothing",                              404, "route_not_found"),
    ("/v1/me/",                                  404, "route_not_found"),
    ("/v1/coalitions/nowhere",                   404, "coalition_not_found"),
    ("/v1/coalitions/%00",                       404, "coalition_not_found"),
    ("/.well-known/pollen/nowhere/keys.cose",    404, "coalition_not_found"),
])  # fmt: skip
def test_wrong_addresses(street: Street, path: str, status: int, code: str) -> None:
    answer = street.call("GET", path, street.organizer)

    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_a_wrong_method_says_which_are_right(street: Street) -> None:
    answer = street.call("DELETE", "/v1/redemptions", street.salon.till)

    assert (answer.status_code, answer.json()["code"], answer.headers["Allow"]) == (405, "method_not_allowed", "POST")


@pytest.mark.parametrize("presented", [
    {}, {"token": "x", "typed_code": "y"}, {"token": ""}, {"token": "x" * 2_000}, {"token": "not a token"},
    {"token": "A" * 250}, {"typed_code": "AAAAA-AAAAA"}, {"typed_code": "¤"}, {"typed_code": ["A"]},
])  # fmt: skip
def test_what_is_no_copy_is_refused(street: Street, presented: dict[str, Any]) -> None:
    answer = street.call("POST", "/v1/presented", street.restaurant.till, presented)

    assert answer.status_code == 422


def test_a_token_with_one_bit_changed_is_refused_before_the_log_is_asked(street: Street) -> None:
    token = street.paper()["token"]
    changed = token[:-10] + ("0" if token[-10] != "0" else "1") + token[-9:]

    answer = street.call("POST", "/v1/redemptions", street.restaurant.till, street.redeeming(token=changed))

    assert (answer.status_code, answer.json()["code"]) == (422, "token_signature_invalid")


def test_another_coalitions_token_is_of_an_unknown_key(street: Street, elsewhere: Street) -> None:
    token = elsewhere.paper()["token"]

    answer = street.call("POST", "/v1/redemptions", street.restaurant.till, street.redeeming(token=token))

    assert (answer.status_code, answer.json()["code"]) == (422, "token_key_unknown")


def test_a_read_does_not_wait_for_ever(street: Street) -> None:
    answer = street.call("GET", "/v1/agreements", street.organizer, headers={"Pollen-Position": "999999999"})

    assert (answer.status_code, answer.json()["code"]) == (503, "view_behind")
    assert answer.headers["Retry-After"]


def test_every_answer_is_dressed(street: Street) -> None:
    for path in ("/v1/nothing", "/v1/me", "/v"):
        headers = street.call("GET", path, street.organizer).headers

        assert headers["X-Content-Type-Options"] == "nosniff"
        assert "script-src 'self'" in headers["Content-Security-Policy"]
        assert headers["Cache-Control"] in ("no-store", "no-cache")
        assert "server" not in headers or headers["server"] == "uvicorn"


def test_a_coalition_is_there_as_soon_as_it_is_founded(server: Server) -> None:
    with server.client() as http:
        before = http.get("/v1/coalitions/soon-there")
        founded = Street.found(server, "soon-there")
    founded.http.close()

    assert (before.status_code, before.json()["code"]) == (404, "coalition_not_found")
    assert founded.restaurant.till
