"""Commands on the payments of a window: ask for them, follow what banks and people say, remind, correct."""

from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from network.application.base import Answer, Commands, Facts, Request
from network.banking.ids import end_to_end_id
from network.banking.refusals import BankFileLoadedBefore
from network.domain.bank_file import BankFile, bank_file_id_of
from network.domain.errors import Invalid, NotYourPayment
from network.domain.exposure import local_day
from network.domain.following import book, instruct, remind, withdraw
from network.domain.merchant import Merchant
from network.domain.payout import BANK, Booking, Followed, Payout, Side
from network.domain.window import Window, window_id_of
from network.unit import Unit

DUE_DAYS_MAX = 90


@dataclass(frozen=True, slots=True)
class LoadedFile:
    """What a bank file said, apart from whose money it is. `bookings`: by window, the lines that name a payment.

    `known_unmatched`: lines without a payment that an earlier file had too. `waiting`: `{line: file}` for the lines
    that name a payment now and were left unmatched by that earlier file.
    """

    digest: str
    kind: str
    lines: int
    known_unmatched: int
    unmatched: int
    not_booked: int
    bookings: dict[int, list[Booking]]
    waiting: dict[str, UUID]


class PayoutCommands(Commands):
    """`by` is who decides: organizer, a merchant's id, or the network's own jobs."""

    def instruct_window(
        self, *, request: Request, number: int, due_on: date | None, by: str, parties: Sequence[UUID] = ()
    ) -> Future[Answer]:
        """Ask for the payments of an agreed window, once. `due_on` None: as scheduled. `parties` is who will be looked
        at. Raises: WindowNotFound, WindowStateForbids, Invalid.
        """
        window_id = window_id_of(self.coalition_id, number)

        def decide(unit: Unit) -> Facts:
            window = unit.get(Window, window_id)
            today = _today(unit)
            due = due_on or today + timedelta(days=unit.coalition.schedule.pay_days)
            if due > today + timedelta(days=DUE_DAYS_MAX):
                raise Invalid(reason=f"Payments are due within {DUE_DAYS_MAX} days.")
            payouts = [
                Payout(
                    end_to_end_id(self.coalition_id, number, window.settlement_version, one.debtor, one.creditor),
                    one.debtor,
                    one.creditor,
                    one.amount,
                    _details(unit, one.debtor),
                    _details(unit, one.creditor),
                )
                for one in window.payments
            ]
            instruct(window, payouts=payouts, due_on=due, today=today, by=by, at=unit.at)
            return _shown(window) | {
                "due_on": due.isoformat(),
                "payments": len(payouts),
                "to_pay": sum(one.amount for one in payouts),
                "without_bank": sum(None in (one.debtor_details, one.creditor_details) for one in payouts),
            }

        return self._simple(request, decide, window_id, *parties)

    def load_bank_file(self, *, request: Request, file: LoadedFile, by: str) -> Future[Answer]:
        """Book every line of a bank's answer that names a payment, all or nothing; remember the file.

        Raises: BankFileLoadedBefore, PayoutNotFound.
        """
        file_id = bank_file_id_of(self.coalition_id, file.digest)
        windows = {number: window_id_of(self.coalition_id, number) for number in file.bookings}

        def decide(unit: Unit) -> Facts:
            if not unit.is_free(file_id):
                raise BankFileLoadedBefore()
            booked: list[Facts] = []
            known = file.known_unmatched
            for number, lines in sorted(file.bookings.items()):
                window = unit.get(Window, windows[number])
                fresh = [line for line in lines if not _was_assigned(unit, file, line)]
                new = book(window, fresh, by=BANK, at=unit.at)
                _tell_earlier_files(unit, file, new)
                known += len(lines) - len(new)
                booked += [_booked(window, one) for one in new]
            loaded = BankFile.load(
                coalition_id=self.coalition_id,
                digest=file.digest,
                kind=file.kind,
                lines=file.lines,
                matched=len(booked),
                known=known,
                unmatched=file.unmatched,
                not_booked=file.not_booked,
                by=by,
                at=unit.at,
            )
            unit.add(loaded)
            counts = {"lines": file.lines, "matched": len(booked), "known": known, "unmatched": file.unmatched}
            return {"file_id": file_id, "kind": file.kind, **counts, "not_booked": file.not_booked, "booked": booked}

        return self._simple(request, decide, file_id, *windows.values(), *set(file.waiting.values()))

    def assign_bank_line(
        self, *, request: Request, file_id: UUID, number: int, booking: Booking, by: str
    ) -> Future[Answer]:
        """Book a line that named no payment, as a person decided. Raises: BankFileNotFound, BankLineAssigned,
        WindowNotFound, PayoutNotFound.
        """
        window_id = window_id_of(self.coalition_id, number)

        def decide(unit: Unit) -> Facts:
            window = unit.get(Window, window_id)
            file = unit.get(BankFile, file_id)
            file.assign(line=booking.line, end_to_end_id=booking.end_to_end_id, by=by, at=unit.at)
            book(window, [booking], by=by, at=unit.at)
            return _booked(window, booking)

        return self._simple(request, decide, window_id, file_id)

    def confirm_payout(
        self, *, request: Request, number: int, reference: str, confirmation_id: UUID, amount: int, cause: str, by: str
    ) -> Future[Answer]:
        """Money arrived that no bank file shows; below zero, it was given back. By the creditor or the organizer.

        Raises: WindowNotFound, PayoutNotFound, NotYourPayment, BookingConflict, Invalid.
        """
        window_id = window_id_of(self.coalition_id, number)

        def decide(unit: Unit) -> Facts:
            window = unit.get(Window, window_id)
            _must_receive(window.followed(reference), by)
            today = _today(unit).isoformat()
            booking = Booking(str(confirmation_id), reference, Side.HAND, amount, "", today, cause)
            book(window, [booking], by=by, at=unit.at)
            return _booked(window, booking)

        return self._simple(request, decide, window_id)

    def withdraw_booking(
        self, *, request: Request, number: int, reference: str, line: str, file_id: UUID | None, reason: str, by: str
    ) -> Future[Answer]:
        """Take back what a person confirmed or assigned. `file_id`: the file of an assigned line, which waits again.

        Raises: WindowNotFound, PayoutNotFound, NotYourPayment, Invalid.
        """
        window_id = window_id_of(self.coalition_id, number)

        def decide(unit: Unit) -> Facts:
            window = unit.get(Window, window_id)
            _must_receive(window.followed(reference), by)
            withdraw(window, end_to_end_id=reference, line=line, reason=reason, by=by, at=unit.at)
            if file_id is not None:
                unit.get(BankFile, file_id).release(line=line, reason=reason, by=by, at=unit.at)
            return _standing(window, reference)

        return self._simple(request, decide, window_id, *(() if file_id is None else (file_id,)))

    def remind_payout(
        self, *, request: Request, number: int, reference: str, step: int | None, by: str
    ) -> Future[Answer]:
        """Tell the debtor what is missing. Raises: WindowNotFound, PayoutNotFound, NothingToRemind, RemindedAlready."""
        window_id = window_id_of(self.coalition_id, number)

        def decide(unit: Unit) -> Facts:
            window = unit.get(Window, window_id)
            remind(window, end_to_end_id=reference, on=_today(unit), step=step, by=by, at=unit.at)
            return _standing(window, reference)

        return self._simple(request, decide, window_id)


