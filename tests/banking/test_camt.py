from datetime import date

import pytest

from network.banking.lines import BankLine, file_hash
from network.domain.errors import Refusal
from tests.banking.samples import CAR_WASH_OWES, SALON_OWES, read, sample
from tests.banking.world import CAR_WASH, RESTAURANT, SALON

DAY = date(2026, 2, 3)
SAMPLES = ["camt.053.001.02", "camt.053.001.08", "camt.054.001.02", "camt.054.001.08"]
WHOLE = "camt.053.001.08"


def refused(content: bytes) -> str:
    with pytest.raises(Refusal) as caught:
        read(content)
    return caught.value.code


def changed(name: str, old: str, new: str, times: int = -1) -> bytes:
    content = sample(name)
    assert old.encode() in content
    return content.replace(old.encode(), new.encode(), times)


def test_a_statement_of_version_02_is_read_line_by_line() -> None:
    found = read(sample("camt.053.001.02"))

    first, second, third, fee = found.lines
    assert first == BankLine(
        own_iban=RESTAURANT.iban,
        booked_on=DAY,
        amount=4_000,
        currency="EUR",
        counterparty_iban=SALON.iban,
        counterparty_name="SIA 'Skaistuma salons Gertrude'",
        end_to_end_id=SALON_OWES.end_to_end_id,
        remittance="Pollen window 12 second line",
        bank_reference="R-1",
        return_reason=None,
    )
    assert (second.amount, second.bank_reference, second.end_to_end_id) == (
        5_000,
        "R-2-1",
        CAR_WASH_OWES.end_to_end_id,
    )
    assert (third.amount, third.end_to_end_id, third.remittance) == (3_260, None, "RF18539007547034")
    assert (fee.amount, fee.booked_on, fee.remittance) == (-100, DAY, "Monthly fee")
    assert (found.kind, found.own_ibans, found.not_booked) == ("camt.053.001.02", (RESTAURANT.iban,), 1)
    assert found.file_hash == file_hash(sample("camt.053.001.02"))


def test_a_statement_of_version_08_tells_of_a_return_and_why() -> None:
    sent, returned = read(sample("camt.053.001.08")).lines

    assert (sent.amount, sent.counterparty_iban, sent.return_reason) == (-4_000, RESTAURANT.iban, None)
    assert (returned.amount, returned.return_reason) == (4_000, "AC04")
    assert (returned.counterparty_iban, returned.counterparty_name) == (RESTAURANT.iban, "OOO 'Shchedryi uzhin'")
    assert returned.end_to_end_id == SALON_OWES.end_to_end_id


def test_notices_are_read_in_both_versions() -> None:
    (credit,) = read(sample("camt.054.001.02")).lines
    (debit,) = read(sample("camt.054.001.08")).lines

    assert (credit.own_iban, credit.amount, credit.end_to_end_id) == (
        RESTAURANT.iban,
        4_000,
        SALON_OWES.end_to_end_id,
    )
    assert (debit.own_iban, debit.amount, debit.counterparty_iban) == (CAR_WASH.iban, -5_000, RESTAURANT.iban)


def test_a_notice_and_the_statement_after_it_tell_the_same_line() -> None:
    noticed = read(sample("camt.054.001.02")).lines[0]

    assert noticed.key == read(sample("camt.053.001.02")).lines[0].key


def test_lines_without_a_reference_of_the_bank_get_the_same_one_each_time() -> None:
    unnamed = [line.bank_reference for line in read(sample("camt.053.001.02")).lines if line.amount in {3_260, -100}]
    again = [line.bank_reference for line in read(sample("camt.053.001.02") + b"\n").lines if line.amount < 3_300]

    assert unnamed == again
    assert len({*unnamed}) == 2
    assert all(reference.startswith("~") for reference in unnamed)


def test_two_equal_lines_of_a_day_stay_two() -> None:
    noticed = sample("camt.054.001.02").replace(b"<AcctSvcrRef>R-1</AcctSvcrRef>", b"")
    entry = noticed[noticed.index(b"<Ntry>") : noticed.index(b"</Ntry>") + 7]

    lines = read(noticed.replace(entry, entry * 2)).lines

    assert len({line.key for line in lines}) == 2


@pytest.mark.parametrize("reason", ["<RtrInf/>", ""])
def test_a_return_without_a_reason_is_still_a_return(reason: str) -> None:
    content = changed("camt.053.001.08", "<RtrInf><Rsn><Cd>AC04</Cd></Rsn><AddtlInf>Closed</AddtlInf></RtrInf>", reason)

    assert read(content).lines[1].return_reason == "unstated"


