"""Typed codes: narrowed to the till's own shop, and not to be guessed."""

from collections.abc import Iterator

import pytest

from network.api.limits import Limits
from network.typed_code import formatted
from tests.api.street import Server, Street, serving

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


@pytest.fixture
def server(database_url: str) -> Iterator[Server]:
    with serving(database_url, limits=Limits(wrong_codes=3)) as running:
        yield running


@pytest.fixture
def street(server: Server) -> Iterator[Street]:
    founded = Street.found(server, "street")
    yield founded
    founded.http.close()


def guesses() -> Iterator[str]:
    """Codes with a right check symbol, that nobody has."""
    from network.typed_code import _check_value  # noqa: PLC0415

    for number in range(1, 100):
        symbols = [0] * 7 + [number // 32, number % 32]
        yield formatted("".join(ALPHABET[value] for value in [*symbols, _check_value(symbols)]))


def test_three_wrong_codes_and_the_till_has_to_wait(street: Street) -> None:
    code = street.paper()["typed_code"]
    wrong = guesses()
    path, till = "/v1/presented", street.restaurant.till

    for _ in range(5):  # a slip of the hand is told by the check symbol, and costs no try
        slip = code[:-1] + ("A" if code[-1] != "A" else "B")
        assert street.call("POST", path, till, {"typed_code": slip}).json()["code"] == "typed_code_mistyped"
    tries = [street.call("POST", path, till, {"typed_code": next(wrong)}) for _ in range(4)]
    right = street.call("POST", path, till, {"typed_code": code})

    assert [answer.status_code for answer in tries] == [404, 404, 404, 429]
    assert (right.status_code, right.json()["code"]) == (429, "too_many_tries")
    assert 0 < int(right.headers["Retry-After"]) <= 601
    assert street.call("POST", path, street.wallet, {"typed_code": code}).status_code == 200


def test_a_code_of_another_shop_is_a_wrong_code(street: Street) -> None:
    code = street.paper()["typed_code"]

    answer = street.call("POST", "/v1/redemptions", street.salon.till, street.redeeming(typed_code=code))

    assert (answer.status_code, answer.json()["code"]) == (404, "certificate_not_found")


def test_a_code_dies_with_its_copy_and_says_so(street: Street) -> None:
    paper = street.paper()
    street.done("POST", "/v1/claims", street.wallet, {"typed_code": paper["typed_code"]})

    answer = street.call(
        "POST", "/v1/redemptions", street.restaurant.till, street.redeeming(typed_code=paper["typed_code"])
    )

    assert (answer.status_code, answer.json()["code"]) == (409, "certificate_claimed")