def _today(unit: Unit) -> date:
    return date.fromisoformat(local_day(unit.at, unit.coalition.time_zone))


def _details(unit: Unit, party_id: UUID) -> str | None:
    """The party's bank details as they are now."""
    merchant = unit.find(Merchant, party_id)
    return merchant.bank_details if merchant else unit.coalition.bank_details.get(party_id)


def _must_receive(followed: Followed, by: str) -> None:
    """Raises: NotYourPayment. A merchant speaks as itself; the organizer for everybody."""
    if by != "organizer" and by != str(followed.payout.creditor):
        raise NotYourPayment()


def _was_assigned(unit: Unit, file: LoadedFile, line: Booking) -> bool:
    earlier = file.waiting.get(line.line)
    return earlier is not None and line.line in unit.get(BankFile, earlier).assigned


def _tell_earlier_files(unit: Unit, file: LoadedFile, new: Sequence[Booking]) -> None:
    """A line that an earlier file left unmatched is told better by this one: nobody has to assign it any more."""
    for one in new:
        if one.line in file.waiting:
            earlier = unit.get(BankFile, file.waiting[one.line])
            earlier.assign(line=one.line, end_to_end_id=one.end_to_end_id, by=BANK, at=unit.at)


def _booked(window: Window, one: Booking) -> Facts:
    return _standing(window, one.end_to_end_id) | {"line": one.line, "side": one.side, "amount": one.amount}


def _standing(window: Window, reference: str) -> Facts:
    followed = window.followed(reference)
    return {
        **_shown(window),
        "end_to_end_id": reference,
        "asked": followed.payout.amount,
        "paid": followed.paid,
        "missing": followed.missing,
        "standing": followed.standing,
    }


def _shown(window: Window) -> Facts:
    return {"number": window.number, "version": window.settlement_version, "state": window.state}
