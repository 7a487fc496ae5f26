"""A stock: set aside, handed out, returned, transferred, and never handed out beyond its number."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from network.domain.allotment import Allotment
from network.domain.errors import (
    AllotmentEnded,
    AllotmentExhausted,
    AllotmentNotTransferable,
    Invalid,
    InvalidAmount,
    OnlyTheIssuer,
    Refusal,
)
from network.domain.units import MINOR_MAX
from tests.domain.given import (
    AGREEMENT,
    BAKERY,
    CERTIFICATE,
    NOON,
    RESTAURANT,
    SALON,
    STOCK,
    allotment,
    facts,
    only_event,
    some,
    stored,
    topics,
)


def set_aside(**other: Any) -> Allotment:
    details: dict[str, Any] = {
        "acceptor_id": RESTAURANT,
        "partner_id": SALON,
        "agreement_id": AGREEMENT,
        "number": 50,
        "face": 500,
        "last_on": "2026-03-31",
        "transferable": True,
    }
    return Allotment.set_aside(allotment_id=STOCK, at=NOON, **(details | other))


def hand_out(past: Allotment, *, partner_id: Any = SALON, on: str = "2026-03-02") -> None:
    past.hand_out(partner_id=partner_id, certificate_id=CERTIFICATE, on=on, at=NOON)


def transfer(past: Allotment, *, partner_id: Any = SALON, number: int = 20) -> Allotment:
    return past.transfer(
        partner_id=partner_id,
        to_allotment_id=some("other stock"),
        to_partner_id=BAKERY,
        to_agreement_id=some("other agreement"),
        number=number,
        at=NOON,
    )


class TestSettingAside:
    def test_names_number_face_and_last_day(self) -> None:
        new = set_aside()

        assert facts(only_event(new), "acceptor_id", "partner_id", "number", "face", "last_on") == {
            "acceptor_id": RESTAURANT,
            "partner_id": SALON,
            "number": 50,
            "face": 500,
            "last_on": "2026-03-31",
        }
        assert stored(new).left == 50

    @pytest.mark.parametrize(
        ("asked", "refusal"),
        [
            ({"number": 0},             InvalidAmount),
            ({"number": -1},            InvalidAmount),
            ({"number": 1_000_001},     InvalidAmount),
            ({"face": 0},               InvalidAmount),
            ({"face": MINOR_MAX + 1},   InvalidAmount),
            ({"last_on": "2026-02-30"}, Invalid),
            ({"last_on": "20260331"},   Invalid),
            ({"last_on": "31.3.2026"},  Invalid),
            ({"last_on": ""},           Invalid),
        ],
    )  # fmt: skip
    def test_refuses(self, asked: dict[str, Any], refusal: type[Refusal]) -> None:
        with pytest.raises(refusal):
            set_aside(**asked)


class TestHandingOut:
    @pytest.mark.parametrize("on", ["2026-03-02", "2026-03-31"])
    def test_one_goes_to_a_guest_until_the_last_day(self, on: str) -> None:
        past = allotment()

        hand_out(past, on=on)

        assert facts(only_event(past), "acceptor_id", "partner_id", "certificate_id") == {
            "acceptor_id": RESTAURANT,
            "partner_id": SALON,
            "certificate_id": CERTIFICATE,
        }
        assert past.left == 49

    @pytest.mark.parametrize(
        ("number", "partner_id", "on", "refusal"),
        [
            (50, BAKERY, "2026-03-02", OnlyTheIssuer),
            (50, SALON,  "2026-04-01", AllotmentEnded),
        ],
    )  # fmt: skip
    def test_refuses(self, number: int, partner_id: Any, on: str, refusal: type[Refusal]) -> None:
        past = allotment(number)

        with pytest.raises(refusal):
            hand_out(past, partner_id=partner_id, on=on)

        assert (topics(past), past.left) == ([], number)

    def test_the_last_one_is_the_last(self) -> None:
        past = allotment(1)
        hand_out(past)

        with pytest.raises(AllotmentExhausted):
            hand_out(past)

        assert (topics(past), past.left) == (["Allotment.HandedOut"], 0)


class TestReturning:
    @pytest.mark.parametrize("number", [1, 50])
    def test_unused_ones_go_back(self, number: int) -> None:
        past = allotment()

        past.give_back(partner_id=SALON, number=number, at=NOON)

        assert (topics(past), past.left) == (["Allotment.Returned"], 50 - number)

    @pytest.mark.parametrize(
        ("partner_id", "number", "refusal"),
        [
            (SALON,  51, AllotmentExhausted),
            (SALON,  0,  InvalidAmount),
            (SALON,  -1, InvalidAmount),
            (BAKERY, 1,  OnlyTheIssuer),
        ],
    )  # fmt: skip
    def test_refuses(self, partner_id: Any, number: int, refusal: type[Refusal]) -> None:
        past = allotment()

        with pytest.raises(refusal):
            past.give_back(partner_id=partner_id, number=number, at=NOON)

        assert (topics(past), past.left) == ([], 50)


class TestTransferring:
    def test_part_of_it_goes_to_another_partner_with_its_conditions(self) -> None:
        past = allotment()

        received = transfer(past)

        assert facts(only_event(past), "number", "to_allotment_id", "to_partner_id") == {
            "number": 20,
            "to_allotment_id": some("other stock"),
            "to_partner_id": BAKERY,
        }
        assert facts(only_event(received), "partner_id", "number", "face", "last_on", "from_allotment_id") == {
            "partner_id": BAKERY,
            "number": 20,
            "face": 500,
            "last_on": "2026-03-31",
            "from_allotment_id": STOCK,
        }
        assert (past.left, stored(received).left) == (30, 20)

    @pytest.mark.parametrize(
        ("transferable", "partner_id", "number", "refusal"),
        [
            (False, SALON,  20, AllotmentNotTransferable),
            (True,  BAKERY, 20, OnlyTheIssuer),
            (True,  SALON,  51, AllotmentExhausted),
            (True,  SALON,  0,  InvalidAmount),
        ],
    )  # fmt: skip
    def test_refuses(self, transferable: bool, partner_id: Any, number: int, refusal: type[Refusal]) -> None:
        past = allotment(transferable=transferable)

        with pytest.raises(refusal):
            transfer(past, partner_id=partner_id, number=number)

        assert (topics(past), past.left) == ([], 50)


@settings(max_examples=100, deadline=None)
@given(st.integers(1, 12), st.lists(st.tuples(st.sampled_from("hand return transfer".split()), st.integers(-1, 13))))
def test_whatever_is_tried_no_more_leaves_than_was_set_aside(number: int, tries: list[tuple[str, int]]) -> None:
    past, gone = allotment(number), 0

    for what, asked in tries:
        wanted = 1 if what == "hand" else asked
        try:
            if what == "hand":
                hand_out(past)
            elif what == "return":
                past.give_back(partner_id=SALON, number=asked, at=NOON)
            else:
                transfer(past, number=asked)
        except Refusal:
            assert wanted <= 0 or wanted > past.left
        else:
            gone += wanted
        assert 0 <= past.left == number - gone
