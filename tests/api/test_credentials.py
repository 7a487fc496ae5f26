"""Credentials: made by those above, shown once, rotated and revoked alone."""

from uuid import uuid4

import psycopg

from tests.api.street import Street, an_id


def test_the_database_holds_no_secret(street: Street, module_database_url: str) -> None:
    coalition = street.server.app.state.service.coalitions.open(street.slug)

    with psycopg.connect(module_database_url) as connection:
        rows = connection.execute(f"SELECT c::text FROM {coalition.schema}.credentials c").fetchall()

    assert rows
    assert not any(street.salon.till.rpartition("_")[2] in row for (row,) in rows)


def test_a_stolen_till_is_cut_off_alone_and_at_once(street: Street) -> None:
    stolen_id = an_id()
    asked = {"credential_id": stolen_id, "role": "till", "subject_id": street.salon.id, "label": "by the door"}
    stolen = street.done("POST", "/v1/credentials", street.salon.owner, asked)["secret"]
    street.done("GET", "/v1/me", stolen)

    street.done("DELETE", f"/v1/credentials/{stolen_id}", street.salon.owner)

    assert street.call("GET", "/v1/me", stolen).status_code == 401
    street.done("GET", "/v1/me", street.salon.till)
    again = street.done("POST", "/v1/credentials", street.salon.owner, asked)["secret"]
    assert street.call("GET", "/v1/me", again).status_code == 401


def test_a_rotation_is_repeated_not_done_twice(street: Street) -> None:
    till_id, key = an_id(), str(uuid4())
    asked = {"credential_id": till_id, "role": "till", "subject_id": street.salon.id, "label": "window"}
    old = street.done("POST", "/v1/credentials", street.salon.owner, asked)["secret"]

    first, again = (
        street.call("POST", f"/v1/credentials/{till_id}/rotation", street.salon.owner, key=key) for _ in range(2)
    )
    second = street.done("POST", f"/v1/credentials/{till_id}/rotation", street.salon.owner)
    late = street.call("POST", f"/v1/credentials/{till_id}/rotation", street.salon.owner, key=key)

    assert first.content == again.content == late.content
    states = [street.call("GET", "/v1/me", secret).status_code for secret in (old, first.json()["secret"])]
    assert states == [401, 401]
    street.done("GET", "/v1/me", second["secret"])


def test_each_makes_only_those_below(street: Street) -> None:
    def make(secret: str, role: str, subject_id: str) -> int:
        asked = {"credential_id": an_id(), "role": role, "subject_id": subject_id, "label": "x"}
        return street.call("POST", "/v1/credentials", secret, asked).status_code

    coalition_id = street.done("GET", "/v1/me", street.organizer)["subject_id"]

    assert make(street.organizer, "owner", street.salon.id) == 200
    assert make(street.organizer, "organizer", coalition_id) == 200
    assert make(street.organizer, "till", street.salon.id) == 403
    assert make(street.organizer, "owner", an_id()) == 404
    assert make(street.organizer, "organizer", street.salon.id) == 403
    assert make(street.salon.owner, "till", street.restaurant.id) == 403
    assert make(street.salon.owner, "owner", street.salon.id) == 403
    assert make(street.salon.owner, "wallet", street.wallet_id) == 403


def test_a_taken_id_is_a_conflict(street: Street) -> None:
    asked = {"credential_id": an_id(), "role": "till", "subject_id": street.salon.id, "label": "one"}
    street.done("POST", "/v1/credentials", street.salon.owner, asked)

    answer = street.call("POST", "/v1/credentials", street.salon.owner, asked | {"label": "two"})

    assert (answer.status_code, answer.json()["code"]) == (409, "credential_conflict")


def test_lists_show_no_secrets_and_no_others(street: Street) -> None:
    mine = street.done("GET", "/v1/credentials", street.salon.owner)["credentials"]

    assert {one["role"] for one in mine} == {"owner", "till"}
    assert {one["subject_id"] for one in mine} == {street.salon.id}
    assert not any("secret" in name for one in mine for name in one)


def test_the_organizers_last_credential_stays(elsewhere: Street) -> None:
    me = elsewhere.done("GET", "/v1/me", elsewhere.organizer)

    answer = elsewhere.call("DELETE", f"/v1/credentials/{me['credential_id']}", elsewhere.organizer)

    assert (answer.status_code, answer.json()["code"]) == (409, "last_organizer_credential")


def test_a_suspended_shop_is_refused_at_the_till_and_may_read(elsewhere: Street) -> None:
    path = f"/v1/merchants/{elsewhere.salon.id}"
    elsewhere.done("POST", f"{path}/suspension", elsewhere.organizer, {"reason": "unpaid"})

    bill = {"bill_reference": "s1", "amount": 1_000, "currency": "EUR"}
    refused = elsewhere.call("POST", "/v1/payments", elsewhere.salon.till, bill)

    assert (refused.status_code, refused.json()["code"]) == (409, "merchant_not_admitted")
    elsewhere.done("GET", "/v1/agreements", elsewhere.salon.owner)
    elsewhere.done("POST", f"{path}/readmission", elsewhere.organizer)
    elsewhere.done("POST", "/v1/payments", elsewhere.salon.till, bill)
