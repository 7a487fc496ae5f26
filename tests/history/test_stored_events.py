"""Every version of every event that was ever written can be read, and means what it meant.

`stored_events.jsonl` holds one line for each topic and class version: `{"topic", "class_version", "state"}`, with the
state as PostgreSQL keeps it. Lines are added, never changed. For a new event, or a new `class_version`, add an example
of it to `histories` in `examples.py` beside this file and run

    .venv/bin/python -P tests/history/examples.py

which appends what is missing and touches nothing that is there.
"""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from eventsourcing.domain import CanMutateAggregate
from eventsourcing.persistence import MapperDeserialisationError, StoredEvent
from eventsourcing.utils import get_topic

from network.store.mapper import AGGREGATES, EventMapper, topics

LINES = [
    json.loads(line)
    for line in Path(__file__).with_name("stored_events.jsonl").read_text(encoding="utf-8").splitlines()
]
STREAM = UUID("6f1c9d2e-0000-4000-8000-000000000001")
MAPPER = EventMapper()


def stored(topic: str, state: bytes) -> StoredEvent:
    return StoredEvent(originator_id=STREAM, originator_version=7, topic=topic, state=state)


def line_of(topic: str) -> dict[str, Any]:
    return json.loads(next(line["state"] for line in LINES if line["topic"] == topic))  # type: ignore[no-any-return]


def test_every_event_has_a_line_for_its_newest_version() -> None:
    shipped = {(line["topic"], line["class_version"]) for line in LINES}

    assert {(topic, getattr(event, "class_version", 1)) for topic, event in topics().items()} - shipped == set()
    assert len(shipped) == len(LINES), "a topic and version has one line"


def test_every_event_of_an_aggregate_has_a_topic_of_its_own() -> None:
    for aggregate in AGGREGATES:
        for name, value in vars(aggregate).items():
            if isinstance(value, type) and issubclass(value, CanMutateAggregate) and name != "Event":
                assert get_topic(value) == f"{aggregate.__name__}.{name}"


@pytest.mark.parametrize("line", LINES, ids=lambda line: f"{line['topic']}-{line['class_version']}")
def test_a_line_is_read_and_written_again_byte_for_byte(line: dict[str, Any]) -> None:
    event = MAPPER.to_domain_event(stored(line["topic"], line["state"].encode()))

    assert type(event) is topics()[line["topic"]]
    assert (event.originator_id, event.originator_version) == (STREAM, 7)
    if line["class_version"] == getattr(type(event), "class_version", 1):
        assert MAPPER.to_stored_event(event).state.decode() == line["state"]


def test_what_is_read_has_the_types_that_rules_compare() -> None:
    line = next(line for line in LINES if line["topic"] == "Certificate.Issued")
    event: Any = MAPPER.to_domain_event(stored("Certificate.Issued", line["state"].encode()))

    assert event.timestamp == datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
    assert (type(event.expires_at), type(event.face), type(event.issuer_id)) == (datetime, int, UUID)
    assert type(event.terms).__name__ == "Terms"
    assert [type(posting).__name__ for posting in event.postings] == ["Posting", "Posting"]


@pytest.mark.parametrize(
    ("topic", "change"),
    [
        ("Certificate.Redeemed", {"tip": 5}),
        ("Certificate.Redeemed", {"amount": "500"}),
        ("Certificate.Redeemed", {"amount": 500.0}),
        ("Certificate.Redeemed", {"amount": True}),
        ("Certificate.Redeemed", {"amount": None}),
        ("Certificate.Redeemed", {"guest": "stranger"}),
        ("Certificate.Redeemed", {"redemption_id": "r1"}),
        ("Certificate.Redeemed", {"timestamp": "2026-03-02T12:00:00"}),
        ("Certificate.Redeemed", {"timestamp": 1_772_452_800}),
        ("Certificate.Redeemed", {"postings": None}),
        ("Certificate.Issued",   {"expires_at": "2026-04-01T21:00:00"}),
        ("Certificate.Issued",   {"expires_at": "2026-04-01"}),
        ("Certificate.Issued",   {"terms": {}}),
        ("Certificate.Issued",   {"coalition_id": 7}),
        ("Wallet.Opened",        {"name": "Anna"}),
    ],
    ids=str,
)  # fmt: skip
def test_refuses_bytes_that_are_not_the_event(topic: str, change: dict[str, Any]) -> None:
    state = json.dumps(line_of(topic) | change).encode()

    with pytest.raises(MapperDeserialisationError, match=topic):
        MAPPER.to_domain_event(stored(topic, state))


@pytest.mark.parametrize("state", [b"", b"null", b"[]", b"{}", b"{", b"\xff"])
def test_refuses_bytes_that_are_no_event_at_all(state: bytes) -> None:
    with pytest.raises(MapperDeserialisationError):
        MAPPER.to_domain_event(stored("Certificate.Redeemed", state))


@pytest.mark.parametrize("field", ["amount", "timestamp", "postings", "guest"])
def test_refuses_an_event_that_lacks_a_field(field: str) -> None:
    state = line_of("Certificate.Redeemed")
    del state[field]

    with pytest.raises(MapperDeserialisationError, match=field):
        MAPPER.to_domain_event(stored("Certificate.Redeemed", json.dumps(state).encode()))
