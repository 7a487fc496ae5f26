"""DOMAIN 9.3, 9.4 and 9.7 on random histories, seen through the views at every position of the log."""

import pytest

from network.coalitions import open_connection
from network.projections import balances, certificates, flows, obligations, reserves
from network.projections.batches import Follower
from network.projections.catalogue import named
from tests.projections.worlds import TERMS, catch_up, world

MONEY = ("balances", "flows", "reserves")


@pytest.mark.parametrize("seed", [31, 32, 33])
def test_at_every_position_flows_add_up_nets_are_zero_and_reserves_match(database_url, seed):
    with world(database_url, seed) as street:
        street.trade(250)
        with open_connection(database_url) as connection:
            follower = Follower(connection, street.schema, named(MONEY), batch_events=1)

            while follower.step():
                broken = [flow for flow in flows.by_agreement(connection, street.schema) if not _adds_up(flow)]
                nets = sum(row.net for row in balances.all(connection, street.schema))
                negative = [row for row in reserves.all(connection, street.schema) if row.reserved < 0]
                assert (broken, nets, negative) == ([], 0, [])


@pytest.mark.parametrize("terms", TERMS)
@pytest.mark.parametrize("known", [True, False])
def test_reversing_a_redemption_restores_every_balance(settled_url, terms, known):
    with world(settled_url) as street:
        issuer_id, acceptor_id = street.merchants[:2]
        agreement = (street.agree(issuer_id, acceptor_id, terms), issuer_id, acceptor_id)
        certificate_id = street.issue(agreement, street.wallets[0] if known else None)
        before = _money(settled_url, street)
        redemption_id = street.id()
        street.do(
            "redeem_certificate",
            certificate_id=certificate_id,
            epoch=0,
            redemption_id=redemption_id,
            acceptor_id=acceptor_id,
            bill_reference="r",
            bill=1_777,
        )
        used = _money(settled_url, street)

        street.do(
            "reverse_redemption",
            certificate_id=certificate_id,
            redemption_id=redemption_id,
            acceptor_id=acceptor_id,
            reason="a slip",
        )

        assert used != before
        assert _money(settled_url, street) == before


def test_value_that_cannot_be_used_again_lapses_and_still_adds_up(settled_url):
    """A redemption undone by the organizer after the certificate's last day is not renewed."""
    with world(settled_url) as street:
        certificate_id, redemption_id = street.issue(street.agreements[0]), street.id()
        street.do(
            "redeem_certificate",
            certificate_id=certificate_id,
            epoch=0,
            redemption_id=redemption_id,
            acceptor_id=street.agreements[0][2],
            bill_reference="r",
            bill=300,
        )
        street.later(days=10)

        street.do(
            "reverse_redemption",
            certificate_id=certificate_id,
            redemption_id=redemption_id,
            acceptor_id=None,
            reason="a slip",
        )

        catch_up(settled_url, street.schema)
        with street.opened.reading() as recorder:
            flow = flows.of_agreement(recorder.connection, street.schema, street.agreements[0][0])
        assert flow
        assert (flow.expired_count, flow.expired_value, flow.expired_unused_count) == (1, 500, 1)
        assert (flow.redeemed_value, flow.released_value, flow.active_value) == (0, 0, 0)


def _adds_up(flow: flows.Flow) -> bool:
    count = flow.active_count + flow.redeemed_count + flow.expired_count + flow.revoked_count
    value = flow.active_value + flow.redeemed_value + flow.released_value + flow.expired_value + flow.revoked_value
    parts = [getattr(flow, name) for name in flows.SUMS]
    return (flow.issued_count, flow.issued_value) == (count, value) and min(parts) >= 0


def _money(database_url, street):
    """Nets, reserves, net debts and outstanding, as far as they are not zero."""
    catch_up(database_url, street.schema)
    with street.opened.reading() as recorder:
        connection, schema = recorder.connection, street.schema
        debts: dict[object, int] = {}
        for row in obligations.all(connection, schema):
            first, second = sorted((row.debtor_id, row.creditor_id))
            sign = 1 if row.debtor_id == first else -1
            debts[first, second, row.kind] = debts.get((first, second, row.kind), 0) + sign * row.owed
        return (
            {row.party_id: row.net for row in balances.all(connection, schema) if row.net},
            {(r.funder_id, r.creditor_id): r.reserved for r in reserves.all(connection, schema) if r.reserved},
            {pair: net for pair, net in debts.items() if net},
            [(row.outstanding, row.state) for row in certificates.of_merchant(connection, schema, street.merchants[0])],
        )
