"""The till in a terminal. `till` alone opens the counter: scan a certificate, or type a command.

till pay 24.00 --bill B17           record a paid bill, see which certificates can be given
till issue --bill B17               give what the network proposes, with its QR and typed code
till issue 2 --bill B17             give the second of those that fit instead
till redeem --bill B18 --total 18,00 --code XXXXX-XXXXX     or --image FILE, or scan when asked
till reverse                        undo the last redemption
till refund 24.00 --bill B17        give a bill back
till offline prepare                get ready for a day without the network; `deliver` brings what was taken, later
till report | outbox | check | print | setup
till statement check FILE           recompute a settlement statement from its archive, without the network
"""

import argparse
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

from merchants.amounts import parse_amount
from merchants.counter import DONE, Counter
from merchants.scanner import Copy, read_code, read_image, read_line
from merchants.showing import Papers
from merchants.till import BillRefused, bill_name

EPILOG = "Exit codes: 0 done, 1 refused, 2 not understood or not set up, 3 no answer from the network."


def _pay(options: argparse.Namespace, counter: Counter) -> int:
    amount = parse_amount(options.amount, counter.place.currency)
    code, _ = counter.pay(bill=options.bill, amount=amount, customer_id=options.customer)
    if code != DONE or options.give is None:
        return code
    return counter.issue(bill=options.bill, numbers=options.give, papers=_papers(options))


def _issue(options: argparse.Namespace, counter: Counter) -> int:
    about = {"bill": options.bill, "holder_id": options.holder, "papers": _papers(options)}
    if not options.none and not options.numbers:
        return counter.issue_drawn(**about)
    return counter.issue(numbers=[] if options.none else options.numbers, override_reason=options.why, **about)


def _print(options: argparse.Namespace, counter: Counter) -> int:
    return counter.print_again(bill=options.bill, papers=_papers(options))


def _check(options: argparse.Namespace, counter: Counter) -> int:
    return counter.check(_copy(options))


def _redeem(options: argparse.Namespace, counter: Counter) -> int:
    total = parse_amount(options.total, counter.place.currency)
    part = None if options.amount is None else parse_amount(options.amount, counter.place.currency)
    return counter.redeem(copy=_copy(options), bill=options.bill, total=total, amount=part)


def _reverse(options: argparse.Namespace, counter: Counter) -> int:
    return counter.reverse(redemption_id=options.redemption, bill=options.bill, reason=options.reason)


def _refund(options: argparse.Namespace, counter: Counter) -> int:
    amount = parse_amount(options.amount, counter.place.currency)
    return counter.refund(bill=options.bill, amount=amount, papers=_papers(options))


def _report(options: argparse.Namespace, counter: Counter) -> int:
    return counter.report(day=options.day)


def _outbox(options: argparse.Namespace, counter: Counter) -> int:
    return counter.outbox(deliver=options.deliver == "deliver")


def _offline(options: argparse.Namespace, counter: Counter) -> int:
    return counter.offline(step=options.step)


def _copy(options: argparse.Namespace) -> Copy:
    """From a picture, a typed code, or the scanner's line on standard input."""
    if options.image is not None:
        return read_image(options.image)
    if options.code is not None:
        return read_code(options.code)
    if sys.stdin.isatty():
        sys.stderr.write("Scan the certificate: ")
        sys.stderr.flush()
    return read_line(sys.stdin.readline())


def _papers(options: argparse.Namespace) -> Papers:
    return Papers(options.png, options.receipt)


def _bill(text: str) -> str:
    try:
        return bill_name(text)
    except BillRefused as problem:
        raise argparse.ArgumentTypeError(str(problem)) from None


