"""How far one instruction is paid, by the lines that belong to it."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from network.banking.instructions import PaymentInstruction
from network.banking.lines import UNSTATED, BankLine
from network.domain.units import Minor


class Standing(StrEnum):
    """What an organizer reads beside a payment."""

    OPEN = "open"
    PART_PAID = "part_paid"
    PAID = "paid"
    OVERPAID = "overpaid"
    RETURNED = "returned"


@dataclass(frozen=True, slots=True)
class InstructionStanding:
    """One instruction and its lines. `paid` is what the creditor has, `missing` what a reminder asks for.

    `sent` and `received` are what the debtor's and the creditor's statements say, less what came back; None
    where no line of that side is known. `sides_differ` asks a person to look: a payment is under way, or a file lacks.
    """

    instruction: PaymentInstruction
    standing: Standing
    paid: Minor
    missing: Minor
    surplus: Minor
    sent: Minor | None
    received: Minor | None
    returned: Minor
    return_reasons: tuple[str, ...]
    sides_differ: bool
    lines: tuple[BankLine, ...]


def standing_of(instruction: PaymentInstruction, lines: Sequence[BankLine]) -> InstructionStanding:
    """Count each payment once, although it is on two statements: the creditor's wins, as money there settles the debt.

    Without a line of the creditor's, the debtor's statement is believed.
    """
    debits = [line for line in lines if line.own_iban == instruction.debtor.iban]
    credits_ = [line for line in lines if line.own_iban == instruction.creditor.iban]
    sent = -sum(line.amount for line in debits) if debits else None
    received = sum(line.amount for line in credits_) if credits_ else None
    side, sign = (credits_, 1) if credits_ else (debits, -1)
    returned = sum(abs(line.amount) for line in side if line.amount * sign < 0)
    paid = max(0, received if received is not None else sent or 0)
    return InstructionStanding(
        instruction=instruction,
        standing=_standing(paid, instruction.amount, returned),
        paid=paid,
        missing=max(0, instruction.amount - paid),
        surplus=max(0, paid - instruction.amount),
        sent=sent,
        received=received,
        returned=returned,
        return_reasons=tuple(sorted(_reasons(debits, -1) | _reasons(credits_, 1))),
        sides_differ=sent is not None and received is not None and sent != received,
        lines=tuple(lines),
    )


def _reasons(side: Sequence[BankLine], sign: int) -> set[str]:
    """Why money came back. A credit with our id on a debtor's statement is a return even if the bank says no more."""
    back = [line for line in side if line.amount * sign < 0]
    return {line.return_reason or UNSTATED for line in back}


def _standing(paid: Minor, amount: Minor, returned: Minor) -> Standing:
    if paid > amount:
        return Standing.OVERPAID
    if paid == amount:
        return Standing.PAID
    if paid > 0:
        return Standing.PART_PAID
    return Standing.RETURNED if returned else Standing.OPEN
