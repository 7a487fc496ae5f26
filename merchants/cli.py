"""`python -m merchants`: run one command of the till, or open its counter, and turn what happened into an exit code."""

import argparse
import hashlib
import os
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from merchants import config
from merchants.amounts import AmountRefused
from merchants.arguments import parser
from merchants.client import Client
from merchants.config import Config, ConfigRefused
from merchants.counter import NETWORK_DOWN, REFUSED, USAGE, Counter
from merchants.errors import CredentialRefused, NoDecision, Refused
from merchants.offline import Offline
from merchants.outbox import Outbox, OutboxOfAnother
from merchants.prompt import Prompt
from merchants.scanner import NothingScanned
from merchants.screen import Screen
from merchants.setup import set_up
from merchants.statements import command as statements
from merchants.till import BillRefused, NotHere, Till, WrongCredential
from merchants.transport import Patience


def main(arguments: Sequence[str] | None = None, environment: Mapping[str, str] | None = None) -> int:
    """Run one command, or the counter."""
    options = parser().parse_args(arguments)
    screen = Screen()
    try:
        return _run(options, environment if environment is not None else os.environ, screen)
    except Refused as refusal:
        screen.no(refusal.detail)
        return REFUSED
    except NothingScanned as problem:
        screen.no(problem.detail)
        return REFUSED
    except CredentialRefused as problem:
        screen.no("THIS TILL'S CREDENTIAL IS NOT VALID", problem.detail, "Get a new one from the owner: till setup")
    except NoDecision as trouble:
        screen.wait("NO ANSWER", trouble.detail)
        return NETWORK_DOWN
    except (AmountRefused, BillRefused, ConfigRefused, NotHere, WrongCredential, OutboxOfAnother) as problem:
        screen.no(str(problem.args[0]))
    except sqlite3.Error as problem:
        screen.no("THE TILL'S OUTBOX CANNOT BE WRITTEN", f"Nothing was sent. {problem}")
    except KeyboardInterrupt:
        screen.say("Stopped. What was begun is kept in the outbox.")
    return USAGE


def _run(options: argparse.Namespace, environment: Mapping[str, str], screen: Screen) -> int:
    if options.command == "setup":
        return set_up(environment, screen, url=options.url, paper=options.paper)
    if options.command == "statement":
        return statements.check(options, screen)
    settings = config.load(environment)
    with opened(settings, screen) as counter:
        counter.news(but_bill=getattr(options, "bill", None))
        if options.command is None:
            return Prompt(counter, settings.outbox).run()
        run: Callable[[argparse.Namespace, Counter], int] = options.run
        return run(options, counter)


@contextmanager
def opened(settings: Config, screen: Screen) -> Iterator[Counter]:
    """The counter of a till that is set up."""
    client = Client(
        settings.url,
        settings.credential,
        patience=Patience(total=8.0, read=6.0),
        plain_http=settings.plain_http,
    )
    outbox = Outbox(settings.outbox)
    offline = Offline(settings.outbox.with_suffix(".offline.db"), client)
    try:
        till = Till(client, outbox)
        # The name of a credential is its hash: the secret itself stays in the one private file.
        place = till.place(credential_name=hashlib.sha256(settings.credential.encode()).hexdigest()[:16])
        yield Counter(till, screen, place, paper=settings.paper, without_network=offline)
    finally:
        offline.close()
        outbox.close()
        client.close()
