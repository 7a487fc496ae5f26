"""The code for bank apps, as EPC069-12 version 3.0 sets its lines."""

from network.banking.epc_qr import transfer_code


def test_the_lines_are_those_of_the_guideline() -> None:
    code = transfer_code(
        holder="SIA Salons", iban="LV80BANK0000435195001", bic=None, amount=1_205, remittance="Pollen window 1 W1V1-X"
    )

    assert code is not None
    assert code.split("\n") == [
        "BCD", "002", "1", "SCT", "", "SIA Salons", "LV80BANK0000435195001", "EUR12.05", "", "",
        "Pollen window 1 W1V1-X",
    ]  # fmt: skip


def test_what_no_transfer_can_be_has_no_code() -> None:
    for amount in (0, -5, 100_000_000_000):
        assert transfer_code(holder="S", iban="LV80BANK0000435195001", bic=None, amount=amount, remittance="x") is None
