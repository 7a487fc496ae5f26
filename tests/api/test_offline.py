"""A till that had no network: its key, its receipts, what becomes of them, and what its owner decides, over HTTP."""

import zlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import cbor2
import pytest

from network import token
from network.public_keys import Algorithm
from tests.api.devices import Device, b64
from tests.api.phones import Phone
from tests.api.street import Server, Street, serving
from tests.support import HandClock

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
TERMS = {"face": {"fixed": 500}, "offline_ceiling": 500, "offline_liability": "issuer", "smallest_bill_to_issue": 2_000}


@pytest.fixture(scope="module")
def clock() -> HandClock:
    return HandClock(NOW)


@pytest.fixture(scope="module")
def server(module_database_url: str, clock: HandClock) -> Iterator[Server]:
    with serving(module_database_url, clock=clock) as running:
        yield running


@pytest.fixture(scope="module")
def street(server: Server) -> Iterator[Street]:
    founded = Street.found(server, "street")
    founded.done("POST", f"/v1/agreements/{founded.agreement_id}/end", founded.salon.owner, {"reason": "other terms"})
    founded.agreement_id = founded.agree("salon", "restaurant", TERMS)
    yield founded
    founded.http.close()


def seen(street: Street, path: str, secret: str) -> Any:
    """What a view says once it shows all that was done; a busy machine needs more than one question."""
    for _ in range(10):
        answer = street.call("GET", path, secret, headers={"Pollen-Position": str(street.position)})
        if answer.status_code != 503:
            break
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.mark.parametrize(("seed", "algorithm"), [(1, Algorithm.ED25519), (2, Algorithm.P256)])
def test_what_a_till_took_without_a_network_is_booked_when_it_delivers_and_once(
    street: Street, clock: HandClock, seed: int, algorithm: Algorithm
) -> None:
    till = Device.at(street, seed, algorithm)
    paper = street.paper()
    clock.move(hours=2)
    till.take(shown=paper["token"], certificate_id=UUID(paper["certificate_id"]), at=clock.now - timedelta(hours=1))

    (first,) = till.deliver(street)
    (again,) = till.deliver(street)

    assert (first["status"], first["code"], first["breaches"]) == ("booked", None, [])
    assert again == first
    assert till.journal(street) | {"kid": ""} == {
        "journal": 1, "kid": "", "state": "active", "blocked": None, "next_sequence": 2, "previous": first["receipt"],
    }  # fmt: skip
    bill = {"bill_reference": f"{seed}/1", "amount": 1_800, "currency": "EUR"}
    paid = street.done("POST", "/v1/payments", till.secret, bill)
    assert (paid["deducted"], paid["paid"]) == (500, 1_300)


def test_two_tills_took_the_same_paper_and_the_earlier_one_stands_whoever_delivers_first(
    street: Street, clock: HandClock
) -> None:
    early, late = Device.at(street, 3), Device.at(street, 4)
    paper = street.paper()
    clock.move(hours=3)
    shown = {"shown": paper["token"], "certificate_id": UUID(paper["certificate_id"])}
    early.take(**shown, at=clock.now - timedelta(hours=2))
    late.take(**shown, at=clock.now - timedelta(hours=1))

    (stood,) = late.deliver(street)
    (stands,) = early.deliver(street)
    (lost,) = late.deliver(street)

    assert (stood["status"], stands["status"]) == ("booked", "booked")
    assert (lost["status"], lost["code"], lost["borne_by"]) == ("conflicted", "earlier_offline", "issuer")
    (kept,) = seen(street, "/v1/till/receipts", late.secret)["receipts"]
    assert (kept["status"], kept["amount"]) == ("conflicted", 500)
    conflicts = seen(street, "/v1/offline-conflicts", street.salon.owner)["conflicts"]
    assert [one["redemption_id"] for one in conflicts] == [lost["redemption_id"]]


