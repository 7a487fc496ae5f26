"""What tax asks of a certificate and of each redemption (DOMAIN 8): facts for an accountant, and no advice."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from network.domain.countries import is_country
from network.domain.errors import InvalidTax
from network.domain.postings import Kind, Posting
from network.domain.terms import Terms
from network.domain.units import WHOLE, BasisPoints, Minor, split_by_weights

RATES_MAX = 10


class Instrument(StrEnum):
    """What a certificate is in the eyes of tax law.

    Discount: the acceptor itself lowers its price. Third-party-funded: somebody else pays for what is taken off.
    Single-purpose and multi-purpose voucher: the acceptor takes it in payment; single-purpose if place and rate of all
    that it can buy are known when it is issued.
    """

    DISCOUNT = "discount"
    THIRD_PARTY_FUNDED = "third_party_funded"
    SINGLE_PURPOSE = "single_purpose_voucher"
    MULTI_PURPOSE = "multi_purpose_voucher"


@dataclass(frozen=True, slots=True)
class TaxRecord:
    """Where a partner supplies, and at which rates, from the local day `valid_from` on. `country`: ISO 3166-1."""

    country: str
    rates: tuple[BasisPoints, ...]
    valid_from: str

    def check(self) -> None:
        """Raises: InvalidTax, saying what is wrong."""
        if not is_country(self.country):
            raise InvalidTax(reason=f"{self.country} is not a country of ISO 3166-1, such as LV.")
        if not 1 <= len(self.rates) <= RATES_MAX or len(set(self.rates)) < len(self.rates):
            raise InvalidTax(reason="A shop has one to ten tax rates, each named once.")
        if not all(0 <= rate <= WHOLE for rate in self.rates):
            raise InvalidTax(reason="Tax rates are between 0 and 10 000 basis points.")
        if not _is_day(self.valid_from):
            raise InvalidTax(reason="Tax rates are valid from a day, such as 2026-01-01.")


@dataclass(frozen=True, slots=True)
class IssueTax:
    """What is on record when a certificate is issued. `country`, `rates`: the acceptor's then, None and empty if it has
    told none. `consideration`: what the guest pays for the certificate; zero, since none is sold.
    """

    instrument: Instrument
    country: str | None
    rates: tuple[BasisPoints, ...]
    consideration: Minor = 0


@dataclass(frozen=True, slots=True)
class AtRate:
    """A sum, tax included, at one rate. `rate` None: nobody told at which."""

    rate: BasisPoints | None
    amount: Minor


@dataclass(frozen=True, slots=True)
class Supply:
    """What the acceptor supplied for the deducted value, gross, though it is paid net; `funded`: others pay of it.

    `parts` add up to the deduction. Its day and value are those of the redemption.
    """

    instrument: Instrument
    country: str | None
    funded: Minor
    parts: tuple[AtRate, ...]


def issue_tax(terms: Terms, seller: TaxRecord | None) -> IssueTax:
    """What a certificate under these terms is, given what its acceptor has on record that day."""
    country, rates = (seller.country, seller.rates) if seller else (None, ())
    return IssueTax(_instrument(terms, seller), country, rates)


def supply_of(
    tax: IssueTax,
    terms: Terms,
    seller: TaxRecord | None,
    *,
    deducted: Minor,
    postings: Iterable[Posting],
    sold: Sequence[AtRate],
) -> Supply:
    """The supply behind a deduction; `sold` is the bill by rate, as the till has told it, or empty."""
    funded = sum(posting.amount for posting in postings if posting.kind is Kind.VALUE)
    rate = _only_rate(terms, seller)
    if sold:
        shares = split_by_weights(deducted, [part.amount for part in sold])
        parts = tuple(AtRate(part.rate, share) for part, share in zip(sold, shares, strict=True) if share)
    else:
        parts = (AtRate(rate, deducted),)
    return Supply(tax.instrument, seller.country if seller else tax.country, funded, parts)


def check_sold(sold: Sequence[AtRate], seller: TaxRecord | None, bill: Minor | None) -> None:
    """Whether a bill by rate can be true. Raises: InvalidTax."""
    if not sold:
        return
    rates = [part.rate for part in sold]
    if seller is None:
        raise InvalidTax(reason="This shop has no tax rates on record. Record them first, or leave the rates out.")
    if len(set(rates)) < len(rates) or not set(rates) <= set(seller.rates):
        raise InvalidTax(reason="A bill is split by this shop's own tax rates, each named once.")
    if any(part.amount < 0 for part in sold) or sum(part.amount for part in sold) != bill:
        raise InvalidTax(reason="The parts of a bill by tax rate add up to the bill.")


def taken_back(left: Sequence[AtRate], part: Minor) -> tuple[AtRate, ...]:
    """How `part` of a supply comes back, in proportion to what is left of it at each rate; never more than is left."""
    if not left:
        return ()
    shares = split_by_weights(part, [one.amount for one in left])
    return tuple(AtRate(one.rate, share) for one, share in zip(left, shares, strict=True) if share)


def less(left: Sequence[AtRate], back: Sequence[AtRate]) -> tuple[AtRate, ...]:
    """What is left of a supply."""
    by_rate = {one.rate: one.amount for one in back}
    rest = (AtRate(one.rate, one.amount - by_rate.get(one.rate, 0)) for one in left)
    return tuple(one for one in rest if one.amount)


def tax_within(gross: Minor, rate: BasisPoints) -> Minor:
    """The tax that a sum contains at this rate, rounded half-up, so the state keeps the remainder; odd in its sign."""
    tax = (2 * abs(gross) * rate + WHOLE + rate) // (2 * (WHOLE + rate))
    return tax if gross >= 0 else -tax


def _instrument(terms: Terms, seller: TaxRecord | None) -> Instrument:
    if terms.use.as_payment:
        known = seller is not None and _only_rate(terms, seller) is not None
        return Instrument.SINGLE_PURPOSE if known else Instrument.MULTI_PURPOSE
    others = terms.funding.issuer + terms.funding.pool
    return Instrument.THIRD_PARTY_FUNDED if others else Instrument.DISCOUNT


def _only_rate(terms: Terms, seller: TaxRecord | None) -> BasisPoints | None:
    """The rate of everything that it can be used for, if there is but one, and the acceptor has it."""
    if seller is None:
        return None
    if terms.use.tax_rate is not None:
        return terms.use.tax_rate if terms.use.tax_rate in seller.rates else None
    return seller.rates[0] if len(seller.rates) == 1 else None


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
