"""A cashier's steps: ask the till, show what came of it, and say so once the cashier has seen it.

Each step returns an exit code: 0 done, 1 refused, 3 not answered (kept safe where it may wait).
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from merchants.answers import Issued, Option, PaymentRecorded, Redeemed
from merchants.delivery import Delivery
from merchants.entries import Entry
from merchants.errors import NoDecision, Refused
from merchants.offline import Offline, OnlineOnly
from merchants.printing import COLUMNS, last_day
from merchants.report import bounds_of, day_report, report_text
from merchants.scanner import Copy
from merchants.screen import Screen
from merchants.showing import NO_PAPERS, Papers, Showing
from merchants.till import UNDO_AFTER, Place, Till, answer_of
from merchants.token import TokenRefused

DONE, REFUSED, USAGE, NETWORK_DOWN = 0, 1, 2, 3


class Counter:
    """One till and one screen."""

    def __init__(
        self, till: Till, screen: Screen, place: Place, *, paper: int = 80, without_network: Offline | None = None
    ) -> None:
        self.till = till
        self.without_network = without_network
        self.screen = screen
        self.showing = Showing(screen, place, base_url=till.client.transport.base_url, paper=paper)
        self.place = place
        self.paper = paper
        self._told: set[str] = set()

    def pay(self, *, bill: str, amount: int, customer_id: UUID | None = None) -> tuple[int, tuple[Option, ...]]:
        """Record a paid bill and show what could be given for it."""
        entry = self.till.pay(bill=bill, amount=amount, currency=self.place.currency, customer_id=customer_id)
        code = self._unless_answered(entry, f"bill {bill}")
        if code is not None:
            return code, ()
        paid = answer_of(PaymentRecorded, entry)
        less = f"{self.showing.money(paid.deducted)} by certificate, {self.showing.money(paid.paid)} in money."
        self.screen.ok(f"BILL {bill} PAID: {self.showing.money(paid.amount)}", *([less] if paid.deducted else []))
        self.till.outbox.mark_shown(entry.key)
        try:
            options = self.options(bill=bill)
            if any(option.fits for option in options):
                self.propose(bill=bill)
            return DONE, options
        except (NoDecision, Refused) as trouble:
            self.screen.say(f"What can be given is not known now: {trouble.detail}")
            return DONE, ()

    def propose(self, *, bill: str) -> None:
        """Say what the network draws for a bill, and why. Raises: NotHere, NoDecision, Refused."""
        self.showing.proposal(self.till.proposal(bill=bill))

    def options(self, *, bill: str) -> tuple[Option, ...]:
        """List what could be given for a bill. Raises: NotHere, NoDecision, Refused."""
        options = self.till.options(bill=bill)
        reasons = {option.reason for option in options}
        if len(reasons) == 1 and None not in reasons:  # one sentence for all of them, not one for each
            self.screen.say(f"Nothing to give for this bill: {reasons.pop()}")
            return options
        for number, option in enumerate(options, 1):
            self.screen.say(f"  {number}. {self.showing.option(option)}")
        if not any(option.fits for option in options):
            self.screen.say("No certificate fits this bill.")
        return options

    def issue(
        self,
        *,
        bill: str,
        numbers: Sequence[int],
        holder_id: UUID | None = None,
        papers: Papers = NO_PAPERS,
        override_reason: str | None = None,
    ) -> int:
        """Hand out the options with these numbers; none is a decision too."""
        options = self.till.remembered_options(bill=bill) if numbers else ()
        if any(not 1 <= number <= len(options) for number in numbers):
            self.screen.no("NO SUCH CHOICE", f"There are {len(options)} choices for bill {bill}.")
            return USAGE
        chosen = [options[number - 1] for number in numbers]
        entry = self.till.issue(bill=bill, options=chosen, holder_id=holder_id, override_reason=override_reason)
        return self._issued(entry, bill, papers)

    def issue_drawn(self, *, bill: str, holder_id: UUID | None = None, papers: Papers = NO_PAPERS) -> int:
        """Hand out what the network draws: one certificate, or none this time."""
        return self._issued(self.till.issue_drawn(bill=bill, holder_id=holder_id), bill, papers)

    def _issued(self, entry: Entry, bill: str, papers: Papers) -> int:
        code = self._unless_answered(entry, f"certificates for bill {bill}")
        if code is not None:
            return code
        issued = answer_of(Issued, entry)
        self.showing.certificates(issued.certificates, papers, reason=issued.reason)
        self.till.outbox.mark_shown(entry.key)
        return DONE

    def print_again(self, *, bill: str, papers: Papers = NO_PAPERS) -> int:
        """The certificates of a bill once more."""
        self.showing.certificates(self.till.issued_again(bill=bill).certificates, papers)
        return DONE

    def check(self, copy: Copy) -> int:
        """What a copy is worth here, without using it."""
        worth = self.till.present(copy)
        if not worth.counts:
            told = str((worth.refusal or {}).get("detail", "This certificate does not count here."))
            self.screen.no(self.showing.spoken(told))
            return REFUSED
        lines = [f"Last day {last_day(worth.expires_at, self.place.time_zone)}."]
        if worth.smallest_bill:
            lines.append(f"For bills from {self.showing.money(worth.smallest_bill)}.")
        self.screen.ok(f"WORTH {self.showing.money(worth.outstanding or 0)}", *lines)
        return DONE

    def redeem(self, *, copy: Copy, bill: str, total: int, amount: int | None = None) -> int:
        """Take a certificate off a bill."""
        try:
            entry = self.till.redeem(copy=copy, bill=bill, total=total, amount=amount)
        except NoDecision as trouble:
            if not trouble.may_have_arrived and copy.token is not None and self.without_network is not None:
                return self._take_without_network(copy.token, bill, total, amount)
            self.showing.no_answer_to_redemption(trouble, total)
            return NETWORK_DOWN
        if entry.state == "refused":
            self._refused(entry, f"Bill {bill} stays {self.showing.money(total)}.")
            return REFUSED
        self.showing.redeemed(entry)
        self.till.outbox.mark_shown(entry.key)
        return DONE

    def _take_without_network(self, scanned: str, bill: str, total: int, amount: int | None) -> int:
        assert self.without_network is not None, "asked for only where there is one"
        try:
            taken = self.without_network.take(scanned=scanned, bill_reference=bill, bill=total, amount=amount)
        except (OnlineOnly, TokenRefused) as refused:
            whole = f"The bill stays {self.showing.money(total)}."
            self.screen.no("NOT DEDUCTED, NO NETWORK", str(refused), whole)
            return REFUSED
        waiting = len(self.without_network.taken(waiting=True))
        self.screen.ok(
            f"TAKEN WITHOUT THE NETWORK: {self.showing.money(taken.amount)}",
            f"Still to pay: {self.showing.money(total - taken.amount)}.",
            f"To deliver when the network is back: {waiting}. Type: till offline deliver",
        )
        return DONE

    def offline(self, *, step: str | None) -> int:
        """Prepare for a day without the network, deliver what was taken without it, or say what still waits."""
        if self.without_network is None:
            self.screen.no("This till takes nothing without the network.")
            return REFUSED
        if step == "prepare":
            self.without_network.prepare()
            self.screen.ok("READY FOR A DAY WITHOUT THE NETWORK")
        if step == "deliver":
            for one in self.without_network.deliver():
                self.screen.say(f"  {one['sequence']}  {self.showing.money(one['amount'])}  {one['detail']}")
            self.without_network.prepare()
        waiting = self.without_network.taken(waiting=True)
        for taken in waiting:
            when = self.showing.local(taken.taken_at)
            self.screen.say(f"  {taken.sequence}  {when}  {self.showing.money(taken.amount)}  {taken.bill_reference}")
        self.screen.say(f"Still to deliver: {len(waiting)}." if waiting else "Nothing is still to deliver.")
        return NETWORK_DOWN if waiting and step == "deliver" else DONE

    def reverse(self, *, redemption_id: str | None, bill: str | None, reason: str) -> int:
        """Undo a redemption."""
        entry = self.till.reverse(redemption_id=redemption_id, bill=bill, reason=reason)
        code = self._unless_answered(entry, f"undoing on bill {entry.note['bill']}")
        if code is not None:
            return code
        undone = answer_of(Redeemed, entry)
        self.screen.ok(
            f"UNDONE: {self.showing.money(undone.deducted)}",
            f"Bill {entry.note['bill']} is whole again. The certificate has {self.showing.money(undone.outstanding)}.",
        )
        self.till.outbox.mark_shown(entry.key)
        return DONE

    def refund(self, *, bill: str, amount: int, papers: Papers = NO_PAPERS) -> int:
        """Give a bill, or part of it, back."""
        entry = self.till.refund(bill=bill, amount=amount, currency=self.place.currency)
        code = self._unless_answered(entry, f"refund of bill {bill}")
        if code is not None:
            return code
        self.showing.refunded(entry, papers)
        self.till.outbox.mark_shown(entry.key)
        return DONE

    def report(self, *, day: date | None = None) -> int:
        """The day at this till."""
        on = day or datetime.now(ZoneInfo(self.place.time_zone)).date()
        since, until = bounds_of(on, self.place.time_zone)
        report = day_report(self.till.outbox.entries(since=since, until=until), day=on, currency=self.place.currency)
        self.screen.say(report_text(report, width=COLUMNS[self.paper]))
        return DONE

    def outbox(self, *, deliver: bool) -> int:
        """What waits for the network; with `deliver`, send it now."""
        if deliver:
            if self.without_network is not None and self.without_network.taken(waiting=True):
                self.offline(step="deliver")  # before the payments of the same bills
            self.till.outbox.make_due()
            answered, problem = Delivery(self.till.outbox, self.till.client).everything_due()
            self.screen.say(f"Delivered: {answered}.{f' {problem}' if problem else ''}")
            self.news()
        waiting = self.till.waiting()
        for entry in waiting:
            tried = f"{entry.attempts} tries. {entry.problem or ''}".rstrip()
            self.screen.say(f"  {self.showing.local(entry.made_at)}  {self.showing.named(entry)}  {tried}")
        if not waiting:
            self.screen.say("Nothing waits for the network.")
        return NETWORK_DOWN if waiting and deliver else DONE

    def news(self, *, but_bill: str | None = None) -> None:
        """Tell what was answered while nobody looked. `but_bill` is about to be asked for again, and told then."""
        for entry in self.till.news():
            if entry.note.get("bill") == but_bill or entry.key in self._told:
                continue
            self._told.add(entry.key)
            if self._tell(entry):
                self.till.outbox.mark_shown(entry.key)

    def _tell(self, entry: Entry) -> bool:
        """Whether the cashier need not be able to ask for it again."""
        bill = entry.note.get("bill")
        if entry.state == "refused":
            self._refused(entry, f"{self.showing.named(entry)}, sent {self.showing.local(entry.made_at)}.")
        elif entry.name == "issue_certificates":
            self.screen.say(f"Ready: certificates for bill {bill}. They can be printed now.")
        elif entry.name == "redeem" and self.till.is_reversed(entry):
            self.screen.say(f"Bill {bill}: a redemption without an answer is undone.")
        elif entry.name == "redeem":
            self.showing.redeemed(
                entry, f"This answer came at {self.showing.local(entry.answered_at or entry.made_at)}."
            )
            # The cashier may scan once more instead of reading this, and must not be told that it was used.
            return datetime.now(UTC) - entry.made_at > timedelta(seconds=UNDO_AFTER)
        elif entry.name == "refund":
            self.showing.refunded(entry)
        else:
            self.screen.say(f"Delivered: {self.showing.named(entry)}, {self.showing.local(entry.made_at)}.")
        return True

    def _unless_answered(self, entry: Entry, what: str) -> int | None:
        if entry.state == "waiting":
            self.screen.wait(f"SAVED: {what}", entry.problem or "", "It goes to the network as soon as it answers.")
            return NETWORK_DOWN
        if entry.state == "refused":
            self._refused(entry)
            return REFUSED
        return None

    def _refused(self, entry: Entry, *more: str) -> None:
        self.showing.refused(entry, *more)
        self.till.outbox.mark_shown(entry.key)
