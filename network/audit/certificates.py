"""Reads the events of certificates and recomputes, from the frozen terms, what each of them must have posted."""

from datetime import datetime, time, timedelta

from network.audit import arithmetic, offline, tax
from network.audit.arithmetic import Parties, Terms
from network.audit.books import Books, Certificate, Facts, Readers, Redemption, moves_nothing


def _issued(books: Books, key: str, facts: Facts, at: datetime) -> None:
    origin, terms = facts["origin"], arithmetic.terms_of(facts["terms"])
    parties = Parties(facts["coalition_id"], facts["issuer_id"], facts["acceptor_id"])
    books.certificates[key] = certificate = Certificate(
        issuer=facts["issuer_id"],
        acceptor=facts["acceptor_id"],
        agreement=origin["agreement_id"],
        payment=origin["payment_id"],
        replaces=origin["replaces_id"],
        face=facts["face"],
        terms=terms,
        parties=parties,
        holder=facts["holder_id"],
        expires_at=datetime.fromisoformat(facts["expires_at"]),
        outstanding=facts["face"],
    )
    agreement = books.agreements[certificate.agreement]
    books.must(terms == agreement["versions"][origin["agreement_version"]], "the terms are not those agreed")
    sides = (agreement["issuer"], agreement["acceptor"])
    books.must(sides == (certificate.issuer, certificate.acceptor), "the partners are not those of the agreement")
    books.must(certificate.payment in books.payments, "no payment caused it")
    if certificate.replaces is None and not origin["imported"]:
        books.must(certificate.face == _face(books, origin, terms), "the face value does not follow from the terms")
        last = at.astimezone(books.zone).date() + timedelta(days=terms["validity_days"] + 1)
        midnight = datetime.combine(last, time.min, books.zone)
        books.must(certificate.expires_at == midnight, "the last day does not follow from the terms")
    tax.check_issue(books, facts, at)
    books.post(facts, arithmetic.reserve_entries(terms, parties, 0, certificate.face))
    day = at.astimezone(books.zone).date().isoformat()
    if certificate.replaces is not None:  # the one that it replaces was counted
        return
    books.expose(f"agreement:{certificate.agreement}", "", certificate.face)
    if terms["campaign_id"] is not None:
        books.expose(f"campaign:{terms['campaign_id']}", "", certificate.face)
    books.expose(f"intake:{certificate.acceptor}", day, 1)
    if certificate.holder is not None:
        books.expose("customer", f"{day}:{certificate.holder}", 1)


def _face(books: Books, origin: Facts, terms: Terms) -> int:
    if origin["allotment_id"] is not None:
        return int(books.allotments[origin["allotment_id"]]["face"])
    rule, bill = terms["face"], books.payments[origin["payment_id"]]
    if rule["fixed"]:
        return int(rule["fixed"])
    paid = bill["amount"] - sum(bill["taken"].values())
    share = arithmetic.half_up_share(paid, rule["share"], arithmetic.WHOLE)
    return share if rule["at_most"] is None else min(share, int(rule["at_most"]))


def _claimed(books: Books, key: str, facts: Facts, at: datetime) -> None:
    certificate = _alive(books, key, at)
    books.must(certificate.holder is None, "it was claimed out of another wallet")
    books.must(facts["holder_id"] not in books.forgotten, "it was claimed by a forgotten guest")
    _next_epoch(books, certificate, facts)
    certificate.holder = facts["holder_id"]
    certificate.claimed += 1


def _passed_on(books: Books, key: str, facts: Facts, at: datetime) -> None:
    certificate = _alive(books, key, at)
    books.must(certificate.holder == facts["from_id"], "it was passed on by somebody who did not hold it")
    books.must(certificate.terms["transferable"], "it may not be passed on")
    _next_epoch(books, certificate, facts)
    certificate.holder = None
    certificate.hops += 1
    certificate.passed_on += 1


def _rebound(books: Books, key: str, facts: Facts, at: datetime) -> None:
    certificate = _alive(books, key, at)
    books.must(certificate.holder == facts["holder_id"], "it was bound to the phone of somebody who did not hold it")
    _next_epoch(books, certificate, facts)


def _printed(books: Books, key: str, facts: Facts, at: datetime) -> None:
    certificate = _alive(books, key, at)
    books.must(certificate.holder == facts["from_id"], "it was printed by somebody who did not hold it")
    _next_epoch(books, certificate, facts)
    certificate.holder = None


def _next_epoch(books: Books, certificate: Certificate, facts: Facts) -> None:
    books.must(facts["epoch"] == certificate.epoch + 1, "epochs count the holders one by one")
    certificate.epoch = facts["epoch"]
    certificate.is_live = facts.get("holder_key") is not None
    certificate.proved_at = None


def _alive(books: Books, key: str, at: datetime) -> Certificate:
    certificate = books.certificates[key]
    books.must(certificate.state == "active", f"it is {certificate.state} already")
    books.must(at < certificate.expires_at, "its time was over")
    return certificate


