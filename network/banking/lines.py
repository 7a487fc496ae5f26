"""One booking of a bank statement, whatever file it came from, and what makes two of them the same."""

import hashlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Final, TypeAlias

from network.domain.units import Minor

LineKey: TypeAlias = tuple[str, str, Minor, date]
"""(own IBAN, bank's reference, amount, booked on): a line seen again in another file has the same key."""

UNSTATED: Final = "unstated"
"""The reason of a return whose bank gave none."""
NOT_PROVIDED: Final = "NOTPROVIDED"


@dataclass(frozen=True, slots=True)
class BankLine:
    """Money that came into (`amount` above zero) or left (below) the bank account `own_iban`."""

    own_iban: str
    booked_on: date
    amount: Minor
    currency: str
    counterparty_iban: str | None
    counterparty_name: str
    end_to_end_id: str | None
    remittance: str
    bank_reference: str
    return_reason: str | None
    """ISO 20022 return reason (AC04: closed bank account), `unstated`, or None for what is no return."""

    @property
    def key(self) -> LineKey:
        """What two files agree on when they hold the same line."""
        return (self.own_iban, self.bank_reference, self.amount, self.booked_on)


@dataclass(frozen=True, slots=True)
class BankFile:
    """What one file said. `not_booked` counts entries that were only announced; they come again when booked."""

    file_hash: str
    kind: str
    own_ibans: tuple[str, ...]
    lines: tuple[BankLine, ...]
    not_booked: int = 0


def file_hash(content: bytes) -> str:
    """What tells that a file was loaded before: the SHA-256 of its bytes, in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def with_references(lines: Iterable[BankLine]) -> tuple[BankLine, ...]:
    """Lines without the bank's reference get one from their facts, marked `~`.

    Equal lines of one day are counted (`~...#2`), so two coffees stay two, and the same two in a longer
    statement get the same references. This holds because a statement has every line of a day or none.
    """
    seen: Counter[str] = Counter()
    return tuple(_referenced(line, seen) for line in lines)


def _referenced(line: BankLine, seen: Counter[str]) -> BankLine:
    if line.bank_reference and not line.bank_reference.startswith("~"):
        return line
    derived = f"~{hashlib.sha256(_facts(line).encode()).hexdigest()[:24]}"
    seen[derived] += 1
    return replace(line, bank_reference=derived if seen[derived] == 1 else f"{derived}#{seen[derived]}")


def _facts(line: BankLine) -> str:
    """What a line without reference is known by: its end-to-end id, else all that is told.

    A notice and the statement after it often word the same payment differently, but not its id. The facts are
    spelled out, because references are stored, and a new field of the class must not change them.
    """
    told = [line.own_iban, str(line.booked_on), str(line.amount), line.currency, line.bank_reference]
    if line.end_to_end_id is not None:
        return "\x1f".join([*told, line.end_to_end_id])
    return "\x1f".join([*told, line.counterparty_iban or "", line.counterparty_name, line.remittance])
