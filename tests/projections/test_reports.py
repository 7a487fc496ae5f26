"""Reports are pure functions of rows, and say the position they speak for."""

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from network.projections.balances import BalanceRow
from network.projections.flows import Flow
from network.projections.obligations import ObligationRow
from network.projections.reports import (
    Rate,
    balances_report,
    flows_report,
    obligations_report,
    reserves_report,
)
from network.projections.reserves import ReserveRow

A, B, C = (UUID(int=i) for i in (1, 2, 3))
obligation_rows = st.lists(
    st.builds(
        ObligationRow,
        debtor_id=st.sampled_from([A, B]),
        creditor_id=st.sampled_from([B, C]),
        kind=st.sampled_from(["value", "commission", "fee"]),
        owed=st.integers(0, 10**9),
        entries=st.just(1),
    ).filter(lambda row: row.debtor_id != row.creditor_id),
    unique_by=lambda row: (row.debtor_id, row.creditor_id, row.kind),
)


@given(obligation_rows)
def test_netting_a_pair_keeps_every_partys_position(rows):
    report = obligations_report(7, rows)

    for party in (A, B, C):
        gross = sum(r.owed * ((r.creditor_id == party) - (r.debtor_id == party)) for r in rows)
        net = sum(p.net * ((p.creditor_id == party) - (p.debtor_id == party)) for p in report.pairs)
        assert net == gross


@given(obligation_rows)
def test_a_net_is_never_negative_nor_above_the_gross(rows):
    report = obligations_report(7, rows)

    assert all(0 <= pair.net <= pair.owed + pair.owed_back for pair in report.pairs)
    assert report.gross == sum(row.owed for row in rows)
    assert report.position == 7


def test_a_pair_names_the_one_that_owes_the_net_as_debtor():
    rows = [ObligationRow(A, B, "value", 300, 1), ObligationRow(B, A, "commission", 420, 2)]

    [pair] = obligations_report(1, rows).pairs

    assert (pair.debtor_id, pair.creditor_id, pair.net) == (B, A, 120)
    assert pair.by_kind == {"commission": (420, 0), "value": (0, 300)}


def test_balances_are_of_all_parties():
    report = balances_report(9, [BalanceRow(B, 0, 5, -5), BalanceRow(A, 5, 0, 5)])

    assert (report.position, [row.net for row in report.parties]) == (9, [5, -5])


def test_reserves_name_the_pairs_that_hold_one():
    report = reserves_report(9, [ReserveRow(A, B, 0), ReserveRow(B, A, 30), ReserveRow(A, C, 12)])

    assert [row.reserved for row in report.pairs] == [12, 30]
    assert report.total == 42


def test_the_agreements_of_a_pair_are_one_flow_with_a_rate_over_what_is_decided():
    first = Flow(UUID(int=7), A, B, issued_count=10, used_count=3, expired_unused_count=1)
    second = Flow(UUID(int=8), A, B, issued_count=5, used_count=1, expired_unused_count=3)

    [pair] = flows_report(4, [first, second]).pairs

    assert (pair.agreements, pair.figures["issued_count"]) == (2, 15)
    assert pair.redemption_rate == Rate(4, 8)
    assert pair.redemption_rate.basis_points_rounded_down == 5_000


def test_a_rate_of_nothing_is_no_number():
    assert Rate(0, 0).basis_points_rounded_down is None
