"""What the lines of the files become in the network."""

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from network.coalitions import Coalitions
from network.domain.errors import RequestConflict
from network.replay.report import as_json
from network.replay.steps import terms_of
from network.store.directory import CoalitionConflict
from tests.replay.files import ISSUED, PAID, TRIED, imported, source_of, write
from tests.support import coalitions_of, migrated

_slugs = (f"street-{number}" for number in count(1))


@pytest.fixture(scope="module")
def url(module_database_url: str) -> str:
    return migrated(module_database_url)


@pytest.fixture
def slug() -> str:
    return next(_slugs)


@pytest.fixture(scope="module")
def coalitions(url: str) -> Iterator[Coalitions]:
    with coalitions_of(url) as opened:
        yield opened


def log(coalitions: Coalitions, slug: str) -> list[Any]:
    opened = coalitions.open(slug)
    with opened.reading() as recorder:
        return [opened.mapper.to_domain_event(n) for n in recorder.select_notifications(None, 100_000)]


def named(events: list[Any], topic: str) -> list[Any]:
    return [event for event in events if topic == event.TOPIC]


def balance(report: dict[str, Any]) -> dict[str, int]:
    return {row["partner"]: row["net"] for row in report["balances"]}


def test_every_line_is_decided_and_the_issuer_bears_what_was_deducted(tmp_path: Path, url: str, slug: str) -> None:
    folder = write(tmp_path)

    report = imported(folder, url, slug=slug)

    counts = {name: (file["lines"], file["accepted"], file["refused"]) for name, file in report["files"].items()}
    assert counts == {"payments": (2, 2, {}), "certificates": (3, 3, {}), "redemption_attempts": (2, 2, {})}
    assert [(row["debtor"], row["creditor"], row["owed"]) for row in report["obligations"]] == [
        ("salon", "bakery", 120),
        ("salon", "restaurant", 500),
    ]
    assert balance(report) == {"bakery": 120, "restaurant": 500, "salon": -620}
    assert report["sum_of_balances"] == 0


def test_events_have_their_recorded_times_in_order(tmp_path: Path, url: str, slug: str, coalitions: Coalitions) -> None:
    imported(write(tmp_path), url, slug=slug)

    events = log(coalitions, slug)

    times = [event.timestamp for event in events]
    assert times == sorted(times)
    assert times[0] == datetime(2017, 1, 2, 9, 59, 59, tzinfo=UTC)
    assert {event.timestamp for event in named(events, "Certificate.Redeemed")} == {
        datetime(2017, 1, 5, 12, tzinfo=UTC),
        datetime(2017, 1, 6, 12, tzinfo=UTC),
    }


def test_certificates_of_one_payment_and_campaign_are_one_decision(
    tmp_path: Path, url: str, slug: str, coalitions: Coalitions
) -> None:
    imported(write(tmp_path), url, slug=slug)

    decided = named(log(coalitions, slug), "Payment.IssueDecided")

    assert [(event.campaign, len(event.certificate_ids)) for event in decided] == [("spring", 2), ("spring", 1)]


def test_each_certificate_keeps_its_own_face_value_and_last_day(
    tmp_path: Path, url: str, slug: str, coalitions: Coalitions
) -> None:
    other = "c9,autumn,salon,restaurant,anna,p1,2017-01-05T00:00:00Z,2017-03-01T00:00:00Z,750,EUR"
    imported(write(tmp_path, certificates=[ISSUED[0], other]), url, slug=slug)

    issued = named(log(coalitions, slug), "Certificate.Issued")

    assert [(event.face, event.expires_at.date().isoformat()) for event in issued] == [
        (500, "2017-02-04"),
        (750, "2017-03-01"),
    ]
    assert all(event.terms == terms_of(source_of(tmp_path).certificates["c1"]) for event in issued)


