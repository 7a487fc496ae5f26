"""`till setup`: ask for the network and the credential, try them, and keep them in a private file."""

import getpass
import hashlib
import sys
from collections.abc import Mapping

from merchants import config
from merchants.client import Client
from merchants.config import ConfigRefused
from merchants.outbox import Outbox
from merchants.screen import Screen
from merchants.till import Till


def set_up(environment: Mapping[str, str], screen: Screen, *, url: str | None, paper: int) -> int:
    """The credential is asked for without showing it, or read from standard input; it is never an argument, since
    other programs can read those. Raises: ConfigRefused, WrongCredential, OutboxOfAnother, NoDecision.
    """
    terminal = sys.stdin.isatty()
    url = (url or environment.get("POLLEN_URL") or (input("Network address: ") if terminal else "")).strip()
    if not url:
        raise ConfigRefused("Name the network: till setup --url https://...")
    asked = environment.get("POLLEN_CREDENTIAL") or (
        getpass.getpass("Credential (not shown): ") if terminal else sys.stdin.readline()
    )
    settings = config.load({**environment, "POLLEN_URL": url, "POLLEN_CREDENTIAL": asked.strip()})
    outbox = Outbox(settings.outbox)
    try:
        with Client(settings.url, settings.credential, plain_http=settings.plain_http) as client:
            name = hashlib.sha256(settings.credential.encode()).hexdigest()[:16]
            place = Till(client, outbox).place(credential_name=name)
    finally:
        outbox.close()
    path = config.save(environment, url=settings.url, credential=settings.credential, paper=paper)
    screen.ok("THIS TILL IS READY", f"Coalition {place.coalition}, amounts in {place.currency}.", f"Kept in {path}.")
    return 0
