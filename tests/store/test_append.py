"""The one function that writes: order, chain, guards and answers in one transaction, or nothing at all."""

import hashlib
import struct
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from eventsourcing.persistence import IntegrityError, StoredEvent

from network.store.directory import Entry
from network.store.recorder import Batch, CoalitionMoved, CoalitionRecorder
from tests.support import rows

Connect = Callable[[], CoalitionRecorder]
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
ODD = '{"name":"Яблоня \\" \\\\ \\u0000 \U0001f41d","n":9223372036854775807}'


def event(stream: UUID, version: int, state: str = '{"a":1}', topic: str = "Wallet.Opened") -> StoredEvent:
    return StoredEvent(stream, version, topic, state.encode())


def batch(*events: StoredEvent, key: str | None = None, **other: Any) -> Batch:
    """Those events, decided on the versions before them, as the answer of one request."""
    bases: dict[UUID, int] = {}
    for one in events:
        bases.setdefault(one.originator_id, one.originator_version - 1)  # type: ignore[arg-type]
    request = ("till", key or str(uuid4()), b"details", False, b"sealed", len(events))
    return Batch(**({"bases": bases, "events": list(events), "requests": [request]} | other))


def moves(scope: str, *, free: int = 0, guarded: int = 0, key: str = "") -> dict[str, Any]:
    return {"moves": {(scope, key): [free, guarded]}}


def contents(url: str, entry: Entry) -> dict[str, Any]:
    """All that an append could write."""
    tables = ("head", "events", "requests", "caps", "exposures", "visits", "typed_codes")
    return {table: rows(url, f"SELECT * FROM {entry.schema_name}.{table} ORDER BY 1") for table in tables}


def chain(url: str, entry: Entry) -> list[bytes]:
    """The hashes as the formula gives them: each of the one before, id, version, topic with its length, state."""
    last, hashes = hashlib.sha256(b"pollen").digest(), []
    for stream, version, topic, state in rows(
        url, f"SELECT originator_id, originator_version, topic, state FROM {entry.schema_name}.events ORDER BY position"
    ):
        named = topic.encode()
        last = hashlib.sha256(
            last + stream.bytes + struct.pack(">i", version) + struct.pack(">i", len(named)) + named + state
        ).digest()
        hashes.append(last)
    return hashes


class TestOrder:
    def test_positions_have_no_gaps_and_keep_the_order_of_the_batch(
        self, log: CoalitionRecorder, store_url: str, entry: Entry
    ) -> None:
        one, other = uuid4(), uuid4()

        starts = [log.append(batch(event(one, 1), event(other, 1), event(one, 2))), log.append(batch(event(other, 2)))]

        assert starts == [0, 3]
        assert [(n.id, n.originator_id, n.originator_version) for n in log.select_notifications(None, 10)] == [
            (1, one, 1),
            (2, other, 1),
            (3, one, 2),
            (4, other, 2),
        ]
        assert log.head()[0] == log.max_notification_id() == 4

    def test_an_empty_log_has_no_last_position(self, log: CoalitionRecorder) -> None:
        assert (log.max_notification_id(), log.head()[1]) == (None, hashlib.sha256(b"pollen").digest())

    def test_each_hash_follows_from_all_before_it(self, log: CoalitionRecorder, store_url: str, entry: Entry) -> None:
        streams = [uuid4() for _ in range(3)]
        for version in (1, 2):
            log.append(batch(*[event(stream, version, ODD, topic="Bäckerei.Öffnet") for stream in streams]))

        stored = [h for (h,) in rows(store_url, f"SELECT hash FROM {entry.schema_name}.events ORDER BY position")]
        assert stored == chain(store_url, entry)
        assert log.head() == (6, stored[-1])

    def test_a_state_is_kept_byte_for_byte(self, log: CoalitionRecorder) -> None:
        stream = uuid4()

        log.append(batch(event(stream, 1, ODD)))

        assert [one.state for one in log.select_events(stream)] == [ODD.encode()]
        assert [one.state for one in log.streams({stream: 0})] == [ODD.encode()]

    def test_writers_on_two_connections_leave_one_chain(self, connect: Connect, store_url: str, entry: Entry) -> None:
        def write(recorder: CoalitionRecorder) -> None:
            for _ in range(40):
                stream = uuid4()
                assert recorder.append(batch(event(stream, 1), event(stream, 2))) is not None

        writers = [threading.Thread(target=write, args=(connect(),)) for _ in range(2)]
        for writer in writers:
            writer.start()
        for writer in writers:
            writer.join()

        stored = rows(store_url, f"SELECT position, hash FROM {entry.schema_name}.events ORDER BY position")
        assert [position for position, _ in stored] == list(range(1, 161))
        assert [h for _, h in stored] == chain(store_url, entry)