def test_an_unknown_bill_takes_the_whole_face_value(
    tmp_path: Path, url: str, slug: str, coalitions: Coalitions
) -> None:
    imported(write(tmp_path, attempts=[TRIED[0].replace("1800", "0")]), url, slug=slug)

    [redeemed] = named(log(coalitions, slug), "Certificate.Redeemed")
    assert (redeemed.bill, redeemed.bill_reference, redeemed.amount, redeemed.released) == (None, None, 500, 0)


def test_a_small_bill_releases_the_rest(tmp_path: Path, url: str, slug: str, coalitions: Coalitions) -> None:
    imported(write(tmp_path, attempts=[TRIED[1]]), url, slug=slug)

    [redeemed] = named(log(coalitions, slug), "Certificate.Redeemed")
    assert (redeemed.bill, redeemed.amount, redeemed.released) == (120, 120, 380)


@pytest.mark.parametrize(
    ("attempt", "code"),
    [
        ("c1,restaurant,2017-01-05T13:00:00Z,900", "certificate_redeemed"),
        ("c1,restaurant,2017-01-05T12:00:00Z,1800", "certificate_redeemed"),
        ("c3,bakery,2017-01-05T12:00:00Z,900", "wrong_acceptor"),
        ("c3,florist,2017-01-05T12:00:00Z,900", "merchant_not_found"),
        ("c3,salon,2017-03-05T12:00:00Z,900", "certificate_expired"),
        ("c3,salon,2017-01-03T12:00:00Z,900", "certificate_not_found"),
    ],
)
def test_an_attempt_that_the_facts_forbid_is_refused_by_code(
    tmp_path: Path, url: str, slug: str, attempt: str, code: str
) -> None:
    folder = write(tmp_path, attempts=[TRIED[0], attempt])

    attempts = imported(folder, url, slug=slug)["files"]["redemption_attempts"]

    assert (attempts["accepted"], attempts["refused"], attempts["bad"]) == (1, {code: 1}, 0)


def test_refused_payments_and_decisions_count_their_lines(tmp_path: Path, url: str, slug: str) -> None:
    again = [line.replace("c", "d", 1).replace("2017-01-04T00:00:00Z", "2017-01-04T01:00:00Z") for line in ISSUED[:2]]
    free = "p3,salon,anna,2017-01-03T10:00:00Z,0,EUR"
    dollars = "p4,salon,anna,2017-01-03T10:00:00Z,500,USD"
    early = "c8,spring,salon,bakery,anna,p1,2017-01-01T00:00:00Z,2017-03-01T00:00:00Z,500,EUR"
    of_another = "c9,spring,salon,bakery,anna,p2,2017-01-05T00:00:00Z,2017-03-01T00:00:00Z,500,EUR"
    folder = write(tmp_path, payments=[*PAID, free, dollars], certificates=[*ISSUED, *again, early, of_another])

    files = imported(folder, url, slug=slug)["files"]

    assert files["payments"]["refused"] == {"invalid_amount": 1, "invalid_currency": 1}
    assert files["certificates"]["refused"] == {"issue_already_decided": 2, "payment_not_found": 2}
    assert files["certificates"]["accepted"] == 3


def test_what_was_over_at_the_last_instant_ends_so_that_the_flows_add_up(
    tmp_path: Path, url: str, slug: str, coalitions: Coalitions
) -> None:
    last = "p9,salon,anna,2017-02-05T10:00:00Z,100,EUR"
    longer = "c9,spring,bakery,restaurant,boris,p2,2017-01-04T00:00:00Z,2017-03-01T00:00:00Z,300,EUR"
    report = imported(write(tmp_path, payments=[*PAID, last], certificates=[*ISSUED, longer]), url, slug=slug)

    [expired] = named(log(coalitions, slug), "Certificate.Expired")
    flow = report["certificates"]
    assert expired.timestamp == datetime(2017, 2, 5, 10, tzinfo=UTC)
    assert report["expired"] == {"at": "2017-02-05T10:00:00+00:00", "accepted": 1, "refused": {}}
    assert [flow[f"{state}_count"] for state in ("issued", "active", "redeemed", "expired")] == [4, 1, 2, 1]
    states = ("active", "redeemed", "released", "expired")
    assert flow["issued_value"] == sum(flow[f"{state}_value"] for state in states)


