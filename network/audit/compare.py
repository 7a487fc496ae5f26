"""Holds each view, and each guard that moves with the log, against the books at the position it speaks for."""

from collections import Counter
from collections.abc import Callable
from typing import Any

from psycopg import Connection, sql

from network.audit import arithmetic, payouts
from network.audit.books import Books, Certificate, Facts
from network.audit.report import AuditReport

FLOW_FIGURES = (
    "issued_count issued_value active_count active_value redeemed_count redeemed_value released_value"
    " expired_count expired_value revoked_count revoked_value used_count expired_unused_count redemptions_count"
    " claimed_count passed_on_count reversed_count reversed_value refunds_count refunded_value"
    " replacements_count replacements_value"
).split()

VIEWS = (
    "agreements",
    "allotments",
    "balances",
    "certificates",
    "flows",
    "merchants",
    "obligations",
    "payments",
    "reserves",
    "statement_lines",
    "windows",
)
"""The views that are held against the books; each has a method of its name."""

Rows = dict[Any, Any]


class Comparison:
    """One coalition's stored figures against its books."""

    def __init__(self, report: AuditReport, connection: Connection, schema: str, books: Books) -> None:
        self._report = report
        self._connection = connection
        self._schema = schema
        self._books = books

    def view(self, name: str) -> None:
        """One of VIEWS, whose position the books have reached."""
        compare: Callable[[], None] = getattr(self, f"_{name}")
        compare()

    def guards(self) -> None:
        """What the append moves with the events: limits, what counts against them, and last visits."""
        self._hold("caps", "scope", "cap", self._books.caps)
        self._hold("exposures", "scope, key", "used", self._books.exposures, missing=0)
        self._hold("visits", "merchant_id::text, customer_id::text", "last_paid_at", self._books.visits)

    def books_themselves(self) -> None:
        """DOMAIN 9.4: nets sum to zero, and the reserve is the sum over active certificates."""
        report, books = self._report, self._books
        nets = sum(receives - owes for receives, owes in books.balances.values())
        report.same("balances", "sum of nets", log=nets, stored=0)
        held: Counter[tuple[str, str]] = Counter()
        for one in books.certificates.values():
            by_issuer, by_pool, _ = arithmetic.split(one.outstanding, one.terms)
            held[one.issuer, one.acceptor] += by_issuer
            held[one.parties.pool, one.acceptor] += by_pool
        for pair in {*held, *books.reserves}:
            report.same("reserves", pair, log=held[pair], stored=books.reserves.get(pair, 0))

    def _certificates(self) -> None:
        expected: Rows = {
            key: (one.state, one.face, one.outstanding, one.holder, one.epoch, one.hops, len(one.standing))
            for key, one in self._books.certificates.items()
        }
        columns = "state, face, outstanding, holder_id::text, epoch, hops, redemptions"
        self._hold("certificates", "certificate_id::text", columns, expected)

    def _reserves(self) -> None:
        self._hold("reserves", "funder_id::text, creditor_id::text", "reserved", self._books.reserves)

    def _obligations(self) -> None:
        key = "debtor_id::text, creditor_id::text, kind"
        self._hold("obligations", key, "owed, entries", self._books.obligations)

    def _balances(self) -> None:
        expected: Rows = {
            party: (receives, owes, receives - owes) for party, (receives, owes) in self._books.balances.items()
        }
        self._hold("balances", "party_id::text", "receives, owes, net", expected)

    def _merchants(self) -> None:
        self._hold("merchants", "merchant_id::text", "state", self._books.merchants)

    def _agreements(self) -> None:
        expected: Rows = {key: (one["state"], one["in_force"]) for key, one in self._books.agreements.items()}
        self._hold("agreements", "agreement_id::text", "state, version_in_force", expected)

    def _allotments(self) -> None:
        expected: Rows = {key: one["left"] for key, one in self._books.allotments.items()}
        self._hold("allotments", "allotment_id::text", "remaining", expected)

    def _payments(self) -> None:
        expected: Rows = {
            key: (one["amount"], sum(one["taken"].values()), one["refunded"], one["cash"], len(one["decided"]))
            for key, one in self._books.payments.items()
        }
        columns = "amount, deducted, refunded, refunded_cash, decisions"
        self._hold("payments", "payment_id::text", columns, expected)

    def _statement_lines(self) -> None:
        """The postings, the events behind them, their sums, and the cuts between them."""
        line = "window_number, debtor_id::text, creditor_id::text, kind, section, amount"
        self._hold("statement_lines", "position, entry", line, self._books.statement_lines)
        causes: Rows = dict(self._books.statement_causes)
        key = "window_number, cause, certificate_id::text, deducted, adjusts"
        self._hold("statement_causes", "position", key, causes, where="cause IN ('redeemed', 'reversed', 'refunded')")
        key = "window_number, debtor_id::text, creditor_id::text, section"
        self._hold("statement_totals", key, "amount, entries", self._books.statement_totals)
        key = "window_number, issuer_id::text, acceptor_id::text, instrument, country, rate"
        supplies: Rows = {place: amount for place, amount in self._books.statement_supplies.items() if amount}
        self._hold("statement_supplies", key, "amount", supplies, where="amount <> 0")
        cuts: Rows = {place: one["position"] for place, one in enumerate(self._books.windows, start=1)}
        self._hold("statement_cuts", "number", "position", cuts)

    def _windows(self) -> None:
        """The windows, and the payments that they asked for."""
        states: Rows = {
            number: (payouts.state_of(self._books, one), *payouts.totals(self._books, one), *_frozen(one))
            for number, one in enumerate(self._books.windows, start=1)
        }
        columns = "state, paid, missing, position, window_id::text, gross, chain_hash"
        self._hold("windows", "number", columns, states)
        expected: Rows = {
            key: (one["amount"], *payouts.figures(one).values()) for key, one in self._books.payouts.items()
        }
        self._hold("payouts", "end_to_end_id", "amount, paid, missing, surplus", expected)

    def _flows(self) -> None:
        counted: dict[str, Counter[str]] = {}
        for one in self._books.certificates.values():
            counted.setdefault(one.agreement, Counter()).update(_figures(one))
        for agreement, figures in counted.items():
            self._adds_up(agreement, figures)
        expected: Rows = {key: tuple(each[name] for name in FLOW_FIGURES) for key, each in counted.items()}
        self._hold("flows", "agreement_id::text", ", ".join(FLOW_FIGURES), expected)

    def _adds_up(self, agreement: str, flow: Counter[str]) -> None:
        """DOMAIN 9.3."""
        ends = ("active", "redeemed", "expired", "revoked")
        count = sum(flow[f"{end}_count"] for end in ends)
        value = sum(flow[f"{end}_value"] for end in ends) + flow["released_value"]
        self._report.same(
            "flows add up", agreement, log=(count, value), stored=(flow["issued_count"], flow["issued_value"])
        )

    def _hold(
        self, table: str, key: str, columns: str, expected: Rows, missing: object = None, where: str = "true"
    ) -> None:
        """Every stored row against the books, and every entry of the books against the rows."""
        statement = sql.SQL("SELECT {k}, {c} FROM {t} WHERE {w}").format(
            k=sql.SQL(key), c=sql.SQL(columns), t=sql.Identifier(self._schema, table), w=sql.SQL(where)
        )
        width = key.count(",") + 1
        seen = set()
        with self._connection.cursor(name=f"audit_{table}") as cursor:
            cursor.itersize = 5_000
            for row in cursor.execute(statement):
                place, stored = _one_or_all(row[:width]), _one_or_all(row[width:])
                seen.add(place)
                self._report.same(table, place, log=expected.get(place, missing), stored=stored)
        for place in expected.keys() - seen:
            self._report.same(table, place, log=expected[place], stored=missing)


