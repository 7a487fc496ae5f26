"""Whatever is changed, removed or slipped in by hand is found (DOMAIN 9.10), also by the owner of the database."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

import psycopg
import pytest

from network.audit import AuditReport, audit
from network.coalitions import open_connection
from network.domain.errors import CapReached
from tests.databases import fresh_database
from tests.projections.worlds import World, catch_up, world
from tests.settlement.streets import close

LINK = (
    "sha256({previous} || uuid_send(originator_id) || int4send(originator_version) || int4send(octet_length(topic))"
    " || convert_to(topic, 'UTF8') || state)"
)


@pytest.fixture(scope="module")
def street(module_database_url) -> Iterator[World]:
    """A street that has traded; nobody else is connected to its database afterwards, so that it can be copied."""
    with world(module_database_url, seed=51) as made:
        made.trade(150)
        close(module_database_url, made.opened, 1)
        made.trade(40)
        for agreement in made.agreements:  # some are surely active, where a limit leaves room
            with suppress(CapReached):
                made.issue(agreement)
        catch_up(module_database_url, made.schema)
        made.coalitions.close()
        yield made


@pytest.fixture
def copy(server_url, module_database_url, street) -> Iterator[str]:
    """A copy of its database to tamper with."""
    template = module_database_url.partition("?")[0].rpartition("/")[2]
    with fresh_database(server_url, template) as url:
        yield url


@contextmanager
def tampering(url: str, street: World) -> Iterator[psycopg.Connection]:
    """As the superuser, past the trigger that keeps slips of the hand away."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute(f"SET search_path = {street.schema}")
        yield connection


def audited(url: str, street: World, **expected: tuple[int, bytes]) -> AuditReport:
    with psycopg.connect(url, autocommit=True) as connection:
        return audit(connection, street.schema, **expected)


def test_the_untouched_copy_is_sound(copy, street):
    assert audited(copy, street).findings == []


@pytest.mark.parametrize(
    ("deed", "check"),
    [
        ("UPDATE events SET state = state || ' '::bytea WHERE position = 5",                          "chain"),
        ("UPDATE events SET state = state || ' '::bytea WHERE position = {last}",                     "chain"),
        ("UPDATE events SET topic = 'Merchant.Left' WHERE topic = 'Merchant.Admitted'",               "chain"),
        ("UPDATE events SET originator_id = gen_random_uuid() WHERE position = 9",                    "chain"),
        ("UPDATE events SET originator_version = 90 WHERE position = 9",                              "versions"),
        ("UPDATE events SET hash = sha256('x') WHERE position = 7",                                   "chain"),
        ("UPDATE events SET hash = sha256('x') WHERE position = {last}",                              "head hash"),
        ("DELETE FROM events WHERE position = 1",                                                     "positions"),
        ("DELETE FROM events WHERE position = 12",                                                    "positions"),
        ("DELETE FROM events WHERE position = {last}",                                                "head position"),
        ("DELETE FROM events WHERE position > {last} - 4",                                            "head position"),
        ("DELETE FROM events",                                                                        "head position"),
        ("INSERT INTO events SELECT {last} + 1, {new}, 1, topic, state, hash FROM events LIMIT 1",    "head position"),
        ("INSERT INTO events SELECT 0, {new}, 1, topic, state, hash FROM events LIMIT 1",             "positions"),
        ("UPDATE head SET position = position - 1",                                                   "head position"),
        ("UPDATE head SET position = position + 1",                                                   "head position"),
        ("UPDATE head SET hash = sha256('x')",                                                        "head hash"),
    ],
)  # fmt: skip
def test_any_deed_on_the_log_is_found(copy, street, deed, check):
    with tampering(copy, street) as connection:
        connection.execute(deed.format(last="(SELECT max(position) FROM events)", new="gen_random_uuid()"))

    assert check in {finding.check for finding in audited(copy, street).findings}


