"""What a till does, without a word on the screen: every command goes through the outbox, every answer stays there.

A command that was begun and whose answer the cashier has not seen is taken up again, with its key, when the same is
asked once more. So a till that crashed, or whose cashier pressed twice, does nothing twice.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from merchants.answers import Issued, Option, Proposal, Shown, Worth, shown_as
from merchants.client import Client
from merchants.commands.base import Command
from merchants.commands.till import (
    Choice,
    issue_command,
    issue_drawn_command,
    payment_command,
    redeem_command,
    refund_command,
    reversal_command,
)
from merchants.delivery import Delivery
from merchants.entries import Entry
from merchants.errors import NoDecision
from merchants.outbox import Outbox
from merchants.scanner import Copy, looks_like_a_token
from merchants.transport import Answer, encoded

UNDO_AFTER = 300.0
"""Seconds in which a cashier may scan again after a redemption without an answer; then it is undone."""

REVERSIBLE_FOR = timedelta(days=31)
"""No agreement lets a redemption be undone later."""

KEPT_FOR = timedelta(days=400)
"""A year's journal and some; the network keeps the rest."""

_FILLED_LATER = "{payment_id}"
_OWN_IDS = ("redemption_id", "refund_id")


class NotHere(LookupError):
    """This till knows nothing by that name; the text is a sentence for the cashier."""


class BillRefused(ValueError):
    """Text that cannot be a bill's name; its text is a sentence for the cashier."""


class WrongCredential(ValueError):
    """Not a till's credential; the text is a sentence."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where the till stands: currency and time zone of its coalition, and for whom it speaks."""

    coalition: str
    subject: str
    currency: str
    time_zone: str


