"""The status list is the draft's: its own examples come out, and a decoder that knows only the draft reads ours."""

import base64
import zlib
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import cbor2
from hypothesis import given
from hypothesis import strategies as st

from network.public_keys import Algorithm
from network.status_list import CONTENT_TYPE, Heading, put, quarter_of, room_for, sign_delta, sign_list
from tests.tills import device_key

HEADING = Heading(
    url="https://example.com/status/2026Q2.cwt",
    coalition_id=UUID(int=7),
    coalition_number=4,
    quarter="2026Q2",
    version=99,
    made_at=datetime(2026, 3, 2, 12, 0, tzinfo=UTC),
)


def decoded(signed: bytes) -> tuple[dict[int, Any], dict[int, Any]]:
    """Header and claims, read without our code."""
    tagged = cbor2.loads(signed)
    assert (tagged.tag, tagged.value[1]) == (18, {})
    return cbor2.loads(tagged.value[0]), cbor2.loads(tagged.value[2])


def status_at(lst: bytes, index: int, bits: int = 2) -> int:
    """Section "Status List" of the draft, word by word: bits from the least significant on."""
    raw = zlib.decompress(lst)
    return raw[index * bits // 8] >> (index * bits % 8) & (1 << bits) - 1


def test_the_two_bit_example_of_the_draft_comes_out_byte_for_byte() -> None:
    places = room_for(12)
    for place, status in enumerate([1, 2, 0, 3, 0, 1, 0, 1, 1, 2, 3, 3]):
        put(places, place, status)

    _, claims = decoded(sign_list(HEADING, places, device_key(1)))

    assert places == bytes.fromhex("c944f9")
    assert claims[65533] == {"bits": 2, "lst": base64.urlsafe_b64decode("eNo76fITAAPfAgc=")}


def test_a_list_says_what_the_draft_asks_for_under_the_roots_signature() -> None:
    for algorithm, number in ((Algorithm.ED25519, -19), (Algorithm.P256, -9)):
        root = device_key(2, algorithm)

        signed = sign_list(HEADING, room_for(1_024), root)

        header, claims = decoded(signed)
        assert header == {1: number, 4: root.key.kid, 16: CONTENT_TYPE}
        assert {name: claims[name] for name in (2, 4, 6, 65534)} == {
            2: HEADING.url, 4: 1_772_539_200, 6: 1_772_452_800, 65534: 300
        }  # fmt: skip
        parts = cbor2.loads(signed).value
        message = cbor2.dumps(["Signature1", parts[0], b"", parts[2]])
        assert root.key.verifies(parts[3], message)


@given(st.dictionaries(st.integers(0, 4_095), st.integers(0, 3), max_size=50))
def test_every_place_is_read_back_and_no_other_is_touched(statuses: dict[int, int]) -> None:
    places = room_for(4_096)
    for place, status in statuses.items():
        put(places, place, 3)
        put(places, place, status)

    _, claims = decoded(sign_list(HEADING, places, device_key(1)))

    read = {place: status_at(claims[65533]["lst"], place) for place in range(4_096)}
    assert {place: status for place, status in read.items() if status} == {k: v for k, v in statuses.items() if v}


def test_a_delta_names_the_version_it_starts_from_and_each_place() -> None:
    _, claims = decoded(sign_delta(HEADING, since=90, entries=2_048, changes=[(5, 1), (9, 3)], root=device_key(1)))

    assert claims[-65540] == [90, 2_048, [5, 1, 9, 3]]
    assert claims[-65537] == [1, 4, UUID(int=7).bytes, "2026Q2", 99]


def test_a_list_is_named_for_the_quarter_in_which_its_certificates_end() -> None:
    last = datetime(2026, 3, 31, 21, 0, tzinfo=UTC)
    assert [quarter_of(last), quarter_of(datetime(2026, 4, 1, tzinfo=UTC))] == ["2026Q1", "2026Q2"]
