"""What a till took without a network and lost is a line like others: who is charged with it may dispute it."""

from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from network.application.offline import Delivered
from network.domain.dispute import Reason
from network.domain.errors import LineNotDisputable, NotTheDebtor
from network.domain.offline import Liability
from network.domain.postings import Kind
from network.domain.terms import FaceValue, Funding, Terms
from network.public_keys import key_text
from network.receipts import opened, shown_in
from network.settlement.restating import recompute_window
from tests.archive.test_archive import report_of
from tests.settlement.streets import close, must_be_sound, statements
from tests.settlement.test_disputes import dispute, line_of
from tests.support import Neighbourhood
from tests.tills import OfflineTill
from tests.written import archive_of

TERMS = Terms(
    face=FaceValue(fixed=500),
    funding=Funding(issuer=6_000, pool=2_000),
    offline_ceiling=500,
    offline_liability=Liability.ISSUER,
)


@pytest.fixture
def shops(street: Neighbourhood) -> tuple[UUID, UUID]:
    return street.merchant("Salon"), street.merchant("Restaurant")


def lost_offline(street: Neighbourhood, shops: tuple[UUID, UUID]) -> None:
    """A till takes a certificate without a network, and before it tells the certificate is used elsewhere."""
    salon, restaurant = shops
    certificate_id = street.issued(salon, street.agreement(salon, restaurant, TERMS))
    token = street.do("claim_certificate", certificate_id=certificate_id, epoch=0, wallet_id=street.wallet())["token"]
    till = OfflineTill(7)
    key = key_text(till.signer.key)
    street.do("register_till_key", till_id=till.till_id, merchant_id=restaurant, device_key=key)
    street.clock.move(hours=2)
    taken_at = street.clock() - timedelta(hours=1)
    receipt = opened(till.take(shown=str(token), certificate_id=certificate_id, epoch=1, amount=500, at=taken_at))
    street.redeem(certificate_id, restaurant, epoch=1)
    delivered = Delivered(receipt, shown_in(receipt.receipt, street.opened.keyring))
    told = street.do("deliver_receipts", till_id=till.till_id, merchant_id=restaurant, receipts=[delivered])
    assert [one["status"] for one in told["receipts"]] == ["conflicted"]


@pytest.mark.parametrize(("upheld", "owed_in_the_next"), [(True, 0), (False, -500)])
def test_it_waits_and_how_it_ends_is_recomputed_from_the_archive(
    street: Neighbourhood, shops: tuple[UUID, UUID], module_database_url: str, tmp_path: Path, upheld: bool,
    owed_in_the_next: int,
) -> None:  # fmt: skip
    salon, restaurant = shops
    lost_offline(street, shops)
    assert close(module_database_url, street.opened, 1)["to_pay"] == 300 + 100 + 500
    (pair,) = (one for one in statements(street.opened, 1)[salon].pairs if one.counterparty_id == restaurant)
    (line,) = (one for one in pair.lines if one.cause == "offline_conflict")

    raised = dispute(street, salon, restaurant, line.position, kind=Kind.ADJUSTMENT, reason=Reason.OFFLINE_CONFLICT)
    recomputed = recompute_window(street.opened, 1).facts()
    street.do("answer_dispute", dispute_id=raised["dispute_id"], concede=False, note="", by=restaurant)
    street.do("decide_dispute", dispute_id=raised["dispute_id"], uphold=upheld, note="")
    close(module_database_url, street.opened, 2)

    assert (raised["amount"], raised["withheld"], recomputed["to_pay"]) == (500, True, 300 + 100)
    second = statements(street.opened, 2)
    assert (second[salon].closing if salon in second else 0) == owed_in_the_next
    if not upheld:
        (ended,) = second[salon].pairs[0].lines
        assert (ended.cause, ended.bill_reference, ended.bill) == ("dispute_rejected", line.bill_reference, line.bill)
        with pytest.raises(LineNotDisputable):
            dispute(street, salon, restaurant, ended.position, kind=Kind.ADJUSTMENT)
    reports = [report_of(archive_of(street.opened, 2, party), tmp_path) for party in (None, salon, restaurant)]
    assert [report["findings"] for report in reports] == [[], [], []]
    must_be_sound(module_database_url, street.opened)


def test_of_two_who_bear_one_value_each_disputes_its_own_part(
    street: Neighbourhood, shops: tuple[UUID, UUID], module_database_url: str
) -> None:
    salon, restaurant = shops
    street.redeem(street.issued(salon, street.agreement(salon, restaurant, TERMS)), restaurant)
    close(module_database_url, street.opened, 1)
    position = line_of(street, 1, salon, restaurant)

    by_pool = dispute(street, None, restaurant, position)
    by_issuer = dispute(street, salon, restaurant, position)

    assert (by_pool["amount"], by_issuer["amount"]) == (100, 300)
    with pytest.raises(NotTheDebtor):
        dispute(street, restaurant, restaurant, position)
    must_be_sound(module_database_url, street.opened)
