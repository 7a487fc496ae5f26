"""A batch as ISO 20022 CustomerCreditTransferInitiation V09 (pain.001.001.09), the file a debtor's bank imports.

Sources: ISO 20022 message definition pain.001.001.09; EPC132-08 (SEPA credit transfer, customer to bank) for what SEPA
narrows. `sepaxml` was tried: 2.7.0 stamps its own clock, draws its payment id by lot, and has two decimals for every
currency, so it cannot give a window the same bytes again. Its copy of the official schema judges our files in tests.
"""

from typing import Any, Final

from lxml import etree

from network.banking.amounts import decimal_text
from network.banking.characters import sepa_text
from network.banking.iban import is_in_sepa
from network.banking.instructions import (
    NAME_LENGTH_MAX,
    REMITTANCE_LENGTH_MAX,
    Party,
    PaymentBatch,
    PaymentInstruction,
    PostalAddress,
)

NAMESPACE: Final = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"
_DEFAULT: Final[dict[Any, str]] = {None: NAMESPACE}  # the stubs of lxml know no default namespace


def payment_file(batch: PaymentBatch) -> bytes:
    """The batch as UTF-8 XML, the same bytes for the same batch.

    Written as SEPA (service level SEPA, charges shared as SLEV) when it is in EUR and between SEPA countries, and
    without service level (charges SHAR) otherwise: the bank then picks the route.
    """
    document = etree.Element(f"{{{NAMESPACE}}}Document", nsmap=_DEFAULT)
    initiation = _add(document, "CstmrCdtTrfInitn")
    header = _add(initiation, "GrpHdr")
    _add(header, "MsgId", batch.message_id)
    _add(header, "CreDtTm", f"{batch.created_at:%Y-%m-%dT%H:%M:%SZ}")
    _add_totals(header, batch)
    _add(_add(header, "InitgPty"), "Nm", _name(batch.debtor))
    _add_payment(initiation, batch)
    etree.indent(document)
    return bytes(etree.tostring(document, xml_declaration=True, encoding="UTF-8")) + b"\n"


def is_sepa(batch: PaymentBatch) -> bool:
    """Whether every payment of the batch is a SEPA credit transfer: EUR, and all banks in SEPA."""
    ibans = {batch.debtor.iban, *(one.creditor.iban for one in batch.instructions)}
    return batch.currency == "EUR" and all(map(is_in_sepa, ibans))


def _add_payment(initiation: etree._Element, batch: PaymentBatch) -> None:
    payment = _add(initiation, "PmtInf")
    _add(payment, "PmtInfId", batch.payment_id)
    _add(payment, "PmtMtd", "TRF")
    # Each payment is booked by itself, so that the debtor's statement names each with its end-to-end id.
    _add(payment, "BtchBookg", "false")
    _add_totals(payment, batch)
    sepa = is_sepa(batch)
    if sepa:
        _add(_add(_add(payment, "PmtTpInf"), "SvcLvl"), "Cd", "SEPA")
    _add(_add(payment, "ReqdExctnDt"), "Dt", batch.execution_on.isoformat())
    _add_party(payment, "Dbtr", batch.debtor)
    _add_iban(payment, "DbtrAcct", batch.debtor)
    _add_bank(payment, "DbtrAgt", batch.debtor)
    _add(payment, "ChrgBr", "SLEV" if sepa else "SHAR")
    for one in batch.instructions:
        _add_transfer(payment, one)


def _add_transfer(payment: etree._Element, one: PaymentInstruction) -> None:
    transfer = _add(payment, "CdtTrfTxInf")
    _add(_add(transfer, "PmtId"), "EndToEndId", one.end_to_end_id)
    amount = _add(_add(transfer, "Amt"), "InstdAmt", decimal_text(one.amount, one.currency))
    amount.set("Ccy", one.currency)
    if one.creditor.bic is not None:
        _add_bank(transfer, "CdtrAgt", one.creditor)
    _add_party(transfer, "Cdtr", one.creditor)
    _add_iban(transfer, "CdtrAcct", one.creditor)
    if text := sepa_text(one.remittance, REMITTANCE_LENGTH_MAX):
        _add(_add(transfer, "RmtInf"), "Ustrd", text)


def _add_totals(parent: etree._Element, batch: PaymentBatch) -> None:
    _add(parent, "NbOfTxs", str(len(batch.instructions)))
    _add(parent, "CtrlSum", decimal_text(batch.total, batch.currency))


def _add_party(parent: etree._Element, name: str, party: Party) -> None:
    element = _add(parent, name)
    _add(element, "Nm", _name(party))
    if party.address is not None:
        _add_address(element, party.address)


def _add_address(party: etree._Element, address: PostalAddress) -> None:
    element = _add(party, "PstlAdr")
    fields = [
        ("StrtNm", address.street, 70),
        ("BldgNb", address.building, 16),
        ("PstCd", address.postcode, 16),
        ("TwnNm", address.town, 35),
        ("Ctry", address.country, 2),
    ]
    for name, value, length_max in fields:
        if text := sepa_text(value, length_max):
            _add(element, name, text)


def _add_iban(parent: etree._Element, name: str, party: Party) -> None:
    _add(_add(_add(parent, name), "Id"), "IBAN", party.iban)


def _add_bank(parent: etree._Element, name: str, party: Party) -> None:
    """The bank, by BIC. The schema wants a debtor's bank even where the IBAN alone says it (EPC132-08: IBAN only)."""
    bank = _add(_add(parent, name), "FinInstnId")
    if party.bic is not None:
        _add(bank, "BICFI", party.bic)
    else:
        _add(_add(bank, "Othr"), "Id", "NOTPROVIDED")


def _name(party: Party) -> str:
    return sepa_text(party.name, NAME_LENGTH_MAX)


def _add(parent: etree._Element, name: str, text: str | None = None) -> etree._Element:
    element = etree.SubElement(parent, f"{{{NAMESPACE}}}{name}")
    element.text = text
    return element