def test_two_events_that_changed_places_are_found(copy, street):
    with tampering(copy, street) as connection:
        connection.execute("UPDATE events SET position = -position WHERE position IN (20, 21)")
        connection.execute("UPDATE events SET position = 41 + position WHERE position < 0")

    assert "chain" in {finding.check for finding in audited(copy, street).findings}


def test_every_single_event_is_guarded(copy, street):
    """Each one in turn is changed by one byte and put back."""
    with tampering(copy, street) as connection:
        row = connection.execute("SELECT max(position) FROM events").fetchone()
        for position in range(1, row[0] + 1, max(1, row[0] // 12)):
            where = f"WHERE position = {position}"
            connection.execute(f"UPDATE events SET state = set_byte(state, 3, get_byte(state, 3) # 1) {where}")
            assert not audited(copy, street).sound, position
            connection.execute(f"UPDATE events SET state = set_byte(state, 3, get_byte(state, 3) # 1) {where}")

    assert audited(copy, street).sound


def test_the_last_event_removed_with_the_head_set_back_is_known_from_the_answer_that_was_given(copy, street):
    with tampering(copy, street) as connection:
        connection.execute("DELETE FROM events WHERE position = (SELECT max(position) FROM events)")
        connection.execute(
            "UPDATE head SET (position, hash) = (SELECT position, hash FROM events ORDER BY position DESC LIMIT 1)"
        )

    found = {finding.check for finding in audited(copy, street).findings}

    assert "head position" in found
    assert found & {"certificates", "flows", "exposures"}


def test_a_suffix_rewritten_with_its_hashes_is_found_by_its_figures(copy, street):
    """Whoever recomputes the chain must also get every figure right, in every view and guard."""
    with tampering(copy, street) as connection:
        connection.execute(
            "UPDATE events SET state = replace(convert_from(state, 'UTF8'), '\"amount\":', '\"amount\":1')::bytea"
            " WHERE position = (SELECT max(position) FROM events WHERE topic = 'Certificate.Redeemed')"
        )
        _rechain(connection)

    found = {finding.check for finding in audited(copy, street).findings}

    assert not found & {"chain", "head hash", "positions", "versions"}
    assert {"postings", "rules"} & found


def test_a_suffix_rewritten_without_a_trace_is_found_by_a_head_that_was_noted(copy, street):
    noted = audited(copy, street)
    expected = (noted.position, bytes.fromhex(noted.head))
    with tampering(copy, street) as connection:
        connection.execute(
            "UPDATE events SET state = state || ' '::bytea"
            " WHERE position = (SELECT max(position) FROM events WHERE topic <> 'Window.Stated')"
        )
        _rechain(connection)
    assert audited(copy, street).sound

    report = audited(copy, street, expected=expected)

    assert [finding.check for finding in report.findings] == ["expected head"]


def test_a_rewritten_past_no_longer_fits_the_statement_that_named_its_hash(copy, street):
    with tampering(copy, street) as connection:
        connection.execute(
            "UPDATE events SET state = replace(convert_from(state, 'UTF8'), 'Salon', 'Saloon')::bytea"
            " WHERE topic = 'Merchant.Applied'"
        )
        _rechain(connection)

    assert {"rules", "windows"} == {finding.check for finding in audited(copy, street).findings}


@pytest.mark.parametrize("further", [0, 1])
def test_a_head_that_was_noted_is_met_again_or_missed(copy, street, further):
    noted = audited(copy, street)

    report = audited(copy, street, expected=(noted.position + further, bytes.fromhex(noted.head)))

    assert report.sound == (further == 0)


@pytest.mark.parametrize(
    ("deed", "check"),
    [
        ("UPDATE balances SET net = net + 1",                                         "balances"),
        ("DELETE FROM balances",                                                      "balances"),
        ("UPDATE obligations SET owed = owed + 1",                                    "obligations"),
        ("UPDATE reserves SET reserved = reserved - 1",                               "reserves"),
        ("INSERT INTO reserves VALUES (gen_random_uuid(), gen_random_uuid(), 100)",   "reserves"),
        ("UPDATE flows SET issued_count = issued_count + 1",                          "flows"),
        ("UPDATE certificates SET outstanding = face + 1 WHERE state = 'active'",     "certificates"),
        ("UPDATE certificates SET state = 'active' WHERE state = 'redeemed'",         "certificates"),
        ("UPDATE payments SET amount = amount + 1",                                   "payments"),
        ("UPDATE merchants SET state = 'left'",                                       "merchants"),
        ("UPDATE agreements SET version_in_force = 9",                                "agreements"),
        ("UPDATE exposures SET used = used - 1 WHERE used > 0",                       "exposures"),
        ("DELETE FROM exposures WHERE scope LIKE 'agreement:%'",                      "exposures"),
        ("INSERT INTO caps VALUES ('customer:x', 1)",                                 "caps"),
        ("UPDATE visits SET last_paid_at = last_paid_at - interval '1 year'",         "visits"),
        ("UPDATE statement_lines SET amount = amount + 1",                            "statement_lines"),
        ("DELETE FROM statement_lines WHERE section = 'value'",                       "statement_lines"),
        ("UPDATE statement_lines SET window_number = window_number + 1",              "statement_lines"),
        ("UPDATE statement_totals SET amount = amount - 1",                           "statement_totals"),
        ("UPDATE statement_causes SET deducted = deducted + 1",                       "statement_causes"),
        ("UPDATE statement_causes SET adjusts = 1",                                   "statement_causes"),
        ("UPDATE statement_cuts SET position = position + 1",                         "statement_cuts"),
        ("UPDATE windows SET gross = gross + 1",                                      "windows"),
        ("UPDATE windows SET chain_hash = ''",                                        "windows"),
        ("DELETE FROM windows",                                                       "windows"),
        ("UPDATE tracking SET position = position + 1 WHERE projection = 'flows'",    "flows"),
        ("UPDATE tracking SET position = 40 WHERE projection = 'flows'",              "flows"),
    ],
)  # fmt: skip
def test_any_deed_on_a_figure_is_found(copy, street, deed, check):
    with tampering(copy, street) as connection:
        changed = connection.execute(deed).rowcount

    found = {finding.check for finding in audited(copy, street).findings}

    assert changed > 0
    assert found == {check}


@pytest.mark.parametrize(
    "deed",
    [
        "UPDATE {s}.events SET state = ''",
        "DELETE FROM {s}.events WHERE position = 1",
        "TRUNCATE {s}.events",
        "UPDATE {s}.requests SET answer = ''",
        "DELETE FROM {s}.head",
        "DROP TABLE {s}.balances",
        "ALTER TABLE {s}.events DISABLE TRIGGER append_only",
        "SET session_replication_role = replica",
        "CREATE TABLE {s}.mine (one integer)",
    ],
)
def test_the_application_cannot_rewrite_the_log(copy, street, deed):
    with open_connection(copy) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute(deed.format(s=street.schema))


@pytest.mark.parametrize("deed", ["UPDATE events SET state = ''", "DELETE FROM events", "TRUNCATE events"])
def test_a_slip_of_the_owners_hand_is_refused(copy, street, deed):
    with psycopg.connect(copy, autocommit=True) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute(deed.replace("events", f"{street.schema}.events"))


def _rechain(connection: psycopg.Connection) -> None:
    """Make every hash and the head fit the events as they are now."""
    connection.execute(
        "DO $$ DECLARE previous bytea := sha256('pollen'::bytea); one events; BEGIN"
        " FOR one IN SELECT * FROM events ORDER BY position LOOP"
        f" UPDATE events SET hash = {LINK.format(previous='previous')} WHERE position = one.position"
        " RETURNING hash INTO previous; END LOOP;"
        " UPDATE head SET hash = previous; END $$"
    )
