"""What went from each issuer to each acceptor, and what became of it? By agreement, and summed by pair.

Counts are of certificates, by the state they are in: `issued = active + redeemed + expired + revoked`.
Values add up the same way, with what single-use certificates gave up beside what they paid for:
`issued = active + redeemed + released + expired + revoked`. In detail:

- A redemption moves its `amount` from active to redeemed, and what a single-use certificate gives up to released.
- A reversal moves both back: to active if the certificate is renewed; otherwise the value lapses, to revoked if the
  certificate was revoked, else to expired.
- What a till without a network took in time, and told of after the end, comes back from expired to active first.
- A refund leaves the old certificate redeemed (`refunded` says how much of redeemed came back) and issues another one
  for the part that comes back: it is issued and active like any other, and also counted in `replacements`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import TypeAlias, assert_never
from uuid import UUID

from psycopg import Connection

from network.domain.certificate import Certificate, State
from network.projections.projection import Projection
from network.projections.tables import Table, View, select

Reads: TypeAlias = (
    Certificate.Issued
    | Certificate.Claimed
    | Certificate.PassedOn
    | Certificate.Redeemed
    | Certificate.RedemptionReversed
    | Certificate.RedemptionRefunded
    | Certificate.Expired
    | Certificate.ExpiryUndone
    | Certificate.Revoked
)


@dataclass(slots=True)
class Flow:
    """One agreement's figures. `*_count` are certificates or events, `*_value` minor units.

    `used_count`: certificates with a redemption that stands. `expired_unused_count`: of expired, those without one.
    `redemptions_count`: redemptions that stand.
    `claimed_count`, `passed_on_count`, `reversed_count`, `refunds_count`: events. `replacements_*`: of issued.
    """

    agreement_id: UUID
    issuer_id: UUID
    acceptor_id: UUID
    issued_count: int = 0
    issued_value: int = 0
    active_count: int = 0
    active_value: int = 0
    redeemed_count: int = 0
    redeemed_value: int = 0
    released_value: int = 0
    expired_count: int = 0
    expired_value: int = 0
    revoked_count: int = 0
    revoked_value: int = 0
    used_count: int = 0
    expired_unused_count: int = 0
    redemptions_count: int = 0
    claimed_count: int = 0
    passed_on_count: int = 0
    reversed_count: int = 0
    reversed_value: int = 0
    refunds_count: int = 0
    refunded_value: int = 0
    replacements_count: int = 0
    replacements_value: int = 0


@dataclass(slots=True)
class FlowCertificate:
    """What the fold has to remember of a certificate, to know from where a value moves."""

    certificate_id: UUID
    agreement_id: UUID
    issuer_id: UUID
    acceptor_id: UUID
    state: str
    outstanding: int
    redemptions: int


SUMS = tuple(field.name for field in fields(Flow) if field.name.endswith(("_count", "_value")))
FLOWS = Table("flows", Flow, ("agreement_id",), sums=SUMS, indexes=("(issuer_id, acceptor_id)", "(acceptor_id)"))
FLOW_CERTIFICATES = Table("flow_certificates", FlowCertificate, ("certificate_id",))


def fold(facts: Sequence[tuple[int, Reads]], view: View) -> None:
    """Move each certificate's value from one column to the next."""
    touched = {event.originator_id for _, event in facts}
    known = {row.certificate_id: row for row in view.load(FLOW_CERTIFICATES, "certificate_id", touched)}
    flows: dict[UUID, Flow] = {}
    for _, event in facts:
        if isinstance(event, Certificate.Issued):
            known[event.originator_id] = _remembered(event)
        one = known[event.originator_id]
        flow = flows.get(one.agreement_id)
        if flow is None:
            flow = flows[one.agreement_id] = Flow(one.agreement_id, one.issuer_id, one.acceptor_id)
        _count(flow, one, event)
    view.save(FLOW_CERTIFICATES, known.values())
    view.save(FLOWS, flows.values())


def _remembered(event: Certificate.Issued) -> FlowCertificate:
    return FlowCertificate(
        event.originator_id, event.origin.agreement_id, event.issuer_id, event.acceptor_id, "", event.face, 0
    )


