"""Payments between partners: what is due and late, the files for their banks, and what banks said that fits nowhere."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import Response

from network.api.bodies import Nothing
from network.api.pages import forms
from network.api.pages.commands import asked, file_of, found
from network.api.pages.console.naming import Names, names_of
from network.api.pages.console.window import ONE as WINDOW
from network.api.pages.console.window import number_in
from network.api.pages.console.windows import HOME
from network.api.pages.forms import FieldProblem, Problems
from network.api.pages.live import show_live
from network.api.pages.texts import N_
from network.api.pages.visits import ORGANIZER, Visit, page
from network.api.routes import bank, payouts, windows
from network.api.threads import in_thread
from network.domain.postings import deposits_of
from network.projections import bank_details

router = APIRouter()
ALL: Final = f"{HOME}/payments"
STANDINGS: Final = {
    "open": N_("not there yet"),
    "part_paid": N_("partly there"),
    "paid": N_("paid"),
    "overpaid": N_("more than was due"),
    "returned": N_("came back"),
}
NOT_BY_BANK: Final = {
    "debtor_iban_missing": N_("the bank account of who pays was not known"),
    "creditor_iban_missing": N_("the bank account of who gets it was not known"),
    "same_iban": N_("both have the same bank account"),
    "amount_too_large": N_("it is more than one transfer can be"),
}
WHY: Final = {
    "no_reference": N_("It names no payment. If it is one, say which; if not, leave it out."),
    "unknown_reference": N_("It names a payment that nobody was asked for. If it is another one, say which."),
    "several_references": N_("It names several payments. Ask the payer, and say which."),
    "other_iban": N_("It names a payment, but is on the bank account of neither side. Compare both."),
    "other_counterparty": N_("It names a payment, but comes from another bank account. If it is right, say which."),
    "other_currency": N_("It names a payment in another currency. Ask the payer."),
}


@page(router, f"GET {ALL}", who=(ORGANIZER,))
async def show_payments(visit: Visit, problems: Problems = forms.NONE) -> Response:
    """What is missing, the longest due first; what banks said; who has no bank account on record."""
    names = await in_thread(names_of, visit)
    missing = await asked(visit, payouts.list_missing, payouts.Which.model_validate({}))
    asked_for = [one for one in (await found(visit, windows.list_windows))["windows"] if one["due_on"]]
    return await show_live(
        visit, "console/payments.html", "console/payments_now.html", problems, home=HOME,
        missing=[named(names, one) for one in missing["payouts"]], windows=await _with_files(visit, names, asked_for),
        standings=words(visit, STANDINGS), why_not=words(visit, NOT_BY_BANK), files=await _loaded_files(visit),
        waiting=await _waiting_lines(visit, names), parties=await _with_details(visit, names),
    )  # fmt: skip


@page(router, f"GET {WINDOW}/payments.csv", who=(ORGANIZER,))
async def save_table(visit: Visit) -> Response:
    """Every payment of a window, those without a bank account too."""
    return await file_of(visit, payouts.table, Nothing(), number=number_in(visit))


@page(router, f"GET {WINDOW}/payments/{{party_id}}", who=(ORGANIZER,))
async def save_bank_file(visit: Visit) -> Response:
    """One debtor's pain.001, for its own bank."""
    try:
        party_id = UUID(visit.request.path_params["party_id"])
    except ValueError:
        raise FieldProblem("party_id", N_("Choose one from the list.")) from None
    return await file_of(visit, payouts.bank_file_of, Nothing(), number=number_in(visit), party_id=party_id)


async def _loaded_files(visit: Visit) -> list[dict[str, Any]]:
    """The newest first."""
    files: list[dict[str, Any]] = (await found(visit, bank.list_files))["files"]
    return files[:20]


async def _waiting_lines(visit: Visit, names: Names) -> list[dict[str, Any]]:
    """Lines that name no payment: what to do with each, and the payments that it may be."""
    lines = (await asked(visit, bank.list_lines, bank.ByLine.model_validate({})))["lines"]
    missing = (await asked(visit, payouts.list_missing, payouts.Which.model_validate({})))["payouts"]
    says = words(visit, WHY)
    may_be = {one["end_to_end_id"]: _payment(visit, names, one) for one in missing}
    return [
        {**one, "says": says[one["why"]],
         "may_be": [(code, may_be[code]) for code in dict.fromkeys((*one["suggestions"], *may_be)) if code in may_be]}
        for one in lines
    ]  # fmt: skip


async def _with_details(visit: Visit, names: Names) -> list[dict[str, Any]]:
    """Everybody who can pay or be paid, and whether the network knows where."""

    def known() -> set[str]:
        with visit.coalition.readers.connection() as connection:
            return {str(one.party_id) for one in bank_details.all(connection, visit.coalition.schema) if one.digest}

    have = await in_thread(known)
    everybody = {**names.merchants, **names.own}
    everybody.pop(str(deposits_of(visit.coalition.coalition_id)))
    return [{"party_id": party, "name": name, "known": party in have} for party, name in everybody.items()]


def _payment(visit: Visit, names: Names, one: dict[str, Any]) -> str:
    amount = visit.reader.money(one["missing"])
    return f"{names.party(one['debtor_id'])} → {names.party(one['creditor_id'])} · {amount}"


async def _with_files(visit: Visit, names: Names, asked_for: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The windows whose payments were asked for and are not all there, and the newest that is done; each with its
    debtors, and how many of their payments are in a bank file.
    """
    done = [one for one in asked_for if one["state"] == "settled"][-1:]
    shown = [one for one in asked_for if one["state"] != "settled"] + done
    result = []
    for window in sorted(shown, key=lambda one: -int(one["number"])):
        listed = (await found(visit, payouts.list_of_window, number=window["number"]))["payouts"]
        newest = [named(names, one) for one in listed if not one["replaced"]]
        by_debtor: dict[str, list[dict[str, Any]]] = {}
        for one in newest:
            by_debtor.setdefault(one["debtor_id"], []).append(one)
        surplus = [named(names, one) for one in listed if one["surplus"]]
        result.append({**window, "debtors": by_debtor, "surplus": surplus})
    return result


def named(names: Names, one: dict[str, Any]) -> dict[str, Any]:
    """A payment with the names of both sides."""
    return {**one, "debtor": names.party(one["debtor_id"]), "creditor": names.party(one["creditor_id"])}


def words(visit: Visit, declared: Mapping[str, str]) -> dict[str, str]:
    """Texts that were marked with N_, in the reader's language."""
    return {code: visit.gettext(text) for code, text in declared.items()}
