"""The open counter: a prompt where a scan redeems and a short command does the rest. The outbox delivers meanwhile."""

import shlex
import sqlite3
from collections.abc import Callable
from pathlib import Path

from merchants.amounts import AmountRefused, parse_amount
from merchants.counter import DONE, Counter
from merchants.delivery import Courier
from merchants.errors import NoDecision, Refused
from merchants.scanner import Copy, NothingScanned, looks_like_a_token, read_line
from merchants.till import BillRefused, NotHere, bill_name

HELP = """Scan a certificate, or type its code, to take it off a bill. Or:
  pay AMOUNT BILL     a paid bill; then choose what to give
  give BILL           give certificates for a bill paid before
  check               what a certificate is worth, without using it
  reverse [BILL]      undo the last redemption
  refund AMOUNT BILL  give a bill, or part of it, back
  print BILL          the bill's certificates again
  report   outbox   deliver   help   quit"""

COMMANDS = ("pay", "give", "check", "redeem", "reverse", "refund", "print", "report", "outbox", "deliver", "help")


class Prompt:
    """Asks until the cashier leaves. `ask` is `input`, or a test's."""

    def __init__(self, counter: Counter, outbox: Path, *, ask: Callable[[str], str] = input) -> None:
        self.counter = counter
        self.screen = counter.screen
        self._ask = ask
        self._courier = Courier(outbox, counter.till.client)
        self._alone: dict[str, Callable[[], object]] = {
            "": lambda: None,
            "help": lambda: self.screen.say(HELP),
            "?": lambda: self.screen.say(HELP),
            "redeem": lambda: self._redeem(self._scan()),
            "check": lambda: counter.check(self._scan()),
            "reverse": self._reverse,
            "report": counter.report,
            "outbox": lambda: counter.outbox(deliver=False),
            "deliver": lambda: counter.outbox(deliver=True),
        }

    def run(self) -> int:
        """Until `quit` or the end of input."""
        self._courier.start()
        self.screen.say(HELP)
        try:
            while True:
                try:
                    line = self._ask("till> ").strip()
                except (EOFError, KeyboardInterrupt):
                    return DONE
                if line in ("quit", "exit", "q"):
                    return DONE
                self._step(line)
                self.counter.news()
        finally:
            self._courier.stop()

    def _step(self, line: str) -> None:
        """One line; whatever goes wrong is said, and the counter stays open."""
        try:
            self._do(line)
        except (Refused, NothingScanned) as refusal:
            self.screen.no(self.counter.showing.spoken(refusal.detail))
        except NoDecision as trouble:
            self.screen.wait("NO ANSWER", trouble.detail)
        except (AmountRefused, BillRefused, NotHere) as problem:
            self.screen.no(str(problem.args[0]))
        except sqlite3.Error as problem:
            self.screen.no("THE TILL'S OUTBOX CANNOT BE WRITTEN", f"Nothing was sent. {problem}")
        except EOFError:
            self.screen.say("Left out.")
        except KeyboardInterrupt:
            self.screen.say("Stopped. What was sent already is kept: type outbox, or ask the same again.")

    def _do(self, line: str) -> None:
        words = [] if looks_like_a_token(line) else _words(line)
        alone = self._alone.get(line)
        match words:
            case _ if alone is not None:
                alone()
            case ["pay", amount, bill]:
                self._pay(amount, bill)
            case ["refund", amount, bill]:
                self.counter.refund(bill=bill, amount=parse_amount(amount, self.counter.place.currency))
            case ["give", bill]:
                self.counter.options(bill=bill)
                self.counter.propose(bill=bill)
                self._give(bill)
            case ["reverse", bill]:
                self._reverse(bill)
            case ["print", bill]:
                self.counter.print_again(bill=bill)
            case [first, *_] if first in COMMANDS:
                self.screen.say(HELP)
            case _:
                self._redeem(read_line(line))

    def _reverse(self, bill: str | None = None) -> None:
        self.counter.reverse(redemption_id=None, bill=bill, reason="Undone at the till")

    def _scan(self) -> Copy:
        return read_line(self._ask("Scan: "))

    def _pay(self, amount: str, bill: str) -> None:
        code, options = self.counter.pay(bill=bill_name(bill), amount=parse_amount(amount, self.counter.place.currency))
        if code == DONE and options:
            self._give(bill)

    def _give(self, bill: str) -> None:
        asked = self._ask("Give which? p as proposed, or numbers, 0 for none, Enter to decide later: ").split()
        if not asked:
            return
        if asked == ["p"]:
            self.counter.issue_drawn(bill=bill)
            return
        if not all(each.isascii() and each.isdigit() for each in asked):
            self.screen.say("Type p, or numbers such as 1 or 1 2.")
            return
        self.counter.issue(bill=bill, numbers=[int(each) for each in asked if int(each)])

    def _redeem(self, copy: Copy) -> None:
        bill = self._ask("Bill: ").strip()
        total = self._ask("Total: ").strip() if bill else ""
        if not total:
            self.screen.say("Left out.")
            return
        amount = parse_amount(total, self.counter.place.currency)
        self.counter.redeem(copy=copy, bill=bill_name(bill), total=amount)


def _words(line: str) -> list[str]:
    try:
        return shlex.split(line)
    except ValueError:
        raise AmountRefused("The quotation mark is not closed.") from None
