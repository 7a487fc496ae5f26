"""From an agreed window to money that arrived: instruction, files, the banks' answers, by hand, reminders (4.4.4)."""

import hashlib
from concurrent.futures import ThreadPoolExecutor
from itertools import permutations
from uuid import UUID, uuid4

import psycopg
import pytest
from lxml import etree

from network.application import Request
from network.audit import audit
from network.bank_details import BankDetails, known_ibans
from network.bank_lines import lines_after
from network.banking.refusals import (
    BankFileLoadedBefore,
    BankFileOfAnotherCurrency,
    BankFileOfAnotherIban,
    BankFileUnreadable,
    IbanCheckDigitsWrong,
)
from network.domain.errors import (
    BankLineAssigned,
    BankLineMisfit,
    NoPaymentFile,
    NotYourPayment,
    Refusal,
    WindowStateForbids,
)
from network.domain.postings import organizer_of, pool_of
from network.projections import payouts, windows
from network.settlement.paying import assign_bank_line, instruct_window, load_bank_file, suggestions
from network.settlement.payment_files import papers_of
from tests.banking.test_pain001 import schema
from tests.projections.worlds import catch_up
from tests.settlement.banks import asked, give_iban, instructed, load, row, table
from tests.settlement.streets import close, owes, raw_log
from tests.support import Neighbourhood, coalitions_of


@pytest.fixture
def shops(street: Neighbourhood) -> tuple[UUID, UUID]:
    return street.merchant("Salon"), street.merchant("Restaurant")


@pytest.fixture
def ibans(street: Neighbourhood, shops: tuple[UUID, UUID]) -> tuple[str, str]:
    return give_iban(street, shops[0], 1), give_iban(street, shops[1], 2)


def figures(street: Neighbourhood, url: str, number: int = 1) -> tuple[str, int | None, int | None]:
    """State, paid and missing of a window, by the view."""
    catch_up(url, street.opened.schema)
    with street.opened.reading() as recorder:
        found = windows.find(recorder.connection, street.opened.schema, number)
    assert found is not None
    return found.state, found.paid, found.missing


def test_bank_details_stay_out_of_the_log(
    street: Neighbourhood, shops: tuple[UUID, UUID], ibans: tuple[str, str], module_database_url: str
) -> None:
    told = str(raw_log(module_database_url, street.opened.schema))
    with psycopg.connect(module_database_url) as connection:
        kept = connection.execute(f"SELECT sealed FROM {street.opened.schema}.bank_details".encode()).fetchall()

    assert "Merchant.BankDetailsSet" in told
    assert not any(iban in told for iban in ibans)
    assert not any(iban.encode() in sealed for iban in ibans for (sealed,) in kept)
    assert known_ibans(street.opened) == set(ibans)


def test_a_mistyped_iban_is_refused() -> None:
    with pytest.raises(IbanCheckDigitsWrong):
        BankDetails.checked(holder="Salon", iban="LV00HABA0551000000001")


def test_the_pool_and_the_organizer_have_bank_details_and_strangers_have_none(street: Neighbourhood) -> None:
    for party in (pool_of(street.opened.coalition_id), organizer_of(street.opened.coalition_id)):
        give_iban(street, party, 9)

    with pytest.raises(Refusal, match="no such party"):
        give_iban(street, uuid4(), 9)


def test_an_instruction_gives_each_debtor_a_valid_file_with_the_same_bytes_again(
    street: Neighbourhood, shops: tuple[UUID, UUID], ibans: tuple[str, str], module_database_url: str
) -> None:
    owes(street, *shops, 1_600)
    instructed(street, module_database_url)

    papers = papers_of(street.opened, 1)
    written, listed = papers.pain001(shops[0]), papers.table()
    give_iban(street, shops[1], 77)
    street.clock.move(days=3)

    schema().assertValid(etree.fromstring(written))
    assert b"<CtrlSum>16.00</CtrlSum>" in written
    assert ibans[1].encode() in written
    again = papers_of(street.opened, 1)
    assert (again.pain001(shops[0]), again.table()) == (written, listed)
    with pytest.raises(NoPaymentFile, match="pays nothing"):
        papers.pain001(shops[1])


