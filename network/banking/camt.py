"""Bank statements and notices as lines: ISO 20022 camt.053 (BankToCustomerStatement) and camt.054 (...Notification).

Sources: the ISO 20022 message definitions of versions 02 to 08, and EPC188-09 (customer reporting of SEPA transfers).
One reader serves them all, as what they differ in stands side by side: a status is a code or holds one, a detail's
amount is inside `AmtDtls` or before it, a party's name is inside `Pty` since version 08.
"""

from typing import Final

from network.banking.amounts import NotAnAmount, minor_of
from network.banking.camt_parties import counterparty
from network.banking.days import day_of
from network.banking.iban import compact
from network.banking.lines import NOT_PROVIDED, UNSTATED, BankLine
from network.banking.refusals import BankFileIncoherent, BankFileOfAnotherCurrency, BankFileUnreadable
from network.banking.xml_reading import Element, children, text_at, texts_at
from network.domain.units import Minor
from network.telling import Told, each, to_nobody

_SIGNS: Final = {"CRDT": 1, "DBIT": -1}
_RETURNED: Final = "RRTN"
"""Sub-family of the ISO 20022 bank transaction codes: a credit transfer that came back."""


def own_iban_of(statement: Element) -> str:
    """Whose statement it is; empty where the bank names its customer without an IBAN."""
    return compact(text_at(statement, "Acct/Id/IBAN"))


def lines_of(statement: Element, currency: str, told: Told = to_nobody) -> tuple[list[BankLine], int]:
    """The booked lines of one `Stmt` or `Ntfctn`, as the bank ordered them, and how many entries are not booked yet.

    Raises BankFileUnreadable, BankFileIncoherent, BankFileOfAnotherCurrency.
    """
    entries = children(statement, "Ntry")
    booked = [entry for entry in entries if text_at(entry, "Sts/Cd", "Sts") == "BOOK"]
    kept_in = text_at(statement, "Acct/Ccy")
    if kept_in not in {"", currency}:
        raise BankFileOfAnotherCurrency(found=kept_in[:3], expected=currency)
    own_iban = own_iban_of(statement)
    lines = [line for entry in each(booked, told) for line in _lines_of_entry(entry, own_iban, currency)]
    _check_balances(statement, sum(line.amount for line in lines), currency)
    return lines, len(entries) - len(booked)


def _lines_of_entry(entry: Element, own_iban: str, currency: str) -> list[BankLine]:
    """One line per detail where each has its amount and they add up; else one line for the entry as a whole."""
    total = _signed(entry, entry, "Amt", currency)
    details = children(entry, "NtryDtls/TxDtls")
    if len(details) < 2:
        return [_line(entry, details[0] if details else entry, own_iban, total, currency)]
    if not all(text_at(detail, "Amt", "AmtDtls/TxAmt/Amt") for detail in details):
        return [_line(entry, entry, own_iban, total, currency)]
    path = "Amt" if text_at(details[0], "Amt") else "AmtDtls/TxAmt/Amt"
    amounts = [_signed(detail, entry, path, currency) for detail in details]
    if sum(amounts) != total:
        raise BankFileIncoherent(problem="the parts of a collective entry do not add up to it")
    return [
        _line(entry, detail, own_iban, amount, currency, is_part=True)
        for detail, amount in zip(details, amounts, strict=True)
    ]


def _line(
    entry: Element, detail: Element, own_iban: str, amount: Minor, currency: str, *, is_part: bool = False
) -> BankLine:
    other_iban, other_name = counterparty(detail, own_iban, came_in=amount >= 0)
    end_to_end_id = text_at(detail, "Refs/EndToEndId")
    remittance = [
        *texts_at(detail, "RmtInf/Ustrd"),
        *texts_at(detail, "RmtInf/Strd/CdtrRefInf/Ref"),
        *texts_at(detail, "AddtlTxInf"),
        *texts_at(entry, "AddtlNtryInf"),
    ]
    return BankLine(
        own_iban=own_iban,
        booked_on=day_of(text_at(entry, "BookgDt/Dt", "BookgDt/DtTm", "ValDt/Dt", "ValDt/DtTm")),
        amount=amount,
        currency=currency,
        counterparty_iban=other_iban or None,
        counterparty_name=other_name,
        end_to_end_id=end_to_end_id if end_to_end_id not in {"", NOT_PROVIDED} else None,
        remittance=" ".join(remittance),
        bank_reference=_reference(entry, detail, is_part=is_part),
        return_reason=_return_reason(entry, detail),
    )


def _reference(entry: Element, detail: Element, *, is_part: bool) -> str:
    """The bank's reference; parts of an entry that have none of their own get `~` and the entry's, to be made unique.

    `NtryRef` is not used: many banks start it at 1 in every statement.
    """
    of_entry = text_at(entry, "AcctSvcrRef")
    of_detail = text_at(detail, "Refs/AcctSvcrRef")
    if not is_part:
        return of_entry or of_detail
    if of_detail and of_detail != of_entry:
        return of_detail
    return f"~{of_entry}/{text_at(detail, 'Refs/TxId', 'Refs/InstrId')}"


def _return_reason(entry: Element, detail: Element) -> str | None:
    if stated := text_at(detail, "RtrInf/Rsn/Cd", "RtrInf/Rsn/Prtry"):
        return stated
    codes = {text_at(element, "BkTxCd/Domn/Fmly/SubFmlyCd") for element in (entry, detail)}
    is_reversal = text_at(entry, "RvslInd") in {"true", "1"}
    return UNSTATED if is_reversal or _RETURNED in codes or children(detail, "RtrInf") else None


def _check_balances(statement: Element, booked: Minor, currency: str) -> None:
    """Where both balances of the period are told, the lines must lead from one to the other: none is missing."""
    balances = {
        text_at(balance, "Tp/CdOrPrtry/Cd"): _signed(balance, balance, "Amt", currency)
        for balance in children(statement, "Bal")
        if text_at(balance, "Tp/CdOrPrtry/Cd") in {"OPBD", "CLBD"}
    }
    if len(balances) == 2 and balances["OPBD"] + booked != balances["CLBD"]:
        raise BankFileIncoherent(problem="its lines do not lead from the opening to the closing balance")


def _signed(element: Element, entry: Element, path: str, currency: str) -> Minor:
    """The amount at `path`, above zero for a credit; a detail without an indicator follows its entry."""
    found = children(element, path)
    if not found:
        raise BankFileUnreadable(problem="an entry has no amount")
    found_currency = str(found[0].get("Ccy", ""))
    if found_currency != currency:
        raise BankFileOfAnotherCurrency(found=found_currency[:3], expected=currency)
    sign = _SIGNS.get(text_at(element, "CdtDbtInd") or text_at(entry, "CdtDbtInd"))
    if sign is None:
        raise BankFileUnreadable(problem="an entry does not say whether money came or left")
    try:
        return sign * minor_of(text_at(element, path), currency)
    except NotAnAmount:
        raise BankFileUnreadable(problem="an amount is not a number of this currency") from None
