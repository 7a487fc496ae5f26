"""A till process for tests: `python -m tests.merchants.one_till_process URL OUTBOX ACTION ...`."""

import sys
from pathlib import Path

from merchants.client import Client, Patience
from merchants.delivery import Delivery
from merchants.outbox import Outbox
from merchants.scanner import Copy
from merchants.till import Till

CREDENTIAL = "pollen_till_old-town_" + "a" * 52


def main() -> None:
    url, path, action, *rest = sys.argv[1:]
    with Client(url, CREDENTIAL, patience=Patience(total=30.0, read=30.0, first_pause=0.01)) as client:
        outbox = Outbox(Path(path))
        till = Till(client, outbox, within=30.0, within_saved=30.0)
        if action == "pay":
            till.pay(bill=rest[0], amount=2400, currency="EUR")
        elif action == "redeem":
            till.redeem(copy=Copy(typed_code="00000-00000"), bill=rest[0], total=2400)
        else:
            Delivery(outbox, client).everything_due()
        outbox.close()


if __name__ == "__main__":
    main()
