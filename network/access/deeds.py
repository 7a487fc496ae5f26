"""Who asked for what at a till. Written before the command is sent; whether it came to anything is in the log."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from network.access.sessions import Session
from network.access.tables import all_rows, one_row, run
from network.coalitions import OpenCoalition


@dataclass(frozen=True, slots=True)
class Deed:
    """`what`: pay, issue (of a payment), redeem or undo (of a redemption)."""

    command_key: str
    what: str
    reference_id: UUID
    person_id: UUID
    shift_id: UUID
    at: datetime


def note(coalition: OpenCoalition, session: Session, *, key: str, what: str, reference_id: UUID, at: datetime) -> None:
    """Put it down once, whatever is retried."""
    assert session.person_id is not None, "only a cashier acts"
    assert session.shift_id is not None, "only in a shift"
    run(
        coalition,
        "INSERT INTO {deeds} (merchant_id, command_key, what, reference_id, person_id, credential_id, shift_id, at)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING",
        (session.subject_id, key, what, reference_id, session.person_id, session.credential_id, session.shift_id, at),
    )


def note_later(
    coalition: OpenCoalition, session: Session, *, redemption_id: UUID, person_id: UUID, shift_id: UUID, at: datetime
) -> None:
    """Put down what was taken at this till while there was no network, and by whom, once it is delivered."""
    run(
        coalition,
        "INSERT INTO {deeds} (merchant_id, command_key, what, reference_id, person_id, credential_id, shift_id, at)"
        " VALUES (%s, %s, 'redeem', %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING",
        (session.subject_id, str(redemption_id), redemption_id, person_id, session.credential_id, shift_id, at),
    )


def of_shift(coalition: OpenCoalition, shift_id: UUID) -> list[Deed]:
    """What was asked for in one shift, in order."""
    return all_rows(
        coalition,
        Deed,
        "SELECT command_key, what, reference_id, person_id, shift_id, at FROM {deeds} WHERE shift_id = %s ORDER BY at",
        (shift_id,),
    )


def of_merchant(coalition: OpenCoalition, merchant_id: UUID, since: datetime) -> list[Deed]:
    """What was asked for at all of a merchant's tills, in order."""
    return all_rows(
        coalition,
        Deed,
        "SELECT command_key, what, reference_id, person_id, shift_id, at FROM {deeds}"
        " WHERE merchant_id = %s AND at >= %s ORDER BY at",
        (merchant_id, since),
    )


def of_redemption(coalition: OpenCoalition, merchant_id: UUID, redemption_id: UUID) -> Deed | None:
    """Who redeemed it."""
    return one_row(
        coalition,
        Deed,
        "SELECT command_key, what, reference_id, person_id, shift_id, at FROM {deeds}"
        " WHERE merchant_id = %s AND what = 'redeem' AND reference_id = %s",
        (merchant_id, redemption_id),
    )
