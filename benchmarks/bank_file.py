"""`python -m benchmarks.bank_file`: how much longer does a redemption take while a large bank file is read?

Redemptions of one coalition are asked for one after the other, in turns: while nothing else happens, while the file is
read by a thread of the same process, and while it is read as the server reads it, in a process of its own.
"""

import argparse
import os
import shutil
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from statistics import median, quantiles
from tempfile import mkdtemp
from time import perf_counter
from uuid import uuid4

from benchmarks.street import Street
from network.banking.bank_file import BYTES_MAX, read_bank_file
from network.coalitions import Coalitions
from network.settlement.bank_reading import read_file
from network.store.embedded import EmbeddedPostgres
from network.store.migrations import migrate_all

IBAN, TURNS, ALONE = "LV80BANK0000435195001", 3, 200
ENTRY = """<Ntry><Amt Ccy="EUR">{n}.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>
<BookgDt><Dt>2026-02-03</Dt></BookgDt><AcctSvcrRef>R-{n}</AcctSvcrRef><BkTxCd/><NtryDtls><TxDtls><Refs>
<EndToEndId>NOTPROVIDED</EndToEndId></Refs><RltdPties><Dbtr><Pty><Nm>Guest {n}</Nm></Pty></Dbtr></RltdPties>
<RmtInf><Ustrd>Table {n}, two of the usual, one to take away, thank you</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>"""


def statement(size: int) -> bytes:
    """A camt.053 of nearly so many bytes."""
    entries = "".join(ENTRY.format(n=n) for n in range(1, size // (len(ENTRY) + 24)))
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt><GrpHdr><MsgId>S</MsgId></GrpHdr><Stmt>
<Id>S</Id><Acct><Id><IBAN>{IBAN}</IBAN></Id><Ccy>EUR</Ccy></Acct>{entries}</Stmt></BkToCstmrStmt></Document>""".encode()


class Till:
    """Redeems one certificate after the other."""

    def __init__(self, street: Street) -> None:
        self._street = street
        self._number = 0

    def during(self, work: Callable[[], object] | None) -> list[float]:
        """The seconds of each redemption while `work` goes on in another thread, or of some with nothing beside."""
        thread = threading.Thread(target=work) if work else None
        if thread:
            thread.start()
        taken: list[float] = []
        while thread.is_alive() if thread else len(taken) < ALONE:
            certificate_id = uuid4()
            self._number += 1
            self._street.pay(str(self._number)).result()
            self._street.issue(str(self._number), certificate_id).result().facts()
            began = perf_counter()
            self._street.redeem(f"bill {self._number}", certificate_id).result().facts()
            taken.append(perf_counter() - began)
        return taken


def main() -> int:
    """Print the median and the 95th percentile of each, and their ratios."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.bank_file", description=__doc__)
    parser.add_argument("--bytes", type=int, default=BYTES_MAX - 1024, help="of the file (%(default)s)")
    content = statement(parser.parse_args().bytes)
    asked = {"own_ibans": [IBAN], "currency": "EUR"}
    folder = Path(mkdtemp(prefix="pollen-bench-"))
    os.chmod(folder, 0o755)
    postgres = EmbeddedPostgres(folder / "postgres")
    with postgres as url:
        migrate_all(url)
        coalitions = Coalitions(url, os.urandom(32))
        till = Till(Street(coalitions))
        ways: dict[str, Callable[[], object] | None] = {
            "nothing beside": None,
            "a thread reads": lambda: read_bank_file(content, **asked),  # type: ignore[arg-type]
            "a process reads": lambda: read_file(content, **asked),  # type: ignore[arg-type]
        }
        found: dict[str, list[float]] = {name: [] for name in ways}
        for _ in range(TURNS):
            for name, work in ways.items():
                found[name] += till.during(work)
        coalitions.close()
    postgres.erase()
    shutil.rmtree(folder, ignore_errors=True)
    alone = median(found["nothing beside"]), quantiles(found["nothing beside"], n=20)[-1]
    for name, taken in found.items():
        middle, late = median(taken), quantiles(taken, n=20)[-1]
        print(
            f"{name}: {len(taken)} redemptions, median {middle * 1000:.1f} ms ({middle / alone[0]:.1f} times),"
            f" 95 % within {late * 1000:.1f} ms ({late / alone[1]:.1f} times)"
        )
    print(f"a camt.053 of {len(content)} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