def test_a_collective_entry_without_amounts_of_its_parts_is_one_line() -> None:
    content = sample("camt.053.001.02").replace(b'<AmtDtls><TxAmt><Amt Ccy="EUR">32.60</Amt></TxAmt></AmtDtls>', b"")

    assert [line.amount for line in read(content).lines] == [4_000, 8_260, -100]


def test_a_comment_cannot_split_a_text() -> None:
    content = changed("camt.054.001.02", '<Amt Ccy="EUR">40.00', '<Amt Ccy="EUR">4<!-- x -->0.<?x y?>00')

    assert [line.amount for line in read(content).lines] == [4_000]


def test_an_empty_statement_is_a_statement() -> None:
    content = sample("camt.054.001.02")
    empty = content[: content.index(b"<Ntry>")] + content[content.index(b"</Ntry>") + 7 :]

    assert read(empty).lines == ()


@pytest.mark.parametrize("name", SAMPLES)
def test_a_statement_for_a_stranger_is_refused(name: str) -> None:
    content = sample(name)
    for iban in (SALON.iban, RESTAURANT.iban, CAR_WASH.iban):
        content = content.replace(f"<Acct><Id><IBAN>{iban}".encode(), b"<Acct><Id><IBAN>DE89370400440532013000")

    assert refused(content) == "bank_file_of_another_iban"


@pytest.mark.parametrize("name", SAMPLES)
def test_a_statement_in_another_money_is_refused(name: str) -> None:
    with pytest.raises(Refusal) as caught:
        read(sample(name), "USD")

    assert caught.value.code == "bank_file_of_another_currency"


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("<IBAN>{salon}</IBAN></Id><Ccy>", "<Othr><Id>77</Id></Othr></Id><Ccy>", "bank_file_of_another_iban"),
        ("<Ccy>EUR</Ccy>", "<Ccy>USD</Ccy>", "bank_file_of_another_currency"),
        ('<Amt Ccy="EUR">40.00', '<Amt Ccy="USD">40.00', "bank_file_of_another_currency"),
        ('<Amt Ccy="EUR">40.00', "<Amt>40.00", "bank_file_of_another_currency"),
        ('<Amt Ccy="EUR">40.00', '<Amt Ccy="EUR">40.001', "bank_file_unreadable"),
        ('<Amt Ccy="EUR">40.00', '<Amt Ccy="EUR">-40.00', "bank_file_unreadable"),
        ('<Amt Ccy="EUR">40.00', '<Amt Ccy="EUR">', "bank_file_unreadable"),
        ('<Amt Ccy="EUR">40.00</Amt>', "", "bank_file_unreadable"),
        ("<CdtDbtInd>DBIT", "<CdtDbtInd>BOTH", "bank_file_unreadable"),
        ("<BookgDt><Dt>2026-02-03</Dt></BookgDt>", "", "bank_file_unreadable"),
        ("<BookgDt><Dt>2026-02-03", "<BookgDt><Dt>2026-02-30", "bank_file_unreadable"),
        ("<BookgDt><Dt>2026-02-03", "<BookgDt><Dt>03.02.2026", "bank_file_unreadable"),
        ('<Amt Ccy="EUR">500.00', '<Amt Ccy="EUR">499.99', "bank_file_incoherent"),
        ("camt.053.001.08", "camt.053.001.99", "bank_file_unknown"),
        ("camt.053.001.08", "camt.052.001.08", "bank_file_unknown"),
        ("<BkToCstmrStmt>", "<BkToCstmrAcctRpt>", "bank_file_unreadable"),
    ],
)
def test_what_does_not_fit_is_refused_whole(old: str, new: str, code: str) -> None:
    content = changed(WHOLE, old.format(salon=SALON.iban), new)

    assert refused(content) == code


def test_parts_that_do_not_add_up_are_refused() -> None:
    content = changed("camt.053.001.02", '<Amt Ccy="EUR">50.00', '<Amt Ccy="EUR">50.01')

    assert refused(content.replace(b"OPBD", b"ITBD")) == "bank_file_incoherent"


def test_one_strange_statement_among_ours_refuses_the_file() -> None:
    content = sample(WHOLE)
    ours = content[content.index(b"<Stmt>") : content.index(b"</Stmt>") + 7]
    strange = ours.replace(f"<Acct><Id><IBAN>{SALON.iban}".encode(), b"<Acct><Id><IBAN>DE89370400440532013000")

    assert refused(content.replace(ours, ours + strange)) == "bank_file_of_another_iban"
