"""Reads what tills took without a network: which acceptance stands, who bears the others, and the tills' journals."""

from datetime import datetime, timedelta

from network.audit import arithmetic
from network.audit.books import Books, Certificate, Facts, Readers, moves_nothing

OWN_FAULTS = frozenset(
    "taken_twice unknown_epoch taken_after_expiry taken_before_issue proof_missing proof_invalid proof_stale"
    " bill_too_small_to_redeem more_than_the_bill insufficient_balance".split()
)
LIST_LIVES = timedelta(hours=24)
Rank = tuple[bool, datetime, str, int, int]


def rank_of(offline: Facts) -> Rank:
    """Which of two acceptances stands: the lesser."""
    taken_at = datetime.fromisoformat(offline["taken_at"])
    return bool(offline["breaches"]), taken_at, offline["till_id"], offline["journal"], offline["sequence"]


def must_stand(books: Books, certificate: Certificate, facts: Facts) -> None:
    """Whether what a till without a network took may be booked now."""
    offline = facts["offline"]
    books.must(offline["epoch"] == certificate.epoch, "a copy that is dead was taken without a network")
    others = [one for one in certificate.standing if one.offline is not None and not one.refunded]
    books.must(not others, "two acceptances without a network stand")
    if certificate.displaced is not None:
        books.must(rank_of(offline) < certificate.displaced, "an acceptance gave way to a later one")
        certificate.displaced = None
    _must_name_breaches(books, certificate, facts)


def _must_name_breaches(books: Books, certificate: Certificate, facts: Facts) -> None:
    offline = facts["offline"]
    age = datetime.fromisoformat(offline["taken_at"]) - datetime.fromisoformat(offline["list_at"])
    said = set(offline["breaches"])
    books.must(("list_old" in said) == (age > LIST_LIVES), "whether its status list was too old is not as it says")
    over = facts["amount"] > certificate.terms["offline_ceiling"]
    books.must(("over_ceiling" in said) == over, "whether it was over the ceiling is not as it says")


def _conflicted(books: Books, key: str, facts: Facts, at: datetime) -> None:
    certificate = books.certificates[key]
    redemption, amount, offline = facts["redemption_id"], facts["amount"], facts["offline"]
    books.must(redemption not in certificate.conflicted, "the same acceptance is lost twice")
    undone = certificate.redemptions.get(redemption)
    books.must(undone is None or not undone.stands, "an acceptance both stands and does not")
    for one in certificate.standing:
        if facts["code"] == "earlier_offline" and one.offline is not None:
            books.must(one.offline < rank_of(offline), "an acceptance lost to a later one")
    _must_name_breaches(books, certificate, facts)
    within = facts["code"] not in OWN_FAULTS and not offline["breaches"]
    borne_by = certificate.terms["offline_liability"] if within else "acceptor"
    books.must(facts["borne_by"] == borne_by, f"by the terms the {borne_by} bears it")
    parties = certificate.parties
    debtor = {"issuer": parties.issuer, "pool": parties.pool}.get(borne_by)
    books.post(facts, [(debtor, parties.acceptor, amount, "adjustment")] if debtor else [])
    certificate.conflicted[redemption] = amount


def _expiry_undone(books: Books, key: str, facts: Facts, at: datetime) -> None:
    certificate, amount = books.certificates[key], facts["amount"]
    before = certificate.outstanding
    books.must(certificate.state != "revoked", "what was revoked does not count again")
    books.must(0 < amount <= certificate.lapsed["expired"], "more counts again than had lapsed")
    books.post(facts, arithmetic.reserve_entries(certificate.terms, certificate.parties, before, before + amount))
    certificate.lapsed["expired"] -= amount
    certificate.outstanding += amount
    certificate.state = "active"


def _registered(books: Books, key: str, facts: Facts, at: datetime) -> None:
    books.tills[key] = {1: set()}


def _replaced(books: Books, key: str, facts: Facts, at: datetime) -> None:
    till = books.tills[key]
    books.must(facts["journal"] == len(till) + 1, "a till's journals are numbered one by one")
    till[facts["journal"]] = set()


def _receipt_taken(books: Books, key: str, facts: Facts, at: datetime) -> None:
    taken = books.tills[key][facts["journal"]]
    books.must(facts["sequence"] not in taken, "one place in a journal was taken twice")
    taken.add(facts["sequence"])


READERS: Readers = {
    "Certificate.OfflineConflicted": _conflicted,
    "Certificate.ExpiryUndone": _expiry_undone,
    "Till.KeyRegistered": _registered,
    "Till.KeyReplaced": _replaced,
    "Till.KeyRevoked": moves_nothing,
    "Till.ReceiptTaken": _receipt_taken,
    "Till.Blocked": moves_nothing,
    "Till.Resumed": moves_nothing,
}