def parser() -> argparse.ArgumentParser:
    """Everything that can be typed after `till`."""
    till = argparse.ArgumentParser(
        prog="till", description=__doc__, epilog=EPILOG, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = till.add_subparsers(dest="command", metavar="COMMAND")
    bill = argparse.ArgumentParser(add_help=False)
    bill.add_argument("--bill", type=_bill, required=True, metavar="REF", help="the bill's name at this till")
    papers = argparse.ArgumentParser(add_help=False)
    papers.add_argument("--png", type=Path, metavar="FILE", help="draw the QR into a picture")
    papers.add_argument("--receipt", type=Path, metavar="FILE", help="write the receipt's text into a file")
    copy = argparse.ArgumentParser(add_help=False)
    source = copy.add_mutually_exclusive_group()
    source.add_argument("--image", type=Path, metavar="FILE", help="a picture with the QR")
    source.add_argument("--code", metavar="CODE", help="the typed code under the QR")

    def add(name: str, run: Callable[[argparse.Namespace, Counter], int], **about: Any) -> argparse.ArgumentParser:
        made: argparse.ArgumentParser = commands.add_parser(name, **about)
        made.set_defaults(run=run)
        return made

    pay = add("pay", _pay, parents=[bill, papers], help="record a paid bill")
    pay.add_argument("amount", help="the whole bill before certificates, such as 24.00")
    pay.add_argument("--customer", type=UUID, metavar="WALLET", help="the guest's wallet")
    pay.add_argument("--give", type=int, nargs="+", metavar="N", help="give these choices at once")
    issue = add("issue", _issue, parents=[bill, papers], help="give certificates for a paid bill")
    issue.add_argument(
        "numbers", type=int, nargs="*", metavar="N", help="choices as `pay` listed them; default: the proposal"
    )
    issue.add_argument("--none", action="store_true", help="record that none is given")
    issue.add_argument("--why", metavar="TEXT", help="why not what was proposed")
    issue.add_argument("--holder", type=UUID, metavar="WALLET", help="into this wallet instead of on paper")
    add("print", _print, parents=[bill, papers], help="print a bill's certificates again")
    add("check", _check, parents=[copy], help="what a certificate is worth here; changes nothing")
    redeem = add("redeem", _redeem, parents=[bill, copy], help="take a certificate off a bill")
    redeem.add_argument("--total", required=True, metavar="AMOUNT", help="the whole bill")
    redeem.add_argument("--amount", metavar="AMOUNT", help="take only so much")
    reverse = add("reverse", _reverse, help="undo a redemption, by default the last one")
    reverse.add_argument("redemption", nargs="?", metavar="ID", help="the redemption, or how its id begins")
    reverse.add_argument("--bill", type=_bill, metavar="REF", help="the last one of this bill")
    reverse.add_argument("--reason", default="Undone at the till", metavar="TEXT")
    refund = add("refund", _refund, parents=[bill, papers], help="give a bill, or part of it, back")
    refund.add_argument("amount", help="how much of the bill, such as 24.00")
    report = add("report", _report, help="the day at this till")
    report.add_argument("--day", type=date.fromisoformat, metavar="YYYY-MM-DD", help="another day")
    outbox = add("outbox", _outbox, help="what waits for the network")
    outbox.add_argument("deliver", nargs="?", choices=["deliver"], help="send it now")
    offline = add("offline", _offline, help="what was taken without the network, and what is still to deliver")
    offline.add_argument("step", nargs="?", choices=["prepare", "deliver"], help="while there is a network")
    setup = commands.add_parser("setup", help="name the network and this till's credential")
    setup.add_argument("--url", metavar="URL", help="the network's address")
    setup.add_argument("--paper", type=int, choices=[58, 80], default=80, help="receipt width in millimetres")
    _add_statement(commands)
    return till


def _add_statement(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    statement = commands.add_parser("statement", help="check a settlement statement")
    check = statement.add_subparsers(dest="step", required=True, metavar="STEP").add_parser(
        "check", help="recompute it offline from the archive of its window, and say which line differs"
    )
    check.add_argument("archive", type=Path, metavar="ARCHIVE", help="the file that the organizer exported")
    check.add_argument("--trace", action="store_true", help="print the rule, the inputs and the rounding of each line")
    check.add_argument("--json", type=Path, metavar="FILE", help="write everything there, for a program")
    check.add_argument("--root-key", metavar="HEX", help="the coalition's root key as it was given to you")