class TestASecondRun:
    def test_changes_nothing_and_says_the_same(self, tmp_path: Path, url: str, slug: str) -> None:
        folder = write(tmp_path, attempts=[*TRIED, TRIED[0]])

        first = imported(folder, url, slug=slug)
        second = imported(folder, url, slug=slug)

        assert as_json(first) == as_json(second)
        assert first["files"]["redemption_attempts"]["refused"] == {"certificate_redeemed": 1}

    def test_takes_only_the_new_lines(self, tmp_path: Path, url: str, slug: str) -> None:
        before = imported(write(tmp_path), url, slug=slug)
        folder = write(tmp_path, attempts=[*TRIED, "c3,salon,2017-01-07T12:00:00Z,900"])

        after = imported(folder, url, slug=slug)

        assert after["files"]["redemption_attempts"]["accepted"] == 3
        assert after["head"]["position"] == before["head"]["position"] + 2

    def test_goes_on_where_a_limit_stopped_it(self, tmp_path: Path, url: str, slug: str) -> None:
        folder = write(tmp_path, payments=[*PAID, "p9,salon,anna,2017-02-05T10:00:00Z,100,EUR"])
        at_once = imported(folder, url, slug=next(_slugs))

        part = imported(folder, url, slug=slug, limit=3)
        rest = imported(folder, url, slug=slug)

        assert part["expired"] is None
        assert sum(file["not_reached"] for file in part["files"].values()) == 4
        for same in ("files", "expired", "certificates", "obligations", "balances"):
            assert rest[same] == at_once[same]
        assert rest["head"]["position"] == at_once["head"]["position"]

    def test_refuses_a_line_that_says_something_else_now(self, tmp_path: Path, url: str, slug: str) -> None:
        before = imported(write(tmp_path), url, slug=slug)
        folder = write(tmp_path, payments=[PAID[0].replace("2400", "2500"), PAID[1]])

        after = imported(folder, url, slug=slug)

        assert after["files"]["payments"]["refused"] == {"request_conflict": 1}
        assert after["head"] == before["head"]

    def test_refuses_another_currency(self, tmp_path: Path, url: str, slug: str) -> None:
        imported(write(tmp_path), url, slug=slug)
        folder = write(tmp_path, payments=[line.replace("EUR", "USD") for line in PAID], certificates=[], attempts=[])

        with pytest.raises(RequestConflict):
            imported(folder, url, slug=slug)


def test_a_short_name_that_another_coalition_has_is_refused(
    tmp_path: Path, url: str, slug: str, coalitions: Coalitions
) -> None:
    coalitions.directory.enter(coalition_id=uuid4(), slug=slug)

    with pytest.raises(CoalitionConflict):
        imported(write(tmp_path), url, slug=slug)


def test_lines_of_one_instant_are_taken_payments_first_then_certificates_then_attempts(
    tmp_path: Path, url: str, slug: str
) -> None:
    noon = "2017-01-02T12:00:00Z"
    folder = write(
        tmp_path,
        payments=[f"p1,salon,anna,{noon},2400,EUR"],
        certificates=[f"c1,spring,salon,restaurant,anna,p1,{noon},2017-02-04T23:59:59Z,500,EUR"],
        attempts=[f"c1,restaurant,{noon},1800"],
    )

    report = imported(folder, url, slug=slug)

    assert [file["accepted"] for file in report["files"].values()] == [1, 1, 1]


def test_files_need_not_be_sorted(tmp_path: Path, url: str) -> None:
    straight = imported(write(tmp_path / "one"), url, slug=next(_slugs))
    turned = imported(write(tmp_path / "other", PAID[::-1], ISSUED, TRIED[::-1]), url, slug=next(_slugs))

    assert [turned[same] for same in ("files", "balances")] == [straight[same] for same in ("files", "balances")]