def test_who_lacks_an_iban_is_listed_and_pays_by_hand(
    street: Neighbourhood, shops: tuple[UUID, UUID], module_database_url: str
) -> None:
    owes(street, *shops, 1_600)
    give_iban(street, shops[0], 1)
    instructed(street, module_database_url)

    papers = papers_of(street.opened, 1)

    (one,) = papers.payouts
    assert papers.why_not(one) == "creditor_iban_missing"
    with pytest.raises(NoPaymentFile, match="who receives"):
        papers.pain001(shops[0])
    assert f",Restaurant,,,16.00,EUR,Pollen window 1 {one.end_to_end_id}".encode() in papers.table(shops[0])


def test_two_organizers_who_instruct_at_once_make_one_instruction(
    street: Neighbourhood, shops: tuple[UUID, UUID], module_database_url: str
) -> None:
    owes(street, *shops, 1_600)
    close(module_database_url, street.opened, 1)
    street.clock.move(days=8)
    street.do("agree_window", number=1)
    with coalitions_of(module_database_url, street.clock) as elsewhere:
        rival = elsewhere.open(street.opened.entry.slug)
        with ThreadPoolExecutor(4) as pool:
            answers = list(pool.map(lambda one: instruct_window(one, 1, by="organizer"), [street.opened, rival] * 2))

    assert sorted(answer.refused for answer in answers) == [False, True, True, True]
    assert street.topics().count("Window.Instructed") == 1


def test_a_window_is_not_instructed_before_it_is_agreed(
    street: Neighbourhood, shops: tuple[UUID, UUID], module_database_url: str
) -> None:
    owes(street, *shops, 1_600)
    close(module_database_url, street.opened, 1)

    with pytest.raises(WindowStateForbids, match="Window 1 is stated"):
        instruct_window(street.opened, 1, by="organizer").facts()
    with pytest.raises(WindowStateForbids):
        papers_of(street.opened, 1)


def test_banks_answer_in_parts_and_the_window_settles(
    street: Neighbourhood, shops: tuple[UUID, UUID], ibans: tuple[str, str], module_database_url: str
) -> None:
    owes(street, *shops, 1_600)
    (one,) = instructed(street, module_database_url)
    reference = one["end_to_end_id"]

    first = load(street, table(row(ibans[1], "6.00", reference), row(ibans[1], "7.00", bank="other"))).facts()
    assert {name: first[name] for name in ("lines", "matched", "known", "unmatched")} == {
        "lines": 2, "matched": 1, "known": 0, "unmatched": 1,
    }  # fmt: skip
    assert figures(street, module_database_url) == ("part_paid", 600, 1_000)
    second = load(
        street, table(row(ibans[1], "6.00", reference), row(ibans[1], "10.00", text=f"x {reference}", bank="R-2"))
    ).facts()

    assert (second["matched"], second["known"]) == (1, 1)
    assert figures(street, module_database_url) == ("settled", 1_600, 0)
    assert street.topics()[-2:] == ["Window.Settled", "BankFile.Loaded"]
    load(street, table(row(ibans[1], "-10.00", reference, bank="back 1"))).facts()
    assert figures(street, module_database_url) == ("part_paid", 600, 1_000)
    with psycopg.connect(module_database_url, autocommit=True) as connection:
        assert audit(connection, street.opened.schema).findings == []


def test_the_order_and_repetition_of_files_never_matters(
    street: Neighbourhood, shops: tuple[UUID, UUID], ibans: tuple[str, str], module_database_url: str
) -> None:
    files = {
        "debtor": lambda r: table(row(ibans[0], "-16.00", r, bank="D1")),
        "creditor": lambda r: table(row(ibans[1], "12.00", r, bank="C1"), row(ibans[1], "4.00", r, bank="C2")),
        "returned": lambda r: table(row(ibans[1], "-4.00", r, bank="back 2"), row(ibans[1], "12.00", r, bank="C1")),
    }
    outcomes = set()
    for number, order in enumerate(permutations(files), start=1):
        owes(street, *shops, 1_600)
        (one,) = instructed(street, module_database_url, number)
        for name in (*order, order[0]):
            load(street, files[name](one["end_to_end_id"]))
        outcomes.add(figures(street, module_database_url, number))

    assert outcomes == {("part_paid", 1_200, 400)}