def test_a_live_certificate_needs_the_phone_at_the_moment_it_was_taken(street: Street, clock: HandClock) -> None:
    till, phone = Device.at(street, 5), Phone()
    held = [
        street.done("POST", "/v1/claims", street.wallet, {"token": street.paper()["token"], "holder_key": phone.key})
        for _ in range(3)
    ]
    shows = [
        phone.shows(held[0]["token"], clock.now),
        held[1]["token"],
        phone.shows(held[2]["token"], clock.now - timedelta(seconds=46)),
    ]
    for one, shown in zip(held, shows, strict=True):
        till.take(shown=shown, certificate_id=UUID(one["certificate_id"]), epoch=1, at=clock.now)

    answers = till.deliver(street)

    assert [(one["status"], one["code"], one["borne_by"]) for one in answers] == [
        ("booked", None, None),
        ("conflicted", "proof_missing", "acceptor"),
        ("conflicted", "proof_stale", "acceptor"),
    ]


def test_a_gap_stops_the_journal_until_the_receipt_comes_or_the_owner_decides(street: Street, clock: HandClock) -> None:
    till = Device.at(street, 6)
    for _ in range(5):
        paper = street.paper()
        till.take(shown=paper["token"], certificate_id=UUID(paper["certificate_id"]), at=clock.now)
    one, two, three, _lost, five = till.receipts

    gap = till.deliver(street, one, three)
    healed = till.deliver(street, two, three)
    stopped = till.deliver(street, five)
    blocked = till.journal(street)["blocked"]
    key = street.call("PUT", "/v1/till/key", till.secret, Device(7, till_id=till.till_id).named())
    decided = {"journal": 1, "sequence": 5, "reason": "the tablet was broken"}
    street.done("POST", f"/v1/tills/{till.till_id}/resumption", street.restaurant.owner, decided)
    resumed = till.deliver(street, five)

    assert [(one["status"], one["code"]) for one in gap] == [("booked", None), ("waiting", "journal_gap")]
    assert [one["status"] for one in healed] == ["booked", "booked"]
    assert [(one["status"], one["code"]) for one in stopped] == [("waiting", "journal_gap")]
    assert (blocked["code"], blocked["sequence"]) == ("journal_gap", 5)
    assert (key.status_code, key.json()["code"]) == (409, "till_blocked")
    assert [one["status"] for one in resumed] == ["booked"]


def test_a_copied_device_is_noticed_by_its_second_receipt_in_one_place(street: Street, clock: HandClock) -> None:
    till = Device.at(street, 8)
    copy = Device(8, till_id=till.till_id)
    copy.secret = till.secret
    for device in (till, copy):
        paper = street.paper()
        device.take(shown=paper["token"], certificate_id=UUID(paper["certificate_id"]), at=clock.now)

    (real,) = till.deliver(street)
    (fork,) = copy.deliver(street)
    path = f"/v1/tills/{till.till_id}/key-revocation"
    street.done("POST", path, street.restaurant.owner, {"reason": "it was copied"})
    (revoked,) = copy.deliver(street)

    assert (real["status"], fork["status"], fork["code"]) == ("booked", "waiting", "journal_fork")
    assert (revoked["status"], revoked["code"]) == ("refused", "till_key_revoked")
    assert till.deliver(street) == [real], "what was delivered before stays delivered"


def test_what_is_no_receipt_of_this_till_for_this_shop_is_refused_and_holds_up_nothing(
    street: Street, clock: HandClock
) -> None:
    till, other = Device.at(street, 9), Device.at(street, 10)
    paper = street.paper()
    shown = {"shown": paper["token"], "at": clock.now}
    till.take(**shown, certificate_id=uuid4())
    till.take(**shown, certificate_id=UUID(paper["certificate_id"]))
    foreign = other.take(**shown, certificate_id=UUID(paper["certificate_id"]))

    answers = till.deliver(street, foreign, *till.receipts)
    garbage = street.call("POST", "/v1/till/receipts", till.secret, {"receipts": [b64(b"no receipt")]})

    assert [(one["status"], one["code"]) for one in answers] == [
        ("refused", "receipt_signature_invalid"),
        ("refused", "receipt_contradicts_token"),
        ("booked", None),
    ]
    assert (garbage.status_code, garbage.json()["code"], garbage.json()["place"]) == (422, "receipt_malformed", 1)