class TestStaleBatches:
    def test_a_batch_decided_on_an_older_version_writes_nothing(
        self, log: CoalitionRecorder, store_url: str, entry: Entry
    ) -> None:
        stream, other = uuid4(), uuid4()
        log.append(batch(event(stream, 1)))
        before = contents(store_url, entry)
        everything = {
            "visits": {(uuid4(), uuid4()): NOON},
            "codes": [(b"digest", uuid4(), 0)],
            "caps": {"customer": 3},
            **moves("customer", guarded=1),
        }

        late = log.append(batch(event(other, 1), event(stream, 1), **everything))

        assert late is None
        assert contents(store_url, entry) == before

    def test_what_was_only_looked_at_must_be_fresh_too(self, log: CoalitionRecorder) -> None:
        looked_at, other = uuid4(), uuid4()
        log.append(batch(event(looked_at, 1)))

        assert log.append(batch(event(other, 1), bases={looked_at: 0, other: 0})) is None
        assert log.append(batch(event(other, 1), bases={looked_at: 1, other: 0})) == 1

    def test_a_request_key_that_was_answered_is_not_answered_again(
        self, log: CoalitionRecorder, store_url: str, entry: Entry
    ) -> None:
        log.append(batch(event(uuid4(), 1), key="k1"))
        before = contents(store_url, entry)

        again = log.append(batch(event(uuid4(), 1), key="k1"))

        assert again is None
        assert contents(store_url, entry) == before

    def test_the_same_key_of_another_caller_is_another_request(self, log: CoalitionRecorder) -> None:
        log.append(batch(event(uuid4(), 1), key="k1"))

        other = [("wallet", "k1", b"details", False, b"sealed", 1)]

        assert log.append(batch(event(uuid4(), 1), requests=other)) == 1

    def test_the_library_is_told_of_a_conflict_in_its_own_words(self, log: CoalitionRecorder) -> None:
        stream = uuid4()
        assert list(log.insert_events([event(stream, 1), event(stream, 2)])) == [1, 2]

        with pytest.raises(IntegrityError):
            log.insert_events([event(stream, 2)])

    def test_while_the_head_is_held_nobody_else_appends(self, connect: Connect) -> None:
        holder, other = connect(), connect()
        other.connection.execute("SET lock_timeout = '100ms'")

        with holder.connection.transaction():
            holder.lock_head()
            with pytest.raises(psycopg.errors.LockNotAvailable):
                other.append(batch(event(uuid4(), 1)))
            assert holder.append(batch(event(uuid4(), 1))) == 0

        assert other.append(batch(event(uuid4(), 1))) == 1


class TestAnswers:
    def test_an_answer_is_kept_with_its_events(self, log: CoalitionRecorder) -> None:
        log.append(batch(event(uuid4(), 1)))
        requests = [
            ("till", "a", b"fa", False, b"sealed a", 1),
            ("till", "b", b"fb", True, b"sealed b", 0),
            ("wallet", "a", b"fc", False, b"sealed c", 2),
        ]

        log.append(batch(event(uuid4(), 1), event(uuid4(), 1), requests=requests))

        kept = log.answers([("till", "a"), ("till", "b"), ("wallet", "a"), ("wallet", "b")])
        assert {asked: (one.fingerprint, one.refused, one.answer, one.position) for asked, one in kept.items()} == {
            ("till", "a"): (b"fa", False, b"sealed a", 2),
            ("till", "b"): (b"fb", True, b"sealed b", 1),
            ("wallet", "a"): (b"fc", False, b"sealed c", 3),
        }

    def test_an_answer_without_events_is_kept_too(self, log: CoalitionRecorder) -> None:
        assert log.append(batch(key="k")) == 0

        assert log.answers([("till", "k")])["till", "k"].position == 0
        assert log.head()[0] == 0