def test_the_same_file_at_once_is_loaded_once(
    street: Neighbourhood, shops: tuple[UUID, UUID], ibans: tuple[str, str], module_database_url: str
) -> None:
    owes(street, *shops, 1_600)
    (one,) = instructed(street, module_database_url)
    file = table(row(ibans[1], "16.00", one["end_to_end_id"]), row(ibans[1], "1.00", bank="stray"))

    with coalitions_of(module_database_url, street.clock) as elsewhere:
        rival = elsewhere.open(street.opened.entry.slug)
        with ThreadPoolExecutor(6) as pool:
            answers = list(
                pool.map(
                    lambda opened: load_bank_file(opened, file, currency="EUR", by="organizer"),
                    [street.opened, rival] * 3,
                )
            )

    assert sorted(answer.refused for answer in answers) == [False] + 5 * [True]
    assert street.topics().count("Window.PaymentConfirmed") == 1
    assert street.topics().count("BankFile.Loaded") == 1
    assert len(lines_after(street.opened, "", 100)) == 1


def test_a_file_that_was_loaded_changes_nothing_and_a_retry_is_the_same_answer(
    street: Neighbourhood, shops: tuple[UUID, UUID], ibans: tuple[str, str], module_database_url: str
) -> None:
    owes(street, *shops, 1_600)
    (one,) = instructed(street, module_database_url)
    file = table(row(ibans[1], "16.00", one["end_to_end_id"]))
    request = Request("organizer", str(uuid4()), hashlib.sha256(file).digest())
    first = load_bank_file(street.opened, file, currency="EUR", by="organizer", request=request)
    head = street.head()

    again = load_bank_file(street.opened, file, currency="EUR", by="organizer", request=request)

    assert again == first
    with pytest.raises(BankFileLoadedBefore):
        load(street, file).facts()
    assert street.head() == head


@pytest.mark.parametrize(
    ("content", "refusal"),
    [
        (b"<Document", BankFileUnreadable),
        (b"hello", BankFileUnreadable),
        (table(row("LV97HABA0012345678910", "1.00")), BankFileOfAnotherIban),
    ],
)
def test_what_is_no_answer_of_our_banks_changes_nothing(
    street: Neighbourhood, ibans: tuple[str, str], content: bytes, refusal: type[Refusal]
) -> None:
    head = street.head()

    with pytest.raises(refusal):
        load(street, content)
    with pytest.raises(BankFileOfAnotherCurrency):
        load_bank_file(street.opened, table(row(ibans[0], "1.00")), currency="USD", by="organizer")
    assert street.head() == head


def test_a_line_that_names_nothing_waits_until_a_person_assigns_it(
    street: Neighbourhood, shops: tuple[UUID, UUID], ibans: tuple[str, str], module_database_url: str
) -> None:
    owes(street, *shops, 1_600)
    (one,) = instructed(street, module_database_url)
    load(street, table(row(ibans[1], "16.00", text="rent", other=ibans[0]), row(ibans[1], "9.00", bank="R-9"))).facts()
    catch_up(module_database_url, street.opened.schema)
    told = {
        kept.told.amount: (kept, why)
        for kept, why in suggestions(street.opened, lines_after(street.opened, "", 9), "EUR")
    }
    kept, why = told[1_600]

    assert why.suggestions == (one["end_to_end_id"],)
    assert told[900][1].suggestions == ()
    request = Request("organizer", str(uuid4()), b"assign")
    for _ in range(2):
        assign_bank_line(
            street.opened, kept.line, one["end_to_end_id"], currency="EUR", by="organizer", request=request
        ).facts()
    assert figures(street, module_database_url) == ("settled", 1_600, 0)
    with pytest.raises(BankLineAssigned):
        assign_bank_line(
            street.opened, kept.line, one["end_to_end_id"], currency="EUR", by="organizer",
            request=Request("organizer", str(uuid4()), b"again"),
        ).facts()  # fmt: skip
    again = load(street, table(row(ibans[1], "16.00", text="rent", other=ibans[0]), row(ibans[0], "1.00", bank="z")))
    assert again.facts()["known"] == 1
    street.do(
        "withdraw_booking", number=1, reference=one["end_to_end_id"], line=kept.line, file_id=kept.file_id,
        reason="it was the rent", by="organizer",
    )  # fmt: skip
    assert figures(street, module_database_url) == ("instructed", 0, 1_600)
    with psycopg.connect(module_database_url, autocommit=True) as connection:
        assert audit(connection, street.opened.schema).findings == []


