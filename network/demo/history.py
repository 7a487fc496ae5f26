"""The demo's past: weeks of ordinary trade that end on the day before it was founded, told through real commands."""

import random
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from network.application import Answer, Application
from network.application.imports import Imported
from network.demo import OPEN_DAYS
from network.demo.closing import TERMS
from network.demo.guests import Guests
from network.demo.street import AGREEMENTS, MARGINS, RULES, Agreed, Shop, asked, id_of
from network.domain.draw import Rules, Standing
from network.domain.payment import payment_id_of

SEED: Final = 20_171

_OFFERED: Final = 0.75
"""The part of bills that a certificate fits at which the cashier thinks of it."""
_THOUGHT_OF: Final = 0.6
"""The part of guests who come anyway and remember the certificate that they have."""
_LARGEST_FACE: Final = 700


@dataclass(frozen=True)
class _Held:
    """A certificate that its guest has not used."""

    certificate_id: UUID
    agreed: Agreed
    expires_at: datetime


@dataclass(frozen=True)
class _Drawn:
    """A bill of today for which the network is choosing a neighbour."""

    name: str
    guest: int
    shop: Shop
    bill: int
    at: datetime
    answer: Future[Answer]


class History:
    """`days` of trade before `ends_at`, an instant of the day on which the demo was founded.

    Each command has its own key, so a first start that was cut off goes on where it stood.
    """

    def __init__(self, application: Application, *, ends_at: datetime, days: int) -> None:
        self._application = application
        self._days = days
        self._opens = ends_at.replace(hour=7, minute=0, second=0, microsecond=0) - timedelta(days=days)
        self._random = random.Random(SEED)  # noqa: S311  invented guests need no secrecy
        self._guests = Guests(SEED)
        self._known: set[int] = set()
        self._held: dict[tuple[int, Shop], _Held] = {}
        self._unused: dict[UUID, datetime] = {}
        """When each certificate ends that nobody has used."""
        self._answers: list[Future[Answer]] = []

    def trade(self, told: Callable[[int], None] = lambda day: None) -> None:
        """Run all days, and tell how many are over. A guest uses what is drawn today on another day, so that a day's
        draws can go together.
        """
        for shop, rules in RULES.items():
            request = asked(f"rules {shop.name}", self._opens)
            self._do(self._application.set_draw_rules(request=request, merchant_id=shop.id, rules=rules, by="owner"))
        for shop, margin in MARGINS.items():
            request = asked(f"margin {shop.name}", self._opens)
            self._do(self._application.set_margin(request=request, merchant_id=shop.id, margin=margin))
        for day in range(self._days):
            self._expire(self._opens + timedelta(days=day))
            if day == self._days - OPEN_DAYS:
                request = asked("cut window 1", self._opens + timedelta(days=day))
                self._do(self._application.cut_window(request=request, number=1, terms=TERMS))
            for drawn in self._trade_on(day):
                self._hand_out(drawn, day)
            self._finish()
            told(day + 1)
        for shop, rules in RULES.items():
            request = asked(f"rules {shop.name} since", self._opens + timedelta(days=self._days - 1, hours=14))
            since = replace(rules, neutral=Rules().neutral)
            self._do(self._application.set_draw_rules(request=request, merchant_id=shop.id, rules=since, by="owner"))
        self._finish()

    def _expire(self, now: datetime) -> None:
        """What the network's own job would have written down in the night."""
        for certificate_id in [one for one, ends_at in self._unused.items() if ends_at <= now]:
            request = asked(f"expire {certificate_id}", self._unused.pop(certificate_id))
            self._do(self._application.expire_certificate(request=request, certificate_id=certificate_id))

    def _trade_on(self, day: int) -> list[_Drawn]:
        coming = self._guests.visits(day)
        minutes = sorted(self._random.randint(0, 12 * 60) for _ in coming)
        drawn = []
        for number, ((guest, shop, brought), minute) in enumerate(zip(coming, minutes, strict=True)):
            at = self._opens + timedelta(days=day, minutes=minute)
            one = self._visit(f"{day + 1}-{number + 1}", guest, shop, at, brought=brought)
            drawn += [one] if one else []
        return drawn

    def _visit(self, name: str, guest: int, shop: Shop, at: datetime, *, brought: bool) -> _Drawn | None:
        """A bill, perhaps with a certificate; the draw for it, if the cashier thinks of it and something fits."""
        self._open_wallet(guest, at)
        bill = self._random.randint(*shop.bill) // 10 * 10
        held = self._held.get((guest, shop))
        if held is not None and brought:  # who comes for it sees to it that the bill is large enough
            bill = max(bill, held.agreed.terms.smallest_bill_to_redeem)
        if held is not None and (self._random.random() < _THOUGHT_OF or brought):
            self._redeem(name, guest, held, bill, at)
        self._do(
            self._application.record_payment(
                request=asked(f"payment {name}", at),
                merchant_id=shop.id,
                bill_reference=f"D{name}",
                amount=bill,
                currency="EUR",
                customer_id=id_of(f"guest {guest}"),
                imported=True,
            )
        )
        offered = self._random.random() < _OFFERED
        return self._draw(name, guest, shop, bill, at) if offered and _fits(shop, bill) else None

    def _draw(self, name: str, guest: int, shop: Shop, bill: int, at: datetime) -> _Drawn:
        """No views are there yet that the network could ask how partners stand, so all stand alike."""
        mine = tuple(one.id for one in AGREEMENTS if one.issuer is shop)
        answer = self._application.propose_certificate(
            request=asked(f"draw {name}", at + timedelta(minutes=1)),
            merchant_id=shop.id,
            payment_id=payment_id_of(shop.id, f"D{name}"),
            standing=Standing(seen_at=0, agreements=mine),
        )
        return _Drawn(name, guest, shop, bill, at, answer)

    def _hand_out(self, drawn: _Drawn, day: int) -> None:
        """What was drawn, as an import, since no key of today may sign for the past; or nothing."""
        certificate = drawn.answer.result().facts()["certificate"]
        if not isinstance(certificate, dict):
            return
        agreed = next(one for one in AGREEMENTS if str(one.id) == str(certificate["agreement_id"]))
        expires_at = agreed.terms.expires_at(drawn.at, "Europe/Riga")
        one = Imported(id_of(f"certificate {drawn.name}"), agreed.id, agreed.terms.face.of(drawn.bill), expires_at)
        self._do(
            self._application.import_certificates(
                request=asked(f"issue {drawn.name}", drawn.at + timedelta(minutes=1)),
                merchant_id=drawn.shop.id,
                payment_id=payment_id_of(drawn.shop.id, f"D{drawn.name}"),
                campaign="",
                holder_id=id_of(f"guest {drawn.guest}"),
                certificates=(one,),
            )
        )
        self._unused[one.certificate_id] = expires_at
        self._held[drawn.guest, agreed.acceptor] = _Held(one.certificate_id, agreed, expires_at)
        valid_days = (expires_at - drawn.at).days
        self._guests.give(drawn.guest, drawn.shop, agreed.acceptor, day=day, valid_days=valid_days)

    def _redeem(self, name: str, guest: int, held: _Held, bill: int, at: datetime) -> None:
        if at >= held.expires_at or bill < held.agreed.terms.smallest_bill_to_redeem:
            return
        del self._held[guest, held.agreed.acceptor]
        self._unused.pop(held.certificate_id)
        self._do(
            self._application.redeem_certificate(
                request=asked(f"redeem {name}", at),
                certificate_id=held.certificate_id,
                epoch=0,
                redemption_id=id_of(f"redemption {name}"),
                acceptor_id=held.agreed.acceptor.id,
                bill_reference=f"D{name}",
                bill=bill,
            )
        )

    def _open_wallet(self, guest: int, at: datetime) -> None:
        if guest not in self._known:
            self._known.add(guest)
            request = asked(f"wallet {guest}", at)
            self._do(self._application.open_wallet(request=request, wallet_id=id_of(f"guest {guest}")))

    def _do(self, answer: Future[Answer]) -> None:
        self._answers.append(answer)

    def _finish(self) -> None:
        """What was refused is a mistake of the demo's."""
        for answer in self._answers:
            answer.result().facts()
        self._answers.clear()


def _fits(shop: Shop, bill: int) -> bool:
    """Whether some neighbour's certificate does, whatever part of the bill a certificate of today paid."""
    return any(one.issuer is shop and bill - _LARGEST_FACE >= one.terms.smallest_bill_to_issue for one in AGREEMENTS)
