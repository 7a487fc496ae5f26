"""The hand-written statements under `statements/`, with the street's IBANs and ids put in."""

from pathlib import Path

from network.banking.bank_file import read_bank_file
from network.banking.lines import BankFile
from tests.banking.world import CAR_WASH, RESTAURANT, SALON, debt

SALON_OWES = debt(SALON, RESTAURANT, 4_000)
CAR_WASH_OWES = debt(CAR_WASH, RESTAURANT, 5_000)
OURS = [SALON.iban, RESTAURANT.iban, CAR_WASH.iban]


def sample(name: str) -> bytes:
    text = (Path(__file__).parent / "statements" / f"{name}.xml").read_text(encoding="utf-8")
    for mark, value in {
        "@SALON@": SALON.iban,
        "@RESTAURANT@": RESTAURANT.iban,
        "@CAR_WASH@": CAR_WASH.iban,
        "@SALON_OWES@": SALON_OWES.end_to_end_id,
        "@CAR_WASH_OWES@": CAR_WASH_OWES.end_to_end_id,
    }.items():
        text = text.replace(mark, value)
    return text.encode()


def read(content: bytes, currency: str = "EUR") -> BankFile:
    return read_bank_file(content, own_ibans=OURS, currency=currency)
