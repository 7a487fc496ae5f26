import re
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from network.banking.ids import bare, bare_ids_in, end_to_end_id, message_id, payment_id
from network.banking.refusals import PaymentInvalid

COALITION_ID, ANNA, BORIS = UUID(int=7), UUID(int=1), UUID(int=2)


def test_ids_never_change() -> None:
    assert end_to_end_id(COALITION_ID, 12, 1, ANNA, BORIS) == "W12V1-RFBXKLDFSGTKRMLDMFNH"
    assert message_id(COALITION_ID, 12, 1, ANNA) == "W12V1-BKFPBTGTKBNQJHCSTKKT"
    assert payment_id(COALITION_ID, 12, 1, ANNA) == "W12V1-QRFKGNKBNJDRDCFRCCNF"


def test_every_fact_makes_another_id() -> None:
    made = [
        end_to_end_id(COALITION_ID, 12, 1, ANNA, BORIS),
        end_to_end_id(COALITION_ID, 12, 1, BORIS, ANNA),
        end_to_end_id(COALITION_ID, 12, 2, ANNA, BORIS),
        end_to_end_id(COALITION_ID, 13, 1, ANNA, BORIS),
        end_to_end_id(UUID(int=8), 12, 1, ANNA, BORIS),
        message_id(COALITION_ID, 12, 1, ANNA),
        payment_id(COALITION_ID, 12, 1, ANNA),
    ]

    assert len(set(made)) == len(made)


@given(st.uuids(), st.integers(1, 10**8 - 1), st.integers(1, 9999), st.uuids(), st.uuids())
def test_an_id_fits_every_bank(coalition_id: UUID, window: int, version: int, debtor: UUID, creditor: UUID) -> None:
    made = end_to_end_id(coalition_id, window, version, debtor, creditor)

    assert re.fullmatch(r"W[1-9][0-9]*V[1-9][0-9]*-[B-Z]{20}", made)
    assert len(made) <= 35


@pytest.mark.parametrize(("window", "version"), [(0, 1), (10**8, 1), (1, 0), (1, 10**4)])
def test_a_window_that_no_id_can_say_is_refused(window: int, version: int) -> None:
    with pytest.raises(PaymentInvalid):
        message_id(COALITION_ID, window, version, ANNA)


@pytest.mark.parametrize("written", ["{}", "invoice {} thanks", "{}7", "7{}", "pay{}now", "{} {}"])
def test_an_id_is_found_in_what_banks_make_of_a_text(written: str) -> None:
    made = end_to_end_id(COALITION_ID, 12, 1, ANNA, BORIS)
    broken = " ".join([made[:9], made[9:15], made[15:]]).lower().replace("-", "")

    assert bare_ids_in(written.format(made, made)) == {bare(made)}
    assert bare_ids_in(written.format(broken, broken)) == {bare(made)}
