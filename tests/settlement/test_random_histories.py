"""Random histories, cut at random: each posting in one window, each statement a replay of the events it covers."""

import os
from collections import Counter
from random import Random
from typing import Any
from uuid import UUID

import psycopg
import pytest

from network.application import Request
from network.application.payouts import LoadedFile
from network.audit import audit
from network.domain.dispute import Reason
from network.domain.payout import Booking, Side
from network.domain.postings import Kind
from network.domain.statement import Method, SettlementTerms
from network.domain.window import State
from network.projections import obligations, payouts, statement_lines, statement_rows, windows
from network.projections.batches import Follower
from network.projections.rebuilding import rebuild
from network.settlement.closing import agree_due, cut_window, state_window
from network.settlement.default import declare_default
from network.settlement.disputing import raise_dispute
from network.settlement.paying import instruct_window
from network.settlement.restating import recompute_due
from tests.projections.worlds import World, catch_up, contents, world
from tests.settlement.streets import naive_windows, raw_log, stated_figures, statements
from tests.written import as_csv, as_json

WINDOWS = 5
OF_A_VERSION = ("withheld", "defaulted")


def live_through(street: World, url: str) -> None:
    """Trade and cut; state each window at once or some windows later, and trade on."""
    random, waiting = Random(street.random.random()), []
    for number in range(1, WINDOWS + 1):
        street.trade(random.choice([0, 40, 80]))
        terms = SettlementTerms(random.choice(list(Method)), random.choice([0, 1, 400, 3_000]), 3)
        cut_window(street.opened, number, terms=random.choice([None, terms])).facts()
        waiting.append(number)
        street.trade(random.choice([0, 20]))
        if random.random() < 0.6 or number == WINDOWS:
            catch_up(url, street.schema)
            for one in waiting:
                state_window(street.opened, one).facts()
                quarrel(street, url, one)
            waiting = []
        pay_something(street, url, random)
        if random.random() < 0.5:
            fail_somebody(street, url)
    street.trade(20)
    catch_up(url, street.schema)


def quarrel(street: World, url: str, number: int) -> None:
    """Partners dispute some of what a new statement charges them, and end some of it at once, some never."""
    charged = [
        (party, pair.counterparty_id, line.position, entry)
        for party, statement in statements(street.opened, number).items()
        for pair in statement.pairs
        for line in pair.lines
        for entry in line.entries
        if entry.amount < 0 and entry.kind != "adjustment" and party in street.merchants
    ]
    for party, other, position, entry in street.random.sample(charged, min(len(charged), 4)):
        raised = raise_dispute(
            street.opened,
            request=Request("owner", str(street.id()), b""),
            position=position,
            creditor_id=other,
            kind=Kind(entry.kind),
            amount=street.random.choice([None, 1, -entry.amount]),
            reason=street.random.choice([Reason.DUPLICATE, Reason.NOT_OURS]),
            note="",
            by=party,
        )
        if raised.refused:
            continue
        dispute_id = UUID(str(raised.facts()["dispute_id"]))
        by = other if other in street.merchants else None
        concede, uphold = street.random.random() < 0.3, street.random.random() < 0.5
        if street.random.random() < 0.7:
            street.do("answer_dispute", dispute_id=dispute_id, concede=concede, note="", by=by)
            street.try_to("decide_dispute", dispute_id=dispute_id, uphold=uphold, note="")
    catch_up(url, street.schema)
    recompute_due(street.opened)


