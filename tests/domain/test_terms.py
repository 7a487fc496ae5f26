from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from network.domain.errors import InvalidTerms
from network.domain.terms import (
    Commission,
    FaceValue,
    Fee,
    Funding,
    Guest,
    Reward,
    Side,
    Terms,
    end_of_local_day,
    guest_status,
)
from network.domain.units import MINOR_MAX
from tests.domain.given import DAY, NOON

GOOD = Terms(face=FaceValue(fixed=500))
ODD_ZONES = [
    "Europe/Riga",
    "UTC",
    "Asia/Kathmandu",
    "Pacific/Kiritimati",
    "Pacific/Apia",
    "Pacific/Pago_Pago",
    "Australia/Lord_Howe",
    "America/Havana",
    "America/Asuncion",
    "America/Sao_Paulo",
    "Africa/Cairo",
    "Asia/Beirut",
    "America/St_Johns",
    "Antarctica/Troll",
]


class TestEndOfDay:
    @pytest.mark.parametrize(
        ("zone", "at", "days", "ends"),
        [
            ("Europe/Riga",       "2026-03-02T12:00", 0,  "2026-03-02T22:00"),
            ("Europe/Riga",       "2026-03-02T21:59", 0,  "2026-03-02T22:00"),
            ("Europe/Riga",       "2026-03-02T22:00", 0,  "2026-03-03T22:00"),
            ("Europe/Riga",       "2026-03-02T12:00", 30, "2026-04-01T21:00"),  # summer time begins in between
            ("Europe/Riga",       "2026-03-29T12:00", 0,  "2026-03-29T21:00"),  # a day of 23 hours
            ("Europe/Riga",       "2026-10-25T12:00", 0,  "2026-10-25T22:00"),  # a day of 25 hours
            ("Europe/Riga",       "2026-10-24T21:00", 0,  "2026-10-25T22:00"),
            ("America/Havana",    "2026-03-07T12:00", 0,  "2026-03-08T05:00"),  # midnight itself is skipped
            ("America/Havana",    "2026-10-31T12:00", 0,  "2026-11-01T04:00"),  # midnight comes twice
            ("Pacific/Apia",      "2011-12-29T20:00", 1,  "2011-12-30T10:00"),  # 30 December was skipped
            ("Pacific/Kiritimati", "2026-12-31T12:00", 0, "2027-01-01T10:00"),
            ("Asia/Kathmandu",    "2026-03-02T18:14", 0,  "2026-03-02T18:15"),
        ],
    )  # fmt: skip
    def test_is_the_midnight_after_the_last_local_day(self, zone: str, at: str, days: int, ends: str) -> None:
        asked, expected = (datetime.fromisoformat(text).replace(tzinfo=UTC) for text in (at, ends))

        assert end_of_local_day(asked, days, zone) == expected

    @given(
        st.integers(0, 10_000_000).map(lambda minutes: datetime(2015, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)),
        st.integers(0, 1_096),
        st.sampled_from(ODD_ZONES),
    )
    @example(datetime(2018, 11, 3, 12, tzinfo=UTC), 0, "America/Sao_Paulo")
    def test_is_the_first_instant_past_the_last_local_day_anywhere(self, at: datetime, days: int, zone: str) -> None:
        def local_day(instant: datetime) -> date:
            return instant.astimezone(ZoneInfo(zone)).date()

        last = local_day(at) + timedelta(days=days)

        ends = end_of_local_day(at, days, zone)

        assert ends.utcoffset() == timedelta(0)
        assert local_day(ends) > last >= local_day(ends - timedelta(microseconds=1))
        assert ends > at


class TestFaceValue:
    @pytest.mark.parametrize(
        ("face", "bill", "value"),
        [
            (FaceValue(fixed=500),                1,      500),
            (FaceValue(share=1_000),              2_400,  240),
            (FaceValue(share=1_000),              2_405,  241),  # half rounds up
            (FaceValue(share=1_000),              4,      0),
            (FaceValue(share=1_000, at_most=200), 2_400,  200),
            (FaceValue(share=1_000, at_most=240), 2_400,  240),
            (FaceValue(share=1_000, at_most=500), 2_400,  240),
            (FaceValue(share=10_000),             2_400,  2_400),
        ],
    )  # fmt: skip
    def test_is_a_fixed_sum_or_a_bounded_share_of_the_bill(self, face: FaceValue, bill: int, value: int) -> None:
        assert face.of(bill) == value


