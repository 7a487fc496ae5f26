"""Makes the lines of a window again, from the terms in the certificates and what happened to them."""

from dataclasses import dataclass, field

from merchants.statements.archive import Archive, Event, Facts
from merchants.statements.rules import Entry, Sides, redemption, refund
from merchants.statements.supplies import NOTHING, Part, Supply, less, parts_of, problems, shared, told

_SAYS = {"Certificate.Redeemed": "redeemed", "Certificate.RedemptionReversed": "reversed"}
_UNSAID = {
    "campaign_id": None,
    "offline_ceiling": 0,
    "use": {"as_payment": False, "tax_rate": None},
    "offline_liability": "acceptor",
}
"""What terms amount to that were written before these fields were."""
CONFLICTED = "Certificate.OfflineConflicted"
OWN_FAULTS = frozenset(
    "taken_twice unknown_epoch taken_after_expiry taken_before_issue proof_missing proof_invalid proof_stale"
    " bill_too_small_to_redeem more_than_the_bill insufficient_balance".split()
)
"""What a till could have seen itself; such a loss is always its own shop's."""
_OWED = ("value", "commission", "fee", "adjustment")
_DECIDED = {
    "Dispute.Upheld": "dispute_upheld",
    "Dispute.Rejected": "dispute_rejected",
    "Default.Recovered": "recovered",
}


@dataclass(slots=True)
class Redeemed:
    """One redemption so far."""

    facts: Facts
    position: int
    entries: list[Entry]
    rewarded: bool
    supply: Supply
    left: tuple[Part, ...]
    stands: bool = True
    refunded: int = 0


@dataclass(slots=True)
class Certificate:
    """What its events say of it."""

    sides: Sides
    terms: Facts
    redemptions: dict[str, Redeemed] = field(default_factory=dict)
    conflicts: dict[str, Facts] = field(default_factory=dict)

    def bill_of(self, redemption_id: str) -> Facts:
        """The facts of a redemption, or of what a till took without a network and lost."""
        found = self.redemptions.get(redemption_id)
        return found.facts if found is not None else self.conflicts[redemption_id]


@dataclass(frozen=True, slots=True)
class Line:
    """One event with all that it moved; a statement shows of it what is between two."""

    event: Event
    cause: str
    issuer: str
    acceptor: str
    certificate_id: str | None
    redemption_id: str | None
    bill_reference: str | None
    bill: int | None
    deducted: int
    adjusts: int | None
    entries: list[Entry]
    supply: Supply = NOTHING

    def section(self, entry: Entry) -> str:
        """What undoes something of an earlier window is an adjustment."""
        return entry.kind if self.adjusts is None else "adjustment"


def lines_of(archive: Archive) -> list[Line]:
    """Every line of the window, by position. What cannot be followed is a finding."""
    certificates: dict[str, Certificate] = {}
    after, cut = archive.manifest["after_position"], archive.manifest["position"]
    found = []
    for event in archive.events:
        try:
            line = _followed(archive, certificates, event)
        except (LookupError, TypeError, ValueError) as problem:
            archive.find("event", event.position, f"{event.topic} does not fit the events before it: {problem!r}")
            continue
        if line is not None and after < event.position <= cut:
            found.append(line)
    return found


def _followed(archive: Archive, certificates: dict[str, Certificate], event: Event) -> Line | None:
    facts = event.facts
    if event.topic == "Certificate.Issued":
        sides = Sides(facts["issuer_id"], facts["acceptor_id"], facts["coalition_id"])
        certificates[event.id] = Certificate(sides, facts["terms"])
    elif event.topic in ("Certificate.Redeemed", "Certificate.RedemptionReversed", "Certificate.RedemptionRefunded"):
        certificate = certificates[event.id]
        entries = {
            "Certificate.Redeemed": _redeemed,
            "Certificate.RedemptionReversed": _reversed,
            "Certificate.RedemptionRefunded": _refunded,
        }[event.topic](certificate, event)
        _must_be_posted(archive, event, entries)
        return _line(archive, certificate, event, entries)
    elif event.topic == CONFLICTED:
        return _conflicted(archive, certificates[event.id], event)
    elif event.topic in _DECIDED and facts["postings"]:
        return _decided(certificates, event)
    return None


