"""Asks for a window's payments and follows the banks' answers. What reads a file is pure; what it says becomes events.

A file is read and matched outside the committer: what was instructed is frozen, so nothing that happens meanwhile
changes which payment a line names. Whether the line, or the file, was known is decided in the command.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from uuid import UUID

from network.application import Answer, Request
from network.application.payouts import LoadedFile
from network.bank_details import find_details, known_ibans
from network.bank_lines import KeptLine, find_line, keep_lines, kept_in, line_id
from network.banking import ids
from network.banking.instructions import ExpectedPayment
from network.banking.lines import UNSTATED, BankLine
from network.banking.match import Unmatched, Why, match_lines
from network.coalitions import OpenCoalition
from network.domain.bank_file import bank_file_id_of
from network.domain.errors import (
    BankLineAssigned,
    BankLineMisfit,
    BankLineNotFound,
    PayoutNotFound,
    WindowNotFound,
)
from network.domain.payout import Booking, Payout, Side
from network.projections import payouts
from network.settlement.bank_reading import read_file
from network.settlement.closing import find_closing
from network.settlement.requests import own_request
from network.store.recorder import CoalitionRecorder
from network.telling import Told, each, part, to_nobody

READ, MATCHED, NAMED = 40, 70, 75
"""Percent of loading a file of 90 000 lines that each part had done when it ended; keeping what is left is the rest."""


def instruct_window(
    coalition: OpenCoalition, number: int, *, due_on: date | None = None, by: str, request: Request | None = None
) -> Answer:
    """Ask for the payments of an agreed window. Answers with a refusal: WindowStateForbids, Invalid.

    Raises: WindowNotFound.
    """
    with coalition.reading() as recorder:
        window = find_closing(coalition, recorder, number).window
    return coalition.application.instruct_window(
        request=request or own_request("network", number, due_on),
        number=number,
        due_on=due_on,
        by=by,
        parties=sorted({party for due in window.payments for party in (due.debtor, due.creditor)}),
    ).result()


def load_bank_file(
    coalition: OpenCoalition,
    content: bytes,
    *,
    currency: str,
    by: str,
    request: Request | None = None,
    told: Told = to_nobody,
) -> Answer:
    """Book what a bank's answer says. Answers with a refusal: BankFileLoadedBefore.

    Raises: the refusals of `read_bank_file`; then nothing was changed.
    """
    file = read_file(content, own_ibans=known_ibans(coalition), currency=currency, told=part(told, 0, READ))
    with coalition.reading() as recorder:
        expected = expected_payments(coalition, recorder, windows_named(file.lines), currency)
        outcome = match_lines(expected, (), file.lines, told=part(told, READ, MATCHED))
        unmatched = each(outcome.unmatched, part(told, MATCHED, NAMED))
        waiting = [(line_id(coalition, one.line), one) for one in unmatched]
        booked_before = payouts.lines_booked(recorder.connection, coalition.schema, [line for line, _ in waiting])
    bookings: dict[int, list[Booking]] = {}
    by_id = {one.end_to_end_id: one for one in expected}
    for match in outcome.matches:
        if match.end_to_end_id is not None:
            payment = by_id[match.end_to_end_id]
            (number,) = ids.windows_in(payment.end_to_end_id)
            bookings.setdefault(number, []).append(booking_of(coalition, match.line, payment))
    named = [one.line for lines in bookings.values() for one in lines]
    earlier = kept_in(coalition, [*named, *(line for line, _ in waiting)])
    new = [(line, one) for line, one in waiting if line not in booked_before and line not in earlier]
    file_id = bank_file_id_of(coalition.coalition_id, file.file_hash)
    answer = coalition.application.load_bank_file(
        request=request or own_request("network", file.file_hash),
        file=LoadedFile(
            digest=file.file_hash,
            kind=file.kind,
            lines=len(named) + len(waiting),
            known_unmatched=len(waiting) - len(new),
            unmatched=len(new),
            not_booked=file.not_booked,
            bookings=bookings,
            waiting={line: earlier[line] for line in named if line in earlier},
        ),
        by=by,
    ).result()
    # After the command: a file that was never loaded leaves nothing behind, and one that was is completed by a repeat.
    kept = [KeptLine(line, file_id, one.line) for line, one in new]
    keep_lines(coalition, file_id, kept, told=part(told, NAMED, 100))
    return answer


def expected_payments(
    coalition: OpenCoalition, recorder: CoalitionRecorder, numbers: Iterable[int], currency: str
) -> list[ExpectedPayment]:
    """What these windows ever asked for, of every version; a window that does not exist asked for nothing."""
    asked: list[Payout] = []
    for number in sorted(numbers):
        try:
            window = find_closing(coalition, recorder, number).window
        except WindowNotFound:
            continue
        asked += [one.payout for one in window.payouts.values()]
    known = find_details(
        coalition,
        {(one.debtor, one.debtor_details) for one in asked if one.debtor_details}
        | {(one.creditor, one.creditor_details) for one in asked if one.creditor_details},
    )

    def iban(party_id: UUID, digest: str | None) -> str | None:
        found = known.get((party_id, digest)) if digest else None
        return found.iban if found else None

    return [
        ExpectedPayment(
            one.end_to_end_id,
            iban(one.debtor, one.debtor_details),
            iban(one.creditor, one.creditor_details),
            one.amount,
            currency,
        )
        for one in asked
    ]


def windows_named(lines: Iterable[BankLine]) -> set[int]:
    """The windows whose ids stand in these lines."""
    return {number for one in lines for number in ids.windows_in(one.end_to_end_id or "", one.remittance)}


def booking_of(coalition: OpenCoalition, line: BankLine, payment: ExpectedPayment) -> Booking:
    """What a line says of a payment: on the creditor's statement a credit is money that arrived, on the debtor's a
    debit is money that left.
    """
    side = Side.CREDITOR if line.own_iban == payment.creditor_iban else Side.DEBTOR
    amount = line.amount if side is Side.CREDITOR else -line.amount
    return Booking(
        line=line_id(coalition, line),
        end_to_end_id=payment.end_to_end_id,
        side=side,
        amount=amount,
        # A derived reference is a digest of names and IBANs, and stays out of the log.
        bank_reference="" if line.bank_reference.startswith("~") else line.bank_reference[:70],
        booked_on=line.booked_on.isoformat(),
        cause=(line.return_reason or UNSTATED)[:70] if amount < 0 else "",
    )


def suggestions(coalition: OpenCoalition, lines: Sequence[KeptLine], currency: str) -> list[tuple[KeptLine, Unmatched]]:
    """Why each of these lines is unmatched, and which open payments it may belong to, likeliest first."""
    with coalition.reading() as recorder:
        open_now = {row.window_number for row in payouts.missing(recorder.connection, coalition.schema)}
        expected = expected_payments(coalition, recorder, open_now | windows_named(one.told for one in lines), currency)
    by_line = {one.told: one for one in lines}
    return [(by_line[one.line], one) for one in match_lines(expected, (), by_line).unmatched]


def assign_bank_line(
    coalition: OpenCoalition, line: str, end_to_end_id: str, *, currency: str, by: str, request: Request
) -> Answer:
    """Say which payment a kept line is of. Its IBAN and currency must still fit. Answers with a refusal:
    BankLineAssigned. Raises: BankLineNotFound, PayoutNotFound, BankLineMisfit.
    """
    kept = find_line(coalition, line)
    if kept is None:
        raise BankLineNotFound()
    numbers = ids.windows_in(end_to_end_id)
    with coalition.reading() as recorder:
        if payouts.lines_booked(recorder.connection, coalition.schema, [line]):
            already = _assigned_to(recorder, coalition, line)
            if already != end_to_end_id:
                raise BankLineAssigned(end_to_end_id=already)
        expected = expected_payments(coalition, recorder, numbers, currency)
    payment = next((one for one in expected if one.end_to_end_id == end_to_end_id), None)
    if payment is None:
        raise PayoutNotFound()
    (number,) = numbers
    outcome = match_lines([payment], (), [kept.told], assigned={kept.told.key: end_to_end_id})
    if outcome.unmatched:
        raise BankLineMisfit(reason=_MISFITS[outcome.unmatched[0].why])
    return coalition.application.assign_bank_line(
        request=request,
        file_id=kept.file_id,
        number=number,
        booking=booking_of(coalition, kept.told, payment),
        by=by,
    ).result()


_MISFITS = {
    Why.OTHER_IBAN: "The line is on a bank statement of neither side of this payment.",
    Why.OTHER_CURRENCY: "The line is in another currency than this payment.",
}


def _assigned_to(recorder: CoalitionRecorder, coalition: OpenCoalition, line: str) -> str:
    rows = payouts.bookings_of_line(recorder.connection, coalition.schema, line)
    return rows[0].end_to_end_id if rows else ""