class TestCheck:
    @pytest.mark.parametrize(
        "other",
        [
            {},
            {"face": FaceValue(share=1)},
            {"face": FaceValue(share=10_000, at_most=1)},
            {"face": FaceValue(fixed=MINOR_MAX)},
            {"validity_days": 0},
            {"validity_days": 1_096},
            {"reversal_hours": 0},
            {"reversal_hours": 720},
            {"funding": Funding(issuer=5_000, pool=5_000)},
            {"commission": Commission(new=Reward(share=10_000, fixed=MINOR_MAX))},
            {"fee": Fee(payer=Side.ISSUER, share=10_000, fixed=0)},
        ],
    )
    def test_accepts_what_can_be_settled(self, other: dict[str, Any]) -> None:
        replace(GOOD, **other).check()

    @pytest.mark.parametrize(
        ("other", "reason"),
        [
            ({"face": FaceValue()},                              "either a fixed sum or a share"),
            ({"face": FaceValue(fixed=1, share=1)},              "either a fixed sum or a share"),
            ({"face": FaceValue(fixed=500, at_most=1)},          "upper bound"),
            ({"face": FaceValue(share=1, at_most=0)},            "upper bound"),
            ({"face": FaceValue(fixed=-1, share=1)},             "Sums are"),
            ({"face": FaceValue(fixed=MINOR_MAX + 1)},           "Sums are"),
            ({"face": FaceValue(share=1, at_most=MINOR_MAX + 1)}, "Sums are"),
            ({"face": FaceValue(share=10_001)},                  "Shares are"),
            ({"smallest_bill_to_issue": -1},                     "Sums are"),
            ({"smallest_bill_to_redeem": MINOR_MAX + 1},         "Sums are"),
            ({"funding": Funding(issuer=-1)},                    "Shares are"),
            ({"funding": Funding(issuer=10_001)},                "Shares are"),
            ({"funding": Funding(issuer=5_000, pool=5_001)},     "at most the whole"),
            ({"validity_days": -1},                              "valid for"),
            ({"validity_days": 1_097},                           "valid for"),
            ({"reversal_hours": -1},                             "undone for"),
            ({"reversal_hours": 721},                            "undone for"),
            ({"commission": Commission(new=Reward(share=10_001))},    "Shares are"),
            ({"commission": Commission(lapsed=Reward(fixed=-1))},     "Sums are"),
            ({"commission": Commission(returning=Reward(share=-1))},  "Shares are"),
            ({"fee": Fee(payer=Side.ISSUER, share=10_001)},      "Shares are"),
            ({"fee": Fee(payer=Side.ACCEPTOR, fixed=-1)},        "Sums are"),
        ],
    )  # fmt: skip
    def test_refuses_and_says_why(self, other: dict[str, Any], reason: str) -> None:
        with pytest.raises(InvalidTerms, match=reason):
            replace(GOOD, **other).check()


@pytest.mark.parametrize(
    ("days_ago", "known", "guest"),
    [
        (None, False, Guest.UNKNOWN),
        (1,    False, Guest.UNKNOWN),
        (None, True,  Guest.NEW),
        (0,    True,  Guest.RETURNING),
        (179,  True,  Guest.RETURNING),
        (180,  True,  Guest.LAPSED),
        (999,  True,  Guest.LAPSED),
    ],
)  # fmt: skip
def test_a_guest_is_new_lapsed_after_180_days_or_returning(days_ago: int | None, known: bool, guest: Guest) -> None:
    last = None if days_ago is None else NOON - days_ago * DAY

    assert guest_status(last_paid_at=last, at=NOON, known=known) is guest


def test_an_unknown_guest_earns_what_a_returning_one_does() -> None:
    commission = Commission(new=Reward(fixed=3), lapsed=Reward(fixed=2), returning=Reward(fixed=1))

    assert [commission.reward(guest).fixed for guest in Guest] == [3, 2, 1, 1]