def _redeemed(certificate: Certificate, event: Event) -> list[Entry]:
    facts = event.facts
    if facts["redemption_id"] in certificate.redemptions:
        raise ValueError("the same redemption happens twice")
    first = not any(one.rewarded and one.stands for one in certificate.redemptions.values())
    entries = redemption(certificate.terms, certificate.sides, facts, first=first)
    supply = told(facts)
    certificate.redemptions[facts["redemption_id"]] = Redeemed(
        facts, event.position, entries, rewarded=first, supply=supply, left=supply.parts
    )
    return entries


def _reversed(certificate: Certificate, event: Event) -> list[Entry]:
    original = certificate.redemptions[event.facts["redemption_id"]]
    if not original.stands or original.facts["amount"] != event.facts["amount"]:
        raise ValueError("it undoes another sum, or what does not stand")
    original.stands = False
    return [entry.undone() for entry in original.entries]


def _refunded(certificate: Certificate, event: Event) -> list[Entry]:
    original = certificate.redemptions[event.facts["redemption_id"]]
    part, whole = event.facts["amount"], original.facts["amount"]
    entries = refund(original.entries, part=part, whole=whole, already=original.refunded)
    original.refunded += part
    return entries


def _must_be_posted(archive: Archive, event: Event, entries: list[Entry]) -> None:
    posted = [
        (p["debtor"], p["creditor"], p["amount"], p["kind"]) for p in event.facts["postings"] if p["kind"] in _OWED
    ]
    if posted != [entry.plain for entry in entries]:
        traces = "; ".join(entry.trace for entry in entries) or "nothing is owed"
        archive.find("rule", event.position, f"the event posts {[p[2:] for p in posted]}, the terms give {traces}")


def _line(archive: Archive, certificate: Certificate, event: Event, entries: list[Entry]) -> Line:
    original = certificate.redemptions[event.facts["redemption_id"]]
    undoes = event.topic != "Certificate.Redeemed"
    return Line(
        event=event,
        cause=_SAYS.get(event.topic, "refunded"),
        issuer=certificate.sides.issuer,
        acceptor=certificate.sides.acceptor,
        certificate_id=event.id,
        redemption_id=event.facts["redemption_id"],
        bill_reference=original.facts["bill_reference"],
        bill=original.facts["bill"],
        deducted=-event.facts["amount"] if undoes else event.facts["amount"],
        adjusts=_window_of(archive, original.position) if undoes else None,
        entries=entries,
        supply=_supplied(archive, certificate.terms, original, event),
    )


def _supplied(archive: Archive, terms: Facts, original: Redeemed, event: Event) -> Supply:
    """What the event supplies, or takes back: a reversal all of it, a refund in proportion to what is left."""
    supply = original.supply
    if event.topic == "Certificate.RedemptionReversed":
        return supply.with_parts(supply.parts, -1)
    if event.topic == "Certificate.Redeemed":
        for says in problems(terms, event.facts, original.entries):
            archive.find("tax", event.position, says)
        return supply
    back = shared(original.left, event.facts["amount"])
    if (said := parts_of(event.facts.get("supply") or ())) != back:
        archive.find("tax", event.position, f"the refund takes back {list(said)}, in proportion it is {list(back)}")
    original.left = less(original.left, back)
    return supply.with_parts(back, -1)