def test_a_till_names_no_key_but_its_own_and_no_weak_one(street: Street) -> None:
    till = Device.at(street, 11)
    stranger = Device(12)

    borrowed = street.call("PUT", "/v1/till/key", till.secret, stranger.named())
    weak = till.named() | {"key": {"kty": "OKP", "crv": "Ed25519", "x": b64(b"\x01" + bytes(31))}}
    low_order = street.call("PUT", "/v1/till/key", till.secret, weak)

    assert (borrowed.status_code, borrowed.json()["code"]) == (422, "till_key_proof_invalid")
    assert (low_order.status_code, low_order.json()["code"]) == (422, "holder_key_refused")
    assert len(street.done("GET", "/v1/till", till.secret)["journals"]) == 1


def statuses(street: Street, kit: Any, certificate: Any) -> tuple[int, int]:
    """The status of a copy, and the version of its list, as a till reads them: by the draft, without our code."""
    claims: Any = cbor2.loads(cbor2.loads(token.from_text(certificate["token"])).value[2])
    expires, index = datetime.fromtimestamp(claims[4], UTC), claims[-65537][7]
    quarter = f"{expires.year}Q{(expires.month + 2) // 3}"
    (url,) = [one["url"] for one in kit["lists"] if one["quarter"] == quarter]
    answer = street.http.get(url)
    assert answer.headers["content-type"] == "application/statuslist+cwt"
    again = street.http.get(url, headers={"If-None-Match": answer.headers["etag"]})
    assert again.status_code == 304
    listed = cbor2.loads(cbor2.loads(answer.content).value[2])
    raw = zlib.decompress(listed[65533]["lst"])
    return raw[index // 4] >> 2 * (index % 4) & 3, listed[-65537][4]


def test_the_list_says_of_each_copy_whether_a_till_may_take_it(street: Street, clock: HandClock) -> None:
    till = Device.at(street, 21)
    untouched, redeemed, claimed = street.paper(), street.paper(), street.paper()
    street.done("POST", "/v1/redemptions", street.restaurant.till, street.redeeming(token=redeemed["token"]))
    living = street.done("POST", "/v1/claims", street.wallet, {"token": claimed["token"]})
    clock.move(minutes=2)
    kit = seen(street, "/v1/till/kit", till.secret)

    found = [statuses(street, kit, one) for one in (untouched, redeemed, claimed, living)]

    assert [status for status, _ in found] == [0, 1, 1, 0]
    (rule,) = kit["rules"]
    assert (rule["issuer_name"], rule["ceiling"], kit["merchant_number"]) == ("salon", 500, 2)


def test_a_delta_brings_a_list_to_the_version_of_the_whole_one(street: Street, clock: HandClock) -> None:
    till, paper = Device.at(street, 22), street.paper()
    clock.move(minutes=2)
    kit = seen(street, "/v1/till/kit", till.secret)
    _, version = statuses(street, kit, paper)
    street.done("POST", "/v1/redemptions", street.restaurant.till, street.redeeming(token=paper["token"]))
    clock.move(minutes=2)
    seen(street, "/v1/till/kit", till.secret)
    url = kit["lists"][0]["url"].replace(".cwt", f"/since/{version}.cwt")

    delta = cbor2.loads(cbor2.loads(street.http.get(url).content).value[2])
    ahead = street.http.get(url.replace(str(version), str(10**9)))
    nowhere = street.http.get(url.replace("2026Q", "1999Q"))

    since, entries, changes = delta[-65540]
    assert (since, entries % 1_024, changes[1]) == (version, 0, 1)
    assert statuses(street, kit, paper) == (1, delta[-65537][4])
    assert (ahead.status_code, nowhere.status_code) == (410, 404)
