"""The steps of `scripts/settle` for when something goes wrong: disputes, a partner that does not pay, and the drill."""

import argparse
from typing import Any
from uuid import UUID

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from network.cli.settle_options import OptionRefused
from network.coalitions import OpenCoalition
from network.domain.units import money
from network.projections import disputes, merchants
from network.settlement import default as settling
from network.settlement.requests import own_request
from network.settlement.restating import recompute_due


class Defaulting:
    """What an organizer does with a coalition at hand."""

    opened: OpenCoalition
    options: argparse.Namespace
    console: Console
    currency: str

    def recompute(self) -> None:
        """Make a new version of every window to which something has come."""
        done = recompute_due(self.opened)
        print(f"Recomputed: {', '.join(f'window {number}' for number in done) or 'none'}.")

    def disputes(self) -> None:
        """Every dispute, the newest last."""
        with self.opened.reading() as recorder:
            found = disputes.all(recorder.connection, self.opened.schema)
        names = self._names()
        table = _table("window", "line", "raised by", "against", "reason", "state", "answer by (UTC)", "amount")
        for one in found:
            table.add_row(
                str(one.window_number),
                str(one.position),
                escape(names.get(one.debtor_id, str(one.debtor_id))),
                escape(names.get(one.creditor_id, str(one.creditor_id))),
                one.reason,
                one.state,
                f"{one.answer_by:%Y-%m-%d %H:%M}",
                money(one.amount, self.currency),
            )
        self.console.print(table)

    def drill(self) -> None:
        """What a default would cost whom today; nothing is written."""
        defaulter_id = self._partner(self.options.defaulter) if self.options.defaulter else None
        found, names = settling.drill(self.opened, defaulter_id), self._names()
        table = _table("if it paid nothing", "owes", "deposit", "set off", "lost", "and in hands", "worst hit")
        for case in found.cases:
            worst = max(case.losses.items(), key=lambda one: (one[1], str(one[0])), default=None)
            amounts = (case.claimed, case.deposit, case.set_off, case.lost, case.reserved)
            table.add_row(
                escape(names.get(case.defaulter_id, "")),
                *(money(amount, self.currency) for amount in amounts),
                f"{escape(names.get(worst[0], str(worst[0])))} {money(worst[1], self.currency)}" if worst else "",
            )
        self.console.print(table)
        for party, (whose, lost) in sorted(found.worst().items()):
            by = escape(names.get(whose, ""))
            self.console.print(
                f"{escape(names.get(party, str(party)))} loses most by {by}: {money(lost, self.currency)}"
            )
        print(f"As the log stands at position {found.position}; nothing was written.")

    def default(self) -> None:
        """Declare a partner in default for a window."""
        options = self.options
        defaulter_id = self._partner(options.party)
        declared = settling.declare_default(
            self.opened,
            options.window,
            defaulter_id,
            request=own_request("network", options.window, defaulter_id, options.pool),
            pool=options.pool,
            by="organizer",
            reason=options.reason,
        )
        facts: dict[str, Any] = declared.facts()
        of, names = facts["waterfall"], self._names()
        for name in ("claimed", "deposit", "set_off", "pool", "lost"):
            print(f"{name.replace('_', '-'):9} {money(of[name], self.currency)}")
        for share in of["shares"]:
            who = names.get(UUID(share["party"]), share["party"])
            claim, lost = money(share["claim"], self.currency), money(share["lost"], self.currency)
            self.console.print(f"{escape(who)}: of {claim}, {lost} are lost")
        print(f"Window {options.window} has version {facts['version']}: {facts['payments']} payments.")

    def _names(self) -> dict[UUID, str]:
        with self.opened.reading() as recorder:
            found = merchants.all(recorder.connection, self.opened.schema, limit=1_000_000)
        return {row.merchant_id: row.name for row in found}

    def _partner(self, wanted: str) -> UUID:
        found = [party for party, name in self._names().items() if wanted.casefold() in (str(party), name.casefold())]
        if len(found) != 1:
            raise OptionRefused(f"{len(found)} partners are called {wanted!r}; take the id from a statement")
        return found[0]


def add_default_steps(steps: Any) -> None:
    """`drill`, `default`, `disputes`, `recompute`."""
    steps.add_parser("recompute")
    steps.add_parser("disputes")
    drill = steps.add_parser("drill")
    drill.add_argument("--defaulter", metavar="ID", help="a partner's id or name (default: each in turn)")
    default = steps.add_parser("default")
    default.add_argument("--window", metavar="N", type=int, required=True)
    default.add_argument("--party", metavar="ID", required=True, help="the partner's id or name")
    default.add_argument("--pool", metavar="MINOR", type=int, default=0, help="what the pool may give at most")
    default.add_argument("--reason", required=True)


def _table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False)
    for column in columns:
        table.add_column(column)
    return table
