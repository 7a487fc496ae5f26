"""A long statement is read a page at a time where its lines are, and the pages together are the statement."""

from uuid import UUID

import pytest

from network.domain.terms import Commission, FaceValue, Fee, Funding, Reward, Side, Terms
from network.projections import statement_rows
from network.settlement.documents import csv_of, json_of
from network.settlement.reading import Reading, stated_window
from network.settlement.statement import Line, StatementDiffers
from tests.settlement.streets import close
from tests.support import Neighbourhood, rows
from tests.written import as_csv, as_json

IN_PARTS = Terms(
    face=FaceValue(fixed=10**6),
    funding=Funding(issuer=5_000, pool=2_000),
    commission=Commission(Reward(500), Reward(500), Reward(500)),
    fee=Fee(Side.ISSUER, 100, 1),
    partial_redemption=True,
    reversal_hours=72,
)


@pytest.fixture
def salon(street: Neighbourhood, module_database_url: str) -> UUID:
    """It issues and accepts; the second window undoes some of the first."""
    salon, restaurant = street.merchant("Salon"), street.merchant("Restaurant")
    pairs = ((salon, restaurant), (restaurant, salon), (salon, street.merchant("Bakery")))
    issued = [(street.issued(a, street.agreement(a, b, IN_PARTS)), b) for a, b in pairs]
    undo = []
    for number in range(5):
        for certificate_id, acceptor_id in issued:
            details = street.redemption(certificate_id, acceptor_id, amount=100 + number)
            street.do("redeem_certificate", **details)
            undo.append({name: details[name] for name in ("certificate_id", "redemption_id", "acceptor_id")})
    street.do("reverse_redemption", reason="a slip", **undo.pop())
    close(module_database_url, street.opened, 1)
    for details in undo[:4]:
        street.do("reverse_redemption", reason="a slip", **details)
    close(module_database_url, street.opened, 2)
    return salon


def paged(reading: Reading, party_id: UUID, limit: int) -> list[tuple[UUID, Line]]:
    found: list[tuple[UUID, Line]] = []
    while page := reading.lines(party_id, after=found[-1][1].position if found else 0, limit=limit):
        assert len({line.position for _, line in page}) <= limit
        found += page
    return found


@pytest.mark.parametrize("number", [1, 2])
def test_the_pages_are_the_statement_for_every_party_and_any_size(
    street: Neighbourhood, salon: UUID, number: int
) -> None:
    with stated_window(street.opened, number) as reading:
        for party in reading.parties():
            whole = reading.statement(party)
            lines = [(pair.counterparty_id, line) for pair in whole.pairs for line in pair.lines]
            ordered = sorted(lines, key=lambda one: (one[1].position, one[0]))

            assert [paged(reading, party, limit) for limit in (1, 4, 1_000)] == [ordered] * 3
            sums = reading.summary(party)
            assert [pair.closing for pair in sums.pairs] == [pair.closing for pair in whole.pairs]
            assert (sums.redeemed_here, sums.sections, sums.due) == (whole.redeemed_here, whole.sections, whole.due)
            assert all(not pair.lines for pair in sums.pairs)


def test_a_page_reads_no_more_rows_than_it_shows(
    street: Neighbourhood, salon: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[int] = []
    at = statement_rows.rows_at

    def counted(*args: object) -> object:
        lines, causes = at(*args)  # type: ignore[arg-type]
        read.append(len(causes))
        return lines, causes

    monkeypatch.setattr(statement_rows, "rows_at", counted)
    monkeypatch.setattr(statement_rows, "entries_of_party", None)

    with stated_window(street.opened, 1) as reading:
        assert reading.summary(salon).pairs
        reading.lines(salon, after=0, limit=2)

    assert read == [2]


def test_a_document_is_written_while_its_lines_are_read(
    street: Neighbourhood, salon: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    with stated_window(street.opened, 1) as reading:
        whole = [as_csv(reading.statement(salon)), as_json(reading.statement(salon))]
    read: list[int] = []
    at = statement_rows.causes_at

    def counted(*args: object) -> object:
        causes = at(*args)  # type: ignore[arg-type]
        read.append(len(causes))
        return causes

    monkeypatch.setattr(statement_rows, "causes_at", counted)
    monkeypatch.setattr(statement_rows, "AT_ONCE", 2)

    for write, expected in zip((csv_of, json_of), whole, strict=True):
        read.clear()
        with stated_window(street.opened, 1) as reading:
            sums = reading.summary(salon, 1)
            pieces = write(sums, reading.each_line(sums))
            begin = [next(pieces) for _ in range(3)]
            assert read == [2]
            assert b"".join([*begin, *pieces]) == expected
        assert max(read) == 2
        assert len(read) > 5


def test_a_document_whose_lines_are_not_what_was_stated_ends_in_a_refusal(
    street: Neighbourhood, salon: UUID, module_database_url: str
) -> None:
    lines = f"{street.opened.schema}.statement_lines"
    rows(module_database_url, f"DELETE FROM {lines} WHERE position = (SELECT max(position) FROM {lines} WHERE"
                              " window_number = 1)")  # fmt: skip
    with stated_window(street.opened, 1) as reading:
        sums = reading.summary(salon, 1)

        with pytest.raises(StatementDiffers):
            list(csv_of(sums, reading.each_line(sums)))
