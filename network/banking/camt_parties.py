"""Who stands on the other side of a line of a camt.053 or camt.054."""

from network.banking.iban import compact
from network.banking.xml_reading import Element, text_at


def counterparty(detail: Element, own_iban: str, *, came_in: bool) -> tuple[str, str]:
    """IBAN and name of the other side, empty where the bank does not tell.

    For money that came in it is the debtor, else the creditor. A returned payment keeps the parties of the payment
    that it returns (EPC188-09), so the side that turns out to be ourselves is passed over.
    """
    debtor, creditor = _party(detail, "Dbtr"), _party(detail, "Cdtr")
    first, second = (debtor, creditor) if came_in else (creditor, debtor)
    if first[0] == own_iban or first == ("", ""):
        return second if second[0] != own_iban else ("", "")
    return first


def _party(detail: Element, role: str) -> tuple[str, str]:
    iban = compact(text_at(detail, f"RltdPties/{role}Acct/Id/IBAN"))
    return iban, text_at(detail, f"RltdPties/{role}/Nm", f"RltdPties/{role}/Pty/Nm")