class Till:
    """One outbox and one client.

    `within` is how many seconds a cashier waits for a redemption, `within_saved` for what may be delivered later.
    """

    def __init__(self, client: Client, outbox: Outbox, *, within: float = 8.0, within_saved: float = 3.0) -> None:
        self.client = client
        self.outbox = outbox
        self.within = within
        self.within_saved = within_saved
        self.delivery = Delivery(outbox, client)
        client.transport.remember(outbox.position())

    def place(self, *, credential_name: str) -> Place:
        """Asked of the network once for each credential, then known without it. `credential_name` is no secret.

        Raises: OutboxOfAnother, WrongCredential, NoDecision when the network is needed and away.
        """
        name = f"place:{credential_name}"
        kept = self.outbox.fact(name)
        if kept is None:
            me = self.client.me()
            if me.role != "till" or not me.coalition.currency or not me.coalition.time_zone:
                raise WrongCredential(f"This is a credential of the role {me.role}. A till needs a till's own.")
            place = Place(me.coalition.slug, str(me.subject_id), me.coalition.currency, me.coalition.time_zone)
            kept = json.dumps([place.coalition, place.subject, place.currency, place.time_zone])
        place = Place(*json.loads(kept))
        self.outbox.belong_to(f"{place.coalition}/{place.subject}")
        if self.outbox.fact(name) is None:
            self.outbox.remember(name, kept)
        today = f"{datetime.now(UTC):%Y-%m-%d}"
        if self.outbox.fact("tidied_on") != today:
            self.outbox.forget_before(datetime.now(UTC) - KEPT_FOR)
            self.outbox.remember("tidied_on", today)
        return place

    def pay(self, *, bill: str, amount: int, currency: str, customer_id: UUID | None = None) -> Entry:
        """Put a paid bill on record; it may wait. Its redemptions without an answer are undone from now on."""
        stream = _stream(bill)
        self.outbox.give_up_waiting(stream=stream)
        command = payment_command(bill_reference=bill, amount=amount, currency=currency, customer_id=customer_id)
        return self._send(command, stream, {"bill": bill, "amount": amount, "currency": currency})

    def options(self, *, bill: str) -> tuple[Option, ...]:
        """What could be handed out for this bill, remembered in this order for `issue`. Raises: NotHere, NoDecision."""
        options = self.client.options(payment_id=self._payment_id(bill))
        self.outbox.remember(f"options:{bill}", json.dumps([option.raw for option in options]))
        return options

    def remembered_options(self, *, bill: str) -> tuple[Option, ...]:
        """The list that the cashier saw last for this bill, or a new one. Raises: NotHere, NoDecision."""
        kept = self.outbox.fact(f"options:{bill}")
        if kept is None:
            return self.options(bill=bill)
        return tuple(shown_as(Option, Answer(200, option, b"", None)) for option in json.loads(kept))

    def proposal(self, *, bill: str) -> Proposal:
        """What the network draws for this bill, and why. Raises: NotHere, NoDecision, Refused."""
        return self.client.propose(payment_id=self._payment_id(bill))

    def issue(
        self,
        *,
        bill: str,
        options: Sequence[Option],
        holder_id: UUID | None = None,
        override_reason: str | None = None,
    ) -> Entry:
        """The issue decision for a bill by hand; it may wait. A begun one whose answer nobody saw is taken up again.

        Raises: NotHere.
        """
        choices = [Choice(uuid4(), option.agreement_id, option.allotment_id) for option in options]
        command = issue_command(
            payment_id=_FILLED_LATER, choices=choices, holder_id=holder_id, override_reason=override_reason
        )
        return self._issue(bill, command, len(choices))

    def issue_drawn(self, *, bill: str, holder_id: UUID | None = None) -> Entry:
        """The issue decision by the network's draw, as `issue` otherwise. Raises: NotHere."""
        command = issue_drawn_command(payment_id=_FILLED_LATER, certificate_id=uuid4(), holder_id=holder_id)
        return self._issue(bill, command, 1)

    def _issue(self, bill: str, command: Command, number: int) -> Entry:
        stream = _stream(bill)
        begun = [e for e in self.outbox.entries(stream=stream, shown=False) if e.name == "issue_certificates"]
        if begun:
            return self._send_again(begun[0])
        paid = self._paid(bill)
        entry = self._send(command, stream, {"bill": bill, "number": number}, after_key=paid.key)
        self.outbox.forget(f"options:{bill}")
        return entry

    def issued_again(self, *, bill: str) -> Issued:
        """The certificates of this bill once more, asked with the same key. Raises: NotHere, NoDecision, Refused."""
        for entry in reversed(self.outbox.entries(stream=_stream(bill), states=("done",))):
            if entry.name == "issue_certificates":
                answer = self.client.transport.exchange(entry.method, entry.route, content=entry.body, key=entry.key)
                return shown_as(Issued, answer)
        raise NotHere(f"This till gave no certificates for bill {bill}.")

    def present(self, copy: Copy) -> Worth:
        """What a copy is worth here; changes nothing. Raises: NoDecision, Refused."""
        return self.client.present(token=copy.token, typed_code=copy.typed_code)

    def redeem(self, *, copy: Copy, bill: str, total: int, amount: int | None = None) -> Entry:
        """Take a certificate off a bill, now. Refusals are in the entry.

        Raises: NoDecision. With `may_have_arrived` the same scan asks again; otherwise nothing was sent, and the
        command is forgotten.
        """
        stream = _stream(bill)
        command = redeem_command(
            redemption_id=uuid4(),
            bill_reference=bill,
            bill=total,
            token=copy.token,
            typed_code=copy.typed_code,
            amount=amount,
        )
        begun = self._begun(command, stream)
        if begun is not None:
            answered = self.delivery.now(begun.key, within=self.within)
            if not self._is_undone(answered):
                return answered
            self.outbox.mark_shown(begun.key)
        note = {"bill": bill, "total": total, "redemption_id": command.body["redemption_id"]}
        entry = self.outbox.add(command, stream=stream, note=note, due_in=UNDO_AFTER, undo=True)
        try:
            return self.delivery.now(entry.key, within=self.within)
        except NoDecision as trouble:
            if not trouble.may_have_arrived:
                self.outbox.drop(entry)
            raise

    def reverse(self, *, redemption_id: str | None = None, bill: str | None = None, reason: str) -> Entry:
        """Undo a redemption of this till: the last one, the last one of a bill, or by (the start of) its id; may wait.

        Raises: NotHere.
        """
        stream = None if bill is None else _stream(bill)
        since = datetime.now(UTC) - REVERSIBLE_FOR
        for entry in reversed(self.outbox.entries(stream=stream, states=("done",), since=since)):
            named = str(entry.note.get("redemption_id", ""))
            if entry.name != "redeem" or not named.startswith(redemption_id or "") or self.is_reversed(entry):
                continue
            assert entry.answer is not None, "a done redemption has its answer"
            command = reversal_command(
                certificate_id=entry.answer["certificate_id"], redemption_id=named, reason=reason
            )
            note = {"bill": entry.note["bill"], "redemption_id": named}
            return self._send(command, entry.stream, note)
        raise NotHere("This till has no redemption to undo." if redemption_id is None else "No such redemption here.")

    def refund(self, *, bill: str, amount: int, currency: str) -> Entry:
        """Give back part or all of a bill; it may wait. Raises: NotHere."""
        paid = self._paid(bill)
        command = refund_command(payment_id=_FILLED_LATER, refund_id=uuid4(), amount=amount)
        note = {"bill": bill, "amount": amount, "currency": currency}
        return self._send(command, _stream(bill), note, after_key=paid.key)

    def news(self) -> list[Entry]:
        """Answers that no cashier has seen: they came while nobody waited, or the till stopped too early."""
        return self.outbox.entries(states=("done", "refused"), shown=False)

    def waiting(self) -> list[Entry]:
        """What the network has not answered yet."""
        return self.outbox.entries(states=("waiting",))

    def _send(self, command: Command, stream: str, note: dict[str, Any], after_key: str | None = None) -> Entry:
        begun = self._begun(command, stream)
        entry = begun or self.outbox.add(command, stream=stream, note=note, after_key=after_key)
        return self._send_again(entry)

    def _send_again(self, entry: Entry) -> Entry:
        try:
            return self.delivery.now(entry.key, within=self.within_saved)
        except NoDecision:
            kept = self.outbox.find(entry.key)
            assert kept is not None, "the outbox keeps what waits"
            return kept

    def _begun(self, command: Command, stream: str) -> Entry | None:
        """The same command, save for the id it made for itself, whose answer nobody has seen."""
        wanted = _without_own_ids(encoded(command.body))
        for entry in self.outbox.entries(stream=stream, states=("waiting", "done", "refused"), shown=False):
            same = entry.name == command.name and _without_own_ids(entry.body) == wanted
            if same and (entry.name != "reverse_redemption" or entry.route == command.route):
                return entry
        return None

    def _is_undone(self, entry: Entry) -> bool:
        return entry.state == "dropped" or (entry.state == "done" and self.is_reversed(entry))

    def is_reversed(self, entry: Entry) -> bool:
        """Whether a reversal of this redemption is done or on its way."""
        return any(
            other.name == "reverse_redemption"
            and other.state in ("waiting", "done")
            and other.note.get("redemption_id") == entry.note.get("redemption_id")
            for other in self.outbox.entries(stream=entry.stream)
        )

    def _paid(self, bill: str) -> Entry:
        paid = [e for e in self.outbox.entries(stream=_stream(bill)) if e.name == "record_payment"]
        for entry in reversed(paid):
            if entry.state in ("done", "waiting"):
                return entry
        raise NotHere(f"Bill {bill} was not paid at this till. Type: pay AMOUNT --bill {bill}")

    def _payment_id(self, bill: str) -> str:
        paid = self._paid(bill)
        if paid.answer is None:
            raise NotHere(f"The payment of bill {bill} still waits for the network.")
        return str(paid.answer["payment_id"])


def bill_name(typed: str) -> str:
    """A bill's own name at this till. Raises BillRefused, also for a certificate scanned at the wrong moment: it is
    worth money and must not stand in a journal.
    """
    bill = typed.strip()
    if looks_like_a_token(bill):
        raise BillRefused("That was a certificate. Type the bill's name here.")
    if not 0 < len(bill) <= 64 or not bill.isprintable():
        raise BillRefused("A bill's name has 1 to 64 characters.")
    return bill


def answer_of(kind: type[Shown], entry: Entry) -> Shown:
    """The stored answer as a value."""
    return shown_as(kind, Answer(entry.status or 200, entry.answer, b"", None))


def _stream(bill: str) -> str:
    return f"bill:{bill}"


def _without_own_ids(body: bytes) -> dict[str, Any]:
    return {name: value for name, value in json.loads(body or b"{}").items() if name not in _OWN_IDS}
