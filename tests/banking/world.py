"""A street of three shops with bank accounts, and statements as their banks would write them."""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from uuid import UUID

from network.banking.amounts import decimal_text
from network.banking.iban import check_digits
from network.banking.instructions import Party, PaymentBatch, PaymentInstruction, PostalAddress, batches, instruction
from network.banking.lines import BankLine

COALITION_ID = UUID("c0a11710-0000-4000-8000-000000000001")
CREATED_AT = datetime(2026, 2, 1, 6, 30, tzinfo=UTC)
EXECUTION_ON = date(2026, 2, 3)


def iban_of(number: int, bank: str = "HABA") -> str:
    rest = f"{bank}{number:013d}"
    return f"LV{check_digits('LV', rest)}{rest}"


SALON = Party(
    UUID(int=1),
    'SIA "Skaistuma salons Ģertrūde"',
    iban_of(551000000001),
    "HABALV22",
    PostalAddress("Rīga", "LV", "Ģertrūdes iela", "12-3", "LV-1010"),
)
RESTAURANT = Party(UUID(int=2), "ООО «Щедрый ужин» & сыновья", iban_of(551000000002, "UNLA"))
CAR_WASH = Party(UUID(int=3), "Auto mazgātava Žubīte", iban_of(551000000003, "PARX"), "PARXLV22")


def debt(
    debtor: Party, creditor: Party, amount: int, *, currency: str = "EUR", window_number: int = 12, version: int = 1
) -> PaymentInstruction:
    return instruction(
        coalition_id=COALITION_ID,
        window_number=window_number,
        version=version,
        debtor=debtor,
        creditor=creditor,
        amount=amount,
        currency=currency,
    )


def batched(instructions: Iterable[PaymentInstruction], *, window_number: int = 12) -> tuple[PaymentBatch, ...]:
    return batches(
        instructions,
        coalition_id=COALITION_ID,
        window_number=window_number,
        version=1,
        created_at=CREATED_AT,
        execution_on=EXECUTION_ON,
    )


def line(
    own: Party,
    amount: int,
    other: Party | None = None,
    *,
    reference: str,
    end_to_end_id: str | None = None,
    remittance: str = "",
    currency: str = "EUR",
    return_reason: str | None = None,
    booked_on: date = EXECUTION_ON,
) -> BankLine:
    return BankLine(
        own_iban=own.iban,
        booked_on=booked_on,
        amount=amount,
        currency=currency,
        counterparty_iban=other.iban if other else None,
        counterparty_name=other.name if other else "",
        end_to_end_id=end_to_end_id,
        remittance=remittance,
        bank_reference=reference,
        return_reason=return_reason,
    )


def statement(lines: Iterable[BankLine], own_iban: str, *, currency: str = "EUR", version: str = "08") -> bytes:
    """A bank's camt.053 of one account, in the shape of version 02 or 08."""
    entries = "".join(_entry(one, version) for one in lines)
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.{version}"><BkToCstmrStmt>
<GrpHdr><MsgId>S1</MsgId><CreDtTm>2026-02-04T05:00:00Z</CreDtTm></GrpHdr>
<Stmt><Id>S1</Id><CreDtTm>2026-02-04T05:00:00Z</CreDtTm>
<Acct><Id><IBAN>{own_iban}</IBAN></Id><Ccy>{currency}</Ccy></Acct>{entries}</Stmt>
</BkToCstmrStmt></Document>""".encode()


def _entry(one: BankLine, version: str) -> str:
    new = version == "08"
    amount = f'<Amt Ccy="{one.currency}">{decimal_text(abs(one.amount), one.currency)}</Amt>'
    sign = "CRDT" if one.amount > 0 else "DBIT"
    role = "Dbtr" if one.amount > 0 else "Cdtr"
    name = f"<Nm>{one.counterparty_name}</Nm>".replace("&", "&amp;")
    party = f"<{role}>{f'<Pty>{name}</Pty>' if new else name}</{role}>"
    bank_account = f"<{role}Acct><Id><IBAN>{one.counterparty_iban}</IBAN></Id></{role}Acct>"
    return f"""<Ntry>{amount}<CdtDbtInd>{sign}</CdtDbtInd><Sts>{"<Cd>BOOK</Cd>" if new else "BOOK"}</Sts>
<BookgDt><Dt>{one.booked_on}</Dt></BookgDt><AcctSvcrRef>{one.bank_reference}</AcctSvcrRef><BkTxCd/>
<NtryDtls><TxDtls><Refs><EndToEndId>{one.end_to_end_id or "NOTPROVIDED"}</EndToEndId></Refs>
{f"{amount}<CdtDbtInd>{sign}</CdtDbtInd>" if new else ""}
<RltdPties>{party}{bank_account if one.counterparty_iban else ""}</RltdPties>
<RmtInf><Ustrd>{one.remittance}</Ustrd></RmtInf>
{f"<RtrInf><Rsn><Cd>{one.return_reason}</Cd></Rsn></RtrInf>" if one.return_reason else ""}
</TxDtls></NtryDtls></Ntry>"""
