"""What an accountant with a grudge would try: other moneys, one file for two windows, a default in the middle."""

import pytest

from network.application import Answer
from network.bank_lines import lines_after
from network.banking.refusals import BankFileOfAnotherCurrency, BankFileOfAnotherIban, BankFileUnreadable
from network.coalitions import Coalitions
from network.domain.errors import BankLineAssigned
from network.domain.statement import Method, SettlementTerms
from network.papers.pdf import as_pdf
from network.settlement.paying import assign_bank_line, load_bank_file, suggestions
from network.settlement.payment_files import papers_of
from network.settlement.reading import stated_window
from network.settlement.requests import own_request
from network.settlement.statement import Statement
from tests.projections.worlds import catch_up
from tests.settlement.banks import give_iban, instructed, load, row, table
from tests.settlement.streets import close, must_be_sound, owes
from tests.settlement.test_default import default
from tests.settlement.test_disputes import dispute, line_of
from tests.settlement.test_paying import figures
from tests.support import HandClock, Neighbourhood, found
from tests.written import as_csv, as_xlsx


def told(*rows: list[str], currency: str) -> bytes:
    return table(*[[*one[:3], currency, *one[4:]] for one in rows])


@pytest.mark.parametrize(
    ("currency", "amount", "written", "wrong"),
    [("JPY", 1_600, "1600", "1600.5"), ("KWD", 1_605, "1.605", "1.6051"), ("EUR", 1_605, "16.05", "16.051")],
)
def test_a_window_settles_in_a_money_with_any_number_of_decimals(
    coalitions: Coalitions, clock: HandClock, module_database_url: str, currency: str, amount: int, written: str,
    wrong: str,
) -> None:  # fmt: skip
    street = found(coalitions, clock, currency=currency)
    salon, restaurant = street.merchant("Salon"), street.merchant("Restaurant")
    ibans = give_iban(street, salon, 1), give_iban(street, restaurant, 2)
    owes(street, salon, restaurant, amount)

    (one,) = instructed(street, module_database_url)

    papers = papers_of(street.opened, 1)
    assert f'<InstdAmt Ccy="{currency}">{written}</InstdAmt>'.encode() in papers.pain001(salon)
    assert f",{written},{currency},".encode() in papers.table(salon)
    arrived = row(ibans[1], written, one["end_to_end_id"])
    for content, refusal in (
        (told([*arrived[:2], wrong, *arrived[3:]], currency=currency), BankFileUnreadable),
        (told(arrived, currency="USD"), BankFileOfAnotherCurrency),
        (told([give_iban(street, restaurant, 3)[:-1] + "0", *arrived[1:]], currency=currency), BankFileUnreadable),
        (told(["LV44HABA0551000000001", *arrived[1:]], currency=currency), BankFileOfAnotherIban),
    ):
        with pytest.raises(refusal):
            load_bank_file(street.opened, content, currency=currency, by="organizer")
    assert figures(street, module_database_url) == ("instructed", 0, amount)
    load_bank_file(street.opened, told(arrived, currency=currency), currency=currency, by="organizer").facts()
    assert figures(street, module_database_url) == ("settled", amount, 0)
    must_be_sound(module_database_url, street.opened)


def assign(street: Neighbourhood, line: str, reference: str) -> Answer:
    request = own_request("organizer", reference)
    return assign_bank_line(street.opened, line, reference, currency="EUR", by="organizer", request=request)


def test_one_file_pays_parts_of_two_windows_and_a_line_that_names_both_waits_for_a_person(
    street: Neighbourhood, module_database_url: str
) -> None:
    salon, restaurant = street.merchant("Salon"), street.merchant("Restaurant")
    ibans = give_iban(street, salon, 1), give_iban(street, restaurant, 2)
    references = []
    for number, amount in ((1, 1_600), (2, 700)):
        owes(street, salon, restaurant, amount)
        (one,) = instructed(street, module_database_url, number)
        references.append(one["end_to_end_id"])
    both = row(ibans[1], "9.00", bank="R-3", text=" ".join(references), other=ibans[0])

    answer = load(
        street, table(row(ibans[1], "10.00", references[0]), row(ibans[1], "4.00", references[1], bank="R-2"), both)
    )

    assert (answer.facts()["matched"], answer.facts()["unmatched"]) == (2, 1)
    assert figures(street, module_database_url, 1) == ("part_paid", 1_000, 600)
    assert figures(street, module_database_url, 2) == ("part_paid", 400, 300)
    (kept,) = lines_after(street.opened, "", 10)
    ((_, why),) = suggestions(street.opened, [kept], "EUR")
    assert (why.why, set(why.suggestions)) == ("several_references", set(references))
    assign(street, kept.line, references[0]).facts()
    catch_up(module_database_url, street.opened.schema)
    assert figures(street, module_database_url, 1) == ("settled", 1_900, 0)
    with pytest.raises(BankLineAssigned):
        assign(street, kept.line, references[1]).facts()
    assert figures(street, module_database_url, 2) == ("part_paid", 400, 300)
    load(street, table(row(ibans[1], "-10.00", references[0], bank="back 1"))).facts()
    assert figures(street, module_database_url, 1) == ("part_paid", 900, 700), "what comes back opens it again"
    must_be_sound(module_database_url, street.opened)