class TestCaps:
    SCOPE = "debtor:6f1c9d2e-0000-4000-8000-000000000000"

    def cap(self, log: CoalitionRecorder, limit: int | None) -> None:
        assert log.append(batch(event(uuid4(), 1), caps={self.SCOPE: limit})) is not None

    def move(self, log: CoalitionRecorder, **amounts: int) -> bool:
        return log.append(batch(event(uuid4(), 1), **moves(self.SCOPE, **amounts))) is not None

    def used(self, log: CoalitionRecorder) -> int:
        return log.used([(self.SCOPE, "")]).get((self.SCOPE, ""), 0)

    @pytest.mark.parametrize("before", [0, 40])
    def test_exactly_to_the_limit_and_no_further(self, log: CoalitionRecorder, before: int) -> None:
        self.move(log, guarded=before)
        self.cap(log, 100)

        assert not self.move(log, guarded=101 - before)
        assert self.move(log, guarded=100 - before)
        assert not self.move(log, guarded=1)
        assert self.used(log) == 100

    def test_what_is_promised_already_always_counts_and_never_is_refused(self, log: CoalitionRecorder) -> None:
        self.cap(log, 100)

        assert self.move(log, free=150)
        assert not self.move(log, guarded=1)
        assert self.move(log, free=-60)
        assert self.move(log, guarded=10)
        assert self.used(log) == 100

    def test_a_lowered_cap_stops_new_issues_only(self, log: CoalitionRecorder) -> None:
        self.move(log, guarded=80)

        self.cap(log, 50)

        assert not self.move(log, guarded=1)
        assert self.move(log, free=5)
        assert self.move(log, free=-5)
        assert self.move(log, free=-31)
        assert self.move(log, guarded=1)
        assert self.used(log) == 50

    def test_a_raised_or_lifted_cap_makes_room(self, log: CoalitionRecorder) -> None:
        self.cap(log, 10)
        assert not self.move(log, guarded=11)

        self.cap(log, 11)
        assert self.move(log, guarded=11)
        self.cap(log, None)
        assert self.move(log, guarded=10**12)

    def test_a_cap_of_nothing_lets_nothing_through(self, log: CoalitionRecorder) -> None:
        self.cap(log, 0)

        assert not self.move(log, guarded=1)
        assert self.move(log, free=-3)
        assert self.move(log, guarded=3)

    def test_days_are_counted_apart_under_one_cap(self, log: CoalitionRecorder) -> None:
        log.append(batch(event(uuid4(), 1), caps={"customer": 1}))

        today, tomorrow = (batch(event(uuid4(), 1), **moves("customer", guarded=1, key=day)) for day in ("d1", "d2"))

        assert log.append(today) is not None
        assert log.append(tomorrow) is not None
        assert log.append(batch(event(uuid4(), 1), **moves("customer", guarded=1, key="d1"))) is None

    def test_concurrent_issues_never_exceed_it(self, connect: Connect) -> None:
        self.cap(connect(), 50)
        done: list[bool] = []

        def issue(recorder: CoalitionRecorder) -> None:
            for _ in range(60):
                done.append(self.move(recorder, guarded=1))

        issuers = [threading.Thread(target=issue, args=(connect(),)) for _ in range(2)]
        for issuer in issuers:
            issuer.start()
        for issuer in issuers:
            issuer.join()

        assert (done.count(True), done.count(False), self.used(connect())) == (50, 70, 50)

    def test_the_table_itself_refuses_what_a_slip_of_the_function_would_let_through(
        self, log: CoalitionRecorder, store_url: str, entry: Entry
    ) -> None:
        self.cap(log, 10)
        self.move(log, guarded=10)

        with pytest.raises(psycopg.errors.CheckViolation):
            rows(store_url, f"UPDATE {entry.schema_name}.exposures SET used = used + 1")


class TestSmallFacts:
    def test_a_visit_is_the_latest_whatever_order_they_come_in(self, log: CoalitionRecorder) -> None:
        pair = (uuid4(), uuid4())

        for at in (NOON, NOON + timedelta(days=1), NOON - timedelta(days=1)):
            log.append(batch(event(uuid4(), 1), visits={pair: at}))

        assert log.visits([pair, (uuid4(), uuid4())]) == {pair: NOON + timedelta(days=1)}

    def test_typed_codes_lead_to_their_copies(self, log: CoalitionRecorder, store_url: str, entry: Entry) -> None:
        codes = [(b"one", uuid4(), 0), (b"two", uuid4(), 3)]

        log.append(batch(event(uuid4(), 1), codes=codes))

        kept = rows(store_url, f"SELECT digest, certificate_id, epoch FROM {entry.schema_name}.typed_codes ORDER BY 1")
        assert kept == codes

    def test_no_two_copies_share_a_place_in_the_status_list(self, connect: Connect) -> None:
        one, other = connect(), connect()

        places = [recorder.status_index(NOON) for _ in range(1_100) for recorder in (one, other)]

        assert len(set(places)) == 2_200
        assert min(places) >= 0

    def test_each_quarter_has_its_own_list(self, log: CoalitionRecorder) -> None:
        march = {log.status_index(datetime(2026, 3, 31, tzinfo=UTC)) for _ in range(1_024)}
        april = {log.status_index(datetime(2026, 4, 1, tzinfo=UTC)) for _ in range(1_024)}

        assert march == april == set(range(1_024))