def pay_something(street: World, url: str, random: Random) -> None:
    """Let silence agree, ask for what is agreed, and let banks and people say anything about it."""
    street.later(days=random.choice([0, 4, 9]))
    catch_up(url, street.schema)
    agree_due(street.opened, street.now)
    recompute_due(street.opened)
    catch_up(url, street.schema)
    with street.opened.reading() as recorder:
        rows = windows.in_state(recorder.connection, street.schema, State.AGREED)
    for row in rows:
        instruct_window(street.opened, row.number, by="organizer").facts()
    catch_up(url, street.schema)
    with street.opened.reading() as recorder:
        asked = payouts.missing(recorder.connection, street.schema)
    for one in asked:
        for _ in range(random.choice([0, 1, 3])):
            amount = random.choice([1, one.amount // 2 + 1, one.amount, -one.amount])
            side = random.choice([Side.CREDITOR, Side.DEBTOR])
            booking = Booking(str(street.id()), one.end_to_end_id, side, amount, "", "2024-05-01", "")
            book(street, one.window_number, booking)
        if random.random() < 0.4:
            said = {"confirmation_id": street.id(), "amount": random.choice([7, -7]), "cause": "in cash"}
            street.do("confirm_payout", number=one.window_number, reference=one.end_to_end_id, by="organizer", **said)
        street.try_to("remind_payout", number=one.window_number, reference=one.end_to_end_id, step=None, by="organizer")


def book(street: World, number: int, booking: Booking) -> None:
    """One line, as a bank file of that line alone would book it."""
    file = LoadedFile(booking.line, "csv", 1, 0, 0, 0, {number: [booking]}, {})
    request = Request("test", booking.line, b"f")
    street.opened.application.load_bank_file(request=request, file=file, by="organizer").result().facts()


def fail_somebody(street: World, url: str) -> None:
    """Partners do not pay what is open; some of it comes back; they are let in again and trade goes on."""
    catch_up(url, street.schema)
    with street.opened.reading() as recorder:
        rows = [row for row in windows.all(recorder.connection, street.schema) if row.state != State.SETTLED]
    for row in rows:
        defaulter = street.random.choice(street.merchants)
        if street.random.random() < 0.5:
            street.do("put_up_deposit", merchant_id=defaulter, amount=street.random.randint(1, 900), held_by="a notary")
        request = Request("organizer", str(street.id()), b"")
        pool = street.random.choice([0, 150])
        declared = declare_default(
            street.opened, row.number, defaulter, request=request, pool=pool, by="organizer", reason="closed"
        )
        if declared.refused:
            continue
        street.try_to(
            "recover_from_default",
            default_id=UUID(str(declared.facts()["default_id"])),
            amount=street.random.randint(1, 200),
            paid_to=street.random.choice([None, *street.merchants]),
            reason="it came back",
        )
        street.try_to("readmit_merchant", merchant_id=defaulter)


def own_debts(stated: dict[str, Any]) -> Counter[tuple[str, str]]:
    sections = ("value", "commission", "fee", "adjustment")
    return Counter({(d["debtor"], d["creditor"]): sum(d[name] for name in sections) for d in stated["debts"]})


@pytest.mark.parametrize("seed", [71, 72, 73])
def test_every_posting_is_in_one_window_and_every_statement_is_a_replay(database_url: str, seed: int) -> None:
    check_history(database_url, seed)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(1_000, 1_000 + int(os.environ.get("POLLEN_HISTORIES", "20"))))
def test_so_it_is_in_as_many_histories_as_one_has_time_for(database_url: str, seed: int) -> None:
    check_history(database_url, seed)


def check_history(database_url: str, seed: int) -> None:
    with world(database_url, seed) as street:
        live_through(street, database_url)
        stated = stated_figures(database_url, street.schema)
        naive = naive_windows(database_url, street.schema)

        assert [+own_debts(one) for one in stated] == [+one for one in naive[:-1]]
        assert all(sum(party["net"] for party in one["parties"]) == 0 for one in stated)
        with street.opened.reading() as recorder:
            posted = obligations.all(recorder.connection, street.schema)
            still_open = statement_rows.totals(recorder.connection, street.schema, WINDOWS + 1)
        assert sum(naive, Counter()) == sum(
            (Counter({(str(r.debtor_id), str(r.creditor_id)): r.owed}) for r in posted if r.kind not in OF_A_VERSION),
            Counter(),
        )
        assert naive[-1] == sum(
            (Counter({(str(r.debtor_id), str(r.creditor_id)): r.amount}) for r in still_open), Counter()
        )
        for number in range(1, WINDOWS + 1):
            check_statements(street, database_url, number)
        with psycopg.connect(database_url, autocommit=True) as connection:
            assert audit(connection, street.schema).findings == []


def check_statements(street: World, url: str, number: int) -> None:
    """Every party's lines are what a fold of the raw events between two cuts gives."""
    found = statements(street.opened, number)
    cuts = [0, *(position for position, topic, _ in raw_log(url, street.schema) if topic == "Window.Cut")]
    covered = [row for row in raw_log(url, street.schema) if cuts[number - 1] < row[0] <= cuts[number]]
    expected: Counter[tuple[str, str, int, str, int]] = Counter()
    supplied: Counter[str] = Counter()
    for position, topic, facts in covered:
        for posting in facts.get("postings", ()):
            if posting["kind"] in ("value", "commission", "fee", "adjustment"):
                debtor, creditor, amount = posting["debtor"], posting["creditor"], posting["amount"]
                expected[debtor, creditor, position, posting["kind"], -amount] += 1
                expected[creditor, debtor, position, posting["kind"], amount] += 1
        if topic == "Certificate.Redeemed":
            supplied[facts["acceptor_id"]] += facts["amount"]
        elif topic in ("Certificate.RedemptionReversed", "Certificate.RedemptionRefunded"):
            supplied[facts["acceptor_id"]] -= facts["amount"]
    printed = Counter(
        (str(party), str(pair.counterparty_id), line.position, entry.kind, entry.amount)
        for party, statement in found.items()
        for pair in statement.pairs
        for line in pair.lines
        for entry in line.entries
    )
    assert printed == expected
    assert {str(party): one.redeemed_here for party, one in found.items() if one.redeemed_here} == {
        party: amount for party, amount in supplied.items() if amount
    }
    for statement in found.values():
        assert sum(pair.cleared for pair in statement.pairs) == 0
        for pair in statement.pairs:
            assert pair.opening + sum(line.amount for line in pair.lines) == pair.closing
            mirror = next(p for p in found[pair.counterparty_id].pairs if p.counterparty_id == statement.party_id)
            assert (pair.opening, pair.closing, pair.due) == (-mirror.opening, -mirror.closing, -mirror.due)


def test_the_same_window_gives_the_same_bytes_after_a_rebuild_and_another_cut(database_url: str) -> None:
    with world(database_url, seed=74) as street:
        live_through(street, database_url)
        before, rows = bytes_of(street), contents(database_url, street.schema)

        with psycopg.connect(database_url, autocommit=True) as connection:
            rebuild(connection, street.schema)

        assert contents(database_url, street.schema) == rows
        cut_window(street.opened, WINDOWS + 1).facts()
        street.trade(30)
        catch_up(database_url, street.schema)
        assert bytes_of(street) == before
        assert len(before) > 10


def bytes_of(street: World) -> list[bytes]:
    return [
        write(statement)
        for number in range(1, WINDOWS + 1)
        for statement in statements(street.opened, number).values()
        for write in (as_json, as_csv)
    ]


def test_views_that_stand_elsewhere_give_the_same_rows(database_url: str) -> None:
    """A cut in the middle of a batch, or between two batches, divides the postings alike."""
    with world(database_url, seed=75) as street:
        live_through(street, database_url)
        rows = contents(database_url, street.schema)
        at_once = statement_lines.PROJECTION

        with psycopg.connect(database_url, autocommit=True) as connection:
            for batch_events in (1, 7):
                refold(connection, street, at_once, batch_events)

                again = contents(database_url, street.schema)
                assert {t.name: again[t.name] for t in at_once.tables} == {t.name: rows[t.name] for t in at_once.tables}


def refold(connection: psycopg.Connection, street: World, projection: Any, batch_events: int) -> None:
    names = ", ".join(f"{street.schema}.{table.name}" for table in projection.tables)
    connection.execute(f"TRUNCATE {names}".encode())
    connection.execute(
        f"UPDATE {street.schema}.tracking SET position = 0 WHERE projection = '{projection.name}'".encode()
    )
    follower = Follower(connection, street.schema, (projection,), batch_events=batch_events)
    while follower.step():
        pass