def test_a_later_telling_of_a_line_that_names_its_payment_is_not_assigned_twice(
    street: Neighbourhood, shops: tuple[UUID, UUID], ibans: tuple[str, str], module_database_url: str
) -> None:
    owes(street, *shops, 1_600)
    (one,) = instructed(street, module_database_url)
    load(street, table(row(ibans[1], "16.00", bank="N-1"))).facts()
    (kept,) = lines_after(street.opened, "", 9)
    load(street, table(row(ibans[1], "16.00", one["end_to_end_id"], bank="N-1"))).facts()

    assert figures(street, module_database_url) == ("settled", 1_600, 0)
    with pytest.raises(BankLineAssigned):
        assign_bank_line(
            street.opened, kept.line, one["end_to_end_id"], currency="EUR", by="organizer",
            request=Request("organizer", str(uuid4()), b"x"),
        ).facts()  # fmt: skip


def test_a_line_of_a_third_party_is_not_assigned(
    street: Neighbourhood, shops: tuple[UUID, UUID], ibans: tuple[str, str], module_database_url: str
) -> None:
    owes(street, *shops, 1_600)
    (one,) = instructed(street, module_database_url)
    stranger = give_iban(street, street.merchant("Bakery"), 3)
    load(street, table(row(stranger, "16.00"))).facts()
    (kept,) = lines_after(street.opened, "", 9)

    with pytest.raises(BankLineMisfit, match="neither side"):
        assign_bank_line(
            street.opened, kept.line, one["end_to_end_id"], currency="EUR", by="organizer",
            request=Request("organizer", str(uuid4()), b"x"),
        )  # fmt: skip


def test_the_creditor_confirms_what_came_in_cash_and_nobody_else_does(
    street: Neighbourhood, shops: tuple[UUID, UUID], module_database_url: str
) -> None:
    owes(street, *shops, 1_600)
    (one,) = instructed(street, module_database_url)
    said = {"number": 1, "reference": one["end_to_end_id"], "amount": 1_600, "cause": "in cash"}
    confirmation_id = uuid4()

    with pytest.raises(NotYourPayment):
        street.do("confirm_payout", **said, confirmation_id=uuid4(), by=str(shops[0]))
    street.do("confirm_payout", **said, confirmation_id=confirmation_id, by=str(shops[1]))
    street.do("confirm_payout", **said, confirmation_id=confirmation_id, by=str(shops[1]))

    assert figures(street, module_database_url) == ("settled", 1_600, 0)
    with street.opened.reading() as recorder:
        (booked,) = payouts.bookings(recorder.connection, street.opened.schema, one["end_to_end_id"])
    assert (booked.side, booked.cause, booked.booked_by) == ("hand", "in cash", str(shops[1]))


def test_what_is_paid_counts_no_more_against_a_limit_and_what_comes_back_counts_again(
    street: Neighbourhood, shops: tuple[UUID, UUID], ibans: tuple[str, str], module_database_url: str
) -> None:
    owes(street, *shops, 1_600)
    (one,) = instructed(street, module_database_url)
    scopes = [(f"pair:{shops[0]}:{shops[1]}", ""), (f"debtor:{shops[0]}", ""), (f"debtor:{shops[1]}", "")]

    def used() -> list[int]:
        with street.opened.reading() as recorder:
            found = recorder.used(scopes)
        return [found[scope] for scope in scopes]

    before = used()
    load(street, table(row(ibans[0], "-16.00", one["end_to_end_id"], bank="D"))).facts()
    paid = used()
    load(street, table(row(ibans[1], "10.00", one["end_to_end_id"], bank="C"))).facts()

    assert (before, paid, used()) == ([1_600, 1_600, -1_600], [0, 0, 0], [600, 600, -600])


def test_what_is_confirmed_adds_up_to_what_was_due(street: Neighbourhood, module_database_url: str) -> None:
    parties = [street.merchant(name) for name in "SRCF"]
    ibans = [give_iban(street, party, number) for number, party in enumerate(parties, 1)]
    s, r, c, f = parties
    for debtor, creditor, amount in ((s, r, 420), (r, c, 300), (c, s, 260), (f, r, 90), (r, s, 120), (c, f, 40)):
        owes(street, debtor, creditor, amount)
    instructed(street, module_database_url)

    lines = [
        row(
            ibans[parties.index(UUID(one["creditor"]))],
            f"{one['amount'] / 100:.2f}",
            one["end_to_end_id"],
            bank=f"B{n}",
        )
        for n, one in enumerate(asked(street, module_database_url))
    ]
    load(street, table(*lines)).facts()

    assert figures(street, module_database_url) == ("settled", 90, 0)
    with street.opened.reading() as recorder:
        rows = payouts.of_window(recorder.connection, street.opened.schema, 1)
    assert sum(one.paid for one in rows) == sum(one.amount for one in rows) == 90