class TestReading:
    def test_streams_are_read_from_the_version_that_is_known(self, log: CoalitionRecorder) -> None:
        one, other = sorted([uuid4(), uuid4()])
        log.append(batch(event(other, 1), event(one, 1), event(one, 2), event(other, 2), event(one, 3)))

        read = [(e.originator_id, e.originator_version) for e in log.streams({one: 1, other: 0, uuid4(): 0})]

        assert read == [(one, 2), (one, 3), (other, 1), (other, 2)]

    def test_the_log_is_read_in_parts(self, log: CoalitionRecorder) -> None:
        stream = uuid4()
        log.append(batch(*[event(stream, n, topic="Odd" if n % 2 else "Even") for n in range(1, 8)]))

        def ids(*args: Any, **options: Any) -> list[int]:
            return [n.id for n in log.select_notifications(*args, **options)]

        assert ids(None, 3) == [1, 2, 3]
        assert ids(3, 3) == [3, 4, 5]
        assert ids(3, 3, inclusive_of_start=False) == [4, 5, 6]
        assert ids(None, 9, stop=2) == [1, 2]
        assert ids(None, 9, topics=["Even"]) == [2, 4, 6]

    def test_one_stream_is_read_in_parts_and_backwards(self, log: CoalitionRecorder) -> None:
        stream = uuid4()
        log.append(batch(*[event(stream, n) for n in range(1, 6)]))

        def versions(**options: Any) -> list[Any]:
            return [e.originator_version for e in log.select_events(stream, **options)]

        assert versions() == [1, 2, 3, 4, 5]
        assert versions(gt=1, lte=4) == [2, 3, 4]
        assert versions(desc=True, limit=2) == [5, 4]


class TestMoving:
    @pytest.mark.parametrize("change", ["epoch = epoch + 1", "frozen = true"])
    def test_a_log_that_lives_elsewhere_or_is_frozen_refuses(
        self, log: CoalitionRecorder, store_url: str, entry: Entry, change: str
    ) -> None:
        log.append(batch(event(uuid4(), 1)))
        rows(store_url, f"UPDATE {entry.schema_name}.head SET {change}")
        before = contents(store_url, entry)

        with pytest.raises(CoalitionMoved):
            log.append(batch(event(uuid4(), 1)))

        assert contents(store_url, entry) == before


class TestHistory:
    @pytest.mark.parametrize(
        "statement",
        [
            "UPDATE {}.events SET state = ''",
            "DELETE FROM {}.events",
            "TRUNCATE {}.events",
            "UPDATE {}.requests SET answer = ''",
            "DELETE FROM {}.requests",
            "DELETE FROM {}.head",
            "DROP TABLE {}.events",
            "ALTER TABLE {}.events DISABLE TRIGGER ALL",
            "CREATE TABLE {}.mine ()",
        ],
    )
    def test_the_application_cannot_rewrite_it(self, log: CoalitionRecorder, entry: Entry, statement: str) -> None:
        log.append(batch(event(uuid4(), 1)))

        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            log.connection.execute(statement.format(entry.schema_name).encode())

    @pytest.mark.parametrize(
        "statement", ["UPDATE {}.events SET state = ''", "DELETE FROM {}.events", "TRUNCATE {}.events"]
    )
    def test_a_slip_of_the_owners_hand_is_stopped_too(
        self, log: CoalitionRecorder, store_url: str, entry: Entry, statement: str
    ) -> None:
        log.append(batch(event(uuid4(), 1)))

        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="append-only"):
            rows(store_url, statement.format(entry.schema_name))

    def test_what_is_changed_by_force_breaks_the_chain(
        self, log: CoalitionRecorder, store_url: str, entry: Entry
    ) -> None:
        stream = uuid4()
        log.append(batch(*[event(stream, n) for n in range(1, 4)]))
        table = f"{entry.schema_name}.events"
        rows(store_url, f"ALTER TABLE {table} DISABLE TRIGGER append_only")

        rows(store_url, f"UPDATE {table} SET state = '{{}}' WHERE position = 2")

        stored = [h for (h,) in rows(store_url, f"SELECT hash FROM {table} ORDER BY position")]
        assert [a == b for a, b in zip(chain(store_url, entry), stored, strict=True)] == [True, False, False]
