"""Random histories of windows, and what must be true of each: read by nobody's mapper and added up naively."""

from collections import Counter
from random import Random
from typing import Any
from uuid import UUID

import psycopg

from network.application import Request
from network.application.payouts import LoadedFile
from network.audit import audit
from network.domain.dispute import Reason
from network.domain.payout import Booking, Side
from network.domain.postings import Kind
from network.domain.statement import Method, SettlementTerms
from network.domain.window import State
from network.projections import obligations, payouts, statement_rows, windows
from network.settlement.closing import agree_due, cut_window, state_window
from network.settlement.default import declare_default
from network.settlement.disputing import raise_dispute
from network.settlement.paying import instruct_window
from network.settlement.restating import recompute_due
from tests.projections.worlds import World
from tests.settlement.streets import RawLog, raw_log, stated_in, statements, windows_in

WINDOWS = 5
OF_A_VERSION = ("withheld", "defaulted")
READ_HERE = ("coalition", "merchants", "bank_details", "statement_lines", "windows", "disputes", "defaults")
"""The views that settlement asks between two steps; the others follow when the history is over."""


def live_through(street: World) -> None:
    """Trade and cut; state each window at once or some windows later, and trade on. Streets are quiet or busy."""
    random, waiting = Random(street.random.random()), []
    pace = random.choice([1, 2, 4])
    for number in range(1, WINDOWS + 1):
        street.trade(pace * random.choice([0, 10, 20]))
        terms = SettlementTerms(random.choice(list(Method)), random.choice([0, 1, 400, 3_000]), 3)
        cut_window(street.opened, number, terms=random.choice([None, terms])).facts()
        waiting.append(number)
        street.trade(pace * random.choice([0, 5]))
        if random.random() < 0.6 or number == WINDOWS:
            street.catch_up(READ_HERE)
            for one in waiting:
                state_window(street.opened, one).facts()
                quarrel(street, one)
            waiting = []
        pay_something(street, random)
        if random.random() < 0.5:
            fail_somebody(street)
    street.trade(5 * pace)
    street.catch_up()


def quarrel(street: World, number: int) -> None:
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
    street.catch_up(READ_HERE)
    recompute_due(street.opened)


def pay_something(street: World, random: Random) -> None:
    """Let silence agree, ask for what is agreed, and let banks and people say anything about it."""
    street.later(days=random.choice([0, 4, 9]))
    street.catch_up(READ_HERE)
    agree_due(street.opened, street.now)
    recompute_due(street.opened)
    street.catch_up(READ_HERE)
    with street.opened.reading() as recorder:
        rows = windows.in_state(recorder.connection, street.schema, State.AGREED)
    for row in rows:
        instruct_window(street.opened, row.number, by="organizer").facts()
    street.catch_up(READ_HERE)
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


def fail_somebody(street: World) -> None:
    """Partners do not pay what is open; some of it comes back; they are let in again and trade goes on."""
    street.catch_up(READ_HERE)
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


def check_history(street: World) -> None:
    """Everything that must be true of a street that has lived."""
    database_url = street.coalitions.database_url
    log = raw_log(database_url, street.schema)
    stated, naive = stated_in(log), windows_in(log)

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
        check_statements(street, log, number)
    with psycopg.connect(database_url, autocommit=True) as connection:
        assert audit(connection, street.schema).findings == []


def check_statements(street: World, log: RawLog, number: int) -> None:
    """Every party's lines are what a fold of the raw events between two cuts gives."""
    found = statements(street.opened, number)
    cuts = [0, *(position for position, topic, _ in log if topic == "Window.Cut")]
    covered = [row for row in log if cuts[number - 1] < row[0] <= cuts[number]]
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