def _count(flow: Flow, one: FlowCertificate, event: Reads) -> None:
    match event:
        case Certificate.Issued():
            flow.issued_count += 1
            flow.issued_value += event.face
            flow.active_value += event.face
            if event.origin.replaces_id is not None:
                flow.replacements_count += 1
                flow.replacements_value += event.face
            _become(flow, one, State.ACTIVE)
        case Certificate.Claimed():
            flow.claimed_count += 1
        case Certificate.PassedOn():
            flow.passed_on_count += 1
        case Certificate.Redeemed():
            _redeem(flow, one, event)
        case Certificate.RedemptionReversed():
            _reverse(flow, one, event)
        case Certificate.RedemptionRefunded():
            flow.refunds_count += 1
            flow.refunded_value += event.amount
        case Certificate.Expired():
            flow.expired_value += one.outstanding
            flow.expired_unused_count += one.redemptions == 0
            _end(flow, one, State.EXPIRED)
        case Certificate.ExpiryUndone():
            flow.expired_value -= event.amount
            flow.expired_unused_count -= one.state == State.EXPIRED and one.redemptions == 0
            flow.active_value += event.amount
            one.outstanding += event.amount
            _become(flow, one, State.ACTIVE)
        case Certificate.Revoked():
            flow.revoked_value += one.outstanding
            _end(flow, one, State.REVOKED)
        case _:
            assert_never(event)


def _redeem(flow: Flow, one: FlowCertificate, event: Certificate.Redeemed) -> None:
    flow.redemptions_count += 1
    flow.used_count += one.redemptions == 0
    one.redemptions += 1
    flow.redeemed_value += event.amount
    flow.released_value += event.released
    flow.active_value -= event.amount + event.released
    one.outstanding -= event.amount + event.released
    if one.outstanding == 0:
        _become(flow, one, State.REDEEMED)


def _reverse(flow: Flow, one: FlowCertificate, event: Certificate.RedemptionReversed) -> None:
    flow.reversed_count += 1
    flow.reversed_value += event.amount
    flow.redemptions_count -= 1
    one.redemptions -= 1
    flow.used_count -= one.redemptions == 0
    flow.redeemed_value -= event.amount
    flow.released_value -= event.released
    restored = event.amount + event.released
    if event.renewed:
        flow.active_value += restored
        one.outstanding += restored
        _become(flow, one, State.ACTIVE)
    elif one.state == State.REVOKED:
        flow.revoked_value += restored
    else:
        flow.expired_value += restored
        if one.state == State.REDEEMED:
            _become(flow, one, State.EXPIRED)
        if one.state == State.EXPIRED:
            flow.expired_unused_count += one.redemptions == 0


def _end(flow: Flow, one: FlowCertificate, state: State) -> None:
    flow.active_value -= one.outstanding
    one.outstanding = 0
    _become(flow, one, state)


def _become(flow: Flow, one: FlowCertificate, state: State) -> None:
    if one.state:
        setattr(flow, f"{one.state}_count", getattr(flow, f"{one.state}_count") - 1)
    setattr(flow, f"{state.value}_count", getattr(flow, f"{state.value}_count") + 1)
    one.state = state.value


PROJECTION = Projection("flows", Reads, (FLOW_CERTIFICATES, FLOWS), fold)


def by_agreement(connection: Connection, schema: str, merchant_id: UUID | None = None) -> list[Flow]:
    """The figures of each agreement; with `merchant_id` only those that name it."""
    if merchant_id is None:
        return select(connection, schema, FLOWS, "ORDER BY issuer_id, acceptor_id, agreement_id")
    rest = "WHERE issuer_id = %s OR acceptor_id = %s ORDER BY issuer_id, acceptor_id, agreement_id"
    return select(connection, schema, FLOWS, rest, [merchant_id, merchant_id])


def of_agreement(connection: Connection, schema: str, agreement_id: UUID) -> Flow | None:
    """One agreement's figures; None while nothing was issued under it."""
    return next(iter(select(connection, schema, FLOWS, "WHERE agreement_id = %s", [agreement_id])), None)
