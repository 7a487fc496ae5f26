"""A file from a bank, read whole or refused whole: what it is, whose it is, and its lines."""

import re
from collections.abc import Collection
from typing import Final

from network.banking import camt
from network.banking.iban import checked_iban, compact
from network.banking.lines import BankFile, BankLine, file_hash, with_references
from network.banking.refusals import (
    BankFileLoadedBefore,
    BankFileOfAnotherIban,
    BankFileTooLarge,
    BankFileUnknown,
    BankFileUnreadable,
)
from network.banking.statement_table import lines_of_table
from network.banking.xml_reading import Element, children, name_of, namespace_of, parsed
from network.telling import Told, to_nobody

BYTES_MAX: Final = 16 * 1024 * 1024
VERSIONS: Final = ("02", "04", "06", "08")
_MESSAGE: Final = re.compile(r"urn:iso:std:iso:20022:tech:xsd:(camt\.05[34])\.001\.([0-9]{2})")
_STATEMENTS: Final = {"camt.053": "BkToCstmrStmt/Stmt", "camt.054": "BkToCstmrDbtCdtNtfctn/Ntfctn"}


def read_bank_file(
    content: bytes,
    *,
    own_ibans: Collection[str],
    currency: str,
    loaded_hashes: Collection[str] = (),
    told: Told = to_nobody,
) -> BankFile:
    """The file's lines, if all of it can be read and is for bank accounts among `own_ibans`, in `currency`.

    `loaded_hashes` are the `file_hash` of files loaded before. A line that other files held already is not refused
    here: statements overlap, and `match_lines` lists it as a duplicate.

    Raises BankFileLoadedBefore, BankFileTooLarge, BankFileUnreadable, BankFileUnknown, BankFileIncoherent,
    BankFileOfAnotherIban, BankFileOfAnotherCurrency; then nothing was read.
    """
    if len(content) > BYTES_MAX:
        raise BankFileTooLarge(bytes=len(content), bytes_max=BYTES_MAX)
    hashed = file_hash(content)
    if hashed in loaded_hashes:
        raise BankFileLoadedBefore
    ours = {checked_iban(iban) for iban in own_ibans}
    if _looks_like_xml(content):
        kind, ibans, lines, not_booked = _read_camt(content, ours, currency, told)
    else:
        kind, not_booked = "csv", 0
        lines = lines_of_table(content, currency, told)
        ibans = {line.own_iban for line in lines}
        _check_ours(ibans, ours)
    return BankFile(
        file_hash=hashed,
        kind=kind,
        own_ibans=tuple(sorted(ibans)),
        lines=with_references(lines),
        not_booked=not_booked,
    )


def _looks_like_xml(content: bytes) -> bool:
    return content.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"<")


def _read_camt(content: bytes, ours: set[str], currency: str, told: Told) -> tuple[str, set[str], list[BankLine], int]:
    root = parsed(content)
    kind, statements = _statements(root)
    ibans = {camt.own_iban_of(statement) for statement in statements}
    _check_ours(ibans, ours)
    read = [camt.lines_of(statement, currency, told) for statement in statements]
    return kind, ibans, [line for lines, _ in read for line in lines], sum(not_booked for _, not_booked in read)


def _statements(root: Element) -> tuple[str, list[Element]]:
    """Which message it is, and its statements."""
    found = _MESSAGE.fullmatch(namespace_of(root))
    if found is None or name_of(root) != "Document" or found[2] not in VERSIONS:
        told = namespace_of(root).rpartition(":")[2] or name_of(root)
        raise BankFileUnknown(found=f"a file of the kind '{told[:40]}'", versions=", ".join(VERSIONS))
    statements = children(root, _STATEMENTS[found[1]])
    if not statements:
        raise BankFileUnreadable(problem="there is no statement inside")
    return f"{found[1]}.001.{found[2]}", statements


def _check_ours(ibans: set[str], ours: set[str]) -> None:
    if foreign := sorted(compact(iban) for iban in ibans - ours):
        raise BankFileOfAnotherIban(ending=foreign[0][-4:] or "(none)")
