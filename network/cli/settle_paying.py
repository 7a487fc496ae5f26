"""The steps of `scripts/settle` that follow an agreement: bank details, instruction, files, answers, reminders."""

import argparse
from abc import ABC, abstractmethod
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from network.application import Answer
from network.bank_details import BankDetails, keep_details
from network.bank_lines import lines_after
from network.banking import ids
from network.cli.settle_options import OptionRefused, write_whole
from network.coalitions import Coalitions, OpenCoalition
from network.domain.errors import NoPaymentFile, PayoutNotFound
from network.domain.exposure import local_day
from network.domain.schedule import Cadence, Schedule
from network.domain.units import money
from network.projections import coalition as coalition_view
from network.projections import payouts
from network.settlement.paying import assign_bank_line, instruct_window, load_bank_file, suggestions
from network.settlement.payment_files import WHY, papers_of
from network.settlement.reading import names_of
from network.settlement.requests import own_request
from network.settling import remind_due, settle_due

BY = "organizer"


class Paying(ABC):
    """What an organizer does with a coalition at hand; `catch_up` brings the views to the log."""

    opened: OpenCoalition
    options: argparse.Namespace
    console: Console
    currency: str
    time_zone: str
    _coalitions: Coalitions

    @abstractmethod
    def catch_up(self) -> None:
        """Bring every view to the end of the log."""

    def iban(self) -> None:
        """Put a party's bank details on record."""
        party_id, name = self._party_named(self.options.party)
        details = BankDetails.checked(
            holder=self.options.holder or name, iban=self.options.iban, bic=self.options.bic or None
        )
        digest = keep_details(self.opened, party_id, details)
        request = own_request(BY, party_id, digest)
        command = self.opened.application.set_bank_details(request=request, party_id=party_id, digest=digest, by=BY)
        command.result().facts()
        print(f"{name} is paid to the IBAN that ends in {details.iban[-4:]}.")

    def instruct(self) -> None:
        """Ask for a window's payments."""
        due_on = _day(self.options.due) if self.options.due else None
        facts = instruct_window(self.opened, self.options.window, due_on=due_on, by=BY).facts()
        print(
            f"Window {facts['number']} asks for {facts['payments']} payments of"
            f" {money(_number(facts['to_pay']), self.currency)} until {facts['due_on']}."
            f" {facts['without_bank']} of them are paid without a bank file. Next: scripts/settle files"
        )

    def files(self) -> None:
        """Write every debtor's file and the table of all payments."""
        folder: Path = self.options.to
        papers = papers_of(self.opened, self.options.window)
        stem = f"window-{papers.number}"
        write_whole(folder / f"{stem}-payments.csv", papers.table())
        written = 1
        for debtor in papers.debtors():
            try:
                write_whole(folder / f"{stem}-{debtor}.pain.001.xml", papers.pain001(debtor))
                written += 1
            except NoPaymentFile as none:
                self.console.print(f"{escape(papers.names.get(debtor, ''))}: {none}")
        for one in papers.payouts:
            if (why := papers.why_not(one)) is not None:
                amount = money(one.amount, self.currency)
                self.console.print(f"{one.end_to_end_id}, {amount}, is paid without a bank file: {WHY[why]}.")
        print(f"{written} files are in {folder}.")

    def load(self) -> None:
        """Book what a bank's answer says."""
        try:
            content = self.options.file.read_bytes()
        except OSError as error:
            raise OptionRefused(f"{self.options.file} cannot be read: {error.strerror}") from None
        facts = load_bank_file(self.opened, content, currency=self.currency, by=BY).facts()
        print(
            f"{facts['lines']} lines: {facts['matched']} of payments, {facts['known']} known before,"
            f" {facts['unmatched']} that name no payment; {facts['not_booked']} only announced."
        )
        for one in facts["booked"]:  # type: ignore[attr-defined]
            print(f"{one['end_to_end_id']}: {money(one['amount'], self.currency)}, now {one['standing']}")

    def lines(self) -> None:
        """Lines of answers that name no payment."""
        kept = lines_after(self.opened, "", 500)
        with self.opened.reading() as recorder:
            booked = payouts.lines_booked(recorder.connection, self.opened.schema, [one.line for one in kept])
        table = _table("line", "day", "amount", "from or to", "text", "may be")
        for one, why in suggestions(self.opened, [one for one in kept if one.line not in booked], self.currency):
            told = one.told
            amount = money(told.amount, self.currency)
            may_be = ", ".join(why.suggestions) or why.why
            name, text = escape(told.counterparty_name), escape(told.remittance)
            table.add_row(one.line, told.booked_on.isoformat(), amount, name, text, may_be)
        self.console.print(table)

    def assign(self) -> None:
        """Say which payment a line is of."""
        reference = self.options.payment
        self._say(
            assign_bank_line(
                self.opened,
                self.options.line,
                reference,
                currency=self.currency,
                by=BY,
                request=own_request(BY, self.options.line, reference),
            )
        )

    def confirm(self) -> None:
        """Say that money arrived which no bank file shows."""
        options, reference = self.options, self.options.payment
        confirmation_id = options.id or uuid4()
        command = self.opened.application.confirm_payout(
            request=own_request(BY, reference, confirmation_id),
            number=_window_of(reference),
            reference=reference,
            confirmation_id=confirmation_id,
            amount=options.amount,
            cause=options.cause,
            by=BY,
        )
        self._say(command.result())

    def payments(self) -> None:
        """What is due, late and paid."""
        with self.opened.reading() as recorder:
            connection, schema = recorder.connection, self.opened.schema
            number = self.options.window
            found = payouts.of_window(connection, schema, number) if number else payouts.missing(connection, schema)
            names = names_of(connection, self.opened)
        today = self._today()
        table = _table(
            "payment", "from", "to", "due", "days late", "amount", "paid", "missing", "standing", "reminders"
        )
        for one in found:
            late = max(0, (today - date.fromisoformat(one.due_on)).days) if one.missing else 0
            amounts = (money(amount, self.currency) for amount in (one.amount, one.paid, one.missing))
            parties = (escape(names.get(party, "")) for party in (one.debtor_id, one.creditor_id))
            table.add_row(
                one.end_to_end_id, *parties, one.due_on, str(late), *amounts, one.standing, str(one.reminders)
            )
        self.console.print(table)

    def remind(self) -> None:
        """Remind of one payment now, or of all whose day has come."""
        reference = self.options.payment
        if reference is None:
            with self.opened.reading() as recorder:
                found = coalition_view.schedule(recorder.connection, self.opened.schema)
            sent = remind_due(self.opened, found.schedule if found else Schedule(), self._today())
            print(f"{sent} reminders were sent.")
            return
        command = self.opened.application.remind_payout(
            request=own_request(BY, reference), number=_window_of(reference), reference=reference, step=None, by=BY
        )
        self._say(command.result())

    def schedule(self) -> None:
        """Say when windows are cut by themselves, and when payments are due and reminded of."""
        options = self.options
        cadence, day = Cadence.BY_HAND, 1
        if options.monthly is not None:
            cadence, day = Cadence.MONTHLY, options.monthly
        elif options.weekly is not None:
            cadence, day = Cadence.WEEKLY, options.weekly
        days = tuple(_whole(part) for part in options.remind.split(",") if part)
        chosen = Schedule(cadence, day, options.pay_days, days)
        request = own_request(BY, chosen)
        self.opened.application.schedule_settlement(request=request, schedule=chosen, by=BY).result().facts()
        print(f"Windows are cut {cadence.value.replace('_', ' ')}; payments are due after {options.pay_days} days.")

    def run(self) -> None:
        """Do now what the server does each minute."""
        at = self._coalitions.clock()
        done = settle_due(self.opened, at)
        if done.cut:  # the statement reads lines up to the cut
            self.catch_up()
            more = settle_due(self.opened, at)
            done.stated += more.stated
        print(f"Cut: {_list(done.cut)}. Stated: {_list(done.stated)}. Agreed: {_list(done.agreed)}.")
        print(f"{done.reminded} reminders were sent.")

    def _say(self, answer: Answer) -> None:
        facts = answer.facts()
        paid, missing = (money(_number(facts[name]), self.currency) for name in ("paid", "missing"))
        print(f"{facts['end_to_end_id']} is {facts['standing']}: {paid} paid, {missing} missing.")
        print(f"Window {facts['number']} is {facts['state']}.")

    def _party_named(self, wanted: str) -> tuple[UUID, str]:
        with self.opened.reading() as recorder:
            names = names_of(recorder.connection, self.opened)
        found = [(party, name) for party, name in names.items() if wanted.casefold() in (str(party), name.casefold())]
        if len(found) != 1:
            raise OptionRefused(f"--party: {len(found)} parties are called {wanted!r}")
        return found[0]

    def _today(self) -> date:
        return date.fromisoformat(local_day(self._coalitions.clock(), self.time_zone))