def _redeemed(books: Books, key: str, facts: Facts, at: datetime) -> None:
    taken = facts.get("offline")
    if taken is not None:  # it was taken then, and we were told later
        at = datetime.fromisoformat(taken["taken_at"])
    certificate = _alive(books, key, at)
    amount, released = facts["amount"], facts["released"]
    before, after = certificate.outstanding, certificate.outstanding - amount - released
    books.must(facts["acceptor_id"] == certificate.acceptor, "only its acceptor redeems")
    books.must(facts["holder_id"] == certificate.holder, "the event names another holder")
    books.must(facts["redemption_id"] not in certificate.redemptions, "the same redemption happens twice")
    if taken is None:
        _must_be_proved(books, certificate, facts)
    else:
        offline.must_stand(books, certificate, facts)
    books.must(0 < amount <= before and released >= 0, f"{amount} of {before} cannot be deducted")
    single = not certificate.terms["partial_redemption"]
    books.must(released == (before - amount if single else 0), "the released part does not follow from the terms")
    guest = _guest(books, certificate, at)
    books.must(facts["guest"] == guest, f"the guest is {guest}, the event says {facts['guest']}")
    first = not any(one.rewarded for one in certificate.standing)
    owed = arithmetic.redemption_entries(
        certificate.terms,
        certificate.parties,
        deducted=amount,
        bill=facts["bill"],
        guest=guest,
        first=first,
    )
    books.post(facts, owed + arithmetic.reserve_entries(certificate.terms, certificate.parties, before, after))
    tax.check_supply(books, certificate, facts, at)
    certificate.redemptions[facts["redemption_id"]] = Redemption(
        amount, released, owed, rewarded=first, offline=offline.rank_of(taken) if taken else None
    )
    if len(certificate.standing) == 1:
        books.count_use(certificate, 1)
    certificate.outstanding = after
    books.must(0 <= after <= certificate.face, "outstanding is not between zero and the face value")
    if after == 0:
        certificate.state = "redeemed"


def _must_be_proved(books: Books, certificate: Certificate, facts: Facts) -> None:
    proved_at = facts.get("proved_at")
    books.must((proved_at is not None) == certificate.is_live, "a phone's proof is there without a phone, or is not")
    if proved_at is not None:
        made_at = datetime.fromisoformat(proved_at)
        grows = certificate.proved_at is None or made_at > certificate.proved_at
        books.must(grows, "a phone's proof was used again")
        certificate.proved_at = made_at


def _guest(books: Books, certificate: Certificate, at: datetime) -> str:
    if certificate.holder is None:
        return "unknown"
    last = books.visits.get((certificate.acceptor, certificate.holder))
    if last is None:
        return "new"
    return "lapsed" if at - last >= timedelta(days=180) else "returning"


def _reversed(books: Books, key: str, facts: Facts, at: datetime) -> None:
    certificate = books.certificates[key]
    redemption = certificate.redemptions[facts["redemption_id"]]
    books.must(redemption.stands and not redemption.refunded, "only a redemption that stands is undone, and once")
    amounts = (facts["amount"], facts["released"])
    books.must(amounts == (redemption.amount, redemption.released), "another sum is undone than was redeemed")
    gives_way = facts["by"] == "earlier_offline"
    in_time = not certificate.has_expired if gives_way else at < certificate.expires_at
    renewed = certificate.state in ("active", "redeemed") and in_time
    books.must(facts["renewed"] == renewed, "whether it can be used again does not follow from its state")
    before, restored = certificate.outstanding, redemption.amount + redemption.released
    entries = arithmetic.opposite(redemption.owed)
    if renewed:
        entries += arithmetic.reserve_entries(certificate.terms, certificate.parties, before, before + restored)
        certificate.outstanding += restored
        certificate.state = "active"
    else:
        certificate.lapsed["revoked" if certificate.state == "revoked" else "expired"] += restored
        if certificate.state == "redeemed":
            certificate.state, certificate.has_expired = "expired", True
    books.post(facts, entries)
    redemption.stands = False
    if gives_way:
        certificate.displaced = redemption.offline
    if not certificate.standing:
        books.count_use(certificate, -1)
    certificate.reversed.append(redemption.amount)
    books.must(0 <= certificate.outstanding <= certificate.face, "outstanding is above the face value")


def _redemption_refunded(books: Books, key: str, facts: Facts, at: datetime) -> None:
    certificate = books.certificates[key]
    redemption = certificate.redemptions[facts["redemption_id"]]
    already, part = redemption.refunded, facts["amount"]
    books.must(redemption.stands and already + part <= redemption.amount, "more comes back than was deducted")
    books.post(facts, arithmetic.refund_entries(redemption.owed, part=part, whole=redemption.amount, already=already))
    redemption.refunded += part
    certificate.refunded.append(part)


def _expired(books: Books, key: str, facts: Facts, at: datetime) -> None:
    certificate = books.certificates[key]
    books.must(at >= certificate.expires_at, "it expired before its time")
    _lapse(books, certificate, facts, "expired")


def _revoked(books: Books, key: str, facts: Facts, at: datetime) -> None:
    _lapse(books, books.certificates[key], facts, "revoked")


def _lapse(books: Books, certificate: Certificate, facts: Facts, how: str) -> None:
    books.must(certificate.state == "active", f"it is {certificate.state} already")
    books.must(facts["amount"] == certificate.outstanding, "another sum lapses than was outstanding")
    books.post(
        facts,
        arithmetic.reserve_entries(certificate.terms, certificate.parties, certificate.outstanding, 0),
    )
    certificate.lapsed[how] += certificate.outstanding
    certificate.outstanding = 0
    certificate.state = how
    certificate.has_expired |= how == "expired"


READERS: Readers = {
    "Certificate.Issued": _issued,
    "Certificate.Claimed": _claimed,
    "Certificate.PassedOn": _passed_on,
    "Certificate.Rebound": _rebound,
    "Certificate.Printed": _printed,
    "Certificate.Redeemed": _redeemed,
    "Certificate.RedemptionReversed": _reversed,
    "Certificate.RedemptionRefunded": _redemption_refunded,
    "Certificate.CauseRefunded": moves_nothing,
    "Certificate.Expired": _expired,
    "Certificate.Revoked": _revoked,
}
