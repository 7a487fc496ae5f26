"""How far one instruction is paid, by the lines that belong to it. The rule is `domain.payout`'s."""

from collections.abc import Sequence
from dataclasses import dataclass

from network.banking.instructions import ExpectedPayment, PaymentInstruction
from network.banking.lines import UNSTATED, BankLine
from network.domain.payout import Standing, paid_of
from network.domain.payout import standing_of as how_far
from network.domain.units import Minor


@dataclass(frozen=True, slots=True)
class InstructionStanding:
    """One instruction and its lines. `paid` is what the creditor has, `missing` what a reminder asks for.

    `sent` and `received` are what the debtor's and the creditor's statements say, less what came back; None
    where no line of that side is known. `sides_differ` asks a person to look: a payment is under way, or a file lacks.
    """

    instruction: PaymentInstruction | ExpectedPayment
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


def standing_of(instruction: PaymentInstruction | ExpectedPayment, lines: Sequence[BankLine]) -> InstructionStanding:
    """Count each payment once, although it is on two statements: the creditor's wins, as money there settles the debt.

    Without a line of the creditor's, the debtor's statement is believed.
    """
    debits = [line for line in lines if line.own_iban == instruction.debtor_iban]
    credits_ = [line for line in lines if line.own_iban == instruction.creditor_iban]
    sent = -sum(line.amount for line in debits) if debits else None
    received = sum(line.amount for line in credits_) if credits_ else None
    side, sign = (credits_, 1) if credits_ else (debits, -1)
    returned = sum(abs(line.amount) for line in side if line.amount * sign < 0)
    paid = paid_of(sent, received)
    return InstructionStanding(
        instruction=instruction,
        standing=how_far(instruction.amount, paid, returned),
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