def add_paying_steps(steps: Any) -> None:
    """The options of each step."""
    iban = steps.add_parser("iban")
    iban.add_argument("--party", required=True, metavar="ID", help="a partner's id or name, Pool, or Organizer")
    iban.add_argument("--iban", required=True)
    iban.add_argument("--bic", default="")
    iban.add_argument("--holder", default="", help="as the bank knows it (default: the party's name)")
    instruct = steps.add_parser("instruct")
    instruct.add_argument("--window", metavar="N", type=int, required=True)
    instruct.add_argument("--due", metavar="YYYY-MM-DD", help="when payments are due (default: as scheduled)")
    files = steps.add_parser("files")
    files.add_argument("--window", metavar="N", type=int, required=True)
    files.add_argument("--to", metavar="DIR", type=Path, required=True)
    steps.add_parser("load").add_argument("file", metavar="FILE", type=Path)
    steps.add_parser("lines")
    assign = steps.add_parser("assign")
    assign.add_argument("--line", required=True, metavar="LINE")
    assign.add_argument("--payment", required=True, metavar="ID")
    confirm = steps.add_parser("confirm")
    confirm.add_argument("--payment", required=True, metavar="ID")
    confirm.add_argument("--amount", required=True, metavar="MINOR", type=int)
    confirm.add_argument("--cause", required=True, help='how it came, as "in cash"')
    confirm.add_argument("--id", metavar="UUID", type=UUID, help="so that a repeated confirmation counts once")
    steps.add_parser("payments").add_argument("--window", metavar="N", type=int, help="default: all that is not paid")
    steps.add_parser("remind").add_argument("--payment", metavar="ID")
    schedule = steps.add_parser("schedule")
    when = schedule.add_mutually_exclusive_group(required=True)
    when.add_argument("--monthly", metavar="DAY", type=int)
    when.add_argument("--weekly", metavar="DAY", type=int, help="1 is Monday")
    when.add_argument("--by-hand", action="store_true")
    default = Schedule()
    schedule.add_argument("--pay-days", metavar="N", type=int, default=default.pay_days)
    schedule.add_argument("--remind", metavar="N,N", default=",".join(map(str, default.reminder_days)))
    steps.add_parser("run")


def _window_of(reference: str) -> int:
    numbers = ids.windows_in(reference)
    if len(numbers) != 1:
        raise PayoutNotFound()
    return numbers.pop()


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise OptionRefused(f"{text} is no day, such as 2026-04-01") from None


def _whole(text: str) -> int:
    if not text.strip().isdecimal():
        raise OptionRefused(f"--remind: {text!r} is no number of days")
    return int(text)


def _number(value: object) -> int:
    assert isinstance(value, int), "amounts are whole"
    return value


def _list(numbers: list[int]) -> str:
    return ", ".join(map(str, numbers)) or "none"


def _table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False)
    for column in columns:
        table.add_column(column)
    return table
