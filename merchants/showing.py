"""What came of a cashier's step, in words and pictures, where the shop is: its currency, its clock, its paper."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from merchants.amounts import format_amount
from merchants.answers import CertificateShown, Option, Proposal, Reason, Redeemed, Refunded
from merchants.entries import Entry
from merchants.errors import NoDecision
from merchants.printing import link_of, qr_png, receipt
from merchants.screen import Screen
from merchants.till import Place, answer_of

_INSTANT = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}) \(UTC\)")

_NAMES = {
    "record_payment": "payment",
    "issue_certificates": "certificates",
    "redeem": "redemption",
    "reverse_redemption": "undoing a redemption",
    "refund": "refund",
}


@dataclass(frozen=True, slots=True)
class Papers:
    """Files that a certificate is written to beside the screen: its QR, and the receipt's words."""

    png: Path | None = None
    receipt: Path | None = None


NO_PAPERS = Papers()


class Showing:
    """Knows the place, asks nothing of the network."""

    def __init__(self, screen: Screen, place: Place, *, base_url: str, paper: int) -> None:
        self.screen = screen
        self.place = place
        self._base_url = base_url
        self._paper = paper

    def money(self, amount: int) -> str:
        """An amount with its currency."""
        return format_amount(amount, self.place.currency)

    def local(self, at: datetime) -> str:
        """An instant where the shop is; only the time when it is recent."""
        local = at.astimezone(ZoneInfo(self.place.time_zone))
        recent = datetime.now(local.tzinfo) - local < timedelta(hours=20)
        return f"{local:%H:%M}" if recent else f"{local:%d.%m. %H:%M}"

    def named(self, entry: Entry) -> str:
        """A command in a few words."""
        amount = entry.note.get("amount") or entry.note.get("total")
        money = f", {self.money(amount)}" if amount else ""
        return f"{_NAMES.get(entry.name, entry.name)} of bill {entry.note.get('bill', '?')}{money}"

    def option(self, option: Option) -> str:
        """A choice in one line."""
        stock = "" if option.left is None else f" ({option.left} left)"
        face = "" if option.face is None else f"{self.money(option.face)} at "
        return f"{face}{option.acceptor_name}{stock}{'' if option.fits else f' - not now: {option.reason}'}"

    def proposal(self, proposal: Proposal) -> None:
        """What the network drew, and why."""
        drawn = proposal.certificate
        if drawn is not None:
            self.screen.say(f"  Proposed: {self.money(drawn.face)} at {drawn.acceptor_name}")
        self.screen.say(f"  {proposal.reason.detail}")

    def spoken(self, sentence: str) -> str:
        """The network's sentence with its instants where the shop is."""

        def local(found: re.Match[str]) -> str:
            at = datetime.fromisoformat(f"{found[1]}+00:00")
            return f"{at.astimezone(ZoneInfo(self.place.time_zone)):%d.%m.%Y %H:%M}"

        return _INSTANT.sub(local, sentence)

    def redeemed(self, entry: Entry, *more: str) -> None:
        """What the guest still pays."""
        redeemed = answer_of(Redeemed, entry)
        bill, total = entry.note["bill"], entry.note["total"]
        to_pay = redeemed.to_pay if redeemed.to_pay is not None else total - redeemed.deducted
        left = f"{self.money(redeemed.outstanding)} stays on the certificate."
        self.screen.ok(
            f"TO PAY {self.money(to_pay)}",
            f"{self.money(redeemed.deducted)} off bill {bill} of {self.money(total)}.",
            *([left] if redeemed.outstanding else []),
            *more,
        )

    def refunded(self, entry: Entry, papers: Papers = NO_PAPERS) -> None:
        """The cash that goes back, and new certificates."""
        refunded = answer_of(Refunded, entry)
        notes = [f"{len(refunded.revoked)} unused certificates given for this bill were cancelled."]
        notes = [f"For bill {entry.note['bill']}.", *(notes if refunded.revoked else [])]
        self.screen.ok(f"GIVE BACK {self.money(refunded.cash)}", *notes)
        if refunded.certificates:
            self.certificates(refunded.certificates, papers)

    def refused(self, entry: Entry, *more: str) -> None:
        """The network's sentence."""
        told = entry.answer or {}
        self.screen.no(self.spoken(str(told.get("detail", "This cannot be done."))), *more)

    def no_answer_to_redemption(self, trouble: NoDecision, total: int) -> None:
        """Whether anything was sent decides what the cashier may do now."""
        if not trouble.may_have_arrived:
            self.screen.no("NOT DEDUCTED", trouble.detail, f"The bill stays {self.money(total)}. Nothing was sent.")
            return
        self.screen.wait(
            "NO ANSWER: DO NOT DEDUCT YET",
            trouble.detail,
            "Scan the same certificate for the same bill again to get the answer.",
            f"Or take the whole {self.money(total)}: the redemption is undone in 5 minutes, or when the bill is paid.",
        )

    def certificates(
        self, certificates: Sequence[CertificateShown], papers: Papers, *, reason: Reason | None = None
    ) -> None:
        """Each certificate's words, QR and typed code, and the files that were asked for. `reason`: of the draw."""
        why = [reason.detail] if reason else []
        if not certificates:
            self.screen.ok("NO CERTIFICATE GIVEN", *(why or ["That is on record for this bill."]))
            return
        self.screen.ok(f"CERTIFICATES GIVEN: {len(certificates)}", *why)
        for number, one in enumerate(certificates):
            words = receipt(one, time_zone=self.place.time_zone, paper=self._paper)
            self.screen.say(words)
            if one.token is not None:
                link = link_of(one, self._base_url)
                self.screen.qr(link)
                _write(papers.png, number, lambda link=link: qr_png(link), self.screen)  # type: ignore[misc]
            _write(papers.receipt, number, lambda words=words: f"{words}\n".encode(), self.screen)  # type: ignore[misc]


def _write(path: Path | None, number: int, content: Callable[[], bytes], screen: Screen) -> None:
    """A second certificate of one bill goes into FILE-2."""
    if path is None:
        return
    named = path if number == 0 else path.with_stem(f"{path.stem}-{number + 1}")
    try:
        named.write_bytes(content())
    except OSError as problem:
        screen.no(f"{named} COULD NOT BE WRITTEN", f"{problem.strerror}. It can be printed again: print --bill REF")
    else:
        screen.say(f"Written: {named}")
