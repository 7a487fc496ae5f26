"""Reads the events of the coalition, its partners, their agreements and their stocks."""

from datetime import datetime
from zoneinfo import ZoneInfo

from network.audit.arithmetic import terms_of
from network.audit.books import Books, Facts, Reader, Readers, moves_nothing


def _founded(books: Books, key: str, facts: Facts, at: datetime) -> None:
    books.must(books.position == 1, "a coalition is founded first, and once")
    books.coalition = key
    books.zone = ZoneInfo(facts["time_zone"])


def _cap_set(books: Books, key: str, facts: Facts, at: datetime) -> None:
    limit, before = facts["limit"], books.caps.get(facts["scope"])
    if "confirmed_by" in facts and before is not None and (limit is None or limit > before):  # older ones needed one
        proposed = books.raises.pop(facts["raise_id"], {})
        two = {facts["person_id"], facts["confirmed_by"]} - {None}
        books.must(len(two) == 2, "a limit is raised by two people")
        asked = (facts["scope"], limit, before, facts["person_id"])
        said = tuple(proposed.get(name) for name in ("scope", "limit", "over", "person_id"))
        books.must(asked == said, "a limit is raised as it was proposed")
        books.must(at < datetime.fromisoformat(proposed.get("expires_at", at.isoformat())), "a raise came too late")
    if facts["limit"] is None:
        books.caps.pop(facts["scope"], None)
    else:
        books.caps[facts["scope"]] = facts["limit"]


def _near(books: Books, key: str, facts: Facts, at: datetime) -> None:
    scope = facts["scope"]
    books.must(books.near.get(scope) != facts["key"], "a limit that comes near is told once")
    books.must(facts["limit"] == books.caps.get(scope), "a warning names the limit")
    # Another process may have moved the use since the job looked, so only what the event itself says is held to it.
    books.must(facts["used"] > 0 and 10 * facts["used"] >= 8 * facts["limit"], "a warning comes at 80 percent")
    books.near[scope] = facts["key"]


def _eased(books: Books, key: str, facts: Facts, at: datetime) -> None:
    books.must(books.near.pop(facts["scope"], None) == facts["key"], "only what was near is told to be so no longer")


def _raise_proposed(books: Books, key: str, facts: Facts, at: datetime) -> None:
    books.raises[facts["raise_id"]] = facts["proposed"]


def _raise_withdrawn(books: Books, key: str, facts: Facts, at: datetime) -> None:
    books.must(books.raises.pop(facts["raise_id"], None) is not None, "a raise is withdrawn while it waits")


def _campaign_opened(books: Books, key: str, facts: Facts, at: datetime) -> None:
    books.must(facts["campaign_id"] not in books.campaigns, "a campaign is opened once")
    books.campaigns.add(facts["campaign_id"])


def _tax_recorded(books: Books, key: str, facts: Facts, at: datetime) -> None:
    books.tax.setdefault(key, {})[facts["record"]["valid_from"]] = facts["record"]


def _merchant(state: str, after: tuple[str, ...]) -> Reader:
    def read(books: Books, key: str, facts: Facts, at: datetime) -> None:
        books.must(books.merchants.get(key, "") in after, f"a partner cannot become {state} now")
        books.merchants[key] = state

    return read


def _proposed(books: Books, key: str, facts: Facts, at: datetime) -> None:
    books.agreements[key] = {
        "issuer": facts["issuer_id"],
        "acceptor": facts["acceptor_id"],
        "state": "proposed",
        "versions": {1: _terms(books, facts)},
        "in_force": None,
        "proposed_at": books.position,
    }
    books.agreements_of.setdefault(facts["issuer_id"], []).append(key)


def _version_proposed(books: Books, key: str, facts: Facts, at: datetime) -> None:
    versions = books.agreements[key]["versions"]
    books.must(facts["agreement_version"] == len(versions) + 1, "versions of terms are numbered one by one")
    versions[facts["agreement_version"]] = _terms(books, facts)


def _terms(books: Books, facts: Facts) -> Facts:
    terms = terms_of(facts["terms"])
    books.must(terms["campaign_id"] in (None, *books.campaigns), "the terms name a campaign that was not opened")
    return terms


def _accepted(books: Books, key: str, facts: Facts, at: datetime) -> None:
    agreement = books.agreements[key]
    agreement["in_force"] = facts["agreement_version"]
    if agreement["state"] == "proposed":
        agreement["state"] = "active"


def _agreement_becomes(state: str) -> Reader:
    def read(books: Books, key: str, facts: Facts, at: datetime) -> None:
        books.agreements[key]["state"] = state

    return read


def _set_aside(books: Books, key: str, facts: Facts, at: datetime) -> None:
    books.allotments[key] = {"left": facts["number"], "face": facts["face"], "partner": facts["partner_id"]}


def _handed_out(books: Books, key: str, facts: Facts, at: datetime) -> None:
    _take_from_stock(books, key, 1)


def _taken_from_stock(books: Books, key: str, facts: Facts, at: datetime) -> None:
    _take_from_stock(books, key, facts["number"])


def _take_from_stock(books: Books, key: str, number: int) -> None:
    books.allotments[key]["left"] -= number
    books.must(books.allotments[key]["left"] >= 0, "a stock is handed out beyond its number")


def _wallet_recovered(books: Books, key: str, facts: Facts, at: datetime) -> None:
    books.must(key not in books.forgotten, "a forgotten guest's wallet was opened again")


def _wallet_erased(books: Books, key: str, facts: Facts, at: datetime) -> None:
    books.must(key not in books.forgotten, "a guest is forgotten once")
    books.forgotten.add(key)


READERS: Readers = {
    "Coalition.Founded": _founded,
    "Coalition.MerchantNumbered": moves_nothing,
    "Coalition.CampaignOpened": _campaign_opened,
    "Coalition.CapSet": _cap_set,
    "Coalition.ValueLimitSet": moves_nothing,
    "Coalition.CapNeared": _near,
    "Coalition.CapEased": _eased,
    "Coalition.CapRaiseProposed": _raise_proposed,
    "Coalition.CapRaiseWithdrawn": _raise_withdrawn,
    "Coalition.SettlementScheduled": moves_nothing,
    "Wallet.Opened": moves_nothing,
    "Wallet.Recovered": _wallet_recovered,
    "Wallet.Erased": _wallet_erased,
    "Merchant.Applied": _merchant("applied", after=("",)),
    "Merchant.Admitted": _merchant("admitted", after=("applied",)),
    "Merchant.Suspended": _merchant("suspended", after=("admitted",)),
    "Merchant.Readmitted": _merchant("admitted", after=("suspended",)),
    "Merchant.MarginSet": moves_nothing,
    "Merchant.ProfileChanged": moves_nothing,
    "Merchant.Left": _merchant("left", after=("applied", "admitted", "suspended")),
    "Merchant.TaxRecorded": _tax_recorded,
    "Agreement.Proposed": _proposed,
    "Agreement.VersionProposed": _version_proposed,
    "Agreement.Accepted": _accepted,
    "Agreement.Paused": _agreement_becomes("paused"),
    "Agreement.Resumed": _agreement_becomes("active"),
    "Agreement.Ended": _agreement_becomes("ended"),
    "Allotment.SetAside": _set_aside,
    "Allotment.Received": _set_aside,
    "Allotment.HandedOut": _handed_out,
    "Allotment.Returned": _taken_from_stock,
    "Allotment.Transferred": _taken_from_stock,
}