def _decided(certificates: dict[str, Certificate], event: Event) -> Line:
    """How a dispute ended, and what came back after a default, are decisions: their entries are taken as they are."""
    facts = event.facts
    certificate = certificates.get(facts.get("certificate_id", ""))
    bill = certificate.bill_of(facts["redemption_id"]) if certificate else {}
    how = f"decided: {_DECIDED[event.topic]}, {facts.get('rule') or facts.get('reason')}"
    entries = [Entry(p["debtor"], p["creditor"], p["amount"], p["kind"], how) for p in facts["postings"]]
    return Line(
        event=event,
        cause=_DECIDED[event.topic],
        issuer=facts.get("debtor_id") or facts["paid_to"],
        acceptor=facts.get("creditor_id") or facts["paid_to"],
        certificate_id=facts.get("certificate_id"),
        redemption_id=facts.get("redemption_id"),
        bill_reference=bill.get("bill_reference"),
        bill=bill.get("bill"),
        deducted=0,
        adjusts=facts["window_number"],
        entries=[entry for entry in entries if entry.kind in _OWED],
    )


def _conflicted(archive: Archive, certificate: Certificate, event: Event) -> Line | None:
    """What a till without a network took, and that did not count: borne by whom the terms name, or by its own shop."""
    facts = event.facts
    certificate.conflicts[facts["redemption_id"]] = facts
    within = facts["code"] not in OWN_FAULTS and not facts["offline"]["breaches"]
    borne_by = {**_UNSAID, **certificate.terms}["offline_liability"] if within else "acceptor"
    if facts["borne_by"] != borne_by:
        archive.find("rule", event.position, f"{facts['borne_by']} bears it, by the terms it is {borne_by}")
    sides = certificate.sides
    debtor = {"issuer": sides.issuer, "pool": sides.pool}.get(borne_by)
    how = f"{facts['code']}: the {borne_by} bears {facts['amount']}"
    entries = [Entry(debtor, sides.acceptor, facts["amount"], "adjustment", how)] if debtor else []
    _must_be_posted(archive, event, entries)
    if not entries:
        return None
    return Line(
        event=event,
        cause="offline_conflict",
        issuer=sides.issuer,
        acceptor=sides.acceptor,
        certificate_id=event.id,
        redemption_id=facts["redemption_id"],
        bill_reference=facts["bill_reference"],
        bill=facts["bill"],
        deducted=0,
        adjusts=None,
        entries=entries,
    )


def _window_of(archive: Archive, position: int) -> int | None:
    """The number of the earlier window that a position is in; None for this one."""
    number = sum(1 for cut in archive.manifest["cuts"] if cut < position) + 1
    return number if number < archive.manifest["window"] else None


def check_terms(archive: Archive) -> int:
    """A certificate's terms must be those that both partners accepted, in that version, before it was handed out.
    Returns how many certificates were looked at.
    """
    versions: dict[tuple[str, int], Facts] = {}
    accepted: dict[tuple[str, int], int] = {}
    issued = [event for event in archive.events if event.topic == "Certificate.Issued"]
    for event in archive.events:
        if event.topic == "Agreement.Proposed":
            versions[event.id, 1] = event.facts["terms"]
        elif event.topic == "Agreement.VersionProposed":
            versions[event.id, event.facts["agreement_version"]] = event.facts["terms"]
        elif event.topic == "Agreement.Accepted":
            accepted[event.id, event.facts["agreement_version"]] = event.position
    for event in issued:
        origin = event.facts["origin"]
        key = (origin["agreement_id"], origin["agreement_version"])
        if key not in versions or accepted.get(key, event.position) >= event.position:
            archive.find("terms", event.position, f"version {key[1]} of agreement {key[0]} was not in force yet")
        elif changed := _changed(versions[key], event.facts["terms"]):
            says = f"certificate {event.id} does not have version {key[1]} of its agreement: {', '.join(changed)}"
            archive.find("terms", event.position, says)
    return len(issued)


def _changed(agreed: Facts, frozen: Facts) -> list[str]:
    """The names of what differs."""
    agreed, frozen = {**_UNSAID, **agreed}, {**_UNSAID, **frozen}
    return sorted(name for name in {*agreed, *frozen} if agreed.get(name) != frozen.get(name))
