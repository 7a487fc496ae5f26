"""Closings for tests: a neighbourhood with its views, and the naive figures of a window from raw JSON."""

import json
from collections import Counter
from typing import Any
from uuid import UUID

import psycopg
from psycopg import sql

from network.audit import audit
from network.coalitions import OpenCoalition
from network.domain.statement import SettlementTerms
from network.domain.terms import FaceValue, Funding, Terms
from network.settlement.closing import cut_window, state_window
from network.settlement.reading import stated_window
from network.settlement.statement import Statement
from tests.projections.worlds import catch_up
from tests.support import Neighbourhood

Debts = Counter[tuple[str, str]]
RawLog = list[tuple[int, str, dict[str, Any]]]


def owes(street: Neighbourhood, debtor_id: UUID, creditor_id: UUID, amount: int) -> tuple[UUID, UUID]:
    """A redemption after which the one owes the other so much; the certificate and the redemption."""
    terms = Terms(face=FaceValue(fixed=amount), funding=Funding(issuer=10_000))
    certificate_id = street.issued(debtor_id, street.agreement(debtor_id, creditor_id, terms))
    details = street.redemption(certificate_id, creditor_id)
    street.do("redeem_certificate", **details)
    return certificate_id, details["redemption_id"]


def close(url: str, opened: OpenCoalition, number: int, terms: SettlementTerms | None = None) -> dict[str, Any]:
    """Cut and state one window; the answer of the statement."""
    cut_window(opened, number, terms=terms).facts()
    catch_up(url, opened.schema)
    stated: dict[str, Any] = state_window(opened, number).facts()
    return stated


def must_be_sound(url: str, opened: OpenCoalition) -> None:
    """The auditor, with every view at the end of the log, finds nothing."""
    catch_up(url, opened.schema)
    with psycopg.connect(url, autocommit=True) as connection:
        assert audit(connection, opened.schema).findings == []


def statements(opened: OpenCoalition, number: int) -> dict[UUID, Statement]:
    with stated_window(opened, number) as reading:
        return {party: reading.statement(party) for party in reading.parties()}


def stated_figures(url: str, schema: str) -> list[dict[str, Any]]:
    """The raw JSON of every `Window.Stated`, in order."""
    return stated_in(raw_log(url, schema))


def stated_in(log: RawLog) -> list[dict[str, Any]]:
    return [facts for _, topic, facts in log if topic == "Window.Stated"]


def raw_log(url: str, schema: str) -> RawLog:
    """`(position, topic, facts)` as they are stored, read by nobody's mapper."""
    statement = sql.SQL("SELECT position, topic, state FROM {} ORDER BY position").format(
        sql.Identifier(schema, "events")
    )
    with psycopg.connect(url) as connection:
        return [(position, topic, json.loads(state)) for position, topic, state in connection.execute(statement)]


def naive_windows(url: str, schema: str) -> list[Debts]:
    """Gross debts by window, the open one last: each posting counts where the next cut finds it."""
    return windows_in(raw_log(url, schema))


def windows_in(log: RawLog) -> list[Debts]:
    windows: list[Debts] = [Counter()]
    for _, topic, facts in log:
        if topic == "Window.Cut":
            windows.append(Counter())
        for posting in facts.get("postings", ()):
            if posting["kind"] in ("value", "commission", "fee", "adjustment"):
                windows[-1][posting["debtor"], posting["creditor"]] += posting["amount"]
    return windows
