"""The code that a bank's app scans to fill in a transfer in euro: EPC069-12, version 002, UTF-8."""

from typing import Final

from network.banking.instructions import EUR_AMOUNT_MAX
from network.domain.units import Minor

NAME_MAX: Final = 70
REMITTANCE_MAX: Final = 140


def transfer_code(*, holder: str, iban: str, bic: str | None, amount: Minor, remittance: str) -> str | None:
    """What the QR says; None where a transfer of this amount cannot be put into one."""
    if not 0 < amount <= EUR_AMOUNT_MAX:
        return None
    euros, cents = divmod(amount, 100)
    purpose = structured_reference = ""
    return "\n".join(
        (
            "BCD",
            "002",
            "1",
            "SCT",
            bic or "",
            holder[:NAME_MAX],
            iban,
            f"EUR{euros}.{cents:02}",
            purpose,
            structured_reference,
            remittance[:REMITTANCE_MAX],
        )
    )