def test_every_party_reads_a_version_after_a_default_that_adds_up(
    street: Neighbourhood, module_database_url: str
) -> None:
    names = ("Car wash", "Restaurant", "Bakery", "Cafe")
    wash, restaurant, bakery, cafe = (street.merchant(name) for name in names)
    for debtor, creditor, amount in (
        (wash, restaurant, 900), (wash, bakery, 300), (cafe, wash, 200), (restaurant, bakery, 50),
    ):  # fmt: skip
        owes(street, debtor, creditor, amount)
    street.do("put_up_deposit", merchant_id=wash, amount=400, held_by="a notary")
    close(module_database_url, street.opened, 1, SettlementTerms(Method.BILATERAL))
    default(street, 1, wash, pool=120)
    catch_up(module_database_url, street.opened.schema)

    with stated_window(street.opened, 1) as reading:
        parties = {one.party for one in reading.recomputed[-1].parties}
        assert parties > set(reading.parties()), "pool and holder of the deposits pay, who were in no line"
        shown = {party: reading.statement(party, None) for party in parties}
        first = {party: reading.statement(party) for party in parties}
        summaries = {party: reading.summary(party) for party in parties}

    for party, one in shown.items():
        adds_up(one)
        assert one.closing == first[party].closing
        assert (summaries[party].due, summaries[party].changes) == (one.due, one.changes)
        for write in (as_csv, lambda it: as_pdf(it, ("en",)), lambda it: as_xlsx(it, ("lv", "ru"))):
            assert write(one) != write(first[party])
    assert sum(one.balance for one in shown.values()) == 0
    assert sum(one.due for one in shown.values()) == 0
    assert shown[wash].balance == 0
    assert shown[restaurant].changes == {"defaulted": -360}
    assert shown[bakery].changes == {"defaulted": -120}


def adds_up(one: Statement) -> None:
    assert sum(pair.cleared for pair in one.pairs) == 0
    assert one.closing + sum(one.changes.values()) == one.due + one.rolled_over
    for pair in one.pairs:
        moved = sum(line.amount for line in pair.lines)
        assert pair.opening + moved == pair.closing
        assert pair.closing + sum(pair.changes.values()) == pair.cleared + pair.due + pair.rolled_over


def test_a_dispute_that_is_upheld_after_the_default_adjusts_the_open_window_alone(
    street: Neighbourhood, module_database_url: str
) -> None:
    wash, restaurant, bakery = (street.merchant(name) for name in ("Car wash", "Restaurant", "Bakery"))
    owes(street, wash, restaurant, 900)
    owes(street, restaurant, bakery, 500)
    close(module_database_url, street.opened, 1)
    raised = dispute(street, restaurant, bakery, line_of(street, 1, restaurant, bakery), amount=120)
    default(street, 1, wash)
    catch_up(module_database_url, street.opened.schema)
    with stated_window(street.opened, 1) as reading:
        after = {party: reading.statement(party, None) for party in (wash, restaurant, bakery)}

    street.do("answer_dispute", dispute_id=raised["dispute_id"], concede=True, note="", by=bakery)
    close(module_database_url, street.opened, 2)

    assert after[restaurant].changes == {"withheld": 120, "defaulted": -900}
    assert after[bakery].due == 380
    with stated_window(street.opened, 1) as reading:
        assert {party: reading.statement(party, None) for party in after} == after
    with stated_window(street.opened, 2) as reading:
        assert [reading.statement(party).closing for party in (restaurant, bakery)] == [0, 0], "it was withheld already"
    must_be_sound(module_database_url, street.opened)
