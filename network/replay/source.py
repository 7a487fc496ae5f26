"""The three files together: what refers to what, which certificates are one decision, and the order of it all."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import NamedTuple, TypeAlias, TypeVar

from network.replay.lines import BadLine, FileRefused, check_header, find_file, read_lines
from network.replay.rows import (
    ATTEMPT_COLUMNS,
    CERTIFICATE_COLUMNS,
    PAYMENT_COLUMNS,
    AttemptLine,
    CertificateLine,
    PaidLine,
    Unreadable,
    attempt_of,
    certificate_of,
    payment_of,
)

PAYMENTS, CERTIFICATES, ATTEMPTS = FILES = ("payments", "certificates", "redemption_attempts")
R = TypeVar("R", PaidLine, CertificateLine, AttemptLine)


class Decision(NamedTuple):
    """What one campaign handed out for one payment at one instant: decided at once, or refused at once."""

    lines: list[CertificateLine]

    @property
    def first(self) -> CertificateLine:
        """The others agree with it in payment, campaign, instant, issuer and customer."""
        return self.lines[0]


Entry: TypeAlias = PaidLine | Decision | AttemptLine


@dataclass
class Source:
    """What the files say. `lines`: `{file: number of lines}`, bad ones included."""

    currency: str = ""
    payments: dict[str, PaidLine] = field(default_factory=dict)
    certificates: dict[str, CertificateLine] = field(default_factory=dict)
    decisions: dict[tuple[str, str, datetime], Decision] = field(default_factory=dict)
    attempts: list[AttemptLine] = field(default_factory=list)
    bad: dict[str, list[BadLine]] = field(default_factory=lambda: {name: [] for name in FILES})
    lines: Counter[str] = field(default_factory=Counter)

    @property
    def merchants(self) -> list[str]:
        """Every shop that was paid, handed out, or is named on a certificate."""
        named = {paid.merchant for paid in self.payments.values()}
        return sorted(named.union(*((c.issuer, c.acceptor) for c in self.certificates.values())))

    @property
    def customers(self) -> list[str]:
        """Everybody who paid or got a certificate."""
        paid = {line.customer for line in self.payments.values()}
        return sorted(paid.union(line.customer for line in self.certificates.values()))

    @property
    def pairs(self) -> dict[tuple[str, str], CertificateLine]:
        """`{(issuer, acceptor): their first certificate in the file}`, sorted."""
        firsts: dict[tuple[str, str], CertificateLine] = {}
        for line in self.certificates.values():
            firsts.setdefault((line.issuer, line.acceptor), line)
        return dict(sorted(firsts.items()))

    @property
    def begins_at(self) -> datetime:
        """A second before the first line: when everything that the lines need is set up."""
        return min(entry_at(entry) for entry in self._entries()) - timedelta(seconds=1)

    @property
    def ends_at(self) -> datetime:
        """The last recorded instant."""
        return max(entry_at(entry) for entry in self._entries())

    def in_order(self) -> list[Entry]:
        """By recorded time; at one instant payments, then certificates, then attempts, each as in its file."""
        return sorted(self._entries(), key=entry_at)

    def _entries(self) -> list[Entry]:
        return [*self.payments.values(), *self.decisions.values(), *self.attempts]


def entry_at(entry: Entry) -> datetime:
    """When it was recorded."""
    return entry.first.at if isinstance(entry, Decision) else entry.at


def read_source(folder: Path, *, currency: str | None, now: datetime) -> Source:
    """Read and check all three files; bad lines are set aside. `currency` None: that of most payments.

    Raises: FileRefused when a file or a column is missing, or there is no payment to begin with.
    """
    paths = {name: find_file(folder, name) for name in FILES}
    for name, columns in zip(FILES, (PAYMENT_COLUMNS, CERTIFICATE_COLUMNS, ATTEMPT_COLUMNS), strict=True):
        check_header(paths[name], columns)
    source = Source()
    _read(source, PAYMENTS, paths, PAYMENT_COLUMNS, partial(payment_of, now=now), _keep_payment)
    if not source.payments:
        raise FileRefused(f"{paths[PAYMENTS].name} holds no payment that could be read")
    source.currency = currency or _most_common(paid.currency for paid in source.payments.values())
    _read(source, CERTIFICATES, paths, CERTIFICATE_COLUMNS, partial(certificate_of, now=now), _keep_certificate)
    _read(source, ATTEMPTS, paths, ATTEMPT_COLUMNS, partial(attempt_of, now=now), _keep_attempt)
    return source


def _read(
    source: Source,
    name: str,
    paths: dict[str, Path],
    columns: tuple[str, ...],
    parse: Callable[[int, tuple[str, ...]], R],
    keep: Callable[[Source, R], None],
) -> None:
    for read in read_lines(paths[name], columns):
        source.lines[name] += 1
        if isinstance(read, BadLine):
            source.bad[name].append(read)
            continue
        try:
            keep(source, parse(read.number, read.fields))
        except Unreadable as problem:
            source.bad[name].append(BadLine(paths[name].name, read.number, str(problem)))


def _keep_payment(source: Source, line: PaidLine) -> None:
    earlier = source.payments.setdefault(line.ref, line)
    if earlier is not line:
        raise Unreadable(f"payment_ref {line.ref!r} is already on line {earlier.number}")


def _keep_certificate(source: Source, line: CertificateLine) -> None:
    if line.ref in source.certificates:
        raise Unreadable(f"certificate_ref {line.ref!r} is already on line {source.certificates[line.ref].number}")
    if line.payment not in source.payments:
        raise Unreadable(f"payment_ref {line.payment!r} is on no good line of {PAYMENTS}")
    if line.currency != source.currency:
        raise Unreadable(f"currency is {line.currency!r}, and certificates here are in {source.currency}")
    decision = source.decisions.get((line.payment, line.campaign, line.at))
    if decision is None:
        source.decisions[line.payment, line.campaign, line.at] = Decision([line])
    else:
        first = decision.first
        if (line.issuer, line.customer) != (first.issuer, first.customer):
            raise Unreadable(
                f"issuer and customer_ref differ from line {first.number} of the same payment and campaign"
            )
        decision.lines.append(line)
    source.certificates[line.ref] = line


def _keep_attempt(source: Source, line: AttemptLine) -> None:
    if line.certificate not in source.certificates:
        raise Unreadable(f"certificate_ref {line.certificate!r} is on no good line of {CERTIFICATES}")
    source.attempts.append(line)


def _most_common(values: Iterable[str]) -> str:
    counted = Counter(values)
    return min(counted, key=lambda value: (-counted[value], value))