def _frozen(window: Facts) -> tuple[Any, ...]:
    """Where a window was cut, and what its statement froze, if it has one."""
    stated = "gross" in window
    return window["position"], window["key"], window.get("gross"), window["hash"] if stated else None


def _one_or_all(values: tuple[Any, ...]) -> Any:
    return values[0] if len(values) == 1 else values


def _figures(one: Certificate) -> Counter[str]:
    """What one certificate adds to its agreement's flow."""
    standing = one.standing
    figures = Counter(
        issued_count=1,
        issued_value=one.face,
        active_value=one.outstanding,
        redeemed_value=sum(each.amount for each in standing),
        released_value=sum(each.released for each in standing),
        expired_value=one.lapsed["expired"],
        revoked_value=one.lapsed["revoked"],
        used_count=1 if standing else 0,
        expired_unused_count=1 if one.state == "expired" and not standing else 0,
        redemptions_count=len(standing),
        claimed_count=one.claimed,
        passed_on_count=one.passed_on,
        reversed_count=len(one.reversed),
        reversed_value=sum(one.reversed),
        refunds_count=len(one.refunded),
        refunded_value=sum(one.refunded),
    )
    figures[f"{one.state}_count"] += 1
    if one.replaces is not None:
        figures["replacements_count"] += 1
        figures["replacements_value"] += one.face
    return figures
