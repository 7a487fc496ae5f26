"""A wallet opened again by its code, and a guest who is forgotten."""

from typing import Any
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql

from network.recovery_code import read_recovery_code, recovery_code
from tests.api.phones import Phone
from tests.api.street import Street

KEY = b"k" * 32


def kept(street: Street, secret: str) -> str:
    return str(street.done("POST", "/v1/wallet/recovery", secret)["recovery_code"])


def recovered(street: Street, code: str, **options: Any) -> Any:
    return street.call("POST", "/v1/recoveries", None, {"recovery_code": code}, **options)


def test_the_code_opens_the_wallet_elsewhere_and_cuts_the_old_phone_off(street: Street) -> None:
    wallet_id, secret = street.open_wallet()
    paper = street.paper()
    held = street.done("POST", "/v1/claims", secret, {"token": paper["token"], "holder_key": Phone().key})
    code = kept(street, secret)
    assert kept(street, secret) == code

    answer = recovered(street, code.lower().replace("-", " "))
    new = answer.json()["credential"]["secret"]

    assert (answer.json()["wallet_id"], answer.json()["slug"]) == (wallet_id, "street")
    assert street.call("GET", "/v1/me", secret).json()["code"] == "credential_unknown"
    copy = street.done("GET", f"/v1/certificates/{held['certificate_id']}/copy", new)
    assert copy["certificate_id"] == held["certificate_id"]


def test_a_code_counts_once_and_the_next_one_is_another(street: Street) -> None:
    _, secret = street.open_wallet()
    code, key = kept(street, secret), str(uuid4())
    first = recovered(street, code, key=key)

    again = recovered(street, code, key=key)
    another_try = recovered(street, code)

    assert (first.status_code, again.content) == (200, first.content)
    assert another_try.json()["code"] == "recovery_code_unknown"
    assert kept(street, first.json()["credential"]["secret"]) != code


@pytest.mark.parametrize(
    "typed",
    ["", "0", "hello", "1-0000-0000-0000-0000-0", "ZZZZZZZZ-ZZZZ-ZZZZ-ZZZZ-ZZZZ-Z", "\u0000", "1" * 80],
)
def test_what_is_no_code_is_refused(street: Street, typed: str) -> None:
    assert recovered(street, typed).json()["code"] in {"recovery_code_unknown", "invalid_request"}


def test_a_slip_of_one_symbol_is_told_without_a_look(street: Street) -> None:
    code = kept(street, street.open_wallet()[1]).replace("-", "")

    for place in range(len(code)):
        slip = code[:place] + ("A" if code[place] != "A" else "B") + code[place + 1 :]
        assert read_recovery_code(slip) is None


@pytest.mark.parametrize("number", [1, 31, 32, 300, 2**32 - 1])
def test_a_code_names_its_coalition(number: int) -> None:
    code = recovery_code(KEY, number, uuid4(), 0)

    assert read_recovery_code(code) == (number, code.replace("-", ""))


def test_a_forgotten_guest_is_gone_and_every_sum_stays(street: Street) -> None:
    wallet_id, secret = street.open_wallet()
    held = street.done("POST", "/v1/claims", secret, {"token": street.paper()["token"]})
    street.done("POST", "/v1/redemptions", street.restaurant.till, street.redeeming(token=held["token"]))
    claimed = street.call("POST", "/v1/claims", secret, {"token": street.paper()["token"]})
    code = kept(street, secret)
    before = sums(street, street.at(claimed))

    answer = street.call("DELETE", "/v1/wallet", secret)

    assert answer.json() == {"wallet_id": wallet_id, "erased": True}
    assert street.call("GET", "/v1/me", secret).json()["code"] == "credential_unknown"
    assert recovered(street, code).json()["code"] == "recovery_code_unknown"
    assert sums(street, street.at(answer)) == before


@pytest.mark.parametrize("way", ["certificates", "proposal/acceptance"])
def test_nothing_is_given_to_a_forgotten_guest(street: Street, way: str) -> None:
    wallet_id, secret = street.open_wallet()
    street.done("DELETE", "/v1/wallet", secret)
    certificate_id = str(uuid4())
    chosen = {"choices": [{"certificate_id": certificate_id, "agreement_id": street.agreement_id}]}
    wanted = chosen if way == "certificates" else {"certificate_id": certificate_id}
    path = f"/v1/payments/{street.bill()}/{way}"

    answer = street.call("POST", path, street.salon.till, wanted | {"holder_id": wallet_id})

    assert answer.json()["code"] == "wallet_erased"


def test_a_forgotten_guest_pays_nothing_any_more_but_what_was_paid_is_answered_again(street: Street) -> None:
    wallet_id, secret = street.open_wallet()
    bill = {"bill_reference": f"paid by {wallet_id}", "amount": 2_400, "currency": "EUR", "customer_id": wallet_id}
    paid = street.done("POST", "/v1/payments", street.salon.till, bill)
    street.done("DELETE", "/v1/wallet", secret)

    again = street.call("POST", "/v1/payments", street.salon.till, bill)
    later = street.call("POST", "/v1/payments", street.salon.till, bill | {"bill_reference": f"later {wallet_id}"})
    completed = street.call("POST", "/v1/payments", street.salon.till, bill | {"amount": 2_500})

    assert (again.status_code, again.json()) == (200, paid)
    assert later.json()["code"] == "wallet_erased"
    assert completed.json()["code"] == "bill_conflict"


def sums(street: Street, at: dict[str, str]) -> list[Any]:
    return [street.done("GET", f"/v1/reports/{name}", street.organizer, headers=at)[name]
            for name in ("balances", "reserves", "obligations")]  # fmt: skip


def test_codes_are_at_rest_as_digests_alone(street: Street, module_database_url: str) -> None:
    code = kept(street, street.open_wallet()[1])

    with psycopg.connect(module_database_url) as connection:
        (schema,) = connection.execute(
            "SELECT schema_name FROM pollen.coalitions WHERE slug = 'street'"
        ).fetchone() or ("",)
        stored = connection.execute(
            sql.SQL("SELECT row_to_json(c)::text FROM {} c").format(sql.Identifier(schema, "wallet_recoveries"))
        ).fetchall()

    assert stored
    assert not any(code in row[0] or code.replace("-", "") in row[0] for row in stored)
